"""A schedule as clients read it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, TypedDict

from getthrough.domain.message.preview import beginning
from getthrough.domain.schedule.schedule import Missed, Schedule, State, upcoming
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.quiet_hours import StoredQuietHoursView, describe_quiet_hours
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Count, Keywords, Time, Total, Uuid

NEXT_RUNS = 5


class ScheduleStepView(TypedDict):
    channel: str
    to: str | None
    """Null if each recipient has its own."""
    message_type: str
    text: str | None
    """The beginning of the message's text before variables are filled in. Null if it has no text."""


class ScheduleView(TypedDict):
    schedule_uuid: Uuid
    created_at: Time
    state: State
    """`finished`: the schedule has no more runs."""
    cron: str | None
    """Null for a schedule that runs once."""
    time_zone: str | None
    starts_at: Time | None
    ends_at: Time | None
    next_at: Time | None
    """The next run."""
    last_at: Time | None
    """The last run that created a dispatch or a batch."""
    max_runs: Total | None
    runs: Count
    """How many dispatches or batches the schedule has created."""
    missed: Missed
    quiet_hours: StoredQuietHoursView | None
    """The quiet hours of the message."""
    next_runs: Annotated[list[Time], Keywords(maxItems=NEXT_RUNS)]
    """The next runs. Empty unless the schedule is active."""
    recipients: Total | None
    """The number of recipients of each batch. Null for a schedule with one recipient."""
    rate: Total | None
    """The rate of each batch, in messages per second."""
    steps: Annotated[list[ScheduleStepView], Keywords(minItems=1, maxItems=MAX_STEPS)]


def describe(schedule: Schedule, now: datetime) -> ScheduleView:
    """A schedule with its next runs. A paused schedule has none."""
    active = schedule.state is State.ACTIVE
    runs = islice(upcoming(schedule, min(now, schedule.next_at or now)), NEXT_RUNS) if active else ()
    return {
        "schedule_uuid": schedule.schedule_uuid,
        "created_at": to_text(schedule.created_at),
        "state": schedule.state,
        "cron": schedule.recurrence.cron if schedule.recurrence else None,
        "time_zone": schedule.recurrence.time_zone if schedule.recurrence else None,
        "starts_at": to_text(schedule.starts_at) if schedule.starts_at else None,
        "ends_at": to_text(schedule.ends_at) if schedule.ends_at else None,
        "next_at": to_text(schedule.next_at) if schedule.next_at else None,
        "last_at": to_text(schedule.last_at) if schedule.last_at else None,
        "max_runs": schedule.max_runs,
        "runs": schedule.runs,
        "missed": schedule.missed,
        "quiet_hours": describe_quiet_hours(schedule.quiet_hours) if schedule.quiet_hours else None,
        "next_runs": [to_text(at) for at in runs],
        "recipients": schedule.mailing.total if schedule.mailing else None,
        "rate": schedule.mailing.rate if schedule.mailing else None,
        "steps": [
            {
                "channel": message["channel"],
                "to": message.get("to"),
                "message_type": message["message_type"],
                "text": beginning(message),
            }
            for message in _messages(schedule)
        ],
    }


def _messages(schedule: Schedule) -> Iterator[Mapping[str, Any]]:
    """The messages of its steps. Those of a mailing are as the client wrote them, with variables and perhaps without
    `to`."""
    yield from (step.message for step in schedule.steps)
    if schedule.mailing is not None:
        yield schedule.mailing.message
        yield from schedule.mailing.message.get("failover", [])
