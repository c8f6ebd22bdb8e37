"""The command that a person types when something was given up, on the real functions in memory."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cli.__main__ import main
from cli.api import Answer
from cli.target import Target
from getthrough.adapters import timers
from getthrough.domain.ports import Timer
from getthrough.handlers import recover as function
from tests.builders import DISPATCH_UUID, NOON, message, status_payload
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery, recovery_in_memory
from tests.functional.test_quarantine_routes import STOP, STRANGERS_SECRET, forged, signed
from tests.functional.test_webhook_rotation import store
from tests.secret import SIGNATURE_SECRET

FORGED = "forged: signature"


class FakeApi:
    """What the command line calls instead of HTTP: `call(method, path, body, query)` answers status and body."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        address = urlsplit(path)
        status, answered = self._call(method, address.path, body, dict(parse_qsl(address.query)))
        return Answer(status, "application/json", "", answered)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whom the command line calls from now on."""
    return lambda call: monkeypatch.setattr(Target, "api", lambda _: FakeApi(call))


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


@pytest.fixture
def run(stack: Recovery, capsys: pytest.CaptureFixture[str], calls: Any) -> Any:
    """The exit code of a command line, and the lines that it printed."""

    def run(*argv: str) -> tuple[int, list[str]]:
        capsys.readouterr()
        calls(stack.call)
        code = main(["recover", *argv])
        lines = capsys.readouterr().out.splitlines()
        return code, [line for line in lines if not line.startswith("{") or line == "{"]  # no logs

    return run


def delivered(stack: Recovery) -> tuple[bytes, str]:
    """A status of a message that was sent just now, and its dispatch."""
    answer = stack.aws.post("/v1/messages", json.dumps(message()).encode(), **CREDENTIALS)["body"]
    return json.dumps(status_payload("delivered", client_ref=answer["message_uuid"])).encode(), answer["workflow_id"]


def test_quarantine_is_listed_shown_and_released(stack: Recovery, run: Any) -> None:
    body, dispatch_uuid = delivered(stack)
    digest = forged(stack, "/status", body)
    received_at = stack.call("GET", "/v1/quarantine")[1]["webhooks"][0]["received_at"]

    listed = f"{digest} {received_at} POST /status {FORGED}, {len(body)} bytes"
    assert run("quarantine", "list") == (0, [listed])
    code, shown = run("quarantine", "show", digest)
    assert (code, json.loads("\n".join(shown))["body"]) == (0, body.decode())
    released = [f"{digest} released: status delivered of {dispatch_uuid}", "1 of 1 released"]
    assert run("quarantine", "release", "--force", digest) == (0, released)
    assert run("quarantine", "list") == (0, [])


def test_what_cannot_be_released_is_reported_and_does_not_stop_the_others(stack: Recovery, run: Any) -> None:
    bad, good = signed(stack, "/status", b"[]"), forged(stack, "/inbound", json.dumps(STOP).encode())

    assert run("quarantine", "release", "--force", bad, "0" * 64, good) == (
        1,
        [
            f"{bad} not released: 422 The webhook is malformed and stays in quarantine: not a JSON object.",
            f"{'0' * 64} not released: 404 Nothing has this id.",
            f"{good} released: sms message, opts out",
            "1 of 3 released",
        ],
    )


def test_all_for_one_reason_are_released_oldest_first(stack: Recovery, run: Any) -> None:
    stays = signed(stack, "/status", b"[]")
    digests = [forged(stack, "/inbound", json.dumps({**STOP, "message_uuid": f"in-{n}"}).encode()) for n in range(3)]

    assert run("quarantine", "release", "--reason", FORGED)[1][-1] == "0 of 3 released", "an outsider's stay"
    store(stack.aws, SIGNATURE_SECRET, STRANGERS_SECRET)
    code, lines = run("quarantine", "release", "--reason", FORGED)

    assert (code, [line.split()[0] for line in lines]) == (0, [*digests, "3"])
    assert [line.split()[0] for line in run("quarantine", "list")[1]] == [stays]


def test_a_time_limits_what_is_released(stack: Recovery, run: Any) -> None:
    digest = forged(stack, "/inbound", json.dumps(STOP).encode())
    store(stack.aws, SIGNATURE_SECRET, STRANGERS_SECRET)
    release = ("quarantine", "release", "--reason", FORGED)

    assert run(*release, "--before", "2026-01-01T00:00Z") == (0, ["0 of 0 released"])
    assert run(*release, "--since", "2100-01-01") == (0, ["0 of 0 released"])
    assert run(*release, "--since", "2026-01-01", "--before", "2100-01-01")[1][-1] == "1 of 1 released"
    assert stack.call("GET", f"/v1/quarantine/{digest}")[0] == 404


def test_what_is_deleted_is_gone(stack: Recovery, run: Any) -> None:
    digest = forged(stack, "/status", b"{}")

    assert run("quarantine", "delete", digest) == (0, [f"{digest} deleted"])
    assert run("quarantine", "list") == (0, [])


def test_dead_letters_are_listed_and_released(stack: Recovery, run: Any) -> None:
    stack.put("dead-timers", timers.to_body(Timer(DISPATCH_UUID, NOON)), '{"source": "aws.events"}')

    code, lines = run("dead-letters", "list")

    assert (code, lines[0], lines[-1]) == (0, "timers: 2 messages", "callbacks: 0 messages")
    assert sorted(line.split(" since ")[0].split()[0] for line in lines[1:3]) == ["tick", "timer"]
    stack.put("dead-timers", *[timers.to_body(Timer(DISPATCH_UUID, NOON))] * 2)
    totals = ["timers: 2 released, 0 dropped, 0 kept"]
    assert run("dead-letters", "release", "--queue", "timers") == (0, totals)


def test_dead_letters_are_released_until_there_are_no_more(calls: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answers = [
        {"queue": "timers", "released": 1, "dropped": 1, "kept": 1, "more": False},
        {"queue": "timers", "released": 10, "dropped": 0, "kept": 0, "more": True},
    ]

    asked = []

    def call(method: str, path: str, body: dict[str, Any], query: Any) -> tuple[int, Any]:
        asked.append({**body})
        return 200, {"before": "2026-03-02T12:00:00.000Z", "queues": [answers.pop()]}

    calls(call)
    assert main(["recover", "dead-letters", "release"]) == 1
    assert asked == [{}, {"before": "2026-03-02T12:00:00.000Z"}]
    assert capsys.readouterr().out.splitlines() == [
        "timers: 10 released, 0 dropped, 0 kept, more to come",
        "timers: 1 released, 1 dropped, 1 kept",
    ]


def test_a_release_that_gets_nowhere_ends(stack: Recovery, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "RELEASE_TIME", timedelta())

    code, lines = run("dead-letters", "release")

    assert (code, lines[0]) == (1, "timers: 0 released, 0 dropped, 0 kept, more to come")


def test_what_the_api_refuses_is_reported_on_the_error_stream(calls: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def unauthorized(*_: Any) -> tuple[int, Any]:
        return 401, {"title": "Unauthorized", "detail": "The client name or the secret is wrong."}

    calls(unauthorized)
    assert main(["recover", "quarantine", "list"]) == 2
    assert capsys.readouterr() == ("", "getthrough: 401 The client name or the secret is wrong.\n")


def test_a_queue_that_does_not_exist_is_answered_with_those_that_do(
    stack: Recovery, calls: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    calls(stack.call)
    assert main(["recover", "dead-letters", "release", "--queue", "unknown"]) == 2
    assert capsys.readouterr().err.strip().endswith("queue must be one of timers, callbacks.")


def test_a_body_in_quarantine_cannot_command_the_terminal(stack: Recovery, run: Any) -> None:
    digest = forged(stack, "/status", "\x1b[31m \x9b31m \u202e".encode())

    _, shown = run("quarantine", "show", digest)

    assert all(line.isascii() and line.isprintable() for line in shown)
    assert json.loads("\n".join(shown))["body"] == "\x1b[31m \x9b31m \u202e"


def test_a_dry_run_releases_and_deletes_nothing(stack: Recovery, run: Any) -> None:
    body, _ = delivered(stack)
    digest = forged(stack, "/status", body)
    stack.put("dead-timers", timers.to_body(Timer(DISPATCH_UUID, NOON)))

    assert run("quarantine", "release", "--force", digest, "--dry-run") == (0, [f"{digest} would be released"])
    assert run("quarantine", "delete", digest, "--dry-run") == (0, [f"{digest} would be deleted"])
    assert run("dead-letters", "release", "--queue", "timers", "--dry-run") == (0, ["timers: 1 would be looked at"])
    assert stack.call("GET", f"/v1/quarantine/{digest}")[0] == 200
    assert stack.call("GET", "/v1/dead-letters")[1]["queues"][0]["messages"] == 1


def test_machines_get_the_same_as_json(stack: Recovery, calls: Any, capsys: pytest.CaptureFixture[str]) -> None:
    digest = forged(stack, "/inbound", json.dumps(STOP).encode())
    calls(stack.call)
    capsys.readouterr()

    assert main(["recover", "quarantine", "list", "--json"]) == 0

    assert [webhook["id"] for webhook in json.loads(capsys.readouterr().out)] == [digest]


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["quarantine"],
        ["quarantine", "show"],
        ["quarantine", "release"],
        ["quarantine", "release", "ID", "--reason", "forged"],
        ["quarantine", "list", "--since", "yesterday"],
        ["dead-letters", "delete"],
    ],
)
def test_a_wrong_command_line_does_nothing(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_: Target) -> Any:
        raise AssertionError("connected")

    monkeypatch.setattr(Target, "api", connect)

    assert main(["recover", *argv]) == 2


def test_an_api_without_a_client_says_what_to_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GETTHROUGH_API", "https://api.example")
    monkeypatch.delenv("GETTHROUGH_CLIENT", raising=False)

    assert main(["recover", "dead-letters", "list"]) == 2
    assert capsys.readouterr().err == (
        "getthrough: GETTHROUGH_API is set without GETTHROUGH_CLIENT: name the client too.\n"
    )
