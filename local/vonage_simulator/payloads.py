"""The bodies of Vonage's webhooks, status and inbound, in the v1 and v0.1 shapes, per channel."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.vonage_simulator.clock import timestamp
from local.vonage_simulator.phones import Message, Phone

NETWORK_CODE = "00101"  # the code kept for test networks
PRICES = {
    "sms": "0.0333",
    "mms": "0.1000",
    "messenger": "0.0010",
    "viber_service": "0.0210",
    "email": "0.0006",
}
INBOUND_USAGE = {"currency": "EUR", "price": "0.0000"}
# SMS and MMS are charged when the provider has them, others when they arrive. RCS statuses carry no usage.
CHARGED_AT_ONCE = frozenset({"sms", "mms"})
WITH_NETWORK = frozenset({"sms", "mms", "rcs"})

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = set("^{}\\[~]|€\f")

ERRORS = {
    1000: "Throttled: too many messages for this account; wait and try again",
    1100: "Communication failed: the message could not be handed to the provider",
    1180: "Absent subscriber, for now: the phone is off or out of coverage",
    1190: "Absent subscriber, for good: the number is no longer in use",
    1240: "Illegal number: the recipient has opted out or blocks this sender",
    1260: "Destination unreachable",
    1280: "Number blocked by the carrier: its contract has no messages, or is suspended",
    1300: "Not part of the provider network",
    1310: "Not a suitable device",
    1340: "Outside of the allowed window: the customer has not written in the last 24 hours",
    1360: "The ttl ran out before the message was delivered",
}


def segments(text: str) -> int:
    """How many SMS a text needs."""
    if set(text) <= _BASIC | _ESCAPED:
        size, one, many = len(text) + sum(char in _ESCAPED for char in text), 160, 153
    else:
        size, one, many = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if size <= one else -(-size // many)


def status(message: Message, name: str, error: int | None, ids: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`ids` are what WhatsApp calls the recipient."""
    if message.body.get("webhook_version") == "v0.1":
        return _status_v01(message, name, error)
    body = message.body
    channel = body["channel"]
    reported: dict[str, Any] = {
        "message_uuid": message.uuid,
        "to": body["to"],
        "from": body["from"],
        "timestamp": timestamp(),
        "status": name,
        "channel": channel,
    }
    if "client_ref" in body:
        reported["client_ref"] = body["client_ref"]
    if message.workflow is not None:
        reported["workflow"] = {
            "workflow_id": message.workflow.id,
            "items_number": str(message.workflow.position + 1),
            "items_total": str(len(message.workflow.items)),
        }
    if error is not None:
        reported["error"] = {
            "type": f"https://developer.vonage.com/api-errors/messages#{error}",
            "title": str(error),
            "detail": ERRORS.get(error, "The message was not delivered"),
            "instance": uuid.uuid4().hex,
        }
    if charge := _usage(body, name):
        reported["usage"] = charge
    if channel in WITH_NETWORK and name in {"submitted", "delivered"}:
        reported["destination"] = {"network_code": NETWORK_CODE}
    if channel == "sms" and name == "submitted":
        reported["sms"] = {"count_total": str(segments(body["text"]))}
    if channel == "whatsapp" and name == "delivered":
        reported["whatsapp"] = {
            "pricing": {"type": "regular", "pricing_model": "PMP", "category": "utility"},
            "conversation": {"id": uuid.uuid4().hex, "origin": {"type": "utility"}},
        }
    if ids:
        reported["whatsapp"] = {**reported.get("whatsapp", {}), "recipient": dict(ids)}
    return reported


def _status_v01(message: Message, name: str, error: int | None) -> dict[str, Any]:
    body = message.body
    reported: dict[str, Any] = {
        "message_uuid": message.uuid,
        "to": _party(body["channel"], body["to"], {"messenger"}),
        "from": _party(body["channel"], body["from"], {"messenger", "viber_service"}),
        "timestamp": timestamp(),
        "status": name,
    }
    if error is not None:
        reported["error"] = {"code": error, "reason": ERRORS.get(error, "The message was not delivered")}
    if charge := _usage(body, name):
        reported["usage"] = charge
    if "client_ref" in body:
        reported["client_ref"] = body["client_ref"]
    return reported


def _party(channel: str, address: str, by_id: set[str]) -> dict[str, str]:
    kind = "viber_service_msg" if channel == "viber_service" else channel
    return {"type": kind, "id" if channel in by_id else "number": address}


