"""The phones: what each one is set to, what is on its screen, and what happens next to a message.

`next_event` decides, purely; `network` lets it happen. A phone appears when it is first written to, or set.

A phone as JSON, and the settings that `PUT /phones/{channel}/{address}` takes (any of them; the others stay):

    {"channel": "sms", "address": "447700900000",
     "mode": "on" | "airplane" | "blocked" | "slow" | "unreachable",
     "delay": 0.3,             # seconds from the network to the screen; a new mode sets its own
     "reads": false,           # true: the owner reads after a second; a number: after so many seconds
     "receipts": true,         # false: no read receipts
     "error": 1280,            # the code with which a blocked phone rejects: its carrier does; 1240 is an opt-out
     "user_id": "",            # WhatsApp: what stands for the customer beside the number; webhooks show it then
     "writes_as": "",          # WhatsApp: another spelling of the number, under which its owner writes
     "hides_number": false,    # WhatsApp: what its owner writes has the user id, and no number
     "can_read": false,        # the channel has read receipts at all (not a setting)
     "messages": [{"message_uuid", "direction": "received" | "sent", "other": "447700900001", "channel",
                   "message_type", "text", "content": {...}, "client_ref", "status", "error": 1280 | null,
                   "shown", "at", "arrived_at": null until it is on the screen}]}

`status`: accepted submitted delivered read rejected undeliverable revoked; of a reply: sent.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

READ_CHANNELS = frozenset({"rcs", "whatsapp", "messenger", "viber_service"})
SUBMIT_DELAY = 0.05
REFUSE_DELAY = 0.2
READ_DELAY = 1.0
USUAL_DELAY = {"on": 0.3, "airplane": 0.3, "blocked": 0.3, "slow": 5.0, "unreachable": 0.3}
USUAL_TTL = {"sms": 72 * 3600, "mms": 72 * 3600, "rcs": 30 * 24 * 3600}
FOR_EVER = 365 * 24 * 3600
BLOCKED, EXPIRED, UNREACHABLE, OUTSIDE = 1280, 1360, 1100, 1340
SERVICE_WINDOW = 24 * 3600
LONGEST_ID = 131

_ENVELOPE = {
    "to",
    "from",
    "channel",
    "message_type",
    "client_ref",
    "webhook_url",
    "webhook_version",
    "ttl",
    "trusted_recipient",
}


class BadSettingsError(ValueError):
    """The settings given for a phone make no sense; the text says why."""


@dataclass(eq=False)
class Message:
    """One message at the provider: on its way to a phone, or (`direction` sent) from it."""

    uuid: str
    body: Mapping[str, Any]
    at: str
    expires_at: float = FOR_EVER
    outside: bool = False  # of WhatsApp's 24 hours, and no template
    direction: str = "received"
    status: str = "accepted"
    error: int | None = None
    arrived_at: str | None = None
    application_id: str = ""
    workflow: "Workflow | None" = None
    timer: asyncio.TimerHandle | None = None
    held: list[Any] = field(default_factory=list)  # webhooks that a shuffle holds back

    @property
    def shown(self) -> bool:
        return self.status in {"delivered", "read", "sent"}

    def as_json(self) -> dict[str, Any]:
        received = self.direction == "received"
        return {
            "message_uuid": self.uuid,
            "direction": self.direction,
            "other": self.body["from"] if received else self.body["to"],
            "channel": self.body["channel"],
            "message_type": self.body.get("message_type", "text"),
            "text": self.body.get("text"),
            "content": {key: value for key, value in self.body.items() if key not in _ENVELOPE},
            "client_ref": self.body.get("client_ref"),
            "status": self.status,
            "error": self.error,
            "shown": self.shown,
            "at": self.at,
            "arrived_at": self.arrived_at,
        }


@dataclass(frozen=True)
class Workflow:
    """Vonage's own failover: all messages of one request, and which of them this is (from 0)."""

    id: str
    items: tuple[Mapping[str, Any], ...]
    position: int = 0


