"""The preview of a message that is not sent yet."""

from collections.abc import Mapping
from typing import Any

MOST_SHOWN = 200
"""Characters: a page of a hundred schedules must fit into one answer."""


def beginning(message: Mapping[str, Any]) -> str | None:
    """The beginning of the message's text. None if it has no text."""
    text = message.get("text")
    if not isinstance(text, str) or len(text) <= MOST_SHOWN:
        return text if isinstance(text, str) else None
    return f"{text[: MOST_SHOWN - 1]}…"
