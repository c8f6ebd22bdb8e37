"""Every change has an entry in the audit trail before it is made. If that can't be stored, nothing is changed."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from getthrough.adapters.contact_hash import hash_of
from getthrough.adapters.dynamo_audit import DynamoAudit
from getthrough.adapters.secrets import contact_key
from getthrough.adapters.system import utc_now
from getthrough.config import ApiConfig
from getthrough.domain.client.audit import AUDITED, AuditEntry
from getthrough.domain.values.errors import InvalidRequestError, UnavailableError
from getthrough.handlers._http import Response, problem_of

if TYPE_CHECKING:
    from getthrough.handlers._clients import ClientRequest

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
"""Ids are of this kind. Anything else in their place may be a customer's address, which an erasure would not find."""

_OF_PATH = ("dispatch_uuid", "schedule_uuid", "batch_uuid", "message_uuid", "id")
_OF_ANSWER = ("schedule_uuid", "batch_uuid")


@runtime_checkable
class _Audited(Protocol):
    """The settings of a function with which clients change something."""

    audit_days: int


def audited(request: "ClientRequest", config: ApiConfig, handle: Callable[["ClientRequest"], Response]) -> Response:
    """The answer to a request. If it is one that changes something, it has an entry."""
    what = AUDITED.get(request.route)
    if what is None:
        return handle(request)
    if not isinstance(config, _Audited):
        raise TypeError(f"{request.route} is audited, and its function's settings have no audit_days")
    trail = DynamoAudit(config.table_name, timedelta(days=config.audit_days))
    entry = AuditEntry(utc_now(), request.client_name, what, request.instance, _subject(request, config))
    return noted(trail.note, entry, partial(_answer, handle, request))


def noted(note: Callable[[AuditEntry], None], entry: AuditEntry, change: Callable[[], Response]) -> Response:
    """The answer to a change whose entry is stored before it, and its status after. A status that can't be stored is
    left out: the change is made."""
    note(entry)
    answer = change()
    with suppress(UnavailableError):
        note(entry._replace(status=answer["statusCode"], subject=entry.subject or _created(answer)))
    return answer


def _answer(handle: Callable[["ClientRequest"], Response], request: "ClientRequest") -> Response:
    try:
        return handle(request)
    except Exception as error:  # noqa: BLE001 - answered as everywhere, and then noted
        return problem_of(error, request.event, request.instance)


def _subject(request: "ClientRequest", config: ApiConfig) -> str | None:
    """The id in the path, or the keyed hash of the contact there."""
    if "address" in request.path:
        from getthrough.handlers._parameters import address  # noqa: PLC0415 - only functions with such a path load it

        try:
            return hash_of(contact_key(config.secret_id))(address(request.path).contact)
        except InvalidRequestError:
            return None
    named = next((request.path[name] for name in _OF_PATH if name in request.path), None)
    return named if named and _ID.fullmatch(named) else None


def _created(answer: Response) -> str | None:
    """The id of what a request created."""
    body = json.loads(answer.get("body") or "{}")
    return next((body[name] for name in _OF_ANSWER if body.get(name)), None)
