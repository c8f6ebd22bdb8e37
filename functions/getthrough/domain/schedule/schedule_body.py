"""The bodies of requests for schedules as tables. Pure data, which the API's document uses too."""

from getthrough.domain.batch.batch_body import MAILING
from getthrough.domain.values.json_schema import Fields, Schema, obj, one_of, text, whole

MOST_RUNS = 1_000_000

LONGEST_CRON = 100
"""Characters of an expression."""

MISSED = ("skip", "latest", "all")

TIMES: Fields = {
    "send_at": text(1, 40)
    | {"description": "The time of the only run: RFC 3339 with an offset, or a local time with `time_zone`."},
    "cron": text(1, LONGEST_CRON)
    | {"description": "When to run repeatedly: five fields as in crontab(5), in `time_zone`."},
    "time_zone": text(1, 64) | {"description": "A name of the tz database."},
    "starts_at": text(1, 40) | {"description": "There is no run before this time. At most a year ahead."},
    "ends_at": text(1, 40) | {"description": "Every run is before this time."},
    "max_runs": whole(1, MOST_RUNS),
    "missed": one_of(*MISSED)
    | {"description": "What happens to runs that were missed in an outage. The default is `latest`."},
}
"""The fields for times: `send_at`, or `cron` and the others."""

BODY: Schema = obj({"message": obj()}, {**MAILING, **TIMES})
CHANGE: Schema = obj(optional={"message": obj(), **MAILING, **TIMES, "paused": {"type": "boolean"}})

BOUNDS = ("starts_at", "ends_at", "max_runs")
"""Limits that a change can remove with null."""
