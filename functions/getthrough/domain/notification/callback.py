"""When a webhook to the client's own systems is retried, and when Getthrough gives up. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from getthrough.domain.notification.client_events import Json
from getthrough.domain.values.backoff import backoff

FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(seconds=900)
"""SQS: DelaySeconds is at most 900."""

LIFE = timedelta(hours=24)
"""How long an event is retried: as long as Vonage retries its own webhooks."""


@dataclass(frozen=True, slots=True)
class Callback:
    """An event on its way to a receiver. `body` is sent as JSON. `tries` counts the attempts so far. `not_before` is
    when the receiver wants to be asked again, if it said so."""

    url: str
    event_id: str
    body: Json
    until: datetime
    tries: int = 0
    not_before: datetime | None = None

    @property
    def host(self) -> str:
        """The receiver's host with its port, as written in the URL."""
        return self.url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0].lower()


class Verdict(StrEnum):
    """The result of an attempt. GONE: the receiver does not want the event. REFUSED: Getthrough never sends to such an
    address, so the event is dropped. ERASED: its customer was erased, so the event is dropped. WAITING: there was no
    attempt, because the receiver wants to be asked later. HELD: there was none, because its host does not answer."""

    DELIVERED = "delivered"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    ERASED = "erased"
    WAITING = "waiting"
    HELD = "held"


class Attempted(NamedTuple):
    """A verdict. `reason` is a short text for the log and never contains a part of the address. `retry_after` are the
    seconds for which the receiver does not want to be asked again, if it said so."""

    verdict: Verdict
    http_status: int | None = None
    reason: str | None = None
    retry_after: int | None = None


def delay_after(callback: Callback) -> timedelta:
    """How long to wait after another failed attempt, rounded up to whole seconds, because SQS takes no fractions."""
    delay = backoff(FIRST_DELAY, LONGEST_DELAY, callback.tries + 1, callback.event_id)
    return timedelta(seconds=ceil(delay.total_seconds()))


def tried_again(callback: Callback, attempted: Attempted, now: datetime) -> tuple[Callback, datetime] | None:
    """The callback after a failed attempt, and when to try again; None to give up. What the receiver says counts, if
    that is later than our own delay. The last attempt is at the end of the event's life."""
    at = now + delay_after(callback)
    if at > callback.until:
        return None
    not_before = None
    if attempted.retry_after is not None:
        not_before = min(now + timedelta(seconds=attempted.retry_after), callback.until)
    return replace(callback, tries=callback.tries + 1, not_before=not_before), max(at, not_before or at)
