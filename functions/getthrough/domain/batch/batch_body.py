"""The bodies of requests for batches as tables. Pure data, which the API's document uses too."""

from getthrough.domain.dispatch.request_body import DEFAULT_COUNTRY
from getthrough.domain.limit.limits import MOST_RECIPIENTS
from getthrough.domain.values.json_schema import Fields, Schema, many, obj, text, whole

MOST_VARIABLES = 50

LONGEST_RECIPIENT = 4_000
"""Bytes of one recipient's JSON. Fifty recipients are stored in one item of the table, which has 400 KB."""

VARIABLE_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"

MOST_OF_A_NUMBER = 2**53 - 1
"""Beyond this, not every program can distinguish numbers (RFC 8259, section 6)."""

MOST_A_SECOND = 1_000

VARIABLES: Schema = {
    "type": "object",
    "maxProperties": MOST_VARIABLES,
    "additionalProperties": {
        "type": ["string", "number", "boolean"],
        "minLength": 0,
        "maxLength": 2_000,
        "minimum": -MOST_OF_A_NUMBER,
        "maximum": MOST_OF_A_NUMBER,
        "description": "a string of at most 2,000 characters, a number below 2^53, true or false",
    },
    "description": f"an object of at most {MOST_VARIABLES} variables, named with letters, digits and _",
}

RECIPIENT: Schema = obj(
    optional={
        "to": text(1, 320) | {"description": "The recipient of steps without their own `to`."},
        "variables": VARIABLES,
        "time_zone": text(1, 64)
        | {"description": "The time zone of quiet hours for this recipient: a name of the tz database."},
    }
)

MAILING: Fields = {
    "recipients": many(RECIPIENT, 1, MOST_RECIPIENTS),
    "rate": whole(1, MOST_A_SECOND)
    | {"description": f"a whole number from 1 to {MOST_A_SECOND}: the maximum messages per second"},
    "default_country": DEFAULT_COUNTRY,
}
"""The fields that turn a message into a mailing."""

BODY: Schema = obj(
    {"message": obj(), "recipients": MAILING["recipients"]},
    {
        "rate": MAILING["rate"],
        "default_country": MAILING["default_country"],
        "send_at": text(1, 40)
        | {"description": "When to start: RFC 3339 with an offset, or a local time with `time_zone`."},
        "time_zone": text(1, 64) | {"description": "The time zone of `send_at`: a name of the tz database."},
    },
)
