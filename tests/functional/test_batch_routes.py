"""The routes of /v1/batches: what clients are answered, what is stored then, and what becomes of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from getthrough.adapters.timers import to_body
from getthrough.domain.batch.batch import dispatch_uuid
from getthrough.domain.ports import Timer
from getthrough.domain.values.rfc3339 import from_text
from getthrough.handlers import advance, batches, tally
from getthrough.handlers._http import MAX_LIST_BODY
from tests.builders import FIRST, FROM, NOON, SECOND, api_event, basic, message, recipients
from tests.fakes import FakeClock
from tests.functional.aws_in_memory import CONTEXT
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery, recovery_in_memory

KEYED = {**CREDENTIALS, "idempotency-key": "one"}
UNKNOWN = "/v1/batches/5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fe"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    for module in (batches, advance):
        monkeypatch.setattr(module, "utc_now", clock)
    return clock


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Recovery]:
    with recovery_in_memory(monkeypatch) as stack:
        yield stack


def request(total: int = 3, **fields: Any) -> dict[str, Any]:
    people = [{"to": one.to, "variables": one.variables} for one in recipients(total)]
    return {"message": message(to=None, text="Hello {{ name }}"), "recipients": people, "rate": 10, **fields}


def accepted(stack: Recovery, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path of a new batch, and how it was described."""
    status, batch = stack.call("POST", "/v1/batches", body)
    assert status == 202, batch
    return f"/v1/batches/{batch['batch_uuid']}", batch


def fire(stack: Recovery, clock: FakeClock, batch: dict[str, Any], seconds: float = 1) -> None:
    """The batch's timer fires after this time, then those of its new dispatches."""
    clock.now += timedelta(seconds=seconds)
    assert stack.aws.fire(to_body(Timer(batch["batch_uuid"], clock.now))) == {"batchItemFailures": []}
    for item in stack.aws.items():
        if item["sk"]["S"] == "DISPATCH" and "due_at" in item:
            clock.now = max(clock.now, from_text(item["due_at"]["S"]))
            stack.aws.fire(to_body(Timer(item["pk"]["S"].partition("#")[2], clock.now)))


