"""The clock and the dice of the machine."""

from datetime import UTC, datetime
from uuid import uuid4


def utc_now() -> datetime:
    """Now, to the millisecond: what is stored is what was decided with."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    return str(uuid4())
