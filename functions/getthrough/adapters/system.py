"""The system's clock and random ids."""

from datetime import UTC, datetime
from uuid import uuid4


def utc_now() -> datetime:
    """Now, to the millisecond, so that a stored time equals the one used for decisions."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    return str(uuid4())
