"""Requests to create or change a schedule: a message with its fallbacks, and when to send it.

{"message": {a body of POST /v1/messages}, "send_at": "2026-12-24T09:00", "time_zone": "Europe/London"}
{"message": {…}, "recipients": […], "rate": 10, "cron": "0 9 * * MON-FRI", "time_zone": "Europe/London",
 "starts_at": "…", "ends_at": "…", "max_runs": 10, "missed": "latest"}
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from getthrough.domain.batch.batch import Mailing, Recipient
from getthrough.domain.batch.batch_body import MAILING
from getthrough.domain.batch.mailing_request import parse_mailing
from getthrough.domain.dispatch.defaults import NONE, Defaults
from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.dispatch.request import Request, parse_messages_request, sha256_of
from getthrough.domain.message.validation import Check, compiled
from getthrough.domain.schedule import recurrence
from getthrough.domain.schedule.recurrence import Recurrence, from_on
from getthrough.domain.schedule.schedule import Missed, Schedule
from getthrough.domain.schedule.schedule_body import BODY, BOUNDS, CHANGE, TIMES
from getthrough.domain.values import local_time
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.domain.values.json_schema import Schema
from getthrough.domain.values.quiet_hours import QuietHours
from getthrough.domain.values.rfc3339 import to_text

_WHEN = ("send_at", "cron", "time_zone", "starts_at")
"""A change of these fields moves the next run."""


class _Times(NamedTuple):
    """The fields of a schedule that say when it runs."""

    next_at: datetime
    recurrence: Recurrence | None
    starts_at: datetime | None
    ends_at: datetime | None
    max_runs: int | None
    missed: Missed


class Parsed(NamedTuple):
    """A schedule, and its recipients if it got a new list (which has no id yet)."""

    schedule: Schedule
    recipients: Sequence[Recipient]


class _Content(NamedTuple):
    """The fields of a schedule that say what it sends, and to whom."""

    steps: tuple[Step, ...]
    on_unknown: OnUnknown = OnUnknown.MOVE_ON
    quiet_hours: QuietHours | None = None
    mailing: Mailing | None = None


def parse_schedule_request(
    body: object, client_name: str, now: datetime, most_a_second: int, defaults: Defaults = NONE
) -> Parsed:
    """The schedule in a body, without an id. InvalidRequestError with every violation."""
    if not isinstance(body, Mapping):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    violations = [*_body()(body), *_unknown(body, BODY)]
    content, recipients, wrong = _content(body, violations, most_a_second, defaults)
    times, untimely = _times(body, violations, now)
    if violations or wrong or untimely or content is None or times is None:
        raise InvalidRequestError(*violations, *wrong, *untimely)
    schedule = Schedule(
        schedule_uuid="",
        client_name=client_name,
        created_at=now,
        request_sha256=sha256_of(body),
        **content._asdict(),
        **times._asdict(),
    )
    return Parsed(schedule, recipients)


def revised(schedule: Schedule, change: object, now: datetime, most_a_second: int, defaults: Defaults = NONE) -> Parsed:
    """The schedule with some fields changed, as if it had been created so. Its runs so far are kept, and `paused` is
    ignored. InvalidRequestError with every violation.

    The next run moves only if the change is about times, so that no run is lost because a text is corrected.
    """
    if not isinstance(change, Mapping) or not change:
        raise InvalidRequestError(Violation("body", "must be a JSON object with the fields to change."))
    given = {name: value for name, value in change.items() if value is not None or name not in BOUNDS}
    violations = [*_change()(given), *_unknown(given, CHANGE)]
    content, recipients, wrong = _content(given, violations, most_a_second, defaults)
    to_many = schedule.mailing is not None or "recipients" in given
    if to_many and ("message" in given) != ("recipients" in given):
        wrong.append(Violation("recipients", "and message must be changed together."))
    times: _Times | None = None
    untimely: list[Violation] = []
    if not TIMES.keys().isdisjoint(change):
        kept = {name: value for name, value in _said(schedule).items() if name not in change}
        times, untimely = _times({**kept, **given}, violations, now)
    if times is not None and times.max_runs is not None and times.max_runs <= schedule.runs:
        untimely.append(Violation("max_runs", f"must be more than {schedule.runs}, the number of runs so far."))
    if violations or wrong or untimely:
        raise InvalidRequestError(*violations, *wrong, *untimely)
    if content is not None:
        schedule = replace(schedule, **content._asdict())
    if times is None:
        return Parsed(schedule, recipients)
    same = schedule.next_at is not None and not any(name in change for name in _WHEN)
    timely = times._asdict() | ({"next_at": schedule.next_at} if same else {})
    return Parsed(replace(schedule, **timely), recipients)


def _said(schedule: Schedule) -> dict[str, Any]:
    """The times of a schedule as a client would write them."""
    if schedule.recurrence is None:
        return {} if schedule.next_at is None else {"send_at": to_text(schedule.next_at)}
    bounds = {"starts_at": schedule.starts_at, "ends_at": schedule.ends_at}
    said = {name: to_text(at) for name, at in bounds.items() if at is not None}
    runs = {} if schedule.max_runs is None else {"max_runs": schedule.max_runs}
    return {**schedule.recurrence._asdict(), **said, **runs, "missed": schedule.missed}


def _unknown(body: Mapping[str, Any], schema: Schema) -> list[Violation]:
    """Unknown fields are violations: a misspelt limit would have no effect."""
    return [Violation(name, "is not a field of this request.") for name in body if name not in schema["properties"]]


def _content(
    body: Mapping[str, Any], reported: list[Violation], most_a_second: int, defaults: Defaults
) -> tuple[_Content | None, Sequence[Recipient], list[Violation]]:
    """Parse message and recipients. Return the violations that are not reported yet."""
    if "recipients" not in body:
        request, wrong = _message(body.get("message"), defaults)
        wrong += [
            Violation(name, "is only allowed with recipients.") for name in ("rate", "default_country") if name in body
        ]
        return _Content(request.steps, request.on_unknown, request.quiet_hours) if request else None, (), wrong
    if "message" not in body or any(violation.name.startswith(("message", *MAILING)) for violation in reported):
        return None, (), []
    mailing, recipients, wrong = parse_mailing(body, most_a_second, defaults)
    return _Content((), mailing=mailing) if mailing else None, recipients, wrong


def _message(body: object, defaults: Defaults) -> tuple[Request | None, list[Violation]]:
    """The message and its violations. It must have no time of its own."""
    if not isinstance(body, Mapping):
        return None, []
    untimely = (
        [Violation("message.send_at", "is not allowed here. Put send_at beside message.")] if "send_at" in body else []
    )
    try:
        timeless = {name: value for name, value in body.items() if name != "send_at"}
        request = parse_messages_request(timeless, defaults)
    except InvalidRequestError as error:
        return None, [
            *(Violation(f"message.{violation.name}", violation.reason) for violation in error.violations),
            *untimely,
        ]
    return request, untimely


def _times(body: Mapping[str, Any], reported: list[Violation], now: datetime) -> tuple[_Times | None, list[Violation]]:
    """Parse the times of a schedule. Return the violations that are not reported yet."""
    wrong = {violation.name for violation in reported}
    given = {name: value for name, value in body.items() if name not in wrong}
    zone, violations = given.get("time_zone"), []
    if zone is not None and zone not in local_time.zones():
        violations.append(Violation("time_zone", "must be a name of the tz database, such as Europe/London."))
        zone = None
    moments: dict[str, datetime] = {}
    for name in ("send_at", "starts_at", "ends_at"):
        if name in given and (zone is not None or "time_zone" not in body):
            moment = local_time.parse_moment(given[name], zone)
            if isinstance(moment, str):
                violations.append(Violation(name, moment))
            else:
                moments[name] = moment
    violations += _time_violations(body, given, moments, now)
    if violations or not wrong.isdisjoint(TIMES):
        return None, violations
    recurs = Recurrence(given["cron"], str(zone)) if "cron" in given else None
    starts_at, ends_at = moments.get("starts_at"), moments.get("ends_at")
    next_at = next(from_on(recurs, max(now, starts_at or now))) if recurs else moments["send_at"]
    if ends_at is not None and next_at >= ends_at:
        return None, [Violation("ends_at", "is before the first run.")]
    missed = Missed(given.get("missed", Missed.LATEST))
    return _Times(next_at, recurs, starts_at, ends_at, given.get("max_runs"), missed), []


def _time_violations(
    body: Mapping[str, Any], given: Mapping[str, Any], moments: Mapping[str, datetime], now: datetime
) -> list[Violation]:
    violations = []
    if ("send_at" in body) == ("cron" in body):
        violations.append(Violation("send_at", "or cron is required, but not both."))
    if "cron" in given:
        if reason := recurrence.violation_of(given["cron"]):
            violations.append(Violation("cron", reason))
        if "time_zone" not in body:
            violations.append(Violation("time_zone", "is required with cron."))
    elif "cron" not in body:
        only = ("starts_at", "ends_at", "max_runs", "missed")
        violations += [Violation(name, "is only allowed with cron.") for name in only if name in body]
    if "send_at" in moments and (reason := local_time.violation_of(moments["send_at"], now)):
        violations.append(Violation("send_at", reason))
    if "starts_at" in moments and moments["starts_at"] > now + local_time.LONGEST_AHEAD:
        violations.append(Violation("starts_at", "is more than a year ahead."))
    if "ends_at" in moments and moments["ends_at"] <= now:
        violations.append(Violation("ends_at", "is in the past."))
    return violations


@cache
def _body() -> Check:
    return compiled(BODY)


@cache
def _change() -> Check:
    return compiled(CHANGE)