def tell(stack: Recovery, *, more: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """The table's stream says how all dispatches are now."""
    items = [item for item in stack.aws.items() if item["sk"]["S"] == "DISPATCH"]
    records = [
        {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": str(number), "NewImage": item}}
        for number, item in enumerate([*more, *items])
    ]
    answer: dict[str, Any] = tally.handler({"Records": records}, CONTEXT)
    return answer


def violations(answer: tuple[int, Any]) -> tuple[int, list[str]]:
    return answer[0], [violation["name"] for violation in answer[1]["invalid_parameters"]]


NEW = {
    "schedule_uuid": None,
    "created_at": "2026-03-02T12:00:00.000Z",
    "state": "waiting",
    "send_at": None,
    "cancelled_at": None,
    "estimated_end_at": "2026-03-02T12:00:00.300Z",
    "accepted": 3,
    "sent": 0,
    "delivered": 0,
    "failed": 0,
    "cost": [],
    "rate": 10,
    "steps": [{"channel": "sms", "message_type": "text", "text": "Hello {{ name }}"}],
}


def test_one_message_to_many_is_accepted_shown_and_listed(stack: Recovery) -> None:
    status, batch = stack.call("POST", "/v1/batches", request())

    uuid = batch["batch_uuid"]
    assert (status, batch) == (202, {"batch_uuid": uuid, **NEW})
    assert stack.call("GET", f"/v1/batches/{uuid}") == (200, batch)
    assert stack.call("GET", "/v1/batches") == (200, {"batches": [batch], "cursor": None})
    assert stack.call("GET", f"/v1/batches/{uuid}/dispatches") == (200, {"dispatches": [], "cursor": None})
    assert sorted(item["sk"]["S"] for item in stack.aws.items()) == ["BATCH", "RECIPIENTS"]
    assert stack.aws.timers() == 1


def test_one_for_later_waits_until_then(stack: Recovery) -> None:
    _, batch = accepted(stack, request(send_at="2026-03-02T18:00", time_zone="Europe/Paris"))

    assert (batch["send_at"], batch["state"]) == ("2026-03-02T17:00:00.000Z", "waiting")
    assert batch["estimated_end_at"] == "2026-03-02T17:00:00.300Z"
    assert stack.aws.timers() == 0, "the tick finds it"


def test_each_recipient_is_sent_their_own_text_and_the_stream_counts(stack: Recovery, clock: FakeClock) -> None:
    path, batch = accepted(stack, request())

    fire(stack, clock, batch)
    assert tell(stack) == tell(stack) == {"batchItemFailures": []}

    sent = sorted((sent["to"], sent["text"]) for sent in stack.aws.gateway.sent)
    assert sent == [(f"44770091000{number}", f"Hello Customer {number}") for number in range(3)]
    _, after = stack.call("GET", path)
    assert after == {**batch, "state": "sent", "sent": 3, "estimated_end_at": None}
    _, listed = stack.call("GET", f"{path}/dispatches", query={"limit": "2"})
    _, rest = stack.call("GET", f"{path}/dispatches", query={"limit": "2", "cursor": listed["cursor"]})
    shown = [*listed["dispatches"], *rest["dispatches"]]
    assert [one["batch_uuid"] for one in shown] == [batch["batch_uuid"]] * 3
    assert [one["dispatch_uuid"] for one in shown] == [
        dispatch_uuid(batch["batch_uuid"], number) for number in range(3)
    ]
    assert rest["cursor"] is None


def test_the_same_key_makes_one_batch_and_says_so(stack: Recovery) -> None:
    def post(body: dict[str, Any]) -> dict[str, Any]:
        event = api_event("POST /v1/batches", headers=KEYED, body=json.dumps(body))
        return batches.handler(event, CONTEXT)

    first, again, other = post(request()), post(request()), post(request(2))

    assert [answer["statusCode"] for answer in (first, again, other)] == [202, 202, 409]
    assert ["idempotent-replayed" in answer["headers"] for answer in (first, again)] == [False, True]
    assert again["headers"]["idempotent-replayed"] == "true"
    assert again["body"] == first["body"]
    assert len(stack.call("GET", "/v1/batches")[1]["batches"]) == 1


def test_the_key_of_a_batch_is_that_of_nothing_else(stack: Recovery) -> None:
    stack.aws.post("/v1/messages", json.dumps(message()).encode(), **KEYED)
    once = {"message": message(), "send_at": "2026-03-02T12:00:00Z"}
    stack.call("POST", "/v1/schedules", {**once, "send_at": "2099-01-01T00:00:00Z"}, headers=KEYED)

    assert stack.call("POST", "/v1/batches", request(), headers=KEYED)[0] == 202


def test_a_cancelled_one_stays_so_and_sends_nothing_more(stack: Recovery, clock: FakeClock) -> None:
    path, batch = accepted(stack, request())
    clock.now += timedelta(seconds=1)

    status, cancelled = stack.call("DELETE", path)

    over = {"state": "cancelled", "cancelled_at": "2026-03-02T12:00:01.000Z", "estimated_end_at": None}
    assert (status, cancelled) == (200, {**batch, **over})
    clock.now += timedelta(seconds=1)
    assert stack.call("DELETE", path) == stack.call("GET", path) == (200, cancelled)
    fire(stack, clock, batch)
    assert stack.aws.gateway.sent == []


def test_what_was_made_before_it_was_cancelled_ends_as_cancelled(stack: Recovery, clock: FakeClock) -> None:
    path, batch = accepted(stack, request(60))
    clock.now += timedelta(seconds=1)
    stack.aws.fire(to_body(Timer(batch["batch_uuid"], clock.now)))
    stack.call("DELETE", path)

    fire(stack, clock, batch)
    tell(stack)

    assert stack.aws.gateway.sent == []
    made = len(stack.call("GET", f"{path}/dispatches", query={"limit": "100"})[1]["dispatches"])
    assert made >= 20
    assert stack.call("GET", path)[1] | {"sent": 0, "failed": made} == stack.call("GET", path)[1]


@pytest.mark.parametrize("path", [UNKNOWN, UNKNOWN[:-2] + "00", "/v1/batches/spring"])
def test_what_is_not_there_is_404(stack: Recovery, path: str) -> None:
    calls = [("GET", path), ("DELETE", path), ("GET", f"{path}/dispatches")]
    assert [stack.call(method, where)[0] for method, where in calls] == [404, 404, 404]
    assert stack.aws.items() == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ([], ["body"]),
        ({}, ["message", "recipients"]),
        (request(rate=31), ["rate"]),
        (request(message=message(to=None, text="{{ nick }}")), [f"recipients[{n}].variables.nick" for n in range(3)]),
        (request(recipients=[{"to": FIRST, "variables": {"name": "Ann"}}] * 2), ["recipients[1]"]),
        (request(send_at="2026-03-02T11:58:59Z"), ["send_at"]),
    ],
)
def test_an_invalid_request_is_answered_with_every_violation_and_stores_nothing(
    stack: Recovery, body: object, wrong: list[str]
) -> None:
    assert violations(stack.call("POST", "/v1/batches", body)) == (422, wrong)
    assert (stack.aws.items(), stack.aws.timers()) == ([], 0)


