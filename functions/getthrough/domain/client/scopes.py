"""What each client may do: four scopes, and the one that each route of the API needs.

This table is the only place that says so. `handlers/_clients.py` obeys it, the API's document is made from it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from getthrough.domain.values.errors import ForbiddenError


class Scope(StrEnum):
    """`admin` includes the others: who may make clients could make one with any scope."""

    SEND = "send"
    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)
SEND_AND_READ = frozenset({Scope.SEND, Scope.READ})

SCOPE_OF: Mapping[str, Scope | None] = {
    "POST /v1/messages": Scope.SEND,
    "PATCH /v1/messages/{message_uuid}": Scope.SEND,
    "POST /v0.1/dispatch": Scope.SEND,
    "GET /v1/messages/{message_uuid}": Scope.READ,
    "GET /v1/dispatches": Scope.READ,
    "GET /v1/dispatches/{dispatch_uuid}": Scope.READ,
    "GET /v1/days/{date}": Scope.READ,
    "GET /v1/health": Scope.READ,
    "GET /v1/arrivals": Scope.READ,
    "GET /v1/limits": Scope.READ,
    "GET /v1/settings": Scope.SEND,
    "PUT /v1/settings": Scope.ADMIN,
    "GET /v1/schedules": Scope.READ,
    "GET /v1/schedules/{schedule_uuid}": Scope.READ,
    "GET /v1/batches": Scope.READ,
    "GET /v1/batches/{batch_uuid}": Scope.READ,
    "GET /v1/batches/{batch_uuid}/dispatches": Scope.READ,
    "GET /v1/conversations": Scope.READ,
    "GET /v1/conversations/{channel}/{address}": Scope.READ,
    "GET /v1/contacts/{channel}/{address}": Scope.READ,
    "GET /v1/opt-outs": Scope.READ,
    "GET /v1/opt-outs/{channel}/{address}": Scope.READ,
    "DELETE /v1/dispatches/{dispatch_uuid}": Scope.OPERATE,
    "POST /v1/dispatches/{dispatch_uuid}/succeed": Scope.OPERATE,
    "POST /v1/schedules": Scope.OPERATE,
    "PATCH /v1/schedules/{schedule_uuid}": Scope.OPERATE,
    "DELETE /v1/schedules/{schedule_uuid}": Scope.OPERATE,
    "POST /v1/batches": Scope.OPERATE,
    "DELETE /v1/batches/{batch_uuid}": Scope.OPERATE,
    "PUT /v1/contacts/{channel}/{address}/links": Scope.OPERATE,
    "PUT /v1/opt-outs/{channel}/{address}": Scope.OPERATE,
    "DELETE /v1/opt-outs/{channel}/{address}": Scope.OPERATE,
    "GET /v1/erasures/{erasure_uuid}": Scope.READ,
    "DELETE /v1/contacts/{channel}/{address}": Scope.ADMIN,
    "GET /v1/contacts/{channel}/{address}/export": Scope.ADMIN,
    "GET /v1/quarantine": Scope.ADMIN,
    "GET /v1/quarantine/{id}": Scope.ADMIN,
    "POST /v1/quarantine/{id}/release": Scope.ADMIN,
    "DELETE /v1/quarantine/{id}": Scope.ADMIN,
    "GET /v1/dead-letters": Scope.ADMIN,
    "POST /v1/dead-letters/release": Scope.ADMIN,
    "GET /v1/audit": Scope.ADMIN,
    "GET /v1/me": None,
}
"""The scope that a client needs for each route; None is a route for every client."""


class Client(NamedTuple):
    """A program or person that has shown its credentials."""

    name: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes


def permit(client: Client, route: str) -> None:
    """Raise ForbiddenError, which names the scope, if the client may not use a route. A route that the table doesn't
    know is for admins."""
    needed = SCOPE_OF.get(route, Scope.ADMIN)
    if needed is not None and not client.may(needed):
        raise ForbiddenError(f"This request needs a client with the scope {needed.value!r}.")