def _usage(body: Mapping[str, Any], name: str) -> dict[str, str] | None:
    channel = body["channel"]
    if name != "delivered" and not (name == "submitted" and channel in CHARGED_AT_ONCE):
        return None
    if channel == "whatsapp":
        return {"currency": "EUR", "price": "0"}  # priced per message, outside the webhook
    if channel not in PRICES:
        return None
    pieces = segments(body["text"]) if channel == "sms" else 1
    return {"currency": "EUR", "price": str(Decimal(PRICES[channel]) * pieces)}


def inbound(message: Message, quoted: Message | None, base_url: str, phone: Phone) -> dict[str, Any]:
    """What the phone's owner sent, in answer to a message that it quotes or to none."""
    body = message.body
    channel, kind = body["channel"], body["message_type"]
    reported: dict[str, Any] = {"message_uuid": message.uuid, "timestamp": timestamp(), **body}
    reported.pop("context", None)
    if quoted is not None:
        reported["context"] = {"message_uuid": quoted.uuid}
    match channel:
        case "sms":
            del reported["message_type"]  # an SMS is a text, and says nothing about it
            reported |= {"sms": _about_sms(body["text"]), "usage": INBOUND_USAGE}
            reported["origin"] = {"network_code": NETWORK_CODE}
        case "mms":
            reported["origin"] = {"network_code": NETWORK_CODE}
        case "rcs":
            reported["context_status"] = "none"
        case "whatsapp":
            reported["profile"] = {"name": body["from"]}
            reported["context_status"] = "available" if quoted else "none"
            if quoted is not None:
                reported["context"]["message_from"] = quoted.body["from"]
            if kind == "text":
                reported["provider_message"] = body["text"]
            if phone.ids:
                reported["whatsapp"] = {**body.get("whatsapp", {}), "sender": phone.ids}
            if phone.hides_number:
                del reported["from"], reported["profile"]
            if kind not in {"reaction", "system", "unsupported"}:
                reported["_self"] = {"href": f"{base_url}/v1/messages/{message.uuid}"}
    return reported


def inbound_v01(message: Message) -> dict[str, Any]:
    """The same in the old shape, which knows nothing of quoting."""
    body = message.body
    channel, kind = body["channel"], body["message_type"]
    content = {"type": kind, **({kind: body[kind]} if kind in body else {})}
    if kind == "location":
        place = dict(body["location"])
        content["location"] = {"longitude": str(place.pop("long")), "latitude": str(place.pop("lat")), **place}
    reported: dict[str, Any] = {
        "message_uuid": message.uuid,
        "to": _party(channel, body["to"], {"messenger", "viber_service"}),
        "from": _party(channel, body["from"], {"messenger"}),
        "timestamp": timestamp(),
        "direction": "inbound",
        "message": {"content": content},
    }
    if channel == "sms":
        reported["message"]["sms"] = _about_sms(body["text"])
        reported["usage"] = INBOUND_USAGE
    return reported


def _about_sms(text: str) -> dict[str, str]:
    words = text.split()
    return {"num_messages": str(segments(text)), "keyword": words[0].upper() if words else ""}


def receipt_of_the_sms_api(message: Message, name: str, api_key: str) -> dict[str, Any] | None:
    """A status in the shape of the SMS API; None for one that it does not report."""
    if name not in {"delivered", "rejected", "undeliverable"}:
        return None
    body = message.body
    reported = {
        "msisdn": body["to"],
        "to": body["from"],
        "network-code": NETWORK_CODE,
        "messageId": message.uuid,
        "price": PRICES["sms"],
        "status": "delivered" if name == "delivered" else "failed",
        "scts": "2601010000",
        "err-code": "0" if name == "delivered" else "1",
        "api-key": api_key,
        "message-timestamp": timestamp(),
    }
    return {**reported, **({"client-ref": body["client_ref"]} if "client_ref" in body else {})}


def inbound_of_the_sms_api(message: Message, api_key: str) -> dict[str, Any]:
    body = message.body
    return {
        "msisdn": body["from"],
        "to": body["to"],
        "messageId": message.uuid,
        "text": body["text"],
        "type": "text",
        "keyword": _about_sms(body["text"])["keyword"],
        "api-key": api_key,
        "message-timestamp": timestamp(),
    }
