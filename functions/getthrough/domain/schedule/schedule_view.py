"""A schedule as people and clients read it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from getthrough.domain.message.preview import beginning
from getthrough.domain.schedule.schedule import Schedule, State, upcoming
from getthrough.domain.values.quiet_hours import describe_quiet_hours
from getthrough.domain.values.rfc3339 import to_text

NEXT_RUNS = 5


def describe(schedule: Schedule, now: datetime) -> Mapping[str, Any]:
    """JSON of a schedule, with the next times at which it will run (none while it is paused)."""
    active = schedule.state is State.ACTIVE
    runs = islice(upcoming(schedule, min(now, schedule.next_at or now)), NEXT_RUNS) if active else ()
    moments = {"starts_at": schedule.starts_at, "ends_at": schedule.ends_at}
    moments |= {"next_at": schedule.next_at, "last_at": schedule.last_at}
    return {
        "schedule_uuid": schedule.schedule_uuid,
        "created_at": to_text(schedule.created_at),
        "state": schedule.state,
        "cron": schedule.recurrence.cron if schedule.recurrence else None,
        "time_zone": schedule.recurrence.time_zone if schedule.recurrence else None,
        **{name: to_text(at) if at else None for name, at in moments.items()},
        "max_runs": schedule.max_runs,
        "runs": schedule.runs,
        "missed": schedule.missed,
        "quiet_hours": describe_quiet_hours(schedule.quiet_hours) if schedule.quiet_hours else None,
        "next_runs": [to_text(at) for at in runs],
        "recipients": schedule.mailing.total if schedule.mailing else None,
        "rate": schedule.mailing.rate if schedule.mailing else None,
        "steps": [
            {
                "channel": message.get("channel"),
                "to": message.get("to"),
                "message_type": message.get("message_type"),
                "text": beginning(message),
            }
            for message in _messages(schedule)
        ],
    }


def _messages(schedule: Schedule) -> Iterator[Mapping[str, Any]]:
    """What its steps send; of a mailing, as it was written: `to` is not there if each recipient has one."""
    yield from (step.message for step in schedule.steps)
    if schedule.mailing is not None:
        yield schedule.mailing.message
        yield from schedule.mailing.message.get("failover", [])
