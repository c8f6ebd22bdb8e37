"""When a webhook to the client's own systems is tried again, and when it is given up. Pure."""

import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from getthrough.domain.notification.client_events import Json

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(seconds=900)
"""SQS: DelaySeconds is at most 900."""

LIFE = timedelta(hours=24)
"""So long an event is tried: as long as Vonage tries its own webhooks."""


@dataclass(frozen=True, slots=True)
class Callback:
    """An event on its way to a receiver: `body` is what is sent as JSON, `tries` how often it was tried."""

    url: str
    event_id: str
    body: Json
    until: datetime
    tries: int = 0


class Verdict(StrEnum):
    """What an attempt came to. GONE: the receiver wants no more. REFUSED: we send nothing to such an address, today or
    tomorrow, so the event is dropped like one that is not wanted."""

    DELIVERED = "delivered"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    GIVEN_UP = "given_up"


class Attempted(NamedTuple):
    """A verdict; `reason` is a word or two for the log, never a part of the address."""

    verdict: Verdict
    http_status: int | None = None
    reason: str | None = None


def delay_after(callback: Callback) -> timedelta:
    """How long to wait after one more attempt failed, in whole seconds.

    It doubles up to the longest, and is spread over its upper half: by the event, so that this stays pure.
    """
    whole = min(LONGEST_DELAY, FIRST_DELAY * (1 << min(callback.tries, 16))) // timedelta(seconds=1)
    spread = zlib.crc32(f"{callback.event_id}:{callback.tries}".encode()) % (whole // 2 + 1)
    return timedelta(seconds=whole - spread)


def tried_again(callback: Callback) -> Callback:
    return replace(callback, tries=callback.tries + 1)
