"""A client's request for a schedule: a message with its fallbacks, and when it shall go out.

{"message": {a body of POST /v1/messages}, "send_at": "2026-12-24T09:00", "time_zone": "Europe/London"}
{"message": {…}, "cron": "0 9 * * MON-FRI", "time_zone": "Europe/London", "starts_at": "…", "ends_at": "…",
 "max_runs": 10, "missed": "latest"}
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from getthrough.domain import local_time, recurrence
from getthrough.domain.errors import Fault, InvalidRequestError
from getthrough.domain.json_schema import Schema, obj, one_of, text, whole
from getthrough.domain.message import Request, parse_messages_request, sha256_of
from getthrough.domain.recurrence import Recurrence, from_on
from getthrough.domain.schedule import Missed, Schedule
from getthrough.domain.validation import compiled

MOST_RUNS = 1_000_000

BODY: Schema = obj(
    {"message": obj()},
    {
        "send_at": text(1, 40),
        "cron": text(1, recurrence.LONGEST),
        "time_zone": text(1, 64),
        "starts_at": text(1, 40),
        "ends_at": text(1, 40),
        "max_runs": whole(1, MOST_RUNS),
        "missed": one_of(*Missed),
    },
)


def parse_schedule_request(body: object, client_name: str, now: datetime) -> Schedule:
    """The schedule in a body, without an id. InvalidRequestError with every fault in it."""
    if not isinstance(body, Mapping):
        raise InvalidRequestError(Fault("body", "must be a JSON object."))
    faults = compiled(BODY)(body)
    request, wrong = _message(body.get("message"))
    told = {fault.name for fault in faults}
    faults += wrong
    given = {name: value for name, value in body.items() if name not in told}
    zone = given.get("time_zone")
    if zone is not None and zone not in local_time.zones():
        faults.append(Fault("time_zone", "must be a name of the tz database, such as Europe/London."))
        zone = None
    moments: dict[str, datetime] = {}
    for name in ("send_at", "starts_at", "ends_at"):
        if name in given and (zone is not None or "time_zone" not in body):
            moment = local_time.parse_moment(given[name], zone)
            if isinstance(moment, str):
                faults.append(Fault(name, moment))
            else:
                moments[name] = moment
    faults += _time_faults(body, given, zone, moments, now)
    if faults or request is None:
        raise InvalidRequestError(*faults)
    recurs = Recurrence(given["cron"], str(zone)) if "cron" in given else None
    schedule = Schedule(
        schedule_uuid="",
        client_name=client_name,
        created_at=now,
        steps=request.steps,
        on_unknown=request.on_unknown,
        quiet_hours=request.quiet_hours,
        recurrence=recurs,
        next_at=next(from_on(recurs, max(now, moments.get("starts_at", now)))) if recurs else moments["send_at"],
        ends_at=moments.get("ends_at"),
        max_runs=given.get("max_runs"),
        missed=Missed(given.get("missed", Missed.LATEST)),
        request_sha256=sha256_of(body),
    )
    if schedule.ends_at is not None and schedule.next_at is not None and schedule.next_at >= schedule.ends_at:
        raise InvalidRequestError(Fault("ends_at", "lies before the first time at which anything were sent."))
    return schedule


def _message(body: object) -> tuple[Request | None, list[Fault]]:
    """The message, and its faults under its name. When it goes out is the schedule's to say."""
    if not isinstance(body, Mapping):
        return None, []
    untimely = (
        [Fault("message.send_at", "belongs to the schedule; give it beside message.")] if "send_at" in body else []
    )
    try:
        request = parse_messages_request({name: value for name, value in body.items() if name != "send_at"})
    except InvalidRequestError as error:
        return None, [*(Fault(f"message.{fault.name}", fault.reason) for fault in error.faults), *untimely]
    return request, untimely


def _time_faults(
    body: Mapping[str, Any], given: Mapping[str, Any], zone: str | None, moments: Mapping[str, datetime], now: datetime
) -> list[Fault]:
    faults = []
    if ("send_at" in body) == ("cron" in body):
        faults.append(Fault("send_at", "or cron is required, and not both."))
    if "cron" in given:
        if reason := recurrence.fault_of(given["cron"]):
            faults.append(Fault("cron", reason))
        if "time_zone" not in body:
            faults.append(Fault("time_zone", "is required with cron: its times are those of a place."))
    elif "cron" not in body:
        only = ("starts_at", "ends_at", "max_runs", "missed")
        faults += [Fault(name, "is for what recurs; give it with cron.") for name in only if name in body]
    if "send_at" in moments and (reason := local_time.fault_of(moments["send_at"], now)):
        faults.append(Fault("send_at", reason))
    if "ends_at" in moments and moments["ends_at"] <= now:
        faults.append(Fault("ends_at", "lies in the past."))
    return faults
