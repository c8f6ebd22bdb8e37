"""Port Quarantine: webhooks are kept until a person deals with them or a month has passed."""

import hashlib
from datetime import timedelta

import boto3
import pytest

from getthrough.adapters.dynamo_quarantine import RETENTION
from getthrough.domain.ports import Quarantine
from getthrough.domain.recovery.quarantine import LONGEST_BODY, Quarantined, quarantined
from getthrough.domain.values.page import Page
from tests.builders import NOON, at
from tests.contract.conftest import REAL


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def keep(
    quarantine: Quarantine,
    body: bytes,
    seconds: float = 0,
    reason: str = "malformed: no status",
    token: str | None = None,
) -> Quarantined:
    """Put a body there, and what has to come back."""
    webhook = quarantined("POST /status", reason, at(seconds), body, token)
    quarantine.add(webhook)
    return webhook


def listed(quarantine: Quarantine, limit: int) -> list[list[Quarantined]]:
    pages, cursor = [], None
    while True:
        found, cursor = quarantine.newest(limit, cursor)
        pages.append(found)
        if cursor is None:
            return pages


@pytest.mark.parametrize("body", [b"{}", b"", b"\x00\xff not UTF-8", "é🧁".encode()])
def test_a_webhook_comes_back_byte_by_byte_with_its_reason(quarantine: Quarantine, body: bytes) -> None:
    kept = keep(quarantine, body, 0.125)

    assert quarantine.get(kept.digest) == kept
    assert quarantine.newest(20) == Page([kept], None)


@pytest.mark.parametrize(("length", "whole"), [(LONGEST_BODY, True), (LONGEST_BODY + 1, False)])
def test_of_a_long_body_only_the_beginning_is_kept_and_says_so(
    quarantine: Quarantine, length: int, whole: bool
) -> None:
    kept = keep(quarantine, b"x" * length)

    assert quarantine.get(kept.digest) == kept
    assert (len(kept.body), kept.whole) == (LONGEST_BODY, whole)


def test_two_long_bodies_with_the_same_beginning_are_two(quarantine: Quarantine) -> None:
    kept = [keep(quarantine, b"x" * LONGEST_BODY + end, seconds) for seconds, end in enumerate((b"1", b"2"))]

    assert quarantine.newest(20) == Page([kept[1], kept[0]], None)


def test_a_forged_webhook_keeps_its_token_and_takes_no_place_of_a_copy(quarantine: Quarantine) -> None:
    forged = keep(quarantine, b"{}", 0, "forged: signature", "Bearer a.b.c")
    keep(quarantine, b"{}", 1, "forged: token", "Bearer junk")
    assert quarantine.get(forged.digest) == forged

    verified = keep(quarantine, b"{}", 2)
    keep(quarantine, b"{}", 3, "forged: token", "Bearer junk")
    assert quarantine.get(forged.digest) == verified
    assert quarantine.newest(20) == Page([verified], None)


def test_a_copy_takes_the_place_of_the_first_one(quarantine: Quarantine) -> None:
    keep(quarantine, b"{}", 0)
    another = keep(quarantine, b"[]", 1)
    copy = keep(quarantine, b"{}", 2, "forged: expired")

    assert quarantine.get(copy.digest) == copy
    assert quarantine.newest(20) == Page([copy, another], None)


def test_what_is_not_there_is_none_and_an_empty_page(quarantine: Quarantine) -> None:
    assert quarantine.get(digest_of(b"{}")) is None
    assert quarantine.newest(20) == Page([], None)


def test_what_is_deleted_is_gone_and_may_be_deleted_again(quarantine: Quarantine) -> None:
    kept, other = keep(quarantine, b"{}", 0), keep(quarantine, b"[]", 1)
    quarantine.delete(kept.digest)
    quarantine.delete(kept.digest)

    assert quarantine.get(kept.digest) is None
    assert quarantine.newest(20) == Page([other], None)


def test_the_newest_come_page_by_page_without_gap_or_double(quarantine: Quarantine) -> None:
    kept = [keep(quarantine, str(number).encode(), number) for number in range(7)]

    for limit in (1, 2, 3, 7, 8):
        pages = listed(quarantine, limit)
        assert [found for page in pages for found in page] == kept[::-1]
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert 1 <= len(pages[-1]) <= limit


@REAL
def test_a_webhook_is_kept_for_a_month(quarantine: Quarantine, store: str) -> None:
    keep(quarantine, b"{}")

    [item] = boto3.client("dynamodb").scan(TableName=store)["Items"]
    assert item["expires_at"] == {"N": str(int((NOON + RETENTION).timestamp()))}
    assert timedelta(days=30) == RETENTION
