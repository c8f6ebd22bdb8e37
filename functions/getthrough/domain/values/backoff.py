"""How long to wait after a failed try."""

import zlib
from datetime import timedelta


def backoff(first: timedelta, longest: timedelta, tries: int, seed: str) -> timedelta:
    """Doubles with each try from the first delay to the longest, with jitter over the upper half. The seed makes the
    jitter, so the function stays pure."""
    whole = min(longest, first * (1 << min(tries - 1, 16)))
    share = 500 + zlib.crc32(f"{seed}:{tries}".encode()) % 500
    return timedelta(milliseconds=whole // timedelta(seconds=1) * share)
