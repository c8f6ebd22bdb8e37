"""What each channel of the Messages API accepts: one table per channel, in JSON Schema.

The sources are the Messages API reference 1.11 and the models of the official SDKs (Python 4.9, Node 3). Where their
bounds differ, the table has the wider one, because Vonage decides in the end. Fields, options and message types that
are not in the tables are allowed and forwarded unchanged, so that Vonage's additions work at once. Pure data:
`domain.message.validation` checks messages against it; docs/channels.md and the API's document are made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from getthrough.domain.message.field_rules import (
    ANYTHING,
    EMAIL_ADDRESS,
    MAIL_SENDER,
    NO_RECIPIENT,
    NUMBER,
    PROVIDER_ID,
    RCS_SENDER,
    SENDER,
    SMS_SENDER,
    SUBJECT,
    URL,
    WEBHOOK_URL,
    WHATSAPP_USER,
    WRITTEN_NUMBER,
    YES_NO,
)
from getthrough.domain.message.outages import WhenDown
from getthrough.domain.message.status import Condition
from getthrough.domain.values.json_schema import (
    Fields,
    Schema,
    many,
    needs,
    not_blank,
    numeral,
    obj,
    one_of,
    text,
    whole,
)


class OptOutScope(StrEnum):
    """Which opt-outs keep a message from being sent: any of the customer's, or only those on its own channel."""

    CUSTOMER = "customer"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Ttl:
    """The field for a message's time to live, and its bounds in seconds. Vonage stops trying to deliver after it."""

    path: tuple[str, ...]
    floor: int
    ceiling: int

    @property
    def schema(self) -> Schema:
        return whole(self.floor, self.ceiling)


