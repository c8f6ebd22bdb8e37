"""Our own fields of a request to send, as tables. Pure data, which the API's document uses too."""

from getthrough.domain.dispatch import timing
from getthrough.domain.dispatch.dispatch import OnUnknown
from getthrough.domain.message.channels import STEP_FIELDS
from getthrough.domain.values.json_schema import Fields, Schema, matching, obj, one_of, text

DEFAULT_COUNTRY: Schema = matching(r"^[A-Z]{2}$", "a two-letter country code, such as GB (ISO 3166)")
"""The country of national phone numbers (`07700 900001`)."""

DISPATCH_FIELDS: Fields = {
    "on_unknown": one_of(*OnUnknown),
    **timing.FIELDS,
    "default_country": DEFAULT_COUNTRY,
}
"""Fields of a whole request, in both APIs."""

SUCCESS: Schema = obj(
    optional={"reason": text(1, 500) | {"description": "Why, for the timeline: for example `paid`."}},
    additionalProperties=False,
)
"""The body that says that the customer has acted."""

OURS = frozenset({*STEP_FIELDS, "failover", *DISPATCH_FIELDS})
"""Fields of a request that are not part of a v1 message. None of them may reach Vonage."""
