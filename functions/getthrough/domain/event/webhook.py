"""Vonage's webhooks, parsed: status events and inbound messages, in every documented shape.

Shapes: Messages API v1.11 (`messageStatus*`, `inbound*`); v0.1, where `to` and `from` are objects; the Dispatch API's
final report, which belongs to no single message; and the SMS API's inbound message, which Vonage sends if the account's
SMS settings say "SMS API". Unknown values are kept raw and never guessed. The functions take a body that was verified
and decoded, and `jti`, the id of its token.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from getthrough.domain.contact.contact import Address, Contact, address_of
from getthrough.domain.event.error_codes import THROTTLED, Meaning, meaning_of
from getthrough.domain.message.status import Status
from getthrough.domain.values import identifiers
from getthrough.domain.values.errors import MalformedWebhookError
from getthrough.domain.values.rfc3339 import parse_lenient

LONGEST_ID = 320
"""The most characters of an id or an address. The longest is an email address; the table's keys have a limit."""

LONGEST_BODY = 200_000
"""Bytes as stored: half of what an item of the table may have. Stored numbers can be longer than received ones."""

_CHANNEL = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_LONGEST_WAY = timedelta(days=1, hours=1)
_PRICE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_CODE = re.compile(r"[0-9]{1,6}")
_SINCE_1970 = re.compile(r"([0-9]{9,10})([0-9]{3})?(\.[0-9]{1,9})?")
_CODE_IN_TYPE = re.compile(r"#([0-9]{1,6})/?$")

_WORDS_OF: Mapping[str, tuple[str, ...]] = {"reply": ("title",), "button": ("text", "payload")}
"""The fields with the text that the customer tapped. Media have a `caption` instead."""

_PAYLOAD_OF: Mapping[str, str] = {"reply": "id", "button": "payload"}
"""The fields with the value that the sender gave to a tapped answer."""

_NO_ANSWERS = frozenset({"system", "reaction", "unsupported"})

_IDS_OF_A_CUSTOMER = ("wa_id", "user_id", "parent_user_id")
"""A WhatsApp customer's number, and the ids that stand for it since customers can hide it behind a user name."""

_OURS = frozenset({"recipient", "to", "business", "context", "referral"})
_NOT_THE_RECIPIENT = frozenset({"sender", "from", "business", "context", "referral"})
"""Parts of `whatsapp` that are not about the customer: in a customer's message, and in a status of ours."""

_DEEPEST_ERROR = 5
_INNER = ("error", "errors")
_CODES = ("title", "code", "error-code", "error_code")

