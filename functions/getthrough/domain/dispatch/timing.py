"""When a dispatch may be sent: the fields `send_at`, `time_zone` and `quiet_hours`, the same in both APIs."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, NamedTuple

from getthrough.domain.values.errors import Violation
from getthrough.domain.values.json_schema import many, matching, obj, one_of, text
from getthrough.domain.values.local_time import parse_moment, zones
from getthrough.domain.values.quiet_hours import DAYS, QuietHours, Then

_CLOCK = matching(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "a time of day such as 21:00")

QUIET_HOURS = obj(
    {"from": _CLOCK, "to": _CLOCK},
    {
        "time_zone": text(1, 64),
        "days": many(one_of(*DAYS), 1, len(DAYS)),
        "then": one_of(*Then),
    },
    description="A daily period without messages, in local time. It ends on the next day if `to` is not later than "
    "`from`. `days` are the days on which it starts. A step that is due in this period waits until the period ends. "
    "With `then: skip`, Getthrough skips the step instead.",
)
FIELDS = {
    "send_at": text(1, 40)
    | {"description": "When to send: RFC 3339 with an offset, or a local time with `time_zone`. At most a year ahead."},
    "time_zone": text(1, 64)
    | {"description": "The time zone of `send_at` and `quiet_hours`: a name of the tz database."},
    "quiet_hours": QUIET_HOURS,
}


class When(NamedTuple):
    send_at: datetime | None = None
    quiet_hours: QuietHours | None = None


def parse_when(fields: Mapping[str, Any]) -> tuple[When, list[Violation]]:
    """The times in fields that match FIELDS, and their remaining violations."""
    violations = []
    zone = fields.get("time_zone")
    quiet = fields.get("quiet_hours")
    quiet_zone = quiet.get("time_zone", zone) if quiet else None
    named = {"time_zone": zone} | ({"quiet_hours.time_zone": quiet_zone} if quiet else {})
    wrong = {name for name, given in named.items() if given is not None and given not in zones()}
    violations += [
        Violation(name, "must be a name of the tz database, such as Europe/London.") for name in sorted(wrong)
    ]
    send_at = None
    if "send_at" in fields and "time_zone" not in wrong:
        moment = parse_moment(fields["send_at"], zone)
        if isinstance(moment, str):
            violations.append(Violation("send_at", moment))
        else:
            send_at = moment
    if quiet and quiet_zone is None:
        violations.append(Violation("quiet_hours.time_zone", "is required, here or as the request's time_zone."))
    if violations or not quiet:
        return When(send_at), violations
    hours = QuietHours(
        time_zone=str(quiet_zone),
        starts=time.fromisoformat(quiet["from"]),
        ends=time.fromisoformat(quiet["to"]),
        days=frozenset(DAYS.index(day) for day in quiet.get("days", DAYS)),
        then=Then(quiet.get("then", Then.WAIT)),
    )
    if hours.starts == hours.ends and len(hours.days) == len(DAYS):
        violations.append(Violation("quiet_hours", "must not cover the whole week."))
    return When(send_at, hours), violations