def test_what_is_not_json_is_422(stack: Recovery) -> None:
    status, body = stack.call("POST", "/v1/batches", b"{")
    assert (status, body["title"]) == (422, "The request body did not contain valid JSON")


def test_a_body_may_have_four_megabytes_and_no_more(stack: Recovery) -> None:
    fits = json.dumps(request(3)).encode()
    fits += b" " * (MAX_LIST_BODY - len(fits))

    assert [stack.call("POST", "/v1/batches", body)[0] for body in (fits, fits + b" ")] == [202, 413]


def test_a_body_may_have_so_many_values_and_no_more(stack: Recovery) -> None:
    status, body = stack.call("POST", "/v1/batches", [0] * 600_001)
    assert (status, body["title"]) == (422, "The request body did not contain valid JSON")
    assert violations(stack.call("POST", "/v1/batches", [0] * 599_999)) == (422, ["body"])


@pytest.mark.parametrize("headers", [{}, basic("bakery", "wrong")])
def test_a_request_without_valid_credentials_is_refused(stack: Recovery, headers: dict[str, str]) -> None:
    routes = [
        ("POST", "/v1/batches"),
        ("GET", "/v1/batches"),
        ("GET", UNKNOWN),
        ("GET", f"{UNKNOWN}/dispatches"),
        ("DELETE", UNKNOWN),
    ]
    assert [stack.call(method, path, request(), headers=headers)[0] for method, path in routes] == [401] * 5
    assert stack.aws.items() == []


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"state": "sent"}])
def test_a_wrong_page_is_refused(stack: Recovery, query: dict[str, str]) -> None:
    path, _ = accepted(stack, request())
    for where in ("/v1/batches", f"{path}/dispatches"):
        assert violations(stack.call("GET", where, query=query)) == (422, [*query])


def test_the_cursor_of_another_list_is_refused(stack: Recovery, clock: FakeClock) -> None:
    path, _ = accepted(stack, request())
    clock.now += timedelta(seconds=1)
    accepted(stack, request())
    cursor = stack.call("GET", "/v1/batches", query={"limit": "1"})[1]["cursor"]

    assert violations(stack.call("GET", f"{path}/dispatches", query={"cursor": cursor})) == (422, ["cursor"])


def test_the_newest_come_first_page_by_page(stack: Recovery, clock: FakeClock) -> None:
    made = []
    for minute in range(3):
        clock.now = NOON + timedelta(minutes=minute)
        made.append(accepted(stack, request())[1]["batch_uuid"])

    _, first = stack.call("GET", "/v1/batches", query={"limit": "2"})
    _, rest = stack.call("GET", "/v1/batches", query={"limit": "2", "cursor": first["cursor"]})

    pages = [[batch["batch_uuid"] for batch in page["batches"]] for page in (first, rest)]
    assert (pages, rest["cursor"]) == ([made[:0:-1], made[:1]], None)


def test_while_the_table_cannot_be_reached_it_is_503(stack: Recovery) -> None:
    stack.aws.without_table()

    assert stack.call("POST", "/v1/batches", request())[0] == 503
    assert [stack.call(method, UNKNOWN)[0] for method in ("GET", "DELETE")] == [503, 503]


def test_without_a_timer_nothing_is_promised(stack: Recovery) -> None:
    stack.aws.without_queue()

    assert stack.call("POST", "/v1/batches", request())[0] == 503
    assert [item["sk"]["S"] for item in stack.aws.items()] == ["RECIPIENTS"], "which expire"


def test_a_new_batch_is_counted_and_the_same_again_is_not(stack: Recovery, capsys: pytest.CaptureFixture[str]) -> None:
    counted = []
    for _ in range(2):
        stack.call("POST", "/v1/batches", request(), headers=KEYED)
        counted.append('"BatchAccepted":[1.0]' in capsys.readouterr().out)

    assert counted == [True, False]