_SMS_API = frozenset({"msisdn", "messageId", "message-timestamp"})
_SWITCH = "the SMS API's shape: switch the account's SMS settings to Messages API"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt cost, exactly as Vonage reported it."""

    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ProviderError:
    """Why a message was rejected: Vonage's code (None if it cannot be read) and its description."""

    code: int | None
    detail: str

    @property
    def meaning(self) -> Meaning | None:
        """What to do about it, if its code is published."""
        known = meaning_of(self.code)
        return known.meaning if known else None

    @property
    def title(self) -> str | None:
        """The published title of its code."""
        known = meaning_of(self.code)
        return known.title if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """One status webhook. `status` is None for an unknown status. `body` is the webhook's body as JSON text.

    `contact` is the recipient of the message, and `aliases` are other ids of the same customer. `dispatch_uuid` and
    `step` are None until the message is found. The `vonage_message_uuid` of a final report of the Dispatch API is the
    id of that dispatch.
    """

    digest: str
    vonage_message_uuid: str
    status: Status | None
    timestamp: datetime | None
    received_at: datetime
    body: str
    usage: Usage | None = None
    error: ProviderError | None = None
    contact: Contact | None = None
    aliases: tuple[Contact, ...] = ()
    jti: str | None = None
    dispatch_uuid: str | None = None
    step: int | None = None

    @property
    def happened_at(self) -> datetime:
        return _happened_at(self.timestamp, self.received_at)

    @property
    def throttled(self) -> bool:
        """True if Vonage accepted the message and then threw it away, because there were too many at once."""
        return self.status is Status.REJECTED and self.error is not None and self.error.code == THROTTLED

    @property
    def opted_out(self) -> bool:
        """True if Vonage refused the message because nothing may be sent to this contact."""
        return self.error is not None and self.error.meaning is Meaning.NEVER_AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message from a customer. `text` is its text, its caption, or the answer that was tapped.

    `tapped` is true for an offered answer, and `payload` is the value that the sender gave it. `quotes` is Vonage's id
    of the message that the customer quoted, if any. `aliases` are other ids of the customer. `ours` is the address to
    which it was sent. Other content (links, places, an order) is in `body`.
    """

    digest: str
    vonage_message_uuid: str
    address: Address
    received_at: datetime
    body: str
    message_type: str | None = None
    text: str | None = None
    tapped: bool = False
    payload: str | None = None
    quotes: str | None = None
    aliases: tuple[Contact, ...] = ()
    ours: Address | None = None
    timestamp: datetime | None = None
    jti: str | None = None

    @property
    def contact(self) -> Contact:
        """The customer, as far as the address alone says it."""
        return self.address.contact

    @property
    def is_answer(self) -> bool:
        """False for what customers do not say to us: a notice of the channel's (a number has changed), a reaction to a
        message, one that is taken back, and what Vonage cannot show."""
        return self.message_type not in _NO_ANSWERS

    @property
    def happened_at(self) -> datetime:
        return _happened_at(self.timestamp, self.received_at)


def _happened_at(timestamp: datetime | None, received_at: datetime) -> datetime:
    """Vonage's time, where it can be right: never in the future, so that a skewed clock cannot block later changes."""
    return min(credible(timestamp, received_at) or received_at, received_at)


def credible(timestamp: datetime | None, received_at: datetime) -> datetime | None:
    """Vonage's time. None if it is more than a day from our own clock: Vonage retries webhooks for one day, so its
    clock must be wrong."""
    near = timestamp is not None and abs(timestamp - received_at) <= _LONGEST_WAY
    return timestamp if near else None


def parse_status(payload: object, *, received_at: datetime, jti: str | None = None) -> StatusEvent:
    """Parse a status webhook. If its `client_ref` is one of our message_uuids, it names the dispatch and the step."""
    fields = _object(payload)
    identifier, word = _address(fields.get("message_uuid")), _text(fields.get("status"))
    known = (word or "").lower()
    if _SMS_API & fields.keys() and identifier is None:
        raise MalformedWebhookError(_SWITCH)
    if word is None:
        inbound = not fields.keys().isdisjoint(("text", "message_type", "message"))
        raise MalformedWebhookError("no status: an inbound message" if inbound else "no status")
    body = _canonical(fields)
    if identifier is None:
        return _final_report(fields, body, received_at, jti)
    ours, to = identifiers.parse_message_uuid(_text(fields.get("client_ref"))), party(fields, "to")
    return StatusEvent(
        digest=_digest(body),
        vonage_message_uuid=identifier,
        status=Status(known) if known in set(Status) else None,
        timestamp=_moment(fields.get("timestamp")),
        received_at=received_at,
        body=body,
        usage=_usage(fields.get("usage")),
        error=_error(fields.get("error")) or _error(fields.get("errors")),
        contact=to.contact if to else None,
        aliases=_customers_ids(fields, "from", _NOT_THE_RECIPIENT),
        jti=jti,
        dispatch_uuid=ours[0] if ours else None,
        step=ours[1] if ours else None,
    )


