"""The route that shows how a day went."""

from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.openapi.parameters import in_query
from getthrough.openapi.parts import FLAG, TEXT, TIME, Json, fields, parameter, schema
from getthrough.openapi.reading import read

_COUNT: Json = {"type": "integer", "minimum": 0}
_SECONDS: Json = {"type": ["number", "null"], "minimum": 0}


def _count(description: str) -> Json:
    return {**_COUNT, "description": description}


SCHEMAS: Json = {
    "Day": fields(
        {
            "date": {"type": "string", "format": "date"},
            "time_zone": TEXT,
            "from": {**TIME, "description": "When the day begins by the clocks of the zone."},
            "until": {**TIME, "description": "When it is over."},
            "complete": {**FLAG, "description": "false if there were more: then only the newest 1,000 are counted."},
            "dispatches": _count("How many were made on the day. All that follows is of these, whenever it happened."),
            **{str(outcome): _count(f"How many ended as `{outcome}`.") for outcome in Outcome},
            "open": _count("How many are under way."),
            "messages_sent": _count("Over all steps."),
            "failed_over": _count("Dispatches of which a later step was sent."),
            "late": _count("Dispatches with a step that met its condition late."),
            "cost": {"type": "array", "items": schema("Usage"), "description": "The sum in each currency."},
            "channels": {"type": "array", "items": schema("ChannelOfDay"), "description": "Those that were used."},
        },
        description="What became of the dispatches that were made on a day.",
    ),
    "ChannelOfDay": fields(
        {
            "channel": TEXT,
            "sent": _COUNT,
            "delivered": _count("Delivered, read, or answered."),
            "failed": _count("Refused, rejected, or given up. Of the others nothing more is known."),
            "median_seconds": {
                **_SECONDS,
                "description": "From the first try of a step to its `arrived_at`: half of these messages took no "
                "longer (nearest rank). null if there are none.",
            },
            "p95_seconds": {**_SECONDS, "description": "The same of 95 in 100."},
        },
        description="What was sent over one channel.",
    ),
}

PATHS: Json = {
    "/v1/days/{date}": {
        "get": read(
            "readDay",
            "Dispatches",
            "How a day went: outcomes, cost, and how long each channel took",
            "Day",
            422,
            parameters=[
                parameter("Date"),
                in_query(
                    "time_zone",
                    "By whose clocks the day begins and ends: a name of the tz database.",
                    type="string",
                    minLength=1,
                    maxLength=64,
                    default="UTC",
                ),
            ],
        )
    }
}
