"""What the Messages API accepts from us, and what customers can answer, as data: one entry per channel.

From the API reference (Messages v1, 1.11); where the official SDKs are newer and wider (length and ttl of an
SMS, RCS cards and suggestions, email) from them. At the top of a message only these fields are accepted;
inside `sms`, `image` and so on, unknown fields pass, as the reference leaves them open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One field. `low` and `high` bound the length of a text or list, or the value of a number."""

    kind: str  # text, integer, number, numeral (an integer written as text), boolean, object, list
    required: bool = False
    low: int | None = None
    high: int | None = None
    pattern: str | None = None  # the whole text must match
    says: str = ""  # the reason given when the pattern does not match
    choices: tuple[str, ...] = ()
    fields: Mapping[str, "Rule"] = field(default_factory=dict)  # of an object
    exactly_one: tuple[str, ...] = ()  # of an object's fields
    needs: tuple[tuple[str, str, str], ...] = ()  # (field, value, other field): with that value, the other is required
    items: "Rule | None" = None  # of a list


@dataclass(frozen=True)
class Channel:
    to: Rule
    sender: Rule
    types: Mapping[str, Mapping[str, Rule]]  # message_type: the fields that come with it
    options: Mapping[str, Rule]  # fields of every message of the channel; a type may define one more strictly


def text(low: int = 1, high: int | None = None) -> Rule:
    return Rule("text", low=low, high=high)


def integer(low: int, high: int) -> Rule:
    return Rule("integer", low=low, high=high)


def matching(pattern: str, says: str) -> Rule:
    return Rule("text", pattern=pattern, says=says)


def one_of(*choices: str) -> Rule:
    return Rule("text", choices=choices)


def obj(_fields: Mapping[str, Rule] | None = None, **limits: Any) -> Rule:
    return Rule("object", fields=_fields or {}, **limits)


def many(items: Rule, low: int, high: int | None = None) -> Rule:
    return Rule("list", items=items, low=low, high=high)


def needed(rule: Rule) -> Rule:
    return replace(rule, required=True)


