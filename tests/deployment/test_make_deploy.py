"""`make deploy` on an emulated account: no question, the right stack in the right region, and nothing reset later.

SAM itself runs here, with the functions as `make build` built them; only the account is emulated.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.deployment.conftest import ROOT, empty_account

REGION = "eu-central-1"
DEPLOY_SECONDS = 600

Deploy = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deployment")


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[str]:
    with empty_account(folder, "local.stack.emulator") as url:
        yield url


@pytest.fixture(scope="module")
def deploy(endpoint: str, folder: Path) -> Deploy:
    """Runs `yes "" | make deploy ...` as a person whose region is in the AWS profile and nowhere else."""
    profile = folder / "config"
    profile.write_text(f"[default]\nregion = {REGION}\n")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_CONFIG_FILE": str(profile),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": endpoint,
        "SAM_CLI_POLL_DELAY": "0.5",
        "NO_PROXY": "127.0.0.1",
    }

    def run(*variables: str) -> "subprocess.CompletedProcess[str]":
        command = ["bash", "-c", 'yes "" | make --no-print-directory deploy "$@"', "deploy", *variables]
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=DEPLOY_SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done

    return run


@pytest.fixture(scope="module")
def cloudformation(endpoint: str) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    session = boto3.Session("test", "test", region_name=REGION)
    return session.client("cloudformation", endpoint_url=endpoint, config=config)


def described(cloudformation: Any, stack: str) -> dict[str, Any]:
    found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return found


def parameters(stack: dict[str, Any]) -> dict[str, str]:
    return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}


def tags(stack: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in stack["Tags"]}


@pytest.mark.timeout(3 * DEPLOY_SECONDS)
def test_make_deploy_asks_nothing_and_a_second_one_keeps_what_was_changed_between(
    deploy: Deploy, cloudformation: Any
) -> None:
    first = deploy("STAGE=dev")
    created = described(cloudformation, "getthrough-dev")

    assert f"environment dev of samconfig.toml, region {REGION}" in first.stdout
    assert "[y/N]" not in first.stdout
    assert created["StackStatus"] == "CREATE_COMPLETE"
    assert set(created["Capabilities"]) == {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}
    assert tags(created).items() >= {"project": "getthrough", "stage": "dev"}.items()
    assert "CallbackUrl" not in first.stdout

    cloudformation.update_stack(
        StackName="getthrough-dev",
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": "CallbackUrl", "ParameterValue": "https://shop.example/events"},
            *(
                {"ParameterKey": name, "UsePreviousValue": True}
                for name in parameters(created)
                if name != "CallbackUrl"
            ),
        ],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="getthrough-dev", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    deploy("STAGE=dev", "PARAMETERS=RetentionDays=14")
    again = described(cloudformation, "getthrough-dev")

    assert again["StackStatus"] == "UPDATE_COMPLETE"
    assert parameters(again) == parameters(created) | {
        "CallbackUrl": "https://shop.example/events",
        "RetentionDays": "14",
    }
