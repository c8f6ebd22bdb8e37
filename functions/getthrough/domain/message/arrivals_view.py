"""How long messages take to arrive, as clients read it."""

from collections.abc import Mapping
from typing import Annotated, TypedDict

from getthrough.domain.message.arrivals import ArrivalsOfWeek, ends
from getthrough.domain.values.view_types import Count, Cursor, Keywords


class BucketView(TypedDict):
    """The number of messages in a range of time after Vonage accepted them. The range starts after that of the bucket
    before it, and ends at `seconds`."""

    seconds: Annotated[float, Keywords(exclusiveMinimum=0)]
    messages: Count


class ArrivalsView(TypedDict):
    """How long messages on one channel, to one country, from one sender took. Only dispatches that have ended count."""

    channel: str
    country: str
    """A calling code, such as 44. Empty for addresses that are no phone numbers."""
    sender: str
    week: Annotated[str, Keywords(format="date")]
    """The Monday of the week, in UTC, in which they were sent."""
    arrived: list[BucketView]
    cut: list[BucketView]
    """Messages whose time to live ended before they arrived. The range is that of their time to live."""
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