def parse_inbound(payload: object, *, received_at: datetime, jti: str | None = None) -> InboundMessage:
    """Parse an inbound message, as far as needed to find its conversation."""
    raw = _object(payload)
    fields = _translated(raw) if _SMS_API & raw.keys() and "message_uuid" not in raw else raw
    content = _content(fields)
    if "status" in fields and content is fields and fields.keys().isdisjoint(("text", "message_type")):
        raise MalformedWebhookError("a status, not an inbound message")
    ids = _customers_ids(fields, "to", _OURS)
    address = party(fields, "from") or _sender_of(ids)
    if address is None:
        raise MalformedWebhookError("no channel or no sender")
    identifier = _address(fields.get("message_uuid"))
    if identifier is None:
        raise MalformedWebhookError("no message_uuid")
    body = _canonical(raw)
    message_type = _text(content.get("message_type" if content is fields else "type"), 50)
    text = _message_text(content, message_type)
    context = fields.get("context")
    return InboundMessage(
        digest=_digest(identifier),
        vonage_message_uuid=identifier,
        address=address,
        received_at=received_at,
        body=body,
        message_type=message_type or ("text" if text is not None else None),
        text=text,
        tapped=message_type in _PAYLOAD_OF,
        payload=_payload(content, message_type),
        quotes=_text(context.get("message_uuid")) if isinstance(context, Mapping) else None,
        aliases=tuple(known for known in ids if known != address.contact),
        ours=party(fields, "to"),
        timestamp=_moment(fields.get("timestamp")),
        jti=jti,
    )


def _final_report(fields: Mapping[str, Any], body: str, received_at: datetime, jti: str | None) -> StatusEvent:
    """The Dispatch API's final report. Its status and its price belong to no single message, so they are not read. It
    is stored, and no step changes."""
    identifier = _text(fields.get("dispatch_uuid"))
    if identifier is None:
        raise MalformedWebhookError("no message_uuid")
    return StatusEvent(
        digest=_digest(body),
        vonage_message_uuid=identifier,
        status=None,
        timestamp=_moment(fields.get("timestamp")),
        received_at=received_at,
        body=body,
        jti=jti,
    )