@dataclass(frozen=True, slots=True)
class ServiceWindow:
    """So many hours after a customer's last message, a sender may write to them as it likes. Later, only messages of
    these types arrive."""

    hours: int
    always: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`options` are the fields of every message type. A type can have a stricter rule for one of them.

    `numbers` names those of `to` and `from` that are, or may be, phone numbers. `window` is the default window of a
    step with a fallback, in seconds. It can be a time to live, where the channel has one. `required` names the options
    that a message must have. A `revocable` message can be taken back until it is delivered. On a channel that
    `ignores_case`, addresses that differ in case are the same. `name_in_v0_1` is the Dispatch API's name of the
    channel, if different. `opt_outs_of` is the channel whose opt-outs are its own too, if that is another one. Without
    a `service_window` a sender may write at any time. `copies` are Vonage's fields for more recipients. They are
    refused, because opt-outs, limits and guests know only `to`.
    """

    to: Schema
    sender: Schema
    numbers: tuple[str, ...]
    window: int
    types: Mapping[str, Schema]
    options: Fields
    reports_read: bool
    required: tuple[str, ...] = ()
    ttl: Ttl | None = None
    revocable: bool = False
    ignores_case: bool = False
    name_in_v0_1: str | None = None
    opt_outs_of: str | None = None
    service_window: ServiceWindow | None = None
    copies: tuple[str, ...] = ()


LINK = obj({"url": URL})
CAPTIONED = obj({"url": URL}, {"caption": text(1, 3000)})
AUDIO = obj({"url": {**URL, "minLength": 10, "maxLength": 2000}})

SUGGESTION = obj(
    {
        "type": one_of(
            "reply",
            "dial",
            "view_location",
            "share_location",
            "open_url",
            "open_url_in_webview",
            "create_calendar_event",
        ),
        "text": text(1, 25),
        "postback_data": text(0),
    },
    {
        "phone_number": text(),
        "url": URL,
        "fallback_url": URL,
        "view_mode": one_of("FULL", "TALL", "HALF"),
        "title": text(1, 100),
        "description": text(1, 500),
    },
    allOf=[
        needs("type", "dial", "phone_number"),
        needs("type", "view_location", "latitude", "longitude", "pin_label"),
        needs("type", "open_url", "url"),
        needs("type", "open_url_in_webview", "url"),
        needs("type", "create_calendar_event", "start_time", "end_time", "title"),
    ],
)
CARD = obj(
    {"title": text(1, 200), "text": text(1, 2000), "media_url": URL},
    {
        "media_height": one_of("SHORT", "MEDIUM", "TALL"),
        "media_description": text(0),
        "media_force_refresh": YES_NO,
        "thumbnail_url": URL,
        "suggestions": many(SUGGESTION, 1, 4),
    },
)
RCS_CATEGORY = {
    "category": one_of("authentication", "transaction", "promotion", "service-request", "acknowledgement"),
}

VERTICAL_NEEDS_A_HEIGHT: Schema = {
    "if": {"properties": {"rcs": obj({"card_orientation": {"const": "VERTICAL"}})}, "required": ["rcs"]},
    "then": {"properties": {"card": {"required": ["media_height"]}}},
}

SMS_TTL = Ttl(("ttl",), 20, 604_800)
MMS_TTL = Ttl(("ttl",), 300, 259_200)
# The reference and the Java SDK agree on these; the Python SDK's 20 to 259200 are those of other channels.
RCS_TTL = Ttl(("ttl",), 300, 2_592_000)
VIBER_TTL = Ttl(("viber_service", "ttl"), 30, 259_200)

VIBER = {"category": one_of("transaction", "promotion"), "ttl": VIBER_TTL.schema, "type": text()}
VIBER_BUTTON = {**VIBER, "action": obj({"url": URL, "text": text(1, 30)})}


CHANNELS: Mapping[str, Channel] = {
    "sms": Channel(
        to=NUMBER,
        sender=SMS_SENDER,
        numbers=("to", "from"),
        window=30,
        types={"text": obj({"text": not_blank(3200)})},
        options={
            "ttl": SMS_TTL.schema,
            "trusted_recipient": YES_NO,
            "sms": obj(
                optional={
                    "encoding_type": one_of("text", "unicode", "auto"),
                    "content_id": text(),
                    "entity_id": text(),
                    "pool_id": text(),
                }
            ),
        },
        reports_read=False,
        ttl=SMS_TTL,
    ),
    "mms": Channel(
        opt_outs_of="sms",
        to=NUMBER,
        sender=SENDER,
        numbers=("to", "from"),
        window=MMS_TTL.floor,
        types={
            "text": obj({"text": not_blank()}),
            "image": obj({"image": CAPTIONED}),
            "vcard": obj({"vcard": CAPTIONED}),
            "audio": obj({"audio": CAPTIONED}),
            "video": obj({"video": CAPTIONED}),
            "file": obj({"file": CAPTIONED}),
            "content": obj(
                {
                    "content": many(
                        obj(
                            {"type": one_of("image", "audio", "video", "vcard", "file"), "url": URL},
                            {"caption": text(1, 3000)},
                        ),
                        least=1,
                    )
                }
            ),
        },
        options={"ttl": MMS_TTL.schema, "trusted_recipient": YES_NO},
        reports_read=False,
        ttl=MMS_TTL,
    ),
    "rcs": Channel(
        to=NUMBER,
        sender=RCS_SENDER,
        numbers=("to",),
        window=RCS_TTL.floor,
        types={
            "text": obj({"text": not_blank(3072)}, {"suggestions": many(SUGGESTION, 1, 11)}),
            "image": obj({"image": LINK}),
            "video": obj({"video": LINK}),
            "file": obj({"file": LINK}),
            "card": obj(
                {"card": CARD},
                {
                    "rcs": obj(
                        optional={
                            **RCS_CATEGORY,
                            "card_orientation": one_of("VERTICAL", "HORIZONTAL"),
                            "image_alignment": one_of("LEFT", "RIGHT"),
                        },
                        **needs("card_orientation", "HORIZONTAL", "image_alignment"),
                    )
                },
                **VERTICAL_NEEDS_A_HEIGHT,
            ),
            "carousel": obj(
                {
                    "carousel": obj({"cards": many(CARD, 2, 10)}),
                    "rcs": obj({"card_width": one_of("SMALL", "MEDIUM")}, RCS_CATEGORY),
                },
                {"suggestions": many(SUGGESTION, 1, 11)},
            ),
            "custom": obj(optional={"custom": ANYTHING}),
        },
        options={"ttl": RCS_TTL.schema, "trusted_recipient": YES_NO, "rcs": obj(optional=RCS_CATEGORY)},
        reports_read=True,
        revocable=True,
        ttl=RCS_TTL,
    ),
    "whatsapp": Channel(
        to=WHATSAPP_USER,
        sender=NUMBER,
        numbers=("to", "from"),
        window=60,
        types={
            "text": obj({"text": not_blank(4096)}),
            "image": obj({"image": CAPTIONED}),
            "audio": obj({"audio": AUDIO}),
            "video": obj({"video": obj({"url": URL}, {"caption": text(0)})}),
            "file": obj({"file": obj({"url": URL}, {"caption": text(0), "name": text(0)})}),
            "template": obj(
                {
                    "template": obj({"name": text()}, {"parameters": many(text(0), least=0)}),
                    "whatsapp": obj({"locale": text()}, {"policy": one_of("deterministic")}),
                }
            ),
            "sticker": obj(
                {
                    "sticker": obj(
                        optional={"url": URL, "id": text()}, oneOf=[{"required": ["url"]}, {"required": ["id"]}]
                    )
                }
            ),
            "reaction": obj(
                {
                    "reaction": obj(
                        {"action": one_of("react", "unreact")}, {"emoji": text()}, **needs("action", "react", "emoji")
                    ),
                    "context": obj({"message_uuid": text()}),
                }
            ),
            "custom": obj(optional={"custom": obj(**NO_RECIPIENT)}),
        },
        options={"context": obj({"message_uuid": text()})},
        reports_read=True,
        # A custom message is what WhatsApp's own API takes, which may be a template too.
        service_window=ServiceWindow(24, ("template", "custom")),
    ),
    "messenger": Channel(
        to=PROVIDER_ID,
        sender=PROVIDER_ID,
        numbers=(),
        window=60,
        types={
            "text": obj({"text": not_blank(640)}),
            "image": obj({"image": LINK}),
            "audio": obj({"audio": AUDIO}),
            "video": obj({"video": LINK}),
            "file": obj({"file": LINK}),
        },
        options={
            "messenger": obj(
                optional={"category": one_of("response", "update", "message_tag"), "tag": text()},
                **needs("category", "message_tag", "tag"),
            )
        },
        reports_read=True,
    ),
    "viber_service": Channel(
        to=NUMBER,
        sender=PROVIDER_ID,
        numbers=("to",),
        window=VIBER_TTL.floor,
        types={
            "text": obj({"text": not_blank(1000)}, {"viber_service": obj(optional=VIBER_BUTTON)}),
            "image": obj(
                {"image": obj({"url": URL}, {"caption": text(0)})}, {"viber_service": obj(optional=VIBER_BUTTON)}
            ),
            "video": obj(
                {
                    "video": obj({"url": URL, "thumb_url": {**URL, "maxLength": 1000}}, {"caption": text(0, 1000)}),
                    "viber_service": obj(
                        {
                            "duration": numeral(600, r"^([1-9][0-9]?|[1-5][0-9]{2}|600)$"),
                            "file_size": numeral(200, r"^([1-9][0-9]?|1[0-9]{2}|200)$"),
                        },
                        VIBER_BUTTON,
                    ),
                }
            ),
            "file": obj({"file": obj({"url": text()}, {"name": text(1, 25)})}),
        },
        options={"viber_service": obj(optional=VIBER)},
        reports_read=True,
        name_in_v0_1="viber_service_msg",
        ttl=VIBER_TTL,
    ),
    "email": Channel(
        to=EMAIL_ADDRESS,
        sender=MAIL_SENDER,
        numbers=(),
        window=600,
        types={
            "text": obj({"text": not_blank()}),
            "html": obj({"html": obj({"body": not_blank()})}),
            "content": obj(
                {
                    "content": many(
                        obj(
                            {"type": one_of("text", "html")},
                            {"text": text(), "body": text()},
                            allOf=[needs("type", "text", "text"), needs("type", "html", "body")],
                        ),
                        least=1,
                    )
                }
            ),
        },
        options={
            "email": obj({"subject": SUBJECT}, {"importance": text(), "priority": text(), "sensitivity": text()}),
        },
        required=("email",),
        reports_read=False,
        ignores_case=True,
        copies=("cc", "bcc"),
    ),
}

COMMON: Fields = {
    "client_ref": text(1, 100),
    "webhook_url": WEBHOOK_URL,
    "webhook_version": one_of("v0.1", "v1"),
}
"""Fields of Vonage's that every message can have."""

