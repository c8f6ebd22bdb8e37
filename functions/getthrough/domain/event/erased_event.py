"""A status event without the customer: what it says about a message stays, and what that cost."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from getthrough.domain.event.webhook import StatusEvent, parse_status
from getthrough.domain.values.identifiers import parse_message_uuid

_STAYS = ("message_uuid", "dispatch_uuid", "status", "timestamp", "usage")
"""Fields of a status webhook that name no customer."""

_MARK = "erased"
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


def erased_body(body: str) -> str:
    """A stored status webhook without everything that may be personal. Erasing it again changes nothing.

    Its status, time, price and error code are understood as before. An error's description goes: some quote the number.
    """
    fields: dict[str, Any] = json.loads(body)
    stays = {name: fields[name] for name in _STAYS if name in fields}
    if parse_message_uuid(_text(fields.get("client_ref"))):
        stays["client_ref"] = fields["client_ref"]
    code = _code(fields)
    if code is not None:
        stays["error"] = {"title": str(code)}
    return json.dumps(stays | {_MARK: True}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def is_erased(body: str) -> bool:
    return json.loads(body).get(_MARK) is True


def without_customer(event: StatusEvent) -> StatusEvent:
    """The event as it is stored after its customer was erased: under the same key, so that copies are recognised."""
    return replace(event, body=erased_body(event.body), contact=None, aliases=())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _code(fields: dict[str, Any]) -> int | None:
    if "message_uuid" not in fields:
        return None
    error = parse_status(fields, received_at=_ANY_TIME).error
    return error.code if error else None
