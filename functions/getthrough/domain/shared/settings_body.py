"""The body that changes the settings. Pure data, which the API's document uses too."""

from getthrough.domain.dispatch.request_body import DEFAULT_COUNTRY
from getthrough.domain.message.channels import CHANNELS, SECONDS, STEP_FIELDS
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.json_schema import Fields, Schema, many, not_blank, obj, one_of, whole

MOST = 30
"""Senders and plans at most, of each."""

_CHANNEL: Fields = {"channel": one_of(*CHANNELS)}
_FROM: Fields = {"from": not_blank(100)}
_WHEN: Fields = {"expiry_time": SECONDS, "condition_status": STEP_FIELDS["condition_status"]}
"""The form for a new message has windows in seconds only."""

_SENDER: Schema = obj({**_CHANNEL, **_FROM}, additionalProperties=False, description="a channel with its from")

_STEP: Schema = obj(
    _CHANNEL,
    {**_FROM, **_WHEN},
    additionalProperties=False,
    description="a channel, and possibly from, expiry_time and condition_status",
)

_PLAN: Schema = obj(
    {"name": not_blank(60), "steps": many(_STEP, 1, MAX_STEPS)},
    additionalProperties=False,
    description="a name with its steps",
)

SETTINGS: Schema = obj(
    {"version": {**whole(0, 2**31 - 1), "description": "the version that the change is based on, a whole number"}},
    {"default_country": DEFAULT_COUNTRY, "senders": many(_SENDER, 0, MOST), "plans": many(_PLAN, 0, MOST)},
    additionalProperties=False,
)
