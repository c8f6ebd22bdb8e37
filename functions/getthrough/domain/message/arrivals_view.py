"""How long messages take to arrive, as clients read it."""

from collections.abc import Mapping
from typing import Annotated, TypedDict

from getthrough.domain.message.arrivals import ArrivalsOfWeek, ends
from getthrough.domain.values.view_types import Count, Cursor, Keywords


class BucketView(TypedDict):
    """How many messages took at most `seconds` after Vonage accepted them, and longer than the `seconds` of the bucket
    before."""

    seconds: Annotated[float, Keywords(exclusiveMinimum=0)]
    messages: Count


class ArrivalsView(TypedDict):
    """How long messages took on one channel, to one country, from one sender. Only dispatches that have ended count."""

    channel: str
    country: str
    """A calling code, such as 44. Empty for addresses that are no phone numbers."""
    sender: str
    week: Annotated[str, Keywords(format="date")]
    """The Monday of the week, in UTC, in which they were sent."""
    arrived: list[BucketView]
    cut: list[BucketView]
    """Messages whose time to live ended before they arrived. `seconds` is about their time to live."""
    open: Count
    """Messages without a time to live that have not arrived so far."""
    failed: Count


class ArrivalsPageView(TypedDict):
    """Newest week first."""

    arrivals: list[ArrivalsView]
    cursor: Cursor


def describe_arrivals(found: ArrivalsOfWeek) -> ArrivalsView:
    return {
        **found.group._asdict(),  # type: ignore[typeddict-item]
        "week": found.week,
        "arrived": _buckets(found.arrivals.arrived),
        "cut": _buckets(found.arrivals.cut),
        "open": found.arrivals.open,
        "failed": found.arrivals.failed,
    }


def _buckets(counts: Mapping[int, int]) -> list[BucketView]:
    return [{"seconds": round(ends(number), 3), "messages": count} for number, count in sorted(counts.items()) if count]
