"""When a receiver's host gets no webhooks for a while, because it does not answer. Pure.

A host is trusted until five attempts in a row failed. Then its webhooks wait. When the wait is over, one of them is a
probe, and the others wait for its result. A probe that is answered ends the wait; one that fails doubles the next. A
single answer forgets all failures, so a host that fails now and then never waits.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from getthrough.domain.notification.callback import Attempted, Verdict
from getthrough.domain.values.backoff import backoff

FAILURES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(seconds=900)
PROBE = timedelta(seconds=30)
"""How long a probe may take before another one is made: longer than an attempt."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the last attempts at a host showed: failures in a row, and until when its webhooks wait."""

    failures: int = 0
    until: datetime | None = None


HEALTHY = Health()


def waits_until(health: Health, now: datetime) -> datetime | None:
    """When a webhook for this host may be attempted; None for now."""
    return health.until if health.until is not None and health.until > now else None


def during(health: Health, now: datetime) -> Health:
    """While an attempt is made: if the host had to wait, the attempt is a probe, and the other webhooks wait for it."""
    return health if health.until is None else replace(health, until=now + PROBE)


def after(health: Health, attempted: Attempted, host: str, now: datetime) -> Health:
    """After an attempt. A host that named a time is left alone until then, for at most 15 minutes: what it said about
    one URL may not be true of others."""
    if not _is_down(attempted):
        return HEALTHY
    failures, waits = health.failures + 1, []
    if failures >= FAILURES:
        waits.append(backoff(FIRST_WAIT, LONGEST_WAIT, failures - FAILURES + 1, host))
    if attempted.retry_after is not None:
        waits.append(min(timedelta(seconds=attempted.retry_after), LONGEST_WAIT))
    return Health(failures, now + max(waits) if waits else None)


def _is_down(attempted: Attempted) -> bool:
    """No answer, or one that says nothing about this webhook: 429 and 5xx. Any other answer comes from a host that
    works."""
    status = attempted.http_status
    return attempted.verdict is Verdict.FAILED and (status is None or status == 429 or status >= 500)