def _translated(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """An inbound message of the SMS API in v1's shape. MalformedWebhookError if a field is missing.

    One part of a long message has no meaning alone, and a binary message has no text: their `text` stays in the body.
    """
    kind = _text(fields.get("type"), 50) or "text"
    whole_text = kind in ("text", "unicode") and fields.get("concat") in (None, False, "false")
    translated = {
        "channel": "sms",
        "message_uuid": fields.get("messageId"),
        "from": fields.get("msisdn"),
        "to": fields.get("to"),
        "timestamp": fields.get("message-timestamp"),
        "message_type": "text" if kind == "unicode" else kind,
        "text": fields.get("text") if whole_text else None,
    }
    if _address(translated["message_uuid"]) is None or _address(translated["from"]) is None or "status" in fields:
        raise MalformedWebhookError(_SWITCH)
    return translated


def _content(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The content: at the top level in v1, under `message.content` in v0.1."""
    message = fields.get("message")
    content = message.get("content") if isinstance(message, Mapping) else None
    return content if isinstance(content, Mapping) else fields


def _message_text(content: Mapping[str, Any], message_type: str | None) -> str | None:
    named = content.get(message_type) if message_type else None
    reported = [content.get("text")]
    if message_type and isinstance(named, Mapping):
        reported += [named.get(name) for name in _WORDS_OF.get(message_type, ("caption",))]
    return next((f"{words}" for words in reported if isinstance(words, str) or type(words) is int), None)


def _payload(content: Mapping[str, Any], message_type: str | None) -> str | None:
    name = _PAYLOAD_OF.get(message_type or "")
    tapped = content.get(message_type or "")
    return _text(tapped.get(name)) if name and isinstance(tapped, Mapping) else None


def party(fields: Mapping[str, Any], side: str) -> Address | None:
    """The address in `to` or `from`. v1 has an address and one `channel`; v0.1 has an object for each side."""
    party = fields.get(side)
    if isinstance(party, Mapping):
        named, address = party.get("type"), _address(party.get("number")) or _address(party.get("id"))
    else:
        named, address = fields.get("channel"), _address(party)
    channel = _channel(named)
    if channel is None or address is None or not _CHANNEL.fullmatch(channel):
        return None
    return address_of(channel, address)


def _channel(value: object) -> str | None:
    """A channel's name, in lower case."""
    name = _text(value)
    return name.lower() if name else None


def _customers_ids(fields: Mapping[str, Any], ours: str, others: frozenset[str]) -> tuple[Contact, ...]:
    """What else the customer is known by, which WhatsApp tells in `whatsapp`, in a part of it, or in `profile`."""
    whatsapp = fields.get("whatsapp")
    if _channel(fields.get("channel")) != "whatsapp":
        return ()
    inside = whatsapp if isinstance(whatsapp, Mapping) else {}
    parts = [inside, *(part for name, part in inside.items() if name not in others), fields.get("profile")]
    found: dict[str, str] = {}
    for part in parts:
        for name in _IDS_OF_A_CUSTOMER if isinstance(part, Mapping) else ():
            if (known := _address(part.get(name))) is not None:
                found.setdefault(name, known)
    us = party(fields, ours)
    contacts = [address_of("whatsapp", found[name]).contact for name in _IDS_OF_A_CUSTOMER if name in found]
    return tuple(dict.fromkeys(known for known in contacts if us is None or known != us.contact))


def _sender_of(ids: tuple[Contact, ...]) -> Address | None:
    """The address of a customer who hides the number: the first of the ids."""
    return Address("whatsapp", ids[0].address) if ids else None


def _moment(value: object) -> datetime | None:
    """Vonage's timestamp, as text or in seconds or milliseconds since 1970. None if it is implausible."""
    moment = parse_lenient(value)
    if moment is None and (since := _SINCE_1970.fullmatch(str(value))):
        moment = datetime.fromtimestamp(int(since[1]), UTC)
    return moment if moment is not None and 2000 <= moment.year < 2100 else None


def _object(payload: object) -> Mapping[str, Any]:
    if not isinstance(payload, Mapping):
        raise MalformedWebhookError("not a JSON object")
    return payload


def _text(value: object, longest: int = LONGEST_ID) -> str | None:
    """A short, non-empty text, trimmed; else None. v0.1 was seen to send numbers with a leading tab."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= longest else None


def _address(value: object) -> str | None:
    """An address, which may also come as a number."""
    return _text(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _usage(value: object) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    price, currency = value.get("price"), (_text(value.get("currency")) or "").upper()
    price = _text(f"{Decimal(str(price)):f}" if type(price) in (int, float) else price)
    return Usage(Decimal(price), currency) if price and currency and _PRICE.fullmatch(price) else None


def _error(value: object) -> ProviderError | None:
    """The innermost error that has a code: the first one of a list, the error inside an error, or a code alone."""
    errors = list[ProviderError]()
    for _ in range(_DEEPEST_ERROR):
        if isinstance(value, list) and value:
            value = value[0]
        if (code := _code(value)) is not None:
            errors.append(ProviderError(code, ""))
        if not isinstance(value, Mapping):
            break
        errors.append(_one_error(value))
        value = next((inner for inner in map(value.get, _INNER) if inner is not None), None)
    return next((one for one in reversed(errors) if one.code is not None), errors[-1] if errors else None)


def _one_error(error: Mapping[str, Any]) -> ProviderError:
    """v1 has the code in `title`, as a string or (older) a number, and at the end of `type`. v0.1 has `code` and
    `reason`; the SMS API has `error-code`."""
    in_type = _CODE_IN_TYPE.search(_text(error.get("type"), 2000) or "")
    codes = (_code(given) for given in (*map(error.get, _CODES), in_type and in_type[1]))
    detail = _text(error.get("detail"), 2000) or _text(error.get("reason"), 2000)
    return ProviderError(next((code for code in codes if code is not None), None), detail or "")


def _code(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = _address(value)
    return int(text) if text is not None and _CODE.fullmatch(text) else None


def _canonical(fields: Mapping[str, Any]) -> str:
    """The canonical form of the body, in which it is stored and compared."""
    body = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if len(body.encode()) > LONGEST_BODY:
        raise MalformedWebhookError(f"more than {LONGEST_BODY} bytes")
    return body


def _digest(body: str) -> str:
    """The hash of the content, which identifies copies of a webhook. A retry has a new token, so the token cannot."""
    return hashlib.sha256(body.encode()).hexdigest()
