"""`getthrough send` and `watch` as they are typed, against an API in memory whose dispatches take their course."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import send, watch
from cli.__main__ import main
from cli.api import Answer, Api, NoAnswerError
from cli.dispatches import follow
from cli.dispatches.entries import words
from cli.dispatches.follow import Clock, Reader, follow_all
from cli.errors import OperatorError
from tests.unit.cli.api import NOON, answer, problem
from tests.unit.cli.aws import Session

DISPATCH = "11111111-1111-4111-8111-111111111100"
OTHER = "22222222-2222-4222-8222-222222222200"
ACCEPTED = answer(202, {"message_uuid": f"{DISPATCH[:-2]}01", "workflow_id": DISPATCH})
TO = ["--to", "447700900001", "--text", "Cupcakes!"]

Json = dict[str, Any]


def entry(second: int, event: str, step: int | None = 0, **more: Any) -> Json:
    at = NOON + timedelta(seconds=second)
    return {"at": f"{at:%FT%T}.000Z", "event": event, "step": step, **more}


STORY = [
    entry(0, "accepted", None),
    entry(1, "sent", because="first"),
    entry(1, "answered", answer="accepted", http_status=202, tries=1),
    entry(2, "status", status="delivered", late=False, error=None),
    entry(2, "finished", None, outcome="succeeded"),
]
LINES = [
    "12:00:00.000          the dispatch is stored",
    "12:00:01.000  step 0  sent by sms to 447700900001",
    "12:00:01.000  step 0  Vonage answered: accepted",
    "12:00:02.000  step 0  webhook: delivered",
    "12:00:02.000          the dispatch is over: succeeded",
]


def dispatch(entries: list[Json], uuid: str = DISPATCH, outcome: str | None = None) -> Json:
    step = {"channel": "sms", "to": "447700900001", "problem": None, "late": False}
    return {"dispatch_uuid": uuid, "outcome": outcome, "timeline": entries, "steps": [step, step]}


def row(found: Json) -> Json:
    return {"dispatch_uuid": found["dispatch_uuid"], "outcome": found["outcome"], "status": len(found["timeline"])}


class Played(Api):
    """Gives one answer after the other; the last one again. A list has `answers["list"]`."""

    def __init__(self, **answers: list[Answer | Exception]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, Any, Any]] = []

    def call(
        self, method: str, path: str, body: Any = None, *, headers: Any = None, authenticated: bool = True
    ) -> Answer:
        self.asked.append((method, path, body, headers))
        name = "post" if method == "POST" else "list" if "?" in path else f"_{path[-36:-28]}"
        left = self.answers[name]
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return given


class Still(Clock):
    """Time that passes only while one waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        super().__init__(now=lambda: self.seconds, wait=self._pass, utc=lambda: NOON)

    def _pass(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, session: Session) -> Callable[..., Played]:
    """Let an API answer so."""

    def play(**answers: Any) -> Played:
        played = Played(**answers)
        monkeypatch.setattr("cli.api.Api", lambda *_, **__: played)
        monkeypatch.setattr(send, "Clock", Still)
        monkeypatch.setattr(watch, "Clock", Still)
        return played

    return play


def looks(*lengths: int, outcome: str | None = None) -> list[Answer]:
    """Looks at the dispatch: with so many entries each, and with an outcome once it has all."""
    return [
        answer(200, dispatch(STORY[:length], outcome=outcome if length == len(STORY) else None)) for length in lengths
    ]


