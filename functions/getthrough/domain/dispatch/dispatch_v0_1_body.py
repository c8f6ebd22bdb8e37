"""The body of the Dispatch API v0.1 as a table. Pure data, which the API's document uses too."""

from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.json_schema import many, obj, one_of, text, whole

CHANNELS = {
    "sms": "sms",
    "mms": "mms",
    "viber_service_msg": "viber_service",
    "messenger": "messenger",
    "whatsapp": "whatsapp",
}
"""What v0.1 calls a channel, and what v1 does."""

TO_ID = ("messenger",)
FROM_ID = ("messenger", "viber_service_msg")
"""Channels that have an `id` instead of a `number`."""

CONTENTS = ("text", "image", "audio", "video", "file", "template", "custom")

OPTIONS = ("viber_service_msg", "messenger", "whatsapp")

DEFAULT_WINDOW = 15
"""The window of a message that says nothing about it, in seconds."""

_ADDRESS = obj({"type": one_of(*CHANNELS)}, {"number": text(1, 50), "id": text(1, 50)})
_ITEM = obj(
    {
        "from": _ADDRESS,
        "to": _ADDRESS,
        "message": obj({"content": obj({"type": one_of(*CONTENTS)})}, dict.fromkeys(OPTIONS, obj())),
    },
    {"failover": obj(optional={"expiry_time": whole(15, 86_400), "condition_status": one_of("delivered", "read")})},
)
BODY = obj({"template": one_of("failover"), "workflow": many(_ITEM, 1, MAX_STEPS)})
"""The JSON Schema of the body, except for the content of messages."""