AUTO = "auto"
"""The `expiry_time` of a message whose window is learned from earlier ones (`domain.message.arrivals`)."""

SECONDS: Schema = whole(1, 7 * 86_400)
"""A window of a fixed length."""

WINDOW: Schema = {
    **SECONDS,
    "type": ["integer", "string"],
    "pattern": f"^{AUTO}$",
    "description": f"a whole number from 1 to {7 * 86_400}, or auto",
}
"""`expiry_time`, in seconds."""

STEP_FIELDS: Fields = {
    "expiry_time": WINDOW,
    "false_failover_rate": {
        "type": "number",
        "minimum": 0.001,
        "maximum": 0.2,
        "description": "a number from 0.001 to 0.2",
    },
    "condition_status": one_of(*Condition),
    "urgent": {**YES_NO, "description": "True to send the message even in quiet hours."},
    "opt_out_scope": {
        **one_of(*OptOutScope),
        "description": "Which opt-outs prevent this message: any of the customer's, or only those on its channel. SMS "
        "and MMS are one channel. The default is the stack's OptOutScope.",
    },
    "when_down": {
        **one_of(*WhenDown),
        "description": "What happens to a message with a fallback while nearly all messages on its channel to its "
        "country fail. `skip`: the fallback is sent at once. `wait`: this message is sent as usual. The default is the "
        "stack's WhenDown.",
    },
}
"""Our own fields of one message."""


