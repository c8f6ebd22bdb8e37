"""`getthrough up` and `down` on an empty account: until the phone has its message, and until nothing is left.

The command runs from the installed wheel, with `make deploy` and SAM in it; only the account and Vonage are emulated.
The functions are those of the clone: `test_make_deploy.py` deploys what is built.
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from cli.secret.parts import PRIVATE_KEY, read_part
from cli.stack import NOT_YET
from local.stack import deploy
from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.server import SimulatorThread
from tests.deployment.conftest import ROOT, empty_account

REGION = "eu-central-1"
PHONE = "447700900001"
KEY, SECRET, SIGNATURE = "abcd1234", "the account's secret", "a signature secret of 32 characters"
UP_SECONDS = 600
EMPTY: dict[str, list[str]] = {
    "stacks": ["aws-sam-cli-managed-default"],
    "tables": [],
    "queues": [],
    "secrets": [],
    "functions": [],
}


@dataclass(frozen=True)
class Account:
    """An AWS account and one at Vonage, and the environment of the person who owns both."""

    aws: str
    vonage: str
    getthrough: Path
    environ: dict[str, str]

    def client(self, service: str) -> Any:
        session = boto3.Session("test", "test", region_name=REGION)
        return session.client(service, endpoint_url=self.aws)  # type: ignore[call-overload]

    def run(self, *arguments: str, code: int = 0) -> str:
        """What `getthrough` prints."""
        done = subprocess.run(
            [str(self.getthrough), *arguments],
            cwd=self.getthrough.parent,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=UP_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout[-4000:] + done.stderr[-4000:]
        assert "[y/N]" not in done.stderr, "nothing is asked"
        return done.stdout

    def up(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("up", "--to", PHONE, "--json", *arguments))
        return found

    def kill_up(self, when: Callable[[], bool], *arguments: str) -> None:
        """Run `up`, and kill it and all that it started as soon as `when` is true."""
        with (Path(self.environ["XDG_STATE_HOME"]) / "killed.log").open("a") as log:
            running = subprocess.Popen(
                [str(self.getthrough), "up", *arguments],
                cwd=self.getthrough.parent,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            while not when():
                assert running.poll() is None, f"it ended before it was killed: {Path(log.name).read_text()[-4000:]}"
                time.sleep(0.05)
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()

    def stack(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName="getthrough")["Stacks"][0]
        return found

    def boundary(self) -> str:
        deployer = self.client("cloudformation").describe_stacks(StackName="deployer-of-getthrough")["Stacks"][0]
        return next(str(each["OutputValue"]) for each in deployer["Outputs"] if each["OutputKey"] == "BoundaryArn")

    def applications(self) -> list[dict[str, Any]]:
        url = f"{self.vonage}/v2/applications"
        found: list[dict[str, Any]] = self._get(url, auth=(KEY, SECRET))["_embedded"]["applications"]
        return found

    def on_the_phone(self) -> list[str]:
        return [message["status"] for message in self._get(f"{self.vonage}/phones/sms/{PHONE}")["messages"]]

    def left(self) -> dict[str, list[str]]:
        """The names of what costs money or holds data."""
        cloudformation, secrets = self.client("cloudformation"), self.client("secretsmanager")
        return {
            "stacks": [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]],
            "tables": self.client("dynamodb").list_tables()["TableNames"],
            "queues": self.client("sqs").list_queues().get("QueueUrls", []),
            "secrets": [secret["Name"] for secret in secrets.list_secrets()["SecretList"]],
            "functions": [found["FunctionName"] for found in self.client("lambda").list_functions()["Functions"]],
        }

    @staticmethod
    def _get(url: str, **given: Any) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(url, timeout=10, **given)
        assert answer.ok, answer.text
        return answer.json()

    def has_a_plan(self) -> bool:
        return self.status() is not None

    def has_a_stack(self) -> bool:
        return self.status() not in (None, NOT_YET)

    def has_a_key(self) -> bool:
        secrets = self.client("secretsmanager")
        names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
        return any(read_part(secrets, name, PRIVATE_KEY) for name in names)

    def has_an_application(self) -> bool:
        return self.applications() != []

    def is_wired(self) -> bool:
        return any("messages" in application["capabilities"] for application in self.applications())

    def status(self) -> str | None:
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        return next((stack["StackStatus"] for stack in stacks if stack["StackName"] == "getthrough"), None)


def sam() -> Path:
    """SAM's command line, which the Makefile installs."""
    stamp = f".venv-sam/ready-{platform.python_version()}"
    subprocess.run(["make", "--no-print-directory", f"PYTHON={sys.executable}", stamp], cwd=ROOT, check=True)
    return ROOT / ".venv-sam"


