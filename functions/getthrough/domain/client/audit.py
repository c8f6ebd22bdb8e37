"""Who changed what: the entries of the audit trail.

A change that a client asks for has an entry before it is made, and the entry gets its status afterwards. A dispatch is
its own entry, so that sending costs no other write.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple, TypedDict

from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Cursor, Keywords, Time

SENT = "message.send"

AUDITED: Mapping[str, str] = {
    "PATCH /v1/messages/{message_uuid}": "message.update",
    "DELETE /v1/dispatches/{dispatch_uuid}": "dispatch.cancel",
    "POST /v1/dispatches/{dispatch_uuid}/succeed": "dispatch.succeed",
    "POST /v1/schedules": "schedule.create",
    "PATCH /v1/schedules/{schedule_uuid}": "schedule.change",
    "DELETE /v1/schedules/{schedule_uuid}": "schedule.cancel",
    "POST /v1/batches": "batch.create",
    "DELETE /v1/batches/{batch_uuid}": "batch.cancel",
    "PUT /v1/contacts/{channel}/{address}/links": "contact.link",
    "PUT /v1/opt-outs/{channel}/{address}": "contact.opt-out",
    "DELETE /v1/opt-outs/{channel}/{address}": "contact.opt-in",
    "DELETE /v1/contacts/{channel}/{address}": "contact.erase",
    "GET /v1/contacts/{channel}/{address}/export": "contact.export",
    "POST /v1/quarantine/{id}/release": "webhook.release",
    "DELETE /v1/quarantine/{id}": "webhook.delete",
    "POST /v1/dead-letters/release": "dead-letters.release",
    "PUT /v1/settings": "settings.change",
}
"""What each route does, as entries name it. An export changes nothing, but it takes a customer's data out."""


BY_OPERATORS = ("client.add", "client.change", "client.remove", "secret.change")
"""What the command line does to the stack's secret. It writes these entries itself."""


class AuditEntry(NamedTuple):
    """`who` is a client, or the ARN of an operator. `subject` is the id of what was changed: for a contact its
    keyed hash, never the address. Without a `status`, the change may or may not have been made."""

    at: datetime
    who: str
    what: str
    request_id: str
    subject: str | None = None
    status: int | None = None


class AuditFilter(NamedTuple):
    """Only what fits. None is anything."""

    who: str | None = None
    what: str | None = None
    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    def fits(self, entry: AuditEntry) -> bool:
        """True for an entry of theirs; the times are left to the list."""
        asked = ((self.who, entry.who), (self.what, entry.what), (self.subject, entry.subject))
        return all(wanted in (None, found) for wanted, found in asked)


class AuditEntryView(TypedDict):
    """A change: who asked for it, and what came of it."""

    at: Time
    who: str
    """The client's name. If an operator used the command line, the operator's ARN in AWS."""
    what: Annotated[str, Keywords(examples=["dispatch.cancel"])]
    subject: str | None
    """The id of what was changed. For a contact it is a keyed hash, from which no address can be found."""
    request_id: str
    """The id of the request in the log, and the `instance` of its error."""
    status: int | None
    """The status of the answer. Null if the function died before it answered. Then the change may or may not have been
    made."""


class AuditPageView(TypedDict):
    """Newest first. A page may be short, or empty, and still not be the last one."""

    entries: list[AuditEntryView]
    cursor: Cursor


def describe(entry: AuditEntry) -> AuditEntryView:
    return {
        "at": to_text(entry.at),
        "who": entry.who,
        "what": entry.what,
        "subject": entry.subject,
        "request_id": entry.request_id,
        "status": entry.status,
    }