NUMBER = matching(r"[1-9][0-9]{6,14}", "must be an E.164 number of 7 to 15 digits, without + or leading zeros.")
SMS_SENDER = matching(
    r"[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
    "must be a number without + or a name of at most 11 letters and digits.",
)
RCS_SENDER = matching(r"[A-Za-z0-9_&-]+", "must be the registered sender id, without spaces.")
WHATSAPP_USER = matching(
    r"[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,128}",
    "must be an E.164 number of 7 to 15 digits, without +, or a business-scoped user id.",
)
EMAIL_ADDRESS = matching(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", "must be an email address.")
MAIL_SENDER = matching(
    r"([^<>]+ <[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+>)|([^@\s<>]+@[^@\s<>]+\.[^@\s<>]+)",
    "must be an email address, with or without a name before it.",
)
PROVIDER_ID = text(1, 50)
URL = matching(r"https?://\S+", "must be a URL.")
VERSION = one_of("v0.1", "v1")
YES_NO = Rule("boolean")

COMMON: dict[str, Rule] = {"client_ref": text(1, 100), "webhook_url": URL, "webhook_version": VERSION}

MEDIA = needed(obj({"url": needed(URL)}))
CAPTIONED = needed(obj({"url": needed(URL), "caption": text(1, 3000)}))
CUSTOM = obj()

SUGGESTION = obj({"type": needed(text()), "text": needed(text(1, 25)), "postback_data": needed(text(0))})
CARD = obj(
    {
        "title": needed(text(1, 200)),
        "text": needed(text(1, 2000)),
        "media_url": needed(URL),
        "suggestions": many(SUGGESTION, 1, 4),
    }
)
RCS_CATEGORY = one_of("authentication", "transaction", "promotion", "service-request", "acknowledgement")

VIBER_OPTIONS: dict[str, Rule] = {
    "category": one_of("transaction", "promotion"),
    "ttl": integer(30, 259_200),
    "type": text(),
}
VIBER_BUTTON = obj({**VIBER_OPTIONS, "action": obj({"url": needed(URL), "text": needed(text(1, 30))})})
VIBER_VIDEO = obj(
    {
        **VIBER_OPTIONS,
        "duration": needed(Rule("numeral", low=1, high=600)),
        "file_size": needed(Rule("numeral", low=1, high=200)),
    }
)

CHANNELS: dict[str, Channel] = {
    "sms": Channel(
        to=NUMBER,
        sender=SMS_SENDER,
        types={"text": {"text": needed(text(1, 3200))}},
        options={
            "ttl": integer(20, 604_800),
            "trusted_recipient": YES_NO,
            "sms": obj(
                {
                    "encoding_type": one_of("text", "unicode", "auto"),
                    "content_id": text(),
                    "entity_id": text(),
                    "pool_id": text(),
                }
            ),
        },
    ),
    "mms": Channel(
        to=NUMBER,
        sender=SMS_SENDER,
        types={
            "text": {"text": needed(text())},
            "image": {"image": CAPTIONED},
            "vcard": {"vcard": CAPTIONED},
            "audio": {"audio": CAPTIONED},
            "video": {"video": CAPTIONED},
            "file": {"file": CAPTIONED},
            "content": {
                "content": needed(
                    many(
                        obj(
                            {
                                "type": needed(one_of("image", "audio", "video", "vcard", "file")),
                                "url": needed(URL),
                                "caption": text(1, 3000),
                            }
                        ),
                        1,
                    )
                )
            },
        },
        options={"ttl": integer(300, 259_200), "trusted_recipient": YES_NO},
    ),
    "rcs": Channel(
        to=NUMBER,
        sender=RCS_SENDER,
        types={
            "text": {"text": needed(text(1, 3072)), "suggestions": many(SUGGESTION, 1, 11)},
            "image": {"image": MEDIA},
            "video": {"video": MEDIA},
            "file": {"file": MEDIA},
            "card": {"card": needed(CARD)},
            "carousel": {
                "carousel": needed(obj({"cards": needed(many(CARD, 2, 10))})),
                "suggestions": many(SUGGESTION, 1, 11),
                "rcs": needed(obj({"category": RCS_CATEGORY, "card_width": needed(one_of("SMALL", "MEDIUM"))})),
            },
            "custom": {"custom": CUSTOM},
        },
        options={
            "ttl": integer(300, 2_592_000),
            "trusted_recipient": YES_NO,
            "rcs": obj({"category": RCS_CATEGORY}),
        },
    ),
    "whatsapp": Channel(
        to=WHATSAPP_USER,
        sender=NUMBER,
        types={
            "text": {"text": needed(text(1, 4096))},
            "image": {"image": CAPTIONED},
            "audio": {"audio": needed(obj({"url": needed(replace(URL, low=10, high=2000))}))},
            "video": {"video": needed(obj({"url": needed(URL), "caption": text(0)}))},
            "file": {"file": needed(obj({"url": needed(URL), "caption": text(0), "name": text(0)}))},
            "template": {
                "template": needed(obj({"name": needed(text()), "parameters": many(text(0), 0)})),
                "whatsapp": needed(obj({"locale": needed(text()), "policy": one_of("deterministic")})),
            },
            "sticker": {"sticker": needed(obj({"url": URL, "id": text()}, exactly_one=("url", "id")))},
            "reaction": {
                "reaction": needed(
                    obj(
                        {"action": needed(one_of("react", "unreact")), "emoji": text()},
                        needs=(("action", "react", "emoji"),),
                    )
                ),
                "context": needed(obj({"message_uuid": needed(text())})),
            },
            "custom": {"custom": CUSTOM},
        },
        options={"context": obj({"message_uuid": needed(text())})},
    ),
    "messenger": Channel(
        to=PROVIDER_ID,
        sender=PROVIDER_ID,
        types={
            "text": {"text": needed(text(1, 640))},
            "image": {"image": MEDIA},
            "audio": {"audio": needed(obj({"url": needed(replace(URL, low=10, high=2000))}))},
            "video": {"video": MEDIA},
            "file": {"file": MEDIA},
        },
        options={
            "messenger": obj(
                {"category": one_of("response", "update", "message_tag"), "tag": text()},
                needs=(("category", "message_tag", "tag"),),
            )
        },
    ),
    "viber_service": Channel(
        to=NUMBER,
        sender=PROVIDER_ID,
        types={
            "text": {"text": needed(text(1, 1000)), "viber_service": VIBER_BUTTON},
            "image": {
                "image": needed(obj({"url": needed(URL), "caption": text(0)})),
                "viber_service": VIBER_BUTTON,
            },
            "video": {
                "video": needed(
                    obj(
                        {
                            "url": needed(URL),
                            "thumb_url": needed(replace(URL, high=1000)),
                            "caption": text(0, 1000),
                        }
                    )
                ),
                "viber_service": needed(VIBER_VIDEO),
            },
            # Vonage: a URL, or a path beside a name
            "file": {"file": needed(obj({"url": needed(text()), "name": text(0, 25)}))},
        },
        options={"viber_service": obj(VIBER_OPTIONS)},
    ),
    "email": Channel(
        to=EMAIL_ADDRESS,
        sender=MAIL_SENDER,
        types={
            "text": {"text": needed(text())},
            "html": {"html": needed(obj({"body": needed(text())}))},
            "content": {
                "content": needed(
                    many(
                        obj(
                            {"type": needed(one_of("text", "html")), "text": text(), "body": text()},
                            needs=(("type", "text", "text"), ("type", "html", "body")),
                        ),
                        1,
                    )
                )
            },
        },
        options={
            "email": needed(
                obj(
                    {
                        "subject": needed(text()),
                        "importance": text(),
                        "priority": text(),
                        "sensitivity": text(),
                    }
                )
            )
        },
    ),
}

QUOTED = obj({"message_uuid": needed(text())})
LOCATION = needed(obj({"lat": needed(Rule("number")), "long": needed(Rule("number"))}))
ATTACHMENTS = ("image", "vcard", "audio", "video", "file")


def attached(*kinds: str, **beside: Rule) -> dict[str, Mapping[str, Rule]]:
    return {kind: {kind: MEDIA, **beside} for kind in kinds}


WORDS: dict[str, Mapping[str, Rule]] = {"text": {"text": needed(text())}}
CHOICES: dict[str, Mapping[str, Rule]] = {
    "reply": {"reply": needed(obj({"id": needed(text()), "title": needed(text())}))},
    "button": {"button": needed(obj({"payload": needed(text()), "text": needed(text())}))},
    "location": {"location": LOCATION},
}
UNSUPPORTED: dict[str, Mapping[str, Rule]] = {"unsupported": {}}

# message_type: the fields that come with it. There is no answering an email.
INBOUND: dict[str, Mapping[str, Mapping[str, Rule]]] = {
    "sms": WORDS,
    "mms": {
        **WORDS,
        **attached(*ATTACHMENTS, content=many(obj({"type": needed(one_of(*ATTACHMENTS)), "url": URL}), 1)),
    },
    "rcs": {**WORDS, **attached(*ATTACHMENTS), **CHOICES},
    "whatsapp": {
        **WORDS,
        **attached("image", "video", "file", "audio", "sticker"),
        **CHOICES,
        "contacts": {"contacts": needed(many(obj(), 1))},
        "order": {"order": needed(obj({"catalog_id": needed(text()), "product_items": needed(many(obj(), 1))}))},
        "reaction": CHANNELS["whatsapp"].types["reaction"],
        "system": {"system": needed(obj({"type": needed(text()), "body": needed(text())}))},
        **UNSUPPORTED,
    },
    "messenger": {**WORDS, **attached("image", "video", "file", "audio"), **UNSUPPORTED},
    "viber_service": {**WORDS, **attached("image", "video", "file")},
}
INBOUND_OPTIONS: dict[str, Mapping[str, Rule]] = {
    "whatsapp": {"context": QUOTED, "whatsapp": obj()},  # `whatsapp` holds the advertisement or product it began with
    "viber_service": {"context": QUOTED},
}
