"""The bodies of requests for schedules as tables. Pure data: the API's description has them too."""

from getthrough.domain.batch.batch_body import MAILING
from getthrough.domain.values.json_schema import Fields, Schema, obj, one_of, text, whole

MOST_RUNS = 1_000_000

LONGEST_CRON = 100
"""Characters of an expression."""

MISSED = ("skip", "latest", "all")

TIMES: Fields = {
    "send_at": text(1, 40)
    | {"description": "Once, at this time: RFC 3339 with an offset, or a local time with `time_zone`."},
    "cron": text(1, LONGEST_CRON)
    | {"description": "Again and again: five fields as in crontab(5), by the clocks of `time_zone`."},
    "time_zone": text(1, 64) | {"description": "A name of the tz database."},
    "starts_at": text(1, 40) | {"description": "No occurrence is before it. At most a year ahead."},
    "ends_at": text(1, 40) | {"description": "Every occurrence is before it."},
    "max_runs": whole(1, MOST_RUNS),
    "missed": one_of(*MISSED)
    | {"description": "What becomes of occurrences that an outage has swallowed; `latest` is the default."},
}
"""What is said of time: `send_at`, or `cron` and the others."""

BODY: Schema = obj({"message": obj()}, {**MAILING, **TIMES})
CHANGE: Schema = obj(optional={"message": obj(), **MAILING, **TIMES, "paused": {"type": "boolean"}})

BOUNDS = ("starts_at", "ends_at", "max_runs")
"""A change can take these away: then they are null."""
