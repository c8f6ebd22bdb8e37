"""Times as text. One format is written; every format that Vonage is known to have used can be read."""

import re
from datetime import UTC, datetime

LONGEST_TIME = 64
"""Characters. No time is longer, and the patterns never see longer texts."""

_SPACE_FOR_PLUS = re.compile(r"(?<=\d) (?=\d{2}:\d{2}$)")
_SPACE_BEFORE_OFFSET = re.compile(r"(?<!\s)\s+(?=[+-]\d{2}:?\d{2}$)")


def to_text(moment: datetime) -> str:
    """UTC with milliseconds. The width never changes, so texts sort like times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def parse_lenient(text: object) -> datetime | None:
    """A webhook's timestamp, or None if it cannot be read.

    v1 sends `2025-02-03T12:14:25Z`, with or without fractions; older webhooks `2020-01-01 14:00:00 UTC` or
    `2020-01-01 14:00:00 +0000`. A time without a zone is UTC. A space where a sign belongs is a plus: that is what a
    literal + in a query means.
    """
    if not isinstance(text, str) or len(text) > LONGEST_TIME:
        return None
    normal = _SPACE_BEFORE_OFFSET.sub("", text.strip().upper().removesuffix(" UTC"))
    normal = _SPACE_FOR_PLUS.sub("+", normal) if "T" in normal else normal
    try:
        moment = datetime.fromisoformat(normal)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