@pytest.fixture
def account(installed: Path, tmp_path: Path) -> Iterator[Account]:
    profile = tmp_path / "config"
    profile.write_text(f"[default]\nregion = {REGION}\n")
    vonage = SimulatorConfig("", "", SIGNATURE, KEY, "", "", SECRET, ("447700900000",))
    emulated = empty_account(
        tmp_path,
        "tests.deployment.emulated_account",
        "s3://code/functions.zip",
        AUTH="true",
        LAMBDA_ACCOUNT_CONCURRENCY="0",
        LOG_LEVEL="WARNING",
        AWS_EC2_METADATA_DISABLED="true",
    )
    with emulated as aws, SimulatorThread(vonage) as phones:
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GETTHROUGH_"))},
            "AWS_CONFIG_FILE": str(profile),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": aws,
            "SAM_CLI_POLL_DELAY": "0.5",
            "GETTHROUGH_BUILT": "yes",
            "GETTHROUGH_BUILD": str(built(tmp_path / "build")),
            "NO_PROXY": "127.0.0.1",
            "XDG_STATE_HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path),
            "SAM_VENV": str(sam()),
            "VONAGE_ACCOUNT_URL": phones.url,
            "VONAGE_API_KEY": KEY,
            "VONAGE_API_SECRET": SECRET,
            "VONAGE_SIGNATURE_SECRET": SIGNATURE,
        }
        account = Account(aws, phones.url, installed / "getthrough", environ)
        s3 = account.client("s3")
        s3.create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="code", Key="functions.zip", Body=deploy.pack(ROOT / "functions", tmp_path))
        yield account


def built(folder: Path) -> Path:
    """As `make build` leaves it, but without the packages: SAM would spend a minute on packing them."""
    shutil.copytree(ROOT / "infra", folder / "infra")
    (folder / "functions").mkdir()
    (folder / "functions" / "nothing.py").write_text("# the emulated account has the functions\n")
    shutil.copy(ROOT / "template.yaml", folder)
    return folder


@pytest.mark.timeout(4 * UP_SECONDS)
def test_from_an_empty_account_to_delivered_and_back_to_an_empty_account(account: Account) -> None:
    simulator = f"VonageApiUrl={account.vonage}"

    first = account.up("--parameter", simulator)

    created = account.stack()
    assert (first["up"], first["wrong"]) == (True, {})
    assert first["changed"] == ["callback secret", "shop", "wiring"]
    assert created["StackStatus"] == "CREATE_COMPLETE"
    assert account.on_the_phone() == ["delivered"]
    [application] = account.applications()

    account.client("cloudformation").update_stack(
        StackName="getthrough",
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": "RetentionDays", "ParameterValue": "14"},
            *(
                {"ParameterKey": given["ParameterKey"], "UsePreviousValue": True}
                for given in created["Parameters"]
                if given["ParameterKey"] != "RetentionDays"
            ),
        ],
    )
    account.client("cloudformation").get_waiter("stack_update_complete").wait(StackName="getthrough")
    changed = account.stack()
    again = account.up()

    assert (again["up"], again["wrong"], again["changed"]) == (True, {}, [])
    assert account.stack() == changed, "what an operator set stays, and nothing else is new"
    assert account.applications() == [application]
    assert json.loads(account.run("recover", "quarantine", "list", "--json")) == [], "the operator may ask"

    account.run("down")

    assert "messages" not in account.applications()[0]["capabilities"]
    kept = account.left()
    assert (kept["functions"], len(kept["tables"]), len(kept["secrets"])) == ([], 1, 1)
    assert not any(stack == "getthrough" for stack in kept["stacks"])

    policies = (ROOT / "infra" / "deployer.yaml").read_text()
    account.client("cloudformation").create_stack(
        StackName="deployer-of-getthrough", TemplateBody=policies, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    third = account.up("--parameter", simulator)

    boundary = {"ParameterKey": "PermissionsBoundary", "ParameterValue": account.boundary()}
    assert boundary in account.stack()["Parameters"], "an administrator has made one since"
    assert (third["up"], third["wrong"], third["changed"]) == (True, {}, ["wiring"])
    assert (account.left()["tables"], account.left()["secrets"]) == (kept["tables"], kept["secrets"])

    dynamodb, [table] = account.client("dynamodb"), kept["tables"]
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    account.client("cloudformation").delete_stack(StackName="deployer-of-getthrough")
    account.run("down", "--delete-data", "--yes", code=2)
    assert account.stack()["StackStatus"] == "CREATE_COMPLETE", "what is protected keeps everything where it is"
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)

    shown = account.run("down", "--delete-data", "--yes")

    assert "items" in shown
    assert account.left() == EMPTY


@pytest.mark.timeout(8 * UP_SECONDS)
def test_whenever_it_is_killed_the_next_run_comes_to_the_same_end(account: Account) -> None:
    simulator = ("--parameter", f"VonageApiUrl={account.vonage}")
    for reached in (
        account.has_a_plan,
        account.has_a_stack,
        account.has_a_key,
        account.has_an_application,
        account.is_wired,
    ):
        account.kill_up(reached, *simulator)
        while account.status() == "CREATE_IN_PROGRESS":  # until then `up` says that AWS is still at work
            time.sleep(0.1)

    last = account.up(*simulator)

    assert (last["up"], last["wrong"]) == (True, {})
    assert account.on_the_phone() == ["delivered"]
    assert len(account.applications()) == 1
    left = account.left()
    assert (len(left["tables"]), len(left["secrets"])) == (1, 1)
