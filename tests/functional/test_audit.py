"""The audit trail: every change names who made it, and the list of changes shows it to admins."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from requests.structures import CaseInsensitiveDict

from cli.secret.trail import noted as noted_by_operator
from getthrough.adapters.dynamo_audit import DynamoAudit
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.domain.client.audit import AUDITED, BY_OPERATORS, AuditEntry, AuditFilter
from getthrough.domain.client.scopes import SCOPE_OF
from getthrough.domain.contact.contact import Address
from getthrough.domain.dispatch.dispatch import new_dispatch
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.page import PageRequest
from getthrough.domain.values.rfc3339 import to_text
from getthrough.handlers import _audit, _sending, query, send
from tests.builders import FIRST, SECOND, api_event, at, basic, message
from tests.described import violations_of_answer
from tests.fakes import FakeClock
from tests.functional.aws_in_memory import OTHER_CLIENT, Aws
from tests.functional.recovery_in_memory import CREDENTIALS, ROUTES, recovery_in_memory
from tests.functional.test_scopes import PATHS
from tests.secret import CLIENT, CLIENT_SECRET, hash_of

SENDS = {"POST /v1/messages", "POST /v0.1/dispatch"}
OTHER = basic(OTHER_CLIENT, CLIENT_SECRET)
EVERYTHING = PageRequest(100, None)
AUDIT_DAYS = 400


def test_what_operators_do_with_the_command_line_is_listed_with_their_arn(stack: Aws) -> None:
    operated: Any = SimpleNamespace(
        client=boto3.client, outputs={"TableName": stack.table_name}, parameters={"AuditDays": "30"}
    )
    shop, key = {"scopes": ["admin"]}, "-----PRIVATE-----"
    with noted_by_operator(operated, {"clients": {"old": {}}}, {"clients": {"shop": shop}, "private_key": key}):
        half = trail()
    entries = trail()

    assert {(one["what"], one["subject"]) for one in entries} == {
        ("client.add", "shop"),
        ("client.remove", "old"),
        ("secret.change", "private_key"),
    }
    assert {(one["who"].partition(":")[0], one["status"]) for one in entries} == {("arn", 200)}
    assert {one["status"] for one in half} == {None}
    assert {one["what"] for one in entries} <= set(BY_OPERATORS)
    assert key not in str(stack.everything())


def test_a_trail_that_cannot_be_written_keeps_no_key_from_being_changed(
    stack: Aws, capsys: pytest.CaptureFixture[str]
) -> None:
    operated: Any = SimpleNamespace(client=boto3.client, outputs={"TableName": "another"}, parameters={})
    with noted_by_operator(operated, {}, {"api_key": "00ff00ff"}):
        pass

    assert "this change is not in the stack's audit trail" in capsys.readouterr().err


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock(at(0))
    for module in (_audit, _sending):
        monkeypatch.setattr(module, "utc_now", clock)
    return clock


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Aws]:
    with recovery_in_memory(monkeypatch) as in_memory:
        monkeypatch.setenv("AUDIT_DAYS", str(AUDIT_DAYS))
        yield in_memory.aws


def ask(route: str, request_id: str, headers: dict[str, str] = CREDENTIALS, **given: Any) -> dict[str, Any]:
    """The answer to a request with this id."""
    context: Any = SimpleNamespace(
        aws_request_id=request_id, function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn:f"
    )
    handler: Callable[..., dict[str, Any]] = ROUTES.get(route) or (
        query.handler if route.startswith("GET") else send.handler
    )
    path = {name: value for name, value in PATHS.items() if f"{{{name}}}" in route}
    return handler(api_event(route, headers=headers, **{"path": path, **given}), context)


def posted(to: str, request_id: str, headers: dict[str, str] = CREDENTIALS) -> str:
    """The id of a dispatch that was sent."""
    answer = ask("POST /v1/messages", request_id, headers, body=json.dumps(message(to=to)).encode())
    return str(json.loads(answer["body"])["workflow_id"])


def trail(**asked: str) -> list[dict[str, Any]]:
    answer = ask("GET /v1/audit", "reading", query=asked)
    assert violations_of_answer("GET /v1/audit", 200, CaseInsensitiveDict(answer["headers"]), answer["body"]) == []
    entries: list[dict[str, Any]] = json.loads(answer["body"])["entries"]
    return entries


def entry(seconds: float, what: str, request_id: str, subject: str | None, **more: Any) -> dict[str, Any]:
    says = {"at": to_text(at(seconds)), "who": CLIENT, "what": what, "subject": subject, "request_id": request_id}
    return {**says, "status": 200, **more}


def test_every_route_that_changes_something_is_audited_or_sends() -> None:
    changing = {route for route in SCOPE_OF if not route.startswith("GET ")}

    assert AUDITED.keys() == changing - SENDS | {"GET /v1/contacts/{channel}/{address}/export"}


def test_a_change_has_an_entry_with_its_client_its_request_and_its_status_and_no_address(stack: Aws) -> None:
    expected = list[dict[str, Any]]()
    for route, what in AUDITED.items():
        status = ask(route, f"of {what}", OTHER)["statusCode"]
        named = next((value for name, value in PATHS.items() if f"{{{name}}}" in route), None)
        subject = hash_of(Address("sms", FIRST).contact) if "{address}" in route else named
        expected.append(entry(0, what, f"of {what}", subject, who=OTHER_CLIENT, status=status))

    noted = [item for item in stack.everything() if item["pk"]["S"].startswith("AUDIT#")]
    assert sorted(trail(who=OTHER_CLIENT), key=str) == sorted(expected, key=str)
    assert {item["expires_at"]["N"] for item in noted} == {str(int(at(AUDIT_DAYS * 86400).timestamp()))}
    assert (len(noted), FIRST in str(noted)) == (len(AUDITED), False)


def test_a_dispatch_is_its_own_entry_and_names_its_client_and_request(stack: Aws, clock: FakeClock) -> None:
    first = posted(FIRST, "request-1")
    clock.advance(1)
    second = posted(SECOND, "request-2", OTHER)
    clock.advance(1)
    cancel = "DELETE /v1/dispatches/{dispatch_uuid}"
    ask(cancel, "request-3", path={"dispatch_uuid": first})

    sent = entry(0, "message.send", "request-1", first, status=202)
    other = entry(1, "message.send", "request-2", second, status=202, who=OTHER_CLIENT)
    cancelled = entry(2, "dispatch.cancel", "request-3", first)
    assert trail() == [cancelled, other, sent]
    assert trail(subject=first) == [cancelled, sent]
    assert trail(who=OTHER_CLIENT) == [other]
    assert trail(what="message.send") == [other, sent]
    assert trail(what="dispatch.cancel") == [cancelled]
    assert trail(since=to_text(at(1)), before=to_text(at(2))) == [other]

    shown = json.loads(ask("GET /v1/dispatches/{dispatch_uuid}", "r", path={"dispatch_uuid": second})["body"])
    listed = json.loads(ask("GET /v1/dispatches", "r")["body"])["dispatches"]
    assert (shown["client_name"], shown["request_id"]) == (OTHER_CLIENT, "request-2")
    assert [one["client_name"] for one in listed] == [OTHER_CLIENT, CLIENT]


def test_a_send_writes_nothing_more_for_it(stack: Aws) -> None:
    posted(FIRST, "request-1")

    assert stack.everything() == stack.items()


def test_what_a_batch_creates_is_under_the_batch_alone(stack: Aws, clock: FakeClock) -> None:
    body = {"message": message(to=None), "recipients": [{"to": FIRST}, {"to": SECOND}]}
    answer = ask("POST /v1/batches", "request-1", body=json.dumps(body).encode())
    batch_uuid = json.loads(answer["body"])["batch_uuid"]

    planned = parse_messages_request({**message(), "send_at": to_text(at(3600))})
    sent = replace(new_dispatch(planned, PATHS["dispatch_uuid"], CLIENT, at(1)), send_at=planned.send_at)
    DynamoDispatches(stack.table_name, timedelta(days=1), hash_of).save(sent)

    assert trail() == [entry(0, "batch.create", "request-1", batch_uuid, status=202)]


def test_a_change_whose_entry_cannot_be_stored_is_not_made(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UnavailableError("dynamodb")

    planned = json.dumps({**message(), "send_at": to_text(at(3600))}).encode()
    dispatch_uuid = json.loads(ask("POST /v1/messages", "request-1", body=planned)["body"])["workflow_id"]
    monkeypatch.setattr(DynamoAudit, "note", fail)

    answer = ask("DELETE /v1/dispatches/{dispatch_uuid}", "request-2", path={"dispatch_uuid": dispatch_uuid})

    assert answer["statusCode"] == 503
    dispatch = DynamoDispatches(stack.table_name).get(dispatch_uuid)
    assert dispatch is not None
    assert dispatch.outcome is None


@pytest.mark.parametrize("given", [FIRST, f"+{FIRST}", "ada@example.org", "a" * 65])
@pytest.mark.parametrize("route", sorted(route for route in AUDITED if "_uuid}" in route or "{id}" in route))
@pytest.mark.usefixtures("stack")
def test_what_is_no_id_is_not_kept_since_it_may_be_an_address(route: str, given: str) -> None:
    name = route.partition("{")[2].partition("}")[0]
    ask(route, "request-1", path={name: given})

    assert [one["subject"] for one in trail()] == [None]


def test_a_function_that_dies_leaves_an_entry_without_a_status(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(send, "cancel_dispatch", die)
    with pytest.raises(SystemExit):
        ask("DELETE /v1/dispatches/{dispatch_uuid}", "request-1")

    assert trail() == [entry(0, "dispatch.cancel", "request-1", PATHS["dispatch_uuid"], status=None)]


def test_an_unexpected_error_has_its_status_too(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "cancel_dispatch", None)

    assert ask("DELETE /v1/dispatches/{dispatch_uuid}", "request-1")["statusCode"] == 500
    assert [one["status"] for one in trail()] == [500]


def test_pages_show_every_entry_once(stack: Aws) -> None:
    audit, expected = DynamoAudit(stack.table_name, timedelta(days=1)), list[AuditEntry]()
    for number in range(7):
        expected.insert(0, AuditEntry(at(number), CLIENT, "batch.cancel", f"request-{number}", None, 200))
        audit.note(expected[0])
        audit.note(expected[0]._replace(who=OTHER_CLIENT, request_id=f"other-{number}"))

    for limit in (1, 3, 7):
        found, cursor = list[AuditEntry](), None
        while True:
            page = audit.newest(PageRequest(limit, cursor), AuditFilter(who=CLIENT))
            assert len(page.items) <= limit
            found, cursor = found + page.items, page.cursor
            if cursor is None:
                break
        assert found == expected


def test_a_page_looks_at_so_many_entries_at_most_and_the_next_one_goes_on(
    stack: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getthrough.adapters.dynamo_audit.MOST_EXAMINED", 4)
    monkeypatch.setattr("getthrough.adapters.dynamo_audit._AT_ONCE", 2)
    audit = DynamoAudit(stack.table_name, timedelta(days=1))
    wanted = AuditEntry(at(0), CLIENT, "batch.cancel", "wanted", None, 200)
    audit.note(wanted)
    for number in range(5):
        audit.note(AuditEntry(at(number + 1), OTHER_CLIENT, "batch.cancel", f"request-{number}", None, 200))

    first = audit.newest(EVERYTHING, AuditFilter(who=CLIENT))
    second = audit.newest(EVERYTHING._replace(cursor=first.cursor), AuditFilter(who=CLIENT))

    assert (first.items, second) == ([], ([wanted], None))


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"whom": "x"}, ["whom"]),
        ({"who": "x" * 301, "limit": "0"}, ["limit", "who"]),
        ({"since": "yesterday", "before": ""}, ["since", "before"]),
    ],
)
def test_a_wrong_filter_is_refused(stack: Aws, asked: dict[str, str], wrong: list[str]) -> None:
    answer = ask("GET /v1/audit", "r", query=asked)

    violations = json.loads(answer["body"])["invalid_parameters"]
    assert (answer["statusCode"], [one["name"] for one in violations]) == (422, wrong)
