"""`getthrough up` asks for everything while the person is still there: before the deployment, and not before AWS
answers."""

import subprocess
from collections.abc import Callable
from os import devnull
from subprocess import CompletedProcess
from typing import Any

import pytest

from cli.__main__ import main
from cli.errors import OperatorError
from cli.stack import Names
from cli.up import command, preflight
from cli.up.deploy import deploy


def asks(asked: list[str], what: str, answer: Any = None) -> Callable[..., Any]:
    def ask(*_: Any) -> Any:
        asked.append(what)
        return answer

    return ask


def deploys(asked: list[str]) -> Callable[..., None]:
    def deploy(*_: Any) -> None:
        asked.append("deployment")
        raise OperatorError("that is enough.")

    return deploy


@pytest.mark.parametrize(("region", "reason"), [("", "no AWS region is set"), ("eu-west-1", "no AWS credentials")])
def test_without_a_region_or_credentials_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], region: str, reason: str
) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    asked: list[str] = []
    monkeypatch.setattr(command, "from_operator", asks(asked, "Vonage's key"))

    code = main(["up", *(["--region", region] if region else [])])

    assert (code, asked) == (2, [])
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "parameters", "order"),
    [
        (None, {}, ["Vonage's key", "signature secret", "deployment"]),
        (None, {Names.KEPT_STORAGE: "kept"}, ["Vonage's key", "deployment"]),
        ("CREATE_COMPLETE", {}, ["Vonage's key", "deployment"]),
    ],
    ids=["new", "with the storage of an earlier one", "there"],
)
def test_the_signature_secret_is_asked_for_before_the_deployment_if_the_stack_cannot_have_one(
    monkeypatch: pytest.MonkeyPatch, status: str | None, parameters: dict[str, str], order: list[str]
) -> None:
    asked: list[str] = []
    plan = preflight.Plan("000000000000", "eu-west-1", status, 10.0, parameters, ())
    monkeypatch.delenv("VONAGE_SIGNATURE_SECRET", raising=False)
    monkeypatch.setattr(
        command, "_session", lambda _: type("Session", (), {"client": None, "region_name": "eu-west-1"})
    )
    monkeypatch.setattr(command, "from_operator", asks(asked, "Vonage's key"))
    monkeypatch.setattr(command, "needed", asks(asked, "signature secret", "a secret"))
    monkeypatch.setattr(preflight, "look", lambda *_: plan)
    monkeypatch.setattr(command, "deploy", deploys(asked))

    assert main(["up", "--stack", "shop"]) == 2
    assert asked == order


def test_a_build_runs_programs_of_others_and_gets_no_secret_of_vonage(monkeypatch: pytest.MonkeyPatch) -> None:
    environments = list[dict[str, str]]()

    def run(*_: Any, env: dict[str, str], **__: Any) -> CompletedProcess[str]:
        environments.append(env)
        return CompletedProcess([], 0)

    monkeypatch.setattr(subprocess, "run", run)
    for name in ("VONAGE_API_SECRET", "VONAGE_SIGNATURE_SECRET", "GETTHROUGH_SECRET", "PATH"):
        monkeypatch.setenv(name, "/usr/bin")

    deploy("shop", {}, {"AWS_REGION": "eu-west-1"})

    [environment] = environments
    assert [name for name in environment if name.endswith("SECRET")] == []
    assert (environment["PATH"], environment["AWS_REGION"]) == ("/usr/bin", "eu-west-1")
