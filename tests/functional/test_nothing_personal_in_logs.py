"""Every line that a function logs or counts, for requests that go well and for those that do not, holds nothing
personal: no text, no number, no reference of the client's, no token, no secret."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from getthrough.adapters.timers import to_body
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind
from getthrough.domain.ports import Timer
from tests.builders import FIRST, FROM, NOON, SECOND, basic, message, status_payload
from tests.functional.aws_in_memory import Aws, aws_in_memory, bearer
from tests.functional.recovery_in_memory import recovery_in_memory
from tests.secret import API_KEY, CLIENT, CLIENT_SECRET, SIGNATURE_SECRET

TELLTALE = "strawberry"
PERSONAL = (TELLTALE, FIRST, SECOND, FROM, "Bearer", "Basic", "eyJ", CLIENT_SECRET, SIGNATURE_SECRET, API_KEY)

BODY = json.dumps(message(text=TELLTALE, client_ref=TELLTALE, failover=[message(to=SECOND, text=TELLTALE)])).encode()
STATUS = json.dumps(status_payload("rejected", error={"title": "1240", "detail": TELLTALE}, extra=TELLTALE)).encode()
REPLY = json.dumps({"channel": "sms", "message_uuid": TELLTALE, "from": FIRST, "to": FROM, "text": TELLTALE}).encode()
MALFORMED = json.dumps({"text": TELLTALE, "from": FIRST}).encode()
NO_JSON = f'{{"text": "{TELLTALE}, {FIRST}'.encode()
CREDENTIALS = basic(CLIENT, CLIENT_SECRET)
PROBLEM = {"title": "Invalid params", "detail": f"{TELLTALE} {FIRST}"}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Any:
    """Everything that a function wrote: log records with all their fields, and metrics."""

    def read() -> str:
        return "\n".join([*(str(record.__dict__) for record in caplog.records), capsys.readouterr().out])

    return read


def assert_nothing_personal(text: str) -> None:
    assert [word for word in PERSONAL if word in text] == []


@pytest.mark.parametrize("kind", AnswerKind)
def test_sending(stack: Aws, logged: Any, kind: AnswerKind) -> None:
    stack.gateway.answers = [Answer(kind=kind, http_status=422, problem=PROBLEM, account=True)]
    assert stack.post("/v1/messages", BODY, **CREDENTIALS)["statusCode"] == 202
    text = logged()
    not_sent = kind in (AnswerKind.OPTED_OUT, AnswerKind.CLOSED, AnswerKind.DOWN)
    assert ("step not sent" if not_sent else "step sent") in text
    assert_nothing_personal(text)


@pytest.mark.parametrize(
    ("body", "headers"),
    [(NO_JSON, CREDENTIALS), (MALFORMED, CREDENTIALS), (BODY, basic(TELLTALE, TELLTALE)), (BODY, {})],
    ids=["no JSON", "wrong fields", "a stranger", "no one"],
)
def test_refusing_to_send(stack: Aws, logged: Any, body: bytes, headers: dict[str, str]) -> None:
    assert stack.post("/v1/messages", body, **headers)["statusCode"] in (401, 422)
    assert_nothing_personal(logged())


@pytest.mark.parametrize(("path", "body"), [("/status", STATUS), ("/inbound", REPLY)])
def test_taking_a_webhook(stack: Aws, logged: Any, path: str, body: bytes) -> None:
    assert stack.post(path, body, authorization=bearer(body))["statusCode"] == 200
    text = logged()
    assert " stored" in text or "status recorded" in text
    assert_nothing_personal(text)


@pytest.mark.parametrize("path", ["/status", "/inbound"])
@pytest.mark.parametrize("body", [MALFORMED, NO_JSON])
def test_a_webhook_that_is_not_understood(stack: Aws, logged: Any, path: str, body: bytes) -> None:
    stack.post(path, body, authorization=bearer(body))
    text = logged()
    assert "malformed webhook" in text
    assert_nothing_personal(text)


@pytest.mark.parametrize("path", ["/status", "/inbound"])
@pytest.mark.parametrize("forged", [True, False])
def test_a_webhook_that_is_not_vonages(stack: Aws, logged: Any, path: str, forged: bool) -> None:
    headers = {"authorization": bearer(STATUS, "not-the-signature-secret-but-long")} if forged else {}
    stack.post(path, STATUS, **headers)
    text = logged()
    assert ("forged webhook" if forged else "unsigned webhook") in text
    assert_nothing_personal(text)


def test_a_schedule_from_its_request_to_its_run(monkeypatch: pytest.MonkeyPatch, logged: Any) -> None:
    wrong = {"message": json.loads(MALFORMED), "cron": TELLTALE, "time_zone": FIRST, TELLTALE: FIRST}
    soon = {"message": json.loads(BODY), "send_at": datetime.now(UTC).isoformat()}
    with recovery_in_memory(monkeypatch) as stack:
        assert stack.call("POST", "/v1/schedules", wrong)[0] == 422
        status, schedule = stack.call("POST", "/v1/schedules", soon)
        path = f"/v1/schedules/{schedule['schedule_uuid']}"
        assert [status, stack.call("PATCH", path, wrong)[0], stack.call("GET", path)[0]] == [201, 422, 200]
        stack.aws.fire(to_body(Timer(schedule["schedule_uuid"], NOON)))
    text = logged()
    assert "schedule created" in text
    assert "schedule run" in text
    assert_nothing_personal(text)


@pytest.mark.parametrize("broken", ["without_table", "without_queue", "without_secret"])
def test_when_aws_fails(stack: Aws, logged: Any, broken: str) -> None:
    answer = stack.post("/v1/messages", BODY, **CREDENTIALS)
    getattr(stack, broken)()
    stack.post("/v1/messages", BODY, **CREDENTIALS)
    stack.post("/status", STATUS, authorization=bearer(STATUS))
    stack.post("/inbound", REPLY, authorization=bearer(REPLY))
    stack.fire(to_body(Timer(answer["body"]["workflow_id"], NOON)))
    assert_nothing_personal(logged())


def test_an_error_that_no_one_expected_quotes_what_it_choked_on_to_no_one(
    stack: Aws, logged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choke(*_: Any) -> Answer:
        raise ValueError(f"{TELLTALE} {FIRST}")

    monkeypatch.setattr(stack.gateway, "submit", choke)
    answer = stack.post("/v1/messages", BODY, **CREDENTIALS)
    assert answer["statusCode"] == 500
    assert TELLTALE not in str(answer)
    stack.fire(f'{{"dispatch_uuid": "{TELLTALE} {FIRST}"')
    text = logged()
    assert "unexpected error" in text
    assert "timer failed" in text
    assert_nothing_personal(text)
