"""Ids carry their address, so that a webhook finds its dispatch without an index.

A dispatch_uuid ends in the byte 00; the message_uuid of step n (from 0) is the same UUID with the last byte n + 1. A
schedule_uuid ends in ff, a batch_uuid in fe, an erasure_uuid in fd.
Example: dispatch `0b1e…-a1b2c3d4e500`, first step `0b1e…-a1b2c3d4e501`, its fallback `0b1e…-a1b2c3d4e502`.
"""

import hashlib
import re
from uuid import UUID

MAX_STEPS = 10

_DISPATCH, _SCHEDULE, _BATCH, _ERASURE = "00", "ff", "fe", "fd"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def derived(*parts: str) -> UUID:
    """The UUID that follows from these texts. The same texts always give the same UUID."""
    return UUID(bytes=hashlib.sha256("\0".join(parts).encode()).digest()[:16])


def dispatch_uuid_from(uuid: UUID) -> str:
    """The dispatch_uuid made of a random (or derived) UUID: 120 of its 128 bits are kept."""
    return str(uuid)[:-2] + _DISPATCH


def schedule_uuid_from(uuid: UUID) -> str:
    """The same for a schedule."""
    return str(uuid)[:-2] + _SCHEDULE


def batch_uuid_from(uuid: UUID) -> str:
    """The same for a batch."""
    return str(uuid)[:-2] + _BATCH


def erasure_uuid_from(uuid: UUID) -> str:
    """The same for an erasure."""
    return str(uuid)[:-2] + _ERASURE


def message_uuid(dispatch_uuid: str, step: int) -> str:
    return f"{dispatch_uuid[:-2]}{step + 1:02x}"


def dispatch_uuid_of(message_uuid: str) -> str:
    """The dispatch of one of our own message_uuids."""
    return message_uuid[:-2] + _DISPATCH


def is_uuid(text: str) -> bool:
    """True for a UUID in its usual spelling."""
    return _UUID.fullmatch(text) is not None


def is_dispatch_uuid(text: str) -> bool:
    return is_uuid(text) and text.endswith(_DISPATCH)


def is_schedule_uuid(text: str) -> bool:
    return is_uuid(text) and text.endswith(_SCHEDULE)


def is_batch_uuid(text: str) -> bool:
    return is_uuid(text) and text.endswith(_BATCH)


def is_erasure_uuid(text: str) -> bool:
    return is_uuid(text) and text.endswith(_ERASURE)


def parse_message_uuid(text: str | None) -> tuple[str, int] | None:
    """(dispatch_uuid, step) of one of our message_uuids, or None for any other text."""
    if text is None or not is_uuid(text):
        return None
    number = int(text[-2:], 16)
    return (dispatch_uuid_of(text), number - 1) if 1 <= number <= MAX_STEPS else None
