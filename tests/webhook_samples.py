"""One webhook of each documented channel, type and shape, with what has to be understood of it.

Written from the published facts (Messages API v1.11 and v0.1, Dispatch API v0.1, SMS API), not copied from samples.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.event.webhook import ProviderError, Usage
from getthrough.domain.message.status import Status
from tests.builders import FIRST, FROM

Json = Mapping[str, Any]

VONAGES = "6b0f5e1c-94aa-4d38-b6f7-0f2d5c7a9e10"
QUOTED = "6b0f5e1c-94aa-4d38-b6f7-0f2d5c7a9e11"
NOON = "2026-03-02T12:00:00Z"
NUMBERS, IDS = (FIRST, FROM), ("7351900462", "1040226398")
SIDES: Mapping[str, tuple[str, str]] = {
    "sms": NUMBERS,
    "mms": NUMBERS,
    "rcs": (FIRST, "TheBakery"),
    "whatsapp": NUMBERS,
    "messenger": IDS,
    "viber_service": (FIRST, "30492"),
}
"""The customer and we, on each channel."""


class Sample(NamedTuple):
    """`understood` has the fields of the event or the message that matter, by name."""

    name: str
    path: str
    payload: Json
    understood: Json


def status_samples() -> list[Sample]:
    return [*_statuses_in_v1(), *_statuses_in_v0_1(), *_errors(), *_prices(), *_final_reports()]


def inbound_samples() -> list[Sample]:
    return [*_inbound_in_v1(), *_inbound_in_v0_1(), *_inbound_of_the_sms_api()]


def all_samples() -> list[Sample]:
    return [*status_samples(), *inbound_samples()]


# Status

_ONLY: Mapping[str, Json] = {
    "sms": {"destination": {"network_code": "23415"}, "sms": {"count_total": "2"}},
    "mms": {"destination": {"network_code": "23415"}},
    "rcs": {"destination": {"network_code": "23415"}},
    "whatsapp": {
        "whatsapp": {
            "pricing": {"type": "regular", "pricing_model": "PMP", "category": "utility"},
            "conversation": {"id": "c-77", "origin": {"type": "business_initiated"}},
            "recipient": {"user_id": "GB.100200300", "wa_id": FIRST},
        },
        "profile": {"name": "A customer"},
    },
    "messenger": {},
    "viber_service": {},
}
"""What only the status webhooks of one channel have."""


def v1_status(channel: str = "sms", **fields: Any) -> dict[str, Any]:
    customer, we = SIDES[channel]
    common = {"message_uuid": VONAGES, "channel": channel, "to": customer, "from": we, "timestamp": NOON}
    return {**common, "status": "delivered", "client_ref": "order 77", **_ONLY[channel], **fields}


def _status(name: str, payload: Json, **understood: Any) -> Sample:
    return Sample(f"status {name}", "/status", payload, {"vonage_message_uuid": VONAGES, **understood})


def _statuses_in_v1() -> list[Sample]:
    workflow = {"workflow_id": "9xQ2", "items_number": "1", "items_total": "2"}
    usage = {"currency": "EUR", "price": "0.0480"}
    cost = Usage(Decimal("0.0480"), "EUR")
    samples = [
        _status(
            f"v1 {channel} {word}",
            v1_status(channel, status=word, usage=usage),
            status=Status(word),
            contact=contact_of(channel, SIDES[channel][0]),
            usage=cost,
            error=None,
        )
        for channel in SIDES
        for word in Status
    ]
    unknown = [
        _status(f"v1 {word}", v1_status(status=word), status=None, contact=contact_of("sms", FIRST))
        for word in ("accepted", "expired", "geliefert \U0001f9c1")
    ]
    failover = _status("v1 of a failover", v1_status(workflow=workflow), status=Status.DELIVERED, usage=None)
    new_channel = {**v1_status(), "channel": "email", "to": "customer@example.com", "opens": {"count": 1}}
    email = _status(
        "v1 email", new_channel, status=Status.DELIVERED, contact=contact_of("email", "customer@example.com")
    )
    return [*samples, *unknown, failover, email]


def _statuses_in_v0_1() -> list[Sample]:
    def v0_1(channel: str, **fields: Any) -> dict[str, Any]:
        customer, we = SIDES.get(channel, NUMBERS)
        name = "id" if channel == "messenger" else "number"
        sides = {"to": {"type": channel, name: customer}, "from": {"type": channel, name: f"\t{we}"}}
        return {"message_uuid": VONAGES, **sides, "timestamp": NOON, "status": "delivered", **fields}

    contacts = {name: contact_of(name, SIDES[name][0]) for name in ("sms", "mms", "whatsapp", "messenger")}
    contacts["viber_service_msg"] = contact_of("viber_service", FIRST)
    samples = [
        _status(f"v0.1 {channel}", v0_1(channel), status=Status.DELIVERED, contact=contact, usage=None)
        for channel, contact in contacts.items()
    ]
    tabbed = v0_1("sms", to={"type": "sms", "number": f"\t{FIRST} "})
    links = {
        "dispatch": {"href": "v0.1/dispatch/d-1", "dispatch_uuid": "d-1"},
        "workflow": {"href": "/workflows/d-1", "dispatch_uuid": "d-1"},
    }
    of_a_dispatch = [
        _status(
            f"v0.1 with _links.{name}", v0_1("sms", dispatch_uuid="d-1", _links={name: link}), status=Status.DELIVERED
        )
        for name, link in links.items()
    ]
    with_a_tab = _status("v0.1 with a tab", tabbed, status=Status.DELIVERED, contact=contact_of("sms", FIRST))
    moments = [
        _status(f"v0.1 at {moment}", v0_1("sms", timestamp=moment), status=Status.DELIVERED)
        for moment in ("2026-03-02 12:00:00 UTC", "2026-03-02 12:00:00 +0000", "2026-03-02T12:00:00.000Z")
    ]
    return [*samples, *of_a_dispatch, with_a_tab, *moments]


def _errors() -> list[Sample]:
    url = "https://developer.vonage.com/api-errors/messages#1300"
    words = "Not one of theirs."
    shapes: Mapping[str, Json] = {
        "text": {"error": {"type": url, "title": "1300", "detail": words, "instance": "bf0c"}},
        "number": {"error": {"type": url, "title": 1300, "detail": words, "instance": "bf0c"}},
        "v0.1": {"error": {"code": 1300, "reason": words}},
        "v0.1 text": {"error": {"code": "1300", "reason": words}},
        "errors": {"errors": {"code": 1300, "reason": words}},
        "errors, a list": {"errors": [{"code": 1300, "reason": words}]},
    }
    return [
        _status(
            f"with an error: {name}",
            v1_status(status="rejected", **shape),
            status=Status.REJECTED,
            error=ProviderError(1300, words),
        )
        for name, shape in shapes.items()
    ]


def _prices() -> list[Sample]:
    prices = ("0", "0.0333", "0.03330", "12", "123456789012345.123456789012")
    return [
        _status(
            f"that cost {price}",
            v1_status(usage={"price": price, "currency": "EUR"}),
            usage=Usage(Decimal(price), "EUR"),
        )
        for price in prices
    ]


def _final_reports() -> list[Sample]:
    report = {
        "template": "failover",
        "dispatch_uuid": "2c9d8a10-77be-4f0e-9a55-3d1e6b7f8c90",
        "timestamp": NOON,
        "usage": {"price": "0.0813", "currency": "EUR"},
        "_links": {
            "messages": [
                {"message_uuid": VONAGES, "href": f"v0.1/messages/{VONAGES}", "channel": "sms", "status": "rejected"},
                {"message_uuid": QUOTED, "channel": "sms", "status": "delivered", "usage": {"price": "0.0333"}},
            ]
        },
    }
    understood = {"vonage_message_uuid": report["dispatch_uuid"], "status": None, "usage": None, "contact": None}
    return [
        Sample(f"final report {word}", "/status", {**report, "status": word}, understood)
        for word in ("completed", "error")
    ]


# Inbound

_LINK = {"url": "https://media.example/1", "name": "file-1"}
_CAPTIONED = {**_LINK, "caption": "Is this yours?"}
_CONTENT: Mapping[str, tuple[Json, str | None]] = {
    "text": ({"text": "On my way"}, "On my way"),
    "image": ({"image": _CAPTIONED}, "Is this yours?"),
    "audio": ({"audio": _LINK}, None),
    "video": ({"video": _LINK}, None),
    "file": ({"file": _LINK}, None),
    "vcard": ({"vcard": _LINK}, None),
    "location": ({"location": {"lat": 51.5, "long": -0.12, "name": "The bakery", "address": "1 Bread Street"}}, None),
    "reply": ({"reply": {"id": "slot-9", "title": "At nine", "description": "Tomorrow"}}, "At nine"),
    "button": ({"button": {"payload": "agreed", "text": "I agree", "subtype": "flow"}}, "I agree"),
    "contacts": ({"contacts": [{"name": {"formatted_name": "A baker"}, "phones": [{"phone": FIRST}]}]}, None),
    "order": ({"order": {"catalog_id": "7", "product_items": [{"quantity": "1", "item_price": "9.99"}]}}, None),
    "sticker": ({"sticker": {"url": "https://media.example/2"}}, None),
    "reaction": ({"reaction": {"action": "react", "emoji": "\U0001f9c1"}}, None),
    "unsupported": ({}, None),
}
"""The content of each type, and the words in it."""

TYPES: Mapping[str, tuple[str, ...]] = {
    "sms": ("text",),
    "mms": ("text", "image", "vcard", "audio", "video", "file"),
    "rcs": ("text", "image", "video", "audio", "file", "vcard", "location", "reply", "button"),
    "whatsapp": tuple(name for name in _CONTENT if name != "vcard"),
    "messenger": ("text", "image", "video", "file", "audio", "unsupported"),
    "viber_service": ("text", "image", "video", "file"),
}
"""The types in which a customer can write, on each channel."""

_ABOUT: Mapping[str, Json] = {
    "sms": {
        "sms": {"num_messages": "1", "keyword": "ON"},
        "usage": {"price": "0.0050", "currency": "EUR"},
        "origin": {"network_code": "23415"},
    },
    "mms": {"origin": {"network_code": "23415"}},
    "rcs": {"context_status": "none"},
    "whatsapp": {
        "profile": {"name": "A customer"},
        "context_status": "available",
        "context": {"message_uuid": QUOTED, "message_from": FROM},
        "provider_message": "from Meta",
        "_self": {"href": f"https://api-eu.vonage.com/v1/messages/{VONAGES}"},
    },
    "messenger": {},
    "viber_service": {"context": {"message_uuid": QUOTED}},
}


def v1_inbound(channel: str = "sms", kind: str = "text", **fields: Any) -> dict[str, Any]:
    customer, we = SIDES[channel]
    common = {"channel": channel, "message_uuid": VONAGES, "to": we, "from": customer, "timestamp": NOON}
    named = {} if channel == "sms" else {"message_type": kind}
    in_mms = channel == "mms" and kind != "text"
    parts = {"content": [{"type": kind, "url": "https://media.example/3"}]} if in_mms else {}
    return {**common, **named, **_CONTENT[kind][0], **_ABOUT[channel], **parts, **fields}


def _inbound(name: str, payload: Json, **understood: Any) -> Sample:
    return Sample(f"inbound {name}", "/inbound", payload, understood)


def _inbound_in_v1() -> list[Sample]:
    return [
        _inbound(
            f"v1 {channel} {kind}",
            v1_inbound(channel, kind),
            vonage_message_uuid=VONAGES,
            address=Address(channel, SIDES[channel][0]),
            message_type=kind,
            text=_CONTENT[kind][1],
            quotes=QUOTED if channel in ("whatsapp", "viber_service") else None,
        )
        for channel, kinds in TYPES.items()
        for kind in kinds
    ]


def _inbound_in_v0_1() -> list[Sample]:
    kinds = {
        "sms": ("text",),
        "mms": ("text", "image"),
        "whatsapp": ("text", "image", "video", "audio", "file", "location", "unsupported"),
        "messenger": ("text", "image", "video", "audio", "file", "unsupported"),
        "viber_service_msg": ("text", "unsupported"),
    }
    samples = []
    for channel, its_kinds in kinds.items():
        now_named = "viber_service" if channel == "viber_service_msg" else channel
        customer, we = SIDES[now_named]
        name = "id" if channel == "messenger" else "number"
        for kind in its_kinds:
            content, text = _CONTENT[kind]
            payload = {
                "message_uuid": VONAGES,
                "to": {"type": channel, "id" if now_named == "viber_service" else name: we},
                "from": {"type": channel, name: f"\t{customer}"},
                "timestamp": "2026-03-02T12:00:00.000Z",
                "direction": "inbound",
                "message": {"content": {"type": kind, **content}, "sms": {"num_messages": "1"}},
            }
            understood = {
                "address": Address(now_named, customer),
                "message_type": kind,
                "text": text,
                "quotes": None,
            }
            samples.append(_inbound(f"v0.1 {channel} {kind}", payload, vonage_message_uuid=VONAGES, **understood))
    return samples


def sms_api(**fields: Any) -> dict[str, Any]:
    """What an account sends whose SMS settings say "SMS API"."""
    return {
        "msisdn": FIRST,
        "to": FROM,
        "messageId": "0A0000000123ABCD1",
        "text": "On my way",
        "type": "text",
        "keyword": "ON",
        "api-key": "abcd1234",
        "message-timestamp": "2026-03-02 12:00:00",
        **fields,
    }


def _inbound_of_the_sms_api() -> list[Sample]:
    common = {"vonage_message_uuid": "0A0000000123ABCD1", "address": Address("sms", FIRST), "quotes": None}
    part = {"concat": "true", "concat-ref": "1", "concat-total": "2", "concat-part": "2", "text": "stop"}
    kinds: list[tuple[str, Json, str, str | None]] = [
        ("text", {}, "text", "On my way"),
        ("unicode", {"type": "unicode", "text": "Je suis là"}, "text", "Je suis là"),
        ("a part of a text", part, "text", None),
        ("binary", {"type": "binary", "data": "0011", "udh": "0605"}, "binary", None),
    ]
    return [
        _inbound(f"SMS API {name}", sms_api(**fields), **common, message_type=kind, text=text)
        for name, fields, kind, text in kinds
    ]
