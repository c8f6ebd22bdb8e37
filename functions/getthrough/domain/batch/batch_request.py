"""Requests for batches: a message, its recipients, the rate, and when to start."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from getthrough.domain.batch.batch import Batch, Recipient
from getthrough.domain.batch.batch_body import BODY
from getthrough.domain.batch.mailing_request import parse_mailing
from getthrough.domain.dispatch.defaults import NONE, Defaults
from getthrough.domain.dispatch.request import sha256_of
from getthrough.domain.message.validation import Check, compiled
from getthrough.domain.values import local_time
from getthrough.domain.values.errors import InvalidRequestError, Violation


def parse_batch_request(
    body: object, client_name: str, now: datetime, most_a_second: int, defaults: Defaults = NONE
) -> tuple[Batch, Sequence[Recipient]]:
    """The batch in a body, without an id, and its recipients. InvalidRequestError with every violation, or the first
    hundred."""
    if not isinstance(body, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    violations = [
        *_body()(body),
        *(Violation(name, "is not a field of this request.") for name in body if name not in _FIELDS),
    ]
    mailing, recipients, wrong = (None, (), []) if violations else parse_mailing(body, most_a_second, defaults)
    send_at, untimely = _send_at(body, violations, now)
    if mailing is None or violations or wrong or untimely:
        raise InvalidRequestError(*violations, *untimely, *wrong)
    batch = Batch(
        batch_uuid="",
        client_name=client_name,
        created_at=now,
        mailing=mailing,
        send_at=send_at,
        next_at=max(send_at or now, now),
        request_sha256=sha256_of(body),
    )
    return batch, recipients


def _send_at(
    body: Mapping[str, Any], reported: list[Violation], now: datetime
) -> tuple[datetime | None, list[Violation]]:
    """When the batch starts, and the violations of its time that are not reported yet."""
    wrong = {violation.name for violation in reported}
    zone = body.get("time_zone")
    if "time_zone" in body and "time_zone" not in wrong and zone not in local_time.zones():
        return None, [Violation("time_zone", "must be a name of the tz database, such as Europe/London.")]
    if "send_at" not in body or not wrong.isdisjoint({"send_at", "time_zone"}):
        return None, []
    moment = local_time.parse_moment(body["send_at"], zone)
    if isinstance(moment, str):
        return None, [Violation("send_at", moment)]
    violation = local_time.violation_of(moment, now)
    return moment, [Violation("send_at", violation)] if violation else []


_FIELDS = BODY["properties"]


@cache
def _body() -> Check:
    return compiled(BODY)
