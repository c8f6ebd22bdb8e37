"""The API's document: valid, complete, and true of what the code answers."""

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from getthrough.domain.batch import batch_view
from getthrough.domain.batch.batch import Tally
from getthrough.domain.batch.batch_request import parse_batch_request
from getthrough.domain.contact.consent import OptOut, describe_opt_out
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.conversation.conversation import describe_inbound
from getthrough.domain.dispatch import description, failover
from getthrough.domain.dispatch.day import day_of, describe_day
from getthrough.domain.dispatch.dispatch import AnswerKind, Dispatch, InBatch, Limited, Outcome, Revocation
from getthrough.domain.dispatch.dispatch_v0_1 import parse_dispatch_request
from getthrough.domain.dispatch.figures import added_by, total
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.event.webhook import StatusEvent, parse_inbound, parse_status
from getthrough.domain.message.arrivals import choose
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import Condition
from getthrough.domain.notification.client_event_views import EventType
from getthrough.domain.schedule import schedule_view
from getthrough.domain.schedule.schedule import Missed
from getthrough.domain.schedule.schedule_request import parse_schedule_request, revised
from getthrough.domain.values.errors import (
    CancelledError,
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    Violation,
)
from getthrough.handlers import _parameters
from getthrough.handlers._http import MAX_BODY, MAX_LIST_BODY, BodyTooLargeError, InvalidJsonError
from tests.builders import FIRST, NOON, SECOND, at, dispatch, message, status_event, step
from tests.described import DOCUMENT, followed, operations, violations, violations_of_answer
from tests.unit.stories import ACCEPTED, REFUSED, answered, claimed, reported, sent
from tests.unit.test_http import answer_to
from tests.unit.world import MOST_A_SECOND
from tools.openapi import document, message_examples
from tools.openapi.__main__ import FILE, main
from tools.openapi.client_webhooks import DATA
from tools.openapi.parameters import BATCH_UUID, SCHEDULE_UUID
from tools.openapi.requests import DISPATCH_EXAMPLE

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def every_part(part: Any) -> Iterator[dict[str, Any]]:
    """The document's objects, from the outermost in."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from every_part(inner)


def component(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def secured(part: dict[str, Any]) -> set[str]:
    return {name for ways in part.get("security", []) for name in ways}


def examples() -> Iterator[tuple[dict[str, Any], Any]]:
    """Every example, as (its schema, the value)."""
    for part in every_part(DOCUMENT):
        if "schema" in part and "example" in part:
            yield part["schema"], part["example"]
        if "schema" in part:
            yield from ((part["schema"], followed(example)["value"]) for example in part.get("examples", {}).values())


def test_it_is_a_valid_openapi_document() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_the_document_that_ships_is_what_make_openapi_writes() -> None:
    assert FILE.read_text() == document.as_json(), "make openapi"


def test_a_document_that_is_out_of_date_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.openapi.__main__.FILE", tmp_path / "openapi.json")

    assert main(["--check"]) == "openapi.json is out of date. Run `make openapi` and commit the file."
    assert main([]) is None
    assert main(["--check"]) is None


def test_its_version_is_the_projects() -> None:
    assert DOCUMENT["info"]["version"] == tomllib.loads(PYPROJECT.read_text())["project"]["version"]


@pytest.mark.parametrize("kind", ["SCHEMAS", "PATHS"])
def test_no_name_has_two_meanings(kind: str) -> None:
    modules = [module for module in vars(document).values() if hasattr(module, kind)]
    parts = {(name, json.dumps(part)) for module in modules for name, part in getattr(module, kind).items()}

    assert len(modules) > 4
    assert len(parts) == len({name for name, _ in parts})


def test_everything_that_is_defined_is_used() -> None:
    used = {part["$ref"] for part in every_part(DOCUMENT) if "$ref" in part}
    used |= {f"#/components/securitySchemes/{name}" for part in every_part(DOCUMENT) for name in secured(part)}
    defined = {f"#/components/{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}

    assert used == defined


@pytest.mark.parametrize("route", operations())
def test_an_operation_says_what_it_is_and_belongs_to_a_described_tag(route: str) -> None:
    operation = operations()[route]

    assert operation["summary"]
    assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert {"429", "500", "503"} <= set(operation["responses"])


def test_every_example_is_as_its_schema_says() -> None:
    values = list(examples())

    assert [(value, wrong) for schema, value in values if (wrong := violations(schema, value))] == []
    assert len(values) > 60


def test_parameters_have_the_bounds_of_the_code() -> None:
    described = DOCUMENT["components"]["parameters"]
    filters = [followed(part) for part in operations()["GET /v1/dispatches"]["parameters"]]
    rules = {part["name"]: part["schema"] for part in filters if part["in"] == "query"}

    assert set(rules) == _parameters.PAGE | _parameters.FILTER
    assert rules["limit"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": _parameters.MAX_LIMIT,
        "default": _parameters.DEFAULT_LIMIT,
    }
    assert rules["outcome"]["enum"] == [*_parameters.OUTCOMES]
    for name, pattern in (("Channel", _parameters._CHANNEL), ("Address", _parameters._ADDRESS)):
        assert described[name]["schema"]["pattern"] == f"^{pattern.pattern}$"


# Messages

KINDS = [(channel, message_type) for channel, table in CHANNELS.items() for message_type in table.types]


def test_every_channel_and_message_type_has_an_example() -> None:
    assert list(message_examples.each()) == KINDS


@pytest.mark.parametrize(("channel", "message_type"), KINDS)
def test_the_example_of_a_message_is_taken_as_it_is(channel: str, message_type: str) -> None:
    example = message_examples.message(channel, message_type)

    [step] = parse_messages_request(example).steps

    assert step.message == example


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (message(channel="pigeon"), "$"),
        (message(text=""), "$"),
        (message(failover=[message(failover=[])]), "$.failover[0]"),
        (message(failover=[message()] * 10), "$.failover"),
        (message(on_unknown="pray"), "$.on_unknown"),
    ],
)
def test_a_request_that_we_refuse_is_not_as_described(body: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse_messages_request(body)
    assert any(violation.startswith(f"{place}") for violation in violations(component("MessageRequest"), body))


def test_an_unknown_message_type_is_described_as_allowed() -> None:
    body = message(message_type="hologram", hologram={"url": "https://bakery.example"})

    assert violations(component("MessageRequest"), body) == []
    assert parse_messages_request(body).steps[0].message == body


def test_the_example_of_a_workflow_is_taken() -> None:
    assert len(parse_dispatch_request(DISPATCH_EXAMPLE).steps) == 2


# Schedules


def schedule_request(**fields: Any) -> dict[str, Any]:
    body = {"message": message(), "cron": "0 9 * * *", "time_zone": "Europe/London", **fields}
    return {name: value for name, value in body.items() if value is not None}


def test_a_schedule_can_be_asked_for_with_every_way_to_treat_missed_runs() -> None:
    assert DOCUMENT["components"]["schemas"]["ScheduleRequest"]["properties"]["missed"]["enum"] == [*Missed]


@pytest.mark.parametrize("route", ["POST /v1/schedules", "PATCH /v1/schedules/{schedule_uuid}"])
def test_the_examples_of_schedules_are_taken(route: str) -> None:
    body = operations()[route]["requestBody"]["content"]["application/json"]
    stored = parse_schedule_request(schedule_request(), "bakery", NOON, MOST_A_SECOND).schedule

    for example in body["examples"].values():
        if route.startswith("POST"):
            taken = parse_schedule_request(example["value"], "bakery", NOON, MOST_A_SECOND)
            assert (len(taken.recipients), taken.schedule.steps == ()) == (
                len(example["value"].get("recipients", ())),
                "recipients" in example["value"],
            )
        else:
            assert revised(stored, example["value"], NOON, MOST_A_SECOND).schedule.steps == stored.steps


@pytest.mark.parametrize(
    "wrong",
    [
        {"cron": None},
        {"time_zone": None},
        {"message": None},
        {"send_at": "2026-12-24T09:00"},
        {"max_runs": 0},
        {"missed": "never"},
        {"message": message(send_at="2026-12-24T09:00Z")},
        {"max_run": 3},
        {"rate": 10},
        {"recipients": []},
        {"recipients": [{"to": FIRST}], "rate": 0},
        {"recipients": [{"to": FIRST}], "message": message(send_at="2026-12-24T09:00Z")},
    ],
)
def test_a_schedule_that_we_refuse_is_not_as_described(wrong: dict[str, Any]) -> None:
    body = schedule_request(**wrong)

    with pytest.raises(InvalidRequestError):
        parse_schedule_request(body, "bakery", NOON, MOST_A_SECOND)
    assert violations(component("ScheduleRequest"), body) != []


# Batches


def batch_request(**fields: Any) -> dict[str, Any]:
    to_all = {name: value for name, value in message(text="Hello {{ name }}!").items() if name != "to"}
    recipients = [{"to": FIRST, "variables": {"name": "Ann"}}, {"to": SECOND, "variables": {"name": "Ben"}}]
    body = {"message": to_all, "recipients": recipients, **fields}
    return {name: value for name, value in body.items() if value is not None}


def test_the_examples_of_batches_are_taken() -> None:
    body = operations()["POST /v1/batches"]["requestBody"]["content"]["application/json"]
    values = [example["value"] for example in body["examples"].values()]

    taken = [parse_batch_request(value, "bakery", NOON, MOST_A_SECOND)[1] for value in values]

    assert len(values) > 2
    assert [len(recipients) for recipients in taken] == [len(value["recipients"]) for value in values]


@pytest.mark.parametrize(
    "wrong",
    [
        {"message": None},
        {"message": {}},
        {"message": message(send_at="2026-12-24T09:00Z")},
        {"message": message(failover=[message()] * 10)},
        {"recipients": None},
        {"recipients": []},
        {"recipients": [{"to": FIRST, "name": "Ann"}]},
        {"recipients": [{"to": FIRST, "variables": {"name": None}}]},
        {"recipients": [{"to": FIRST, "variables": {"name": "Ann", "first name": "Ann"}}]},
        {"recipients": [{"to": FIRST, "variables": {"name": "x" * 2_001}}]},
        {"recipients": [{"to": FIRST, "variables": {f"name{number}": "" for number in range(51)}}]},
        {"rate": 0},
        {"rate": 1_001},
        {"send_at": ""},
        {"cron": "0 9 * * *"},
    ],
)
def test_a_batch_that_we_refuse_is_not_as_described(wrong: dict[str, Any]) -> None:
    body = batch_request(**wrong)

    with pytest.raises(InvalidRequestError):
        parse_batch_request(body, "bakery", NOON, MOST_A_SECOND)
    assert violations(component("BatchRequest"), body) != []


# Answers

ERRORS: list[tuple[str, Exception]] = [
    ("POST /v1/messages", InvalidRequestError(Violation("text", "is required."))),
    ("POST /v1/messages", InvalidJsonError("Expecting value at line 1, column 1")),
    ("POST /v1/messages", BodyTooLargeError(MAX_BODY)),
    ("POST /v1/messages", IdempotencyConflictError()),
    ("GET /v1/dispatches", InvalidRequestError(Violation("limit", "must be a whole number from 1 to 100."))),
    ("GET /v1/dispatches", UnauthenticatedError("The client name or the secret is wrong.")),
    ("GET /v1/dispatches/{dispatch_uuid}", NotFoundError()),
    ("DELETE /v1/dispatches/{dispatch_uuid}", NotFoundError()),
    ("POST /v1/schedules", InvalidRequestError(Violation("cron", "must be a cron expression."))),
    ("POST /v1/schedules", IdempotencyConflictError()),
    ("PATCH /v1/schedules/{schedule_uuid}", CancelledError()),
    ("PATCH /v1/schedules/{schedule_uuid}", BodyTooLargeError(MAX_LIST_BODY)),
    ("POST /v1/batches", InvalidRequestError(Violation("recipients[3].variables.name", "is missing."))),
    ("POST /v1/batches", InvalidJsonError("too many values")),
    ("POST /v1/batches", BodyTooLargeError(MAX_LIST_BODY)),
    ("POST /v1/batches", IdempotencyConflictError()),
    ("GET /v1/batches/{batch_uuid}", NotFoundError()),
    ("GET /v1/batches/{batch_uuid}/dispatches", InvalidRequestError(Violation("cursor", "must be another."))),
    ("DELETE /v1/batches/{batch_uuid}", NotFoundError()),
    ("POST /status", BodyTooLargeError(MAX_BODY)),
    ("POST /inbound", UnavailableError("dynamodb: ThrottlingException")),
    ("GET /openapi.json", ValueError("a bug")),
]


@pytest.mark.parametrize(("route", "error"), ERRORS)
def test_the_problem_details_of_each_error_are_described(route: str, error: Exception) -> None:
    answer = answer_to(error)
    headers = {name.title().replace("Www", "WWW"): value for name, value in answer["headers"].items()}
    headers["content-type"] = answer["headers"]["content-type"]

    assert violations_of_answer(route, answer["statusCode"], headers, json.dumps(answer["body"])) == []


def contact_that_answered() -> tuple[Dispatch, list[StatusEvent]]:
    """Two steps that wait for an answer: the first one was passed over and taken back, the second one was answered."""
    waiting = dispatch(
        step(channel="rcs", condition_status=Condition.REPLIED), step(condition_status=Condition.REPLIED)
    )
    story = sent(waiting, ACCEPTED, 0, http_status=202, vonage_message_uuid="vonage-1")
    story = sent(story, ACCEPTED, 16, http_status=202, vonage_message_uuid="vonage-2")
    story = failover.record_revocation(story, 0, Revocation(at(17), accepted=True))
    return failover.reply(story, 1, at(20)), []


def customer_who_opted_out() -> tuple[Dispatch, list[StatusEvent]]:
    story = failover.stop(sent(dispatch(step()), ACCEPTED, 0, http_status=202), contact_of("sms", FIRST), at(3))
    return story, []


def everything_that_webhooks_tell() -> tuple[Dispatch, list[StatusEvent]]:
    error = {"type": "https://developer.vonage.com/api-errors/messages#1180", "title": "1180", "detail": "Away"}
    usage = {"currency": "EUR", "price": "0.0333"}
    events = [
        status_event("submitted", 0, 1, usage=usage),
        status_event("rejected", 0, 2, error=error),
        status_event("delivered", 1, 4),
        status_event("a word of tomorrow", 1, 5),
    ]
    normalised = replace(step(), given={"to": "+44 7700 900001"})
    story = reported(sent(dispatch(normalised, step()), ACCEPTED, 0, http_status=202), *events[:2])
    return reported(sent(story, ACCEPTED, 3, http_status=202), *events[2:]), events


def refused() -> tuple[Dispatch, list[StatusEvent]]:
    problem = {"title": "Invalid sender", "detail": "No.", "instance": "x"}
    return sent(dispatch(step()), REFUSED, 0, http_status=422, problem=problem), []


def not_sent_yet() -> tuple[Dispatch, list[StatusEvent]]:
    return dispatch(), []


Story = Callable[[], tuple[Dispatch, list[StatusEvent]]]


def held_over_the_night() -> tuple[Dispatch, list[StatusEvent]]:
    """It is due in quiet hours, and waits."""
    return replace(dispatch(), send_at=at(60), held_until=at(3600)), []


def in_a_batch() -> tuple[Dispatch, list[StatusEvent]]:
    """It waits for its slot."""
    return replace(dispatch(), batch=InBatch(BATCH_UUID, 3), slot_at=at(60)), []


def limited() -> tuple[Dispatch, list[StatusEvent]]:
    """The first step was passed over because of a limit, and the second one waits for one."""
    passed = answered(
        claimed(failover.limit(dispatch(), Limited(0, "countries", "44, 353", at(0), None))), AnswerKind.LIMITED
    )
    return failover.limit(passed, Limited(1, "messages_per_day", "500", at(1), at(60))), []


def automatic_window() -> tuple[Dispatch, list[StatusEvent]]:
    story = sent(dispatch(replace(step(), tolerance=0.01), step()))
    return failover.with_attempt(story, 0, replace(story.attempts[0], chosen=choose([], "sms"))), []


STORIES: list[Story] = [
    limited,
    held_over_the_night,
    in_a_batch,
    lambda: (answered(claimed(dispatch(step())), AnswerKind.QUIET), []),
    lambda: (answered(claimed(dispatch(step())), AnswerKind.CLOSED), []),
    lambda: (answered(claimed(dispatch(step())), AnswerKind.DOWN), []),
    automatic_window,
    not_sent_yet,
    lambda: (claimed(dispatch()), []),
    everything_that_webhooks_tell,
    contact_that_answered,
    customer_who_opted_out,
    lambda: (answered(claimed(dispatch(step())), AnswerKind.OPTED_OUT), []),
    refused,
    lambda: (failover.record_client_success(sent(dispatch(), ACCEPTED, 0, http_status=202), "paid", at(5)), []),
    lambda: (failover.finish(sent(dispatch(), ACCEPTED, 0, http_status=202), Outcome.CANCELLED, at(5)), []),
]


def through_json(value: object) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("story", STORIES)
def test_a_dispatch_is_described_to_its_last_field(story: Story) -> None:
    dispatch, events = story()
    message = {"dispatch_uuid": dispatch.dispatch_uuid, **description.describe_step(dispatch, 0)}

    assert violations(component("Dispatch"), through_json(description.describe(dispatch, events)), closed=True) == []
    assert violations(component("DispatchSummary"), through_json(description.summarize(dispatch)), closed=True) == []
    assert violations(component("StoredMessage"), through_json(message), closed=True) == []


def test_the_stories_have_every_entry_that_a_timeline_can_have() -> None:
    reported_of = {entry["event"] for story in STORIES for entry in description.describe(*story())["timeline"]}
    titles = {followed(entry)["title"] for entry in DOCUMENT["components"]["schemas"]["TimelineEntry"]["oneOf"]}

    assert reported_of == titles


@pytest.mark.parametrize(
    "body",
    [
        schedule_request(message=message(quiet_hours={"from": "21:00", "to": "08:00", "time_zone": "UTC"})),
        schedule_request(max_runs=3, starts_at="2026-06-01T00:00Z", ends_at="2027-01-01T00:00Z"),
        schedule_request(**batch_request(rate=10)),
    ],
)
@pytest.mark.parametrize("change", [{}, {"cancelled_at": NOON}, {"next_at": None, "last_at": NOON, "runs": 3}])
def test_a_schedule_is_described_to_its_last_field(body: dict[str, Any], change: dict[str, Any]) -> None:
    parsed = parse_schedule_request(body, "bakery", NOON, MOST_A_SECOND).schedule
    identified = replace(parsed, schedule_uuid=SCHEDULE_UUID, **change)

    assert violations(component("Schedule"), through_json(schedule_view.describe(identified, NOON)), closed=True) == []


@pytest.mark.parametrize(
    "change", [{}, {"made": 1}, {"made": 2, "send_at": NOON}, {"cancelled_at": NOON, "schedule_uuid": SCHEDULE_UUID}]
)
def test_a_batch_is_described_to_its_last_field(change: dict[str, Any]) -> None:
    parsed, _ = parse_batch_request(batch_request(), "bakery", NOON, MOST_A_SECOND)
    identified = replace(parsed, batch_uuid=BATCH_UUID, **change)
    tally = Tally(begun=2, sent=2, delivered=1, failed=1, cost={"EUR": Decimal("0.0333")})

    assert violations(component("Batch"), through_json(batch_view.describe(identified, tally, NOON)), closed=True) == []


def test_a_day_is_described_to_its_last_field() -> None:
    today = day_of("2026-03-02", "UTC")
    assert today is not None
    picture = describe_day(today, total(added_by(None, story()[0]) for story in STORIES))

    assert [key for key, value in picture.items() if value == []] == []
    assert violations(component("Day"), through_json(picture), closed=True) == []


@pytest.mark.parametrize("text", [None, "x" * 10_000])
def test_a_message_in_a_list_is_described_to_its_last_field(text: str | None) -> None:
    said = {"channel": "sms", "message_uuid": "in-1", "from": FIRST, "text": text}
    line = describe_inbound(parse_inbound(said, received_at=NOON))

    assert violations(component("InboundLine"), through_json(line), closed=True) == []


def test_an_opt_out_is_described_to_its_last_field() -> None:
    opt_out = OptOut(
        contact=contact_of("sms", FIRST),
        address=Address("sms", FIRST),
        opted_out=True,
        changed_at=NOON,
        why="STOP",
        by="customer",
    )

    assert violations(component("OptOut"), through_json(describe_opt_out(opt_out)), closed=True) == []


# Webhooks


def test_there_is_a_webhook_for_every_event_with_its_own_words() -> None:
    assert set(DOCUMENT["webhooks"]) == set(DATA) == set(get_args(EventType))


@pytest.mark.parametrize(("path", "parse"), [("/status", parse_status), ("/inbound", parse_inbound)])
def test_the_examples_of_vonages_webhooks_are_understood(path: str, parse: Callable[..., Any]) -> None:
    body = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]

    for example in body["examples"].values():
        assert parse(example["value"], received_at=NOON).vonage_message_uuid == example["value"]["message_uuid"]