def conditions(channel: str) -> list[str]:
    """The conditions that a message on a channel can have."""
    return [str(it) for it in Condition if it is not Condition.READ or CHANNELS[channel].reports_read]


ANY_MESSAGE = obj(
    {"channel": one_of(*CHANNELS), "message_type": text(1, 50), "to": text(), "from": text()},
    {**COMMON, **STEP_FIELDS},
)
"""The rules for a message whose channel is missing or unknown."""


def message_schema(channel: str, message_type: str | None = None) -> Schema:
    """The JSON Schema (2020-12) of a v1 message on a known channel, with our own fields.

    For an unknown message type it has the fields that all messages on the channel share. It has no `failover` and no
    `on_unknown`: they belong to a whole request.
    """
    table = CHANNELS[channel]
    own: Schema = table.types.get(message_type or "", obj())
    known = message_type in table.types
    needed = {
        "channel": {"const": channel},
        "message_type": {"const": message_type} if known else text(1, 50),
        "to": table.to,
        "from": table.sender,
    }
    properties = {
        **needed,
        **own["properties"],
        **{name: rule for name, rule in {**table.options, **COMMON}.items() if name not in own["properties"]},
        **STEP_FIELDS,
        "condition_status": one_of(*conditions(channel)),
    }
    required = [*needed, *own["required"], *table.required]
    return {**own, "properties": properties, "required": required}


def request_schema(channel: str, message_type: str | None = None) -> Schema:
    """The same schema for requests: phone numbers can have any usual form."""
    schema = message_schema(channel, message_type)
    written = {name: WRITTEN_NUMBER for name in ("to", "from") if schema["properties"][name] is NUMBER}
    return {**schema, "properties": {**schema["properties"], **written}}