def test_a_message_is_sent_and_followed_to_its_outcome(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    api = play(post=[ACCEPTED], _11111111=looks(1, 3, 3, 5, outcome="succeeded"))

    code = main(["send", "--stack", "shop", *TO])

    assert (code, capsys.readouterr().out.splitlines()) == (0, [DISPATCH, *LINES])
    assert api.asked[0][2] == {
        "channel": "sms",
        "message_type": "text",
        "from": "Getthrough",
        "to": "447700900001",
        "text": "Cupcakes!",
    }


@pytest.mark.parametrize(
    ("outcome", "code"), [("succeeded", 0), ("exhausted", 1), ("cancelled", 3), ("stopped", 4), (None, 5)]
)
@pytest.mark.parametrize("command", [["send", *TO], ["watch", DISPATCH]])
def test_the_exit_code_is_the_outcome(
    play: Callable[..., Played], command: list[str], outcome: str | None, code: int
) -> None:
    play(post=[ACCEPTED], _11111111=looks(5, outcome=outcome))

    assert main([*command, "--stack", "shop", "--wait", "20"]) == code


def test_fallbacks_have_the_first_ones_channel_or_their_own_and_only_the_last_keeps_its_long_window() -> None:
    contacts = send.Contacts("whatsapp:447700900003", ["447700900004", "sms:447700900005"])
    body = send.request_body(contacts, "Hi", 15, "read")

    def step(channel: str, to: str, **more: Any) -> Json:
        return {"channel": channel, "message_type": "text", "from": "Getthrough", "to": to, "text": "Hi", **more}

    waits = {"expiry_time": 15, "condition_status": "read"}
    assert body == {
        **step("whatsapp", "447700900003", **waits),
        "failover": [step("whatsapp", "447700900004", **waits), step("sms", "447700900005")],
    }


def test_each_channel_has_its_own_sender_or_that_of_all() -> None:
    senders = ["Bakery", "whatsapp:447700900000"]
    contacts = send.Contacts("447700900003", ["whatsapp:447700900003", "email:ann@example.org"], senders)
    body = send.request_body(contacts, "Hi", None, None)

    assert [body["from"], *(step["from"] for step in body["failover"])] == ["Bakery", "447700900000", "Bakery"]


def test_a_dry_run_prints_the_request_and_reaches_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send", "--stack", "shop", *TO, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["to"] == "447700900001"


def test_machines_get_the_dispatch_or_the_answer_alone(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    play(post=[ACCEPTED], _11111111=looks(5, outcome="succeeded"))

    main(["send", "--stack", "shop", *TO, "--json"])
    assert json.loads(capsys.readouterr().out) == dispatch(STORY, outcome="succeeded")
    main(["send", "--stack", "shop", *TO, "--json", "--wait", "0"])
    assert json.loads(capsys.readouterr().out) == ACCEPTED.body
    main(["watch", "--stack", "shop", DISPATCH, "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"dispatch_uuid": DISPATCH, **entry} for entry in STORY]


def test_a_request_without_an_answer_is_repeated_with_the_same_key(play: Callable[..., Played]) -> None:
    lost = NoAnswerError("POST /v1/messages was not answered (ReadTimeout)")
    api = play(post=[lost, problem(503), ACCEPTED])

    assert main(["send", "--stack", "shop", *TO, "--wait", "0"]) == 0
    keys = [headers["idempotency-key"] for _, _, _, headers in api.asked]
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_without_any_answer_the_key_is_named_with_which_it_can_be_tried_again(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    play(post=[problem(503)])

    assert main(["send", "--stack", "shop", *TO, "--key", "order 7"]) == 2
    assert "run this again with --key order 7" in capsys.readouterr().err


REFUSED = answer(
    422,
    {
        "title": "Invalid params",
        "detail": "The request is wrong.",
        "invalid_parameters": [{"name": "to", "reason": "no number"}],
    },
)


@pytest.mark.parametrize(
    ("arguments", "answers", "sentence"),
    [
        (
            TO,
            {"post": [REFUSED]},
            "the API answered 422 (The request is wrong: to: no number): correct that and try again.",
        ),
        (
            TO,
            {"post": [problem(401, "No credentials.")]},
            "the API answered 401 (No credentials): give a client's name and secret in GETTHROUGH_CLIENT and "
            "GETTHROUGH_SECRET.",
        ),
        (
            ["--to", "447700900001"],
            {},
            "say whom to tell with --to and what with --text, or give the whole request with --file.",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(
    play: Callable[..., Played],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    answers: Json,
    sentence: str,
) -> None:
    play(**answers)

    assert main(["send", "--stack", "shop", *arguments]) == 2
    assert capsys.readouterr() == ("", f"getthrough: {sentence}\n")


def test_a_whole_request_comes_from_a_file(
    play: Callable[..., Played], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api = play(post=[ACCEPTED])
    path = tmp_path / "message.json"
    path.write_text('{"channel": "email", "to": "ann@example.org"}')

    assert main(["send", "--stack", "shop", "--file", str(path), "--wait", "0"]) == 0
    assert api.asked[0][2] == {"channel": "email", "to": "ann@example.org"}
    assert main(["send", "--stack", "shop", "--file", str(path), *TO]) == 2
    path.write_text("[]")
    assert main(["send", "--stack", "shop", "--file", str(path)]) == 2
    path.write_text("{")
    assert main(["send", "--stack", "shop", "--file", str(path)]) == 2
    errors = capsys.readouterr().err
    assert [words in errors for words in ("is the whole request", "holds no JSON object", "is no JSON")] == [True] * 3


def test_a_stack_that_is_gone_for_a_moment_is_followed_on_and_after_a_minute_given_up() -> None:
    gone = NoAnswerError("GET / was not answered (ConnectionError)")
    found = answer(200, dispatch(STORY, outcome="succeeded"))

    followed = follow.follow(
        Reader(Played(_11111111=[gone, problem(502), found]), Still()), DISPATCH, lambda *_: None, follow.Following()
    )
    assert followed["outcome"] == "succeeded"
    with pytest.raises(OperatorError, match="the stack did not answer for 60 seconds"):
        follow.follow(Reader(Played(_11111111=[gone]), Still()), DISPATCH, lambda *_: None, follow.Following())


def listed(*dispatches: Json) -> Answer:
    return answer(200, {"dispatches": [row(found) for found in dispatches]})


class EndedError(Exception):
    """The test has seen enough."""


def watched(**answers: Any) -> tuple[list[tuple[str, str]], list[str]]:
    """What `watch` without an id reports (whose entry, and which), and its notes."""
    seen: list[tuple[str, str]] = []
    notes: list[str] = []
    answers["list"].append(EndedError())
    with pytest.raises(EndedError):
        follow_all(
            Reader(Played(**answers), Still()),
            lambda entry, found: seen.append((found["dispatch_uuid"][0], entry["event"])),
            notes.append,
        )
    return seen, notes


def test_everything_is_followed_from_now_on_and_each_entry_once() -> None:
    before = [entry(-60, "accepted", None), entry(-59, "sent"), entry(-59, "answered")]
    old, later = dispatch(before), dispatch([*before, entry(5, "status")])
    new = dispatch(STORY[:3], OTHER)
    over = dispatch(STORY, OTHER, "succeeded")

    seen, notes = watched(
        list=[listed(old), listed(new, old), listed(new, later), listed(over, later)],
        _11111111=[answer(200, later)],
        _22222222=[answer(200, new), answer(200, over)],
    )

    assert seen == [
        *(("2", event) for event in ("accepted", "sent", "answered")),
        ("1", "status"),
        *(("2", event) for event in ("status", "finished")),
    ]
    assert notes == []


def test_dispatches_that_are_too_many_to_follow_are_said_to_be() -> None:
    old, new = dispatch(STORY[:1]), dispatch([], OTHER)

    seen, notes = watched(list=[listed(old), listed(new)], _22222222=[answer(200, new)])

    assert (seen, notes) == (
        [],
        ["No longer among the newest 100 and not shown any more: 1 open. Follow one by its id."],
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            entry(0, "normalised", field="to", given="07700 900001", used="447700900001"),
            "the number 07700 900001 is used as 447700900001",
        ),
        (
            entry(0, "status", status="rejected", late=False, error={"title": None, "code": 1240, "detail": "No."}),
            "webhook: rejected (1240)",
        ),
        (entry(0, "status", status="delivered", late=True, error=None), "webhook: delivered (late)"),
        (entry(0, "window_ended"), "not delivered in time, the window has ended"),
        (entry(0, "opted_out"), "not sent, this customer has said STOP"),
        (entry(0, "quiet_hours"), "not sent, it was due in quiet hours"),
        (entry(0, "replied"), "the customer replied"),
        (entry(0, "revoked", accepted=True), "revoked"),
        (entry(0, "revoked", accepted=False), "Vonage did not revoke it"),
        (entry(0, "client_success", None, reason=None), "the client reports that the customer has acted"),
        (entry(0, "of_a_later_release"), "of_a_later_release"),
    ],
)
def test_each_entry_is_put_into_words(found: Json, expected: str) -> None:
    assert words(found, dispatch([found])) == expected


def test_vonages_reason_is_said_with_its_answer() -> None:
    refusal = dispatch([])
    refusal["steps"][0] |= {"problem": {"title": "Invalid sender", "detail": "The `from` is wrong."}}

    assert words(entry(1, "answered", answer="refused"), refusal) == "Vonage answered: refused (The `from` is wrong.)"


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_what_vonage_wrote_cannot_command_the_terminal(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str], as_json: list[str]
) -> None:
    """Some terminals take the one character U+009B for ESC and [."""
    title = "\x1b[31mred\x9b31m\u202e"
    refusal = dispatch([entry(1, "answered", answer=title)], outcome="exhausted")
    refusal["steps"][0] |= {"problem": {"title": title}}
    play(_11111111=[answer(200, refusal)])

    main(["watch", "--stack", "shop", DISPATCH, *as_json])

    assert not {"\x1b", "\x9b", "\u202e"} & {*capsys.readouterr().out}


def test_what_the_api_said_against_it_cannot_command_the_terminal_either(
    play: Callable[..., Played], capsys: pytest.CaptureFixture[str]
) -> None:
    play(_11111111=[answer(422, {"detail": "\x1b[31mred\x9b31m\u202e"})])

    assert main(["watch", "--stack", "shop", DISPATCH]) == 2

    said = capsys.readouterr().err
    assert "[31mred 31m" in said
    assert said.rstrip("\n").isprintable()


def test_time_goes_by_this_computers_clock() -> None:
    assert abs(Clock().utc() - datetime.now(UTC)) < timedelta(minutes=1)
