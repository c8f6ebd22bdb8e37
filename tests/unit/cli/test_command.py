"""`getthrough smoke` as it is typed: what it prints, its exit codes, and what it says when it cannot begin."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, NoRegionError, ProfileNotFound

from cli.__main__ import main
from cli.api import NoAnswerError
from cli.smoke import command, sending
from cli.smoke.finding import Finding, State, failed, passed
from cli.smoke.run import Check, run
from cli.stack import Stack
from tests.unit.cli.api import HealthyApi, dispatch
from tests.unit.cli.aws import RefusedError, Session

CHECKS = [
    *("console", "unknown route", "unsigned webhook", "forged webhook", "opt-out", "later", "event sources", "tick"),
    *("ttl", "backups", "recursion", "concurrency", "chain", "dead letters", "alarms"),
]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, session: Session) -> HealthyApi:
    """The API of a healthy stack in a healthy account."""
    api = HealthyApi()
    monkeypatch.setattr(command, "api_of", lambda _: api)
    monkeypatch.setattr(sending, "SECONDS_FOR_A_MESSAGE", 0)
    api.answers["GET /v1/dispatches"] = dispatch("cancelled")
    return api


def test_a_healthy_stack_passes_every_check(api: HealthyApi, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["smoke", "--stack", "shop", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [(check["check"], check["state"], check["next_step"]) for check in found["checks"]] == [
        (name, "passed", None) for name in CHECKS
    ]
    assert (found["stack"], found["passed"]) == ("shop", True)


def test_the_slow_checks_run_together_and_leave_a_minute_for_the_others() -> None:
    assert max(sending.SECONDS_FOR_A_CHAIN, sending.SECONDS_FOR_A_MESSAGE) <= 120


def test_one_that_fails_says_so_in_words_and_in_its_exit_code(
    api: HealthyApi, session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    session.answers["events", "DescribeRule"] = {"Name": "shop-Every", "State": "DISABLED"}

    code = main(["smoke", "--stack", "shop"])

    printed = capsys.readouterr().out
    lines = {line.strip() for line in printed.splitlines()}
    sentence = (
        "The schedule TickFunctionEveryFiveMinutes is DISABLED. Enable it: nothing later than 15 minutes happens."
    )
    assert code == 1
    assert f"✗ tick             {sentence}" in lines
    assert [line.rpartition(",")[0] for line in lines if " passed" in line] == ["14 passed, 1 failed"]


def test_a_phone_adds_a_real_message(api: HealthyApi, capsys: pytest.CaptureFixture[str]) -> None:
    main(["smoke", "--stack", "shop", "--to", "+44 (7700) 900-555", "--from", "447700900001", "--json"])

    checks = json.loads(capsys.readouterr().out)["checks"]
    sent = [body for body in api.bodies if isinstance(body, dict) and body.get("to") == "447700900555"]
    assert "message" in [check["check"] for check in checks]
    assert [(body["from"], body["text"]) for body in sent] == [("447700900001", "Smoke test of shop.")]


REFUSED = [
    (NoRegionError(), "no AWS region is set: name one with --region, or export AWS_DEFAULT_REGION."),
    (NoCredentialsError(), "there are no AWS credentials: run `aws configure`, or name a profile with --profile."),
    (
        ProfileNotFound(profile="nope"),
        "your AWS configuration has no such profile: `aws configure list-profiles` shows those it has.",
    ),
    (
        EndpointConnectionError(endpoint_url="https://cloudformation.eu-wst-1.amazonaws.com"),
        "AWS does not answer: check the network, and that the region's name is spelt right.",
    ),
    (RefusedError("ExpiredToken"), "your AWS credentials have expired: sign in again."),
    (
        RefusedError("InvalidClientTokenId"),
        "AWS does not know these credentials: `aws sts get-caller-identity` must answer.",
    ),
    (
        RefusedError("AccessDenied"),
        "your AWS credentials may not call DescribeStacks: ask for that permission.",
    ),
]


@pytest.mark.parametrize(("error", "sentence"), REFUSED)
def test_what_aws_refuses_is_one_sentence_with_a_next_step(
    session: Session, capsys: pytest.CaptureFixture[str], error: Any, sentence: str
) -> None:
    session.answers["cloudformation", "DescribeStacks"] = error

    code = main(["smoke", "--stack", "shop"])

    assert (code, capsys.readouterr()) == (2, ("", f"getthrough: {sentence}\n"))


@pytest.mark.parametrize(("error", "sentence"), REFUSED[:2])
def test_who_named_no_stack_and_has_no_account_hears_of_the_stack_on_this_computer(
    session: Session, capsys: pytest.CaptureFixture[str], error: Any, sentence: str
) -> None:
    session.answers["cloudformation", "DescribeStacks"] = error

    code = main(["client", "list"])

    assert (code, capsys.readouterr().err) == (
        2,
        f"getthrough: {sentence} For the stack of `make run`, give --local.\n",
    )


def described(name: str, status: str = "CREATE_COMPLETE", **outputs: str) -> dict[str, Any]:
    given = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return {"Stacks": [{"StackName": name, "StackStatus": status, "CreationTime": at, "Outputs": given}]}


@pytest.mark.parametrize(
    ("stacks", "sentence"),
    [
        (described("shop-prod", StatusUrl="x"), "there is no stack 'shop' in eu-west-1: name one of shop-prod."),
        (
            described("another"),
            "there is no stack 'shop' in eu-west-1: check the name, and name the region with --region.",
        ),
    ],
)
def test_an_unknown_stack_is_answered_with_those_that_are_there(
    session: Session, capsys: pytest.CaptureFixture[str], stacks: dict[str, Any], sentence: str
) -> None:
    def answer(asked: Any) -> Any:
        if "StackName" in asked:
            raise RefusedError("ValidationError")
        return stacks

    session.answers["cloudformation", "DescribeStacks"] = answer

    assert main(["smoke", "--stack", "shop"]) == 2
    assert capsys.readouterr().err == f"getthrough: {sentence}\n"


@pytest.mark.parametrize(
    ("stacks", "words"),
    [
        (described("shop", "ROLLBACK_COMPLETE"), "was never completed (ROLLBACK_COMPLETE): delete it and deploy"),
        (described("shop", "UPDATE_IN_PROGRESS"), "is being changed (UPDATE_IN_PROGRESS): try again"),
        (described("shop", ApiUrl="x"), "has no output StatusUrl"),
    ],
)
def test_a_stack_that_cannot_be_looked_at_says_why(
    session: Session, capsys: pytest.CaptureFixture[str], stacks: dict[str, Any], words: str
) -> None:
    session.answers["cloudformation", "DescribeStacks"] = stacks

    assert main(["smoke", "--stack", "shop"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stack", "shop", "--local"], "--stack and --local are two stacks: name one of them."),
        (["--local", "--to", "my phone"], "--to is no phone number in international form"),
        (["--local"], "no local stack runs: start one with `make run`"),
    ],
)
def test_what_was_typed_is_checked_before_anything_is_called(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))

    assert main(["smoke", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_wrong_option_is_answered_by_the_usage_and_help_fits_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["smoke", "--secret", "x"]) == 2
    assert "No such option" in capsys.readouterr().err
    assert main(["--help"]) == 0
    assert len(capsys.readouterr().out.splitlines()) < 24


def test_what_one_check_cannot_do_is_its_own_finding(session: Session, stack: Stack) -> None:
    def refused(code: str) -> Any:
        def check() -> Finding:
            session.answers["events", "DescribeRule"] = RefusedError(code)
            stack.client("events").describe_rule(Name="x")
            return passed("It was not refused.")

        return check

    def unreachable() -> Finding:
        raise NoAnswerError("GET / was not answered (ConnectTimeout)")

    checks = [
        Check("denied", refused("AccessDeniedException")),
        Check("broken", refused("InternalException")),
        Check("unreachable", unreachable),
        Check("fine", lambda: passed("Fine.")),
    ]

    assert [(name, found.state, found.sentence) for name, found in run(stack, [[check] for check in checks])] == [
        (
            "denied",
            State.NOT_CHECKED,
            "This could not be checked: your AWS credentials may not call DescribeRule: ask for that permission.",
        ),
        (
            "broken",
            State.FAILED,
            "AWS did not say: AWS refused DescribeRule (InternalException): look up the code in AWS's documentation "
            "of that call.",
        ),
        ("unreachable", State.FAILED, "GET / was not answered (ConnectTimeout)."),
        ("fine", State.PASSED, "Fine."),
    ]


def test_what_a_check_says_cannot_command_the_terminal(
    api: HealthyApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = failed("A [red]\x1b[31m word\n.", "Nothing.")
    monkeypatch.setattr(command, "phases", lambda *_: [[Check("console", lambda: said)]])

    main(["smoke", "--stack", "shop"])

    printed = capsys.readouterr().out
    assert "A [red]" in printed
    assert "\x1b" not in printed