@dataclass
class Phone:
    channel: str
    address: str
    mode: str = "on"
    delay: float = USUAL_DELAY["on"]
    reads: bool | float = False
    receipts: bool = True
    error: int = BLOCKED
    user_id: str = ""
    writes_as: str = ""
    hides_number: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def can_read(self) -> bool:
        return self.channel in READ_CHANNELS

    @property
    def ids(self) -> dict[str, str]:
        """The user id with the number that it stands for, unless that is hidden. Empty without a user id."""
        number = {} if self.hides_number else {"wa_id": self.writes_as or self.address}
        return {"user_id": self.user_id, **number} if self.user_id else {}

    def set(self, given: object) -> None:
        if not isinstance(given, Mapping):
            raise BadSettingsError("the settings must be an object")
        for key, value in given.items():
            if key not in _SETTINGS:
                raise BadSettingsError(f"{key} is not a setting: {', '.join(_SETTINGS)} are")
            if not _SETTINGS[key](value):
                raise BadSettingsError(f"{key} cannot be {value!r}")
            if key in _OF_WHATSAPP and self.channel != "whatsapp":
                raise BadSettingsError(f"{key} is a setting of WhatsApp only")
        if given.get("hides_number", self.hides_number) and not given.get("user_id", self.user_id):
            raise BadSettingsError("hides_number needs a user_id")
        if given.get("mode", self.mode) != self.mode:
            self.delay = USUAL_DELAY[given["mode"]]
        for key, value in given.items():
            setattr(self, key, value)

    def as_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "address": self.address,
            "mode": self.mode,
            "delay": self.delay,
            "reads": self.reads,
            "receipts": self.receipts,
            "error": self.error,
            "user_id": self.user_id,
            "writes_as": self.writes_as,
            "hides_number": self.hides_number,
            "can_read": self.can_read,
            "messages": [message.as_json() for message in self.messages],
        }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= FOR_EVER


def _is_id(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_ID


_SETTINGS: dict[str, Callable[[Any], bool]] = {
    "mode": lambda value: isinstance(value, str) and value in USUAL_DELAY,
    "delay": _is_number,
    "reads": lambda value: isinstance(value, bool) or _is_number(value),
    "receipts": lambda value: isinstance(value, bool),
    "error": lambda value: isinstance(value, int) and 1000 <= value <= 1999,
    "user_id": _is_id,
    "writes_as": _is_id,
    "hides_number": lambda value: isinstance(value, bool),
}
_OF_WHATSAPP = frozenset({"user_id", "writes_as", "hides_number"})


def time_to_live(body: Mapping[str, Any]) -> float:
    channel = body["channel"]
    if channel == "viber_service":
        return float(body.get("viber_service", {}).get("ttl", FOR_EVER))
    return float(body.get("ttl", USUAL_TTL.get(channel, FOR_EVER)))


class Event(NamedTuple):
    status: str
    wait: float
    error: int | None = None


def next_event(phone: Phone, message: Message, now: float) -> Event | None:
    """What happens to the message next, and how soon, if its settings do not change; None: nothing."""
    if message.status == "accepted":
        if phone.mode == "unreachable":  # Vonage found no provider to hand it to: it never was `submitted`
            return Event("undeliverable", REFUSE_DELAY, UNREACHABLE)
        return Event("submitted", SUBMIT_DELAY)
    if message.status == "submitted" and message.outside:
        return Event("rejected", REFUSE_DELAY, OUTSIDE)
    if message.status == "submitted":
        left = message.expires_at - now
        arrival = _arrival(phone)
        return arrival if arrival is not None and arrival.wait < left else Event("rejected", left, EXPIRED)
    if message.status == "delivered" and phone.can_read and phone.receipts and phone.reads is not False:
        online = phone.mode != "airplane"
        return Event("read", READ_DELAY if phone.reads is True else float(phone.reads)) if online else None
    return None


def _arrival(phone: Phone) -> Event | None:
    if phone.mode == "airplane":
        return None
    if phone.mode == "blocked":
        return Event("rejected", REFUSE_DELAY, phone.error)
    if phone.mode == "unreachable":  # the provider was lost after it took the message
        return Event("undeliverable", REFUSE_DELAY, UNREACHABLE)
    return Event("delivered", phone.delay)
