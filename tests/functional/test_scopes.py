"""What each client may do: every route with every scope, at the functions' edge."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from getthrough.domain.client.scopes import SCOPE_OF, Client, Scope, permit
from getthrough.domain.values.errors import ForbiddenError
from getthrough.handlers import query, send
from tests.builders import FIRST, api_event, basic, message
from tests.described import violations_of_answer
from tests.functional.aws_in_memory import CONTEXT, Aws
from tests.functional.recovery_in_memory import ROUTES, recovery_in_memory
from tests.secret import CLIENT, CLIENT_SECRET, secret_document, store_secret

PATHS = {
    "message_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501",
    "dispatch_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500",
    "schedule_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5ff",
    "batch_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fe",
    "erasure_uuid": "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fd",
    "channel": "sms",
    "address": FIRST,
    "date": "2026-11-23",
    "id": "0" * 64,
}
EVERYTHING = [*Scope]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with recovery_in_memory(monkeypatch) as in_memory:
        stack = in_memory.aws
        entry = secret_document()["clients"][CLIENT]
        clients = {scope.value: {**entry, "scopes": [scope.value]} for scope in Scope}
        none = {"no scope": {**entry, "scopes": []}}
        store(stack, clients={**clients, **none, "before scopes": entry})
        yield stack


def store(stack: Aws, **fields: Any) -> None:
    store_secret(stack.secret_id, **fields)


def ask(route: str, client_name: str) -> dict[str, Any]:
    method = route.partition(" ")[0]
    handler = ROUTES.get(route) or (query.handler if method == "GET" else send.handler)
    body = json.dumps(message()).encode() if method == "POST" else None
    headers = basic(client_name, CLIENT_SECRET)
    path = {name: value for name, value in PATHS.items() if f"{{{name}}}" in route}
    answer: dict[str, Any] = handler(api_event(route, path=path, headers=headers, body=body), CONTEXT)
    return answer


@pytest.mark.parametrize("route", SCOPE_OF)
def test_a_route_is_open_to_the_scope_that_it_needs_and_to_admins(stack: Aws, route: str) -> None:
    answers = {name: ask(route, name) for name in (*EVERYTHING, "no scope", "before scopes")}
    needed = SCOPE_OF[route]
    let_in = {name for name, answer in answers.items() if answer["statusCode"] != 403}

    assert let_in == (set(answers) if needed is None else {needed.value, Scope.ADMIN.value, "before scopes"})
    assert not any(answer["statusCode"] in (401, 500, 503) for answer in answers.values())


@pytest.mark.parametrize("route", [route for route, scope in SCOPE_OF.items() if scope is not None])
def test_the_answer_names_the_scope_that_a_client_lacks(stack: Aws, route: str) -> None:
    answer = ask(route, "no scope")

    assert json.loads(answer["body"])["detail"] == f"This request needs a client with the scope '{SCOPE_OF[route]}'."
    assert violations_of_answer(route, 403, answer["headers"], answer["body"]) == []


@pytest.mark.parametrize(
    ("client_name", "scopes"),
    [("send", ["send"]), ("read", ["read"]), ("operate", ["operate"]), ("admin", EVERYTHING), ("no scope", [])],
)
def test_a_client_reads_what_it_may_do(stack: Aws, client_name: str, scopes: list[str]) -> None:
    answer = ask("GET /v1/me", client_name)

    assert json.loads(answer["body"]) == {"client": client_name, "scopes": scopes}
    assert violations_of_answer("GET /v1/me", 200, CaseInsensitiveDict(answer["headers"]), answer["body"]) == []


@pytest.mark.parametrize(("client_name", "status"), [("other", 403), ("send", 202), ("both", 202), ("admin", 202)])
@pytest.mark.parametrize("by_vonages_id", [False, True])
def test_who_may_only_send_changes_no_message_of_another_client(
    stack: Aws, client_name: str, status: int, by_vonages_id: bool
) -> None:
    entry = secret_document()["clients"][CLIENT]
    scopes = {"send": ["send"], "other": ["send", "read"], "both": ["send", "operate"], "admin": ["admin"]}
    store(stack, clients={name: {**entry, "scopes": may} for name, may in scopes.items()})
    ours = json.loads(ask("POST /v1/messages", "send")["body"])["message_uuid"]
    message_uuid = "vonage-1" if by_vonages_id else ours

    route, body = "PATCH /v1/messages/{message_uuid}", b'{"status": "revoked"}'
    headers = basic(client_name, CLIENT_SECRET)
    event = api_event(route, path={"message_uuid": message_uuid}, headers=headers, body=body)
    answer = send.handler(event, CONTEXT)

    assert answer["statusCode"] == status
    assert len(stack.gateway.updates) == (status == 202)
    assert violations_of_answer(route, status, CaseInsensitiveDict(answer["headers"]), answer["body"]) == []


SPELLINGS: list[Callable[[str], str]] = [str.upper, str.title, lambda known: known.replace("-", "")]


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_another_spelling_of_an_id_changes_no_message_of_another_client(
    stack: Aws, spelt: Callable[[str], str]
) -> None:
    ours = "2a9b2b09-0a06-4119-8da2-fe465e111ada"

    event = api_event(
        "PATCH /v1/messages/{message_uuid}",
        path={"message_uuid": spelt(ours)},
        headers=basic("send", CLIENT_SECRET),
        body=b'{"status": "revoked"}',
    )

    assert (send.handler(event, CONTEXT)["statusCode"], stack.gateway.updates) == (404, [])


@pytest.mark.parametrize("wrong", [["root"], "send", {"send": True}, [None]])
def test_a_client_whose_scopes_cannot_be_read_lets_no_one_in(stack: Aws, wrong: object) -> None:
    entry = secret_document()["clients"][CLIENT]
    store(stack, clients={"send": {**entry, "scopes": wrong}})

    assert ask("POST /v1/messages", "send")["statusCode"] == 503


@pytest.mark.parametrize("scope", [Scope.SEND, Scope.READ, Scope.OPERATE])
def test_a_route_that_the_table_does_not_know_is_for_admins(scope: Scope) -> None:
    permit(Client("owner", frozenset({Scope.ADMIN})), "POST /v1/tomorrow")
    with pytest.raises(ForbiddenError):
        permit(Client("shop", frozenset({scope})), "POST /v1/tomorrow")
