"""Convert a schedule to and from its item in the table."""

from datetime import timedelta
from typing import Any

from getthrough.adapters import table_keys
from getthrough.adapters.batch_items import from_mailing, to_mailing
from getthrough.adapters.plan_items import from_steps, moment, to_quiet_hours, to_steps
from getthrough.domain.dispatch.dispatch import OnUnknown
from getthrough.domain.schedule.recurrence import Recurrence
from getthrough.domain.schedule.schedule import Missed, Schedule, State, wake_at
from getthrough.domain.values.quiet_hours import describe_quiet_hours
from getthrough.domain.values.rfc3339 import from_text, to_text

Attributes = dict[str, Any]

_MOMENTS = ("starts_at", "next_at", "last_at", "ends_at", "cancelled_at")
_ENDED = (State.CANCELLED, State.FINISHED)


def to_attributes(schedule: Schedule, retention: timedelta) -> Attributes:
    """The item. It expires `retention` after the last occurrence."""
    attributes: Attributes = {
        **table_keys.schedule(schedule.schedule_uuid),
        **table_keys.newest(table_keys.SCHEDULES, schedule.created_at, schedule.schedule_uuid),
        "version": schedule.version,
        "client_name": schedule.client_name,
        "created_at": to_text(schedule.created_at),
        "plan": from_steps(schedule.steps),
        "on_unknown": str(schedule.on_unknown),
        "missed": str(schedule.missed),
        "runs": schedule.runs,
        "paused": schedule.paused,
    }
    for name in _MOMENTS:
        if (at := getattr(schedule, name)) is not None:
            attributes[name] = to_text(at)
    if schedule.mailing is not None:
        attributes |= from_mailing(schedule.mailing)
    if schedule.quiet_hours is not None:
        attributes["quiet_hours"] = describe_quiet_hours(schedule.quiet_hours)
    if schedule.recurrence is not None:
        attributes["recurrence"] = schedule.recurrence._asdict()
    if schedule.max_runs is not None:
        attributes["max_runs"] = schedule.max_runs
    if schedule.request_sha256 is not None:
        attributes["request_sha256"] = schedule.request_sha256
    due_at = wake_at(schedule)
    if due_at is not None:
        attributes["due_shard"] = table_keys.due_shard(schedule.schedule_uuid)
        attributes["due_at"] = to_text(due_at)
    if schedule.state in _ENDED:
        ended = max(at for at in (schedule.cancelled_at, schedule.last_at, schedule.created_at) if at)
        attributes["expires_at"] = int((ended + retention).timestamp())
    return attributes


def from_attributes(attributes: Attributes) -> Schedule:
    quiet_hours, recurrence = attributes.get("quiet_hours"), attributes.get("recurrence")
    max_runs = attributes.get("max_runs")
    return Schedule(
        schedule_uuid=table_keys.uuid_of(attributes["pk"]),
        client_name=attributes["client_name"],
        created_at=from_text(attributes["created_at"]),
        steps=to_steps(attributes["plan"]),
        mailing=to_mailing(attributes) if "list_id" in attributes else None,
        on_unknown=OnUnknown(attributes["on_unknown"]),
        quiet_hours=to_quiet_hours(quiet_hours) if quiet_hours else None,
        recurrence=Recurrence(**recurrence) if recurrence else None,
        max_runs=None if max_runs is None else int(max_runs),
        missed=Missed(attributes["missed"]),
        runs=int(attributes["runs"]),
        paused=attributes["paused"],
        **{name: moment(attributes.get(name)) for name in _MOMENTS},
        request_sha256=attributes.get("request_sha256"),
        version=int(attributes["version"]),
    )