def test_a_schedule_with_recipients_becomes_batches(stack: Recovery, clock: FakeClock, monkeypatch: Any) -> None:
    from getthrough.handlers import schedules

    monkeypatch.setattr(schedules, "utc_now", clock)
    body = request(cron="* * * * *", time_zone="UTC")
    status, schedule = stack.call("POST", "/v1/schedules", body)
    assert (status, schedule["recipients"], schedule["rate"]) == (201, 3, 10)

    stack.aws.fire(to_body(Timer(schedule["schedule_uuid"], NOON)))
    [batch] = stack.call("GET", "/v1/batches")[1]["batches"]
    fire(stack, clock, batch)

    assert batch["schedule_uuid"] == schedule["schedule_uuid"]
    assert len(stack.aws.gateway.sent) == 3


def test_the_recipients_of_a_schedule_that_is_put_off_stay_for_as_long(
    stack: Recovery, clock: FakeClock, monkeypatch: Any
) -> None:
    from getthrough.handlers import schedules

    monkeypatch.setattr(schedules, "utc_now", clock)
    _, schedule = stack.call("POST", "/v1/schedules", request(send_at="2026-03-03T12:00:00Z"))
    before = _kept_until(stack)

    later = {"send_at": "2026-03-05T12:00:00Z"}
    assert stack.call("PATCH", f"/v1/schedules/{schedule['schedule_uuid']}", later)[0] == 200

    assert [until - was for until, was in zip(_kept_until(stack), before, strict=True)] == [2 * 24 * 3600]


def _kept_until(stack: Recovery) -> list[int]:
    return [int(item["expires_at"]["N"]) for item in stack.aws.items() if item["sk"]["S"] == "RECIPIENTS"]


# The stream

UNREADABLE = {"pk": {"S": "DISPATCH#x"}, "sk": {"S": "DISPATCH"}, "text": {"S": "strawberry"}}


def test_a_record_that_makes_no_sense_does_not_stop_the_others(
    stack: Recovery, clock: FakeClock, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path, batch = accepted(stack, request())
    fire(stack, clock, batch)

    assert tell(stack, more=(UNREADABLE, UNREADABLE)) == {"batchItemFailures": []}

    assert stack.call("GET", path)[1]["sent"] == 3
    assert '"TallyUnreadable":[1.0,1.0]' in capsys.readouterr().out
    assert "strawberry" not in "".join(str(record.__dict__) for record in caplog.records)


def test_what_could_not_be_noted_comes_again_from_its_first_record(stack: Recovery, clock: FakeClock) -> None:
    _, batch = accepted(stack, request())
    fire(stack, clock, batch)
    items = [item for item in stack.aws.items() if item["sk"]["S"] == "DISPATCH"]
    records = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"9{number}", "NewImage": item}}
        for number, item in enumerate(items)
    ]
    stack.aws.without_table()

    assert tally.handler({"Records": records}, CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "90"}]}


def test_what_is_deleted_or_no_dispatch_is_not_counted(stack: Recovery) -> None:
    path, batch = accepted(stack, request())
    others = [item for item in stack.aws.items() if item["sk"]["S"] != "DISPATCH"]
    records = [{"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "1", "NewImage": item}} for item in others] + [
        {"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "2", "OldImage": UNREADABLE}}
    ]

    assert tally.handler({"Records": records}, CONTEXT) == {"batchItemFailures": []}
    assert stack.call("GET", path) == (200, batch)


# Logs

PERSONAL = ("strawberry", "Customer", "4477009", FROM, SECOND)


def test_nothing_personal_is_logged_from_the_request_to_the_count(
    stack: Recovery, clock: FakeClock, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = request(message=message(to=None, text="{{ strawberry() }}"), strawberry=FIRST)
    assert stack.call("POST", "/v1/batches", wrong)[0] == 422
    assert stack.call("POST", "/v1/batches", request(message=message(to=None, text="{{ strawberry }}")))[0] == 422
    path, batch = accepted(stack, request(8))
    fire(stack, clock, batch)
    tell(stack)
    for method, where in [("GET", path), ("GET", f"{path}/dispatches"), ("GET", "/v1/batches"), ("DELETE", path)]:
        assert stack.call(method, where)[0] == 200

    text = "\n".join([*(str(record.__dict__) for record in caplog.records), capsys.readouterr().out])
    for reported in ("batch accepted", "batch run", "noted", "batch cancelled"):
        assert reported in text
    assert [word for word in PERSONAL if word in text] == []
