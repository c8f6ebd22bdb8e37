"""What is known of channels, as clients read it."""

from datetime import datetime
from typing import Annotated, Literal, TypedDict

from getthrough.domain.message.outages import NOTHING_KNOWN, Channels
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Count, Keywords, Time


class ChannelHealthView(TypedDict):
    """The health of one channel in one country."""

    channel: str
    country_code: Annotated[str, Keywords(examples=["44"])]
    """The calling code. Empty for accounts of channels without phone numbers."""
    state: Literal["up", "down"]
    since: Time | None
    """When it went down or came up again. Null if it has not been down lately."""
    arrived: Count
    failed: Count
    """How many messages arrived and failed in the last minutes; older ones count less. 0 while it is down."""


class HealthView(TypedDict):
    """The channels that are down, that were down in the last hour, or on which most messages fail."""

    channels: list[ChannelHealthView]


def describe_health(channels: Channels, now: datetime) -> HealthView:
    views: list[ChannelHealthView] = []
    for destination, health in sorted(channels.items()):
        channel, _, country_code = destination.partition(" ")
        views.append(
            {
                "channel": channel,
                "country_code": country_code,
                "state": "down" if health.is_down(now) else "up",
                "since": to_text(health.since) if health.since > NOTHING_KNOWN.since else None,
                "arrived": round(health.arrived),
                "failed": round(health.failed),
            }
        )
    return {"channels": views}
