"""A message that nobody was sent yet, as people and clients read it."""

from collections.abc import Mapping
from typing import Any

MOST_SHOWN = 200
"""Characters: a page of a hundred schedules must fit into one answer."""


def beginning(message: Mapping[str, Any]) -> str | None:
    """What its text begins with; None if it has none."""
    text = message.get("text")
    if not isinstance(text, str) or len(text) <= MOST_SHOWN:
        return text if isinstance(text, str) else None
    return f"{text[: MOST_SHOWN - 1]}…"
