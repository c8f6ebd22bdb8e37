"""Service windows: on some channels a sender may write freely only for some hours after a customer's last message to
it. Which channels, and for how long, is in the channel table."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict

from getthrough.domain.contact.contact import Contact, address_of
from getthrough.domain.conversation.conversation import Received
from getthrough.domain.event.webhook import party
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Time

_HOURS = {name: channel.service_window.hours for name, channel in CHANNELS.items() if channel.service_window}
LONGEST = timedelta(hours=max(_HOURS.values()))


class OpenWindow(NamedTuple):
    """On this channel, this sender may write to the customer freely until then."""

    channel: str
    sender: str
    closes_at: datetime


_Sender = TypedDict("_Sender", {"from": str})


class ServiceWindowView(_Sender):
    """On this channel, `from` may write freely to the customer until `closes_at`."""

    channel: str
    closes_at: Time


def open_windows(received: Iterable[Received], now: datetime) -> Iterator[OpenWindow]:
    """A window for each message of a customer that still keeps one open. Whatever the customer sent does: if WhatsApp
    does not count it, WhatsApp rejects the answer."""
    for message in received:
        hours, ours = _HOURS.get(message.channel), party(message.body, "to")
        if hours is not None and ours is not None and now < (closes_at := message.at + timedelta(hours=hours)):
            yield OpenWindow(message.channel, ours.address, closes_at)


def needs_window(message: Mapping[str, Any]) -> bool:
    """Whether a message arrives only while its sender's window is open."""
    channel = CHANNELS.get(message["channel"])
    window = channel.service_window if channel else None
    return window is not None and message["message_type"] not in window.always


def opens_for(window: OpenWindow, message: Mapping[str, Any]) -> bool:
    """Whether a window is the one that a message needs."""
    return _place(window.channel, window.sender) == _place(message["channel"], message["from"])


def describe_windows(windows: Iterable[OpenWindow]) -> list[ServiceWindowView]:
    """Each sender's window, with its end."""
    newest = {_place(one.channel, one.sender): one for one in sorted(windows, key=lambda one: one.closes_at)}
    return [
        {"channel": channel, "from": sender, "closes_at": to_text(closes_at)}
        for channel, sender, closes_at in sorted(newest.values())
    ]


def _place(channel: str, sender: str) -> tuple[str, Contact]:
    """The same for every spelling of a sender's number: WhatsApp has its own in some countries."""
    return channel, address_of(channel, sender).contact
