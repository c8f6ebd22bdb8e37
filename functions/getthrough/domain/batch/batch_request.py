"""A client's request for a batch: a message, its recipients, how many a second, and when to begin."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from getthrough.domain.batch.batch import Batch, Recipient
from getthrough.domain.batch.batch_body import BODY
from getthrough.domain.batch.mailing_request import parse_mailing
from getthrough.domain.dispatch.request import sha256_of
from getthrough.domain.message.validation import Check, compiled
from getthrough.domain.values import local_time
from getthrough.domain.values.errors import Fault, InvalidRequestError


def parse_batch_request(
    body: object, client_name: str, now: datetime, most_a_second: int
) -> tuple[Batch, Sequence[Recipient]]:
    """The batch in a body, without an id, and its recipients. InvalidRequestError with every fault in it (or the first
    hundred)."""
    if not isinstance(body, Mapping):
        raise InvalidRequestError(Fault("body", "must be a JSON object."))
    faults = [*_body()(body), *(Fault(name, "is not a field of this request.") for name in body if name not in _FIELDS)]
    mailing, recipients, wrong = (None, (), []) if faults else parse_mailing(body, most_a_second)
    send_at, untimely = _send_at(body, faults, now)
    if mailing is None or faults or wrong or untimely:
        raise InvalidRequestError(*faults, *untimely, *wrong)
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


def _send_at(body: Mapping[str, Any], told: list[Fault], now: datetime) -> tuple[datetime | None, list[Fault]]:
    """When it begins, or what is wrong with that beside what is told already."""
    wrong = {fault.name for fault in told}
    zone = body.get("time_zone")
    if "time_zone" in body and "time_zone" not in wrong and zone not in local_time.zones():
        return None, [Fault("time_zone", "must be a name of the tz database, such as Europe/London.")]
    if "send_at" not in body or not wrong.isdisjoint({"send_at", "time_zone"}):
        return None, []
    moment = local_time.parse_moment(body["send_at"], zone)
    if isinstance(moment, str):
        return None, [Fault("send_at", moment)]
    fault = local_time.fault_of(moment, now)
    return moment, [Fault("send_at", fault)] if fault else []


_FIELDS = BODY["properties"]


@cache
def _body() -> Check:
    return compiled(BODY)
