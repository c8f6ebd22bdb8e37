"""Port Dispatches, `newest`: every list, whatever it is narrowed to, comes page by page without gap or double."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from getthrough.adapters import dynamo_dispatches
from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Dispatch, InBatch, Outcome
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.message.status import Status
from getthrough.domain.ports import EVERYTHING, Dispatches, DispatchFilter
from tests.builders import BATCH_UUID, FIRST, NOON, SECOND, at, dispatch, save_claim, status_event, step
from tests.contract.conftest import REAL

CONTACT, OTHER = contact_of("sms", FIRST), contact_of("sms", SECOND)
TEN = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
LIMITS = (1, 2, 3, 10, 100)


class Listed(NamedTuple):
    """The numbers of the dispatches of a whole list, and how many each of its pages has."""

    numbers: list[int]
    pages: list[int]


def uuid(number: int) -> str:
    return f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500"


def claimed(subject: Dispatch, number: int = 0, seconds: float = 0) -> Dispatch:
    send = Send(number, Because.FIRST if number == 0 else Because.WINDOW_ENDED)
    return failover.claim(subject, send, claim_id="me", now=at(seconds))


def store(dispatches: Dispatches, count: int) -> None:
    """One a second, its first step sent half a second later. Of four after one another the first succeeded, the second
    was cancelled, the third exhausted, and the fourth is open."""
    for number in range(count):
        made = dispatch(step(), dispatch_uuid=uuid(number), created_at=at(number))
        saved = save_claim(dispatches, claimed(made, seconds=number + 0.5), 0)
        match number % 4:
            case 0:
                dispatches.save(failover.apply(saved, status_event(Status.DELIVERED)))
            case 1:
                dispatches.save(failover.finish(saved, Outcome.CANCELLED, at(100)))
            case 2:
                dispatches.save(failover.apply(saved, status_event(Status.REJECTED)))


def listed(dispatches: Dispatches, limit: int, only: DispatchFilter = EVERYTHING) -> Listed:
    numbers, pages, cursor = list[int](), list[int](), None
    while True:
        page = dispatches.newest(limit, cursor, only)
        numbers += [int(found.dispatch_uuid[:8], 16) for found in page.items]
        pages.append(len(page.items))
        if (cursor := page.cursor) is None:
            return Listed(numbers, pages)


def test_the_newest_come_page_by_page_without_gap_or_double(dispatches: Dispatches) -> None:
    for number in range(10):  # in pairs of the same moment
        created_at = NOON + timedelta(seconds=number // 2)
        dispatches.save(dispatch(dispatch_uuid=uuid(number), created_at=created_at))

    pages = {limit: listed(dispatches, limit) for limit in (1, 3, 5, 10, 11)}

    assert pages == {
        1: Listed(TEN, [1] * 10),
        3: Listed(TEN, [3, 3, 3, 1]),
        5: Listed(TEN, [5, 5]),
        10: Listed(TEN, [10]),
        11: Listed(TEN, [10]),
    }


def test_no_dispatches_are_an_empty_page(dispatches: Dispatches) -> None:
    assert dispatches.newest(20) == ([], None)
    everything_asked = DispatchFilter(contacts=(CONTACT,), outcome="open", since=at(0), before=at(9))
    assert dispatches.newest(20, None, everything_asked) == ([], None)


def test_what_is_listed_is_the_dispatch_as_it_is_now(dispatches: Dispatches) -> None:
    read = save_claim(dispatches, claimed(dispatch()), 0)
    newest = dispatches.save(failover.apply(read, status_event(Status.DELIVERED)))

    assert dispatches.newest(20) == ([newest], None)
    assert dispatches.newest(20, None, DispatchFilter(contacts=(CONTACT,))) == ([newest], None)


OUTCOMES = {
    "succeeded": [8, 4, 0],
    "cancelled": [9, 5, 1],
    "exhausted": [10, 6, 2],
    "open": [11, 7, 3],
    "stopped": [],
}


@pytest.mark.parametrize("contacts", [(), (CONTACT,)], ids=["of everyone", "a contact's"])
def test_those_with_an_outcome_come_without_gap_or_double(
    dispatches: Dispatches, contacts: tuple[Contact, ...]
) -> None:
    store(dispatches, 12)

    for limit in LIMITS:
        found = {outcome: listed(dispatches, limit, DispatchFilter(contacts, outcome)) for outcome in OUTCOMES}
        assert {outcome: numbers for outcome, (numbers, _) in found.items()} == OUTCOMES
        assert all(max(pages) <= limit for _, pages in found.values())


def test_those_of_a_time_come_from_its_beginning_to_just_before_its_end(dispatches: Dispatches) -> None:
    store(dispatches, 6)

    for limit in LIMITS:
        found = [
            (
                since,
                before,
                listed(dispatches, limit, between(since, before)).numbers,
            )
            for since, before, _ in CREATED
        ]
        assert found == CREATED


CREATED: list[tuple[float | None, float | None, list[int]]] = [
    (2, None, [5, 4, 3, 2]),
    (2.001, None, [5, 4, 3]),
    (None, 2, [1, 0]),
    (None, 2.001, [2, 1, 0]),
    (1, 4, [3, 2, 1]),
    (1, 1, []),
    (4, 1, []),
    (100, None, []),
    (None, -100, []),
]


def test_for_a_contact_the_time_is_that_of_the_first_sending_to_it(dispatches: Dispatches) -> None:
    store(dispatches, 6)

    for limit in LIMITS:
        found = [
            (
                since,
                before,
                listed(dispatches, limit, between(since, before, CONTACT)).numbers,
            )
            for since, before, _ in SENT
        ]
        assert found == SENT


SENT: list[tuple[float | None, float | None, list[int]]] = [
    (2.5, None, [5, 4, 3, 2]),
    (2.501, None, [5, 4, 3]),
    (None, 2.5, [1, 0]),
    (None, 2.501, [2, 1, 0]),
    (1, 4, [3, 2, 1]),
    (4, 1, []),
]


def between(since: float | None, before: float | None, *contacts: Contact) -> DispatchFilter:
    return DispatchFilter(contacts, None, moment(since), moment(before))


def moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else at(seconds)


def test_a_contacts_are_those_that_sent_something_to_it_each_once(dispatches: Dispatches) -> None:
    for number in range(4):
        steps = (step(), step(to=SECOND), step()) if number % 2 else (step(),)
        saved = dispatch(*steps, dispatch_uuid=uuid(number), created_at=at(100 * number))
        for sent in range(len(steps)):
            saved = save_claim(dispatches, claimed(saved, sent, 100 * number + 15 * sent), sent)

    for limit in LIMITS:
        assert listed(dispatches, limit, DispatchFilter((CONTACT,))).numbers == [3, 2, 1, 0]
        assert listed(dispatches, limit, DispatchFilter((OTHER,))).numbers == [3, 1]
        assert listed(dispatches, limit, DispatchFilter((contact_of("messenger", FIRST),))).numbers == []


def test_a_dispatch_is_found_by_each_of_its_contacts_from_the_moment_on_at_which_it_is_stored(
    dispatches: Dispatches,
) -> None:
    """Planned, sent at once with a fallback that is never needed, and passed over."""
    steps = step(), step(to=SECOND)
    dispatches.save(dispatch(*steps, dispatch_uuid=uuid(0), created_at=at(0), send_at=at(99)))
    sent = dispatch(*steps, dispatch_uuid=uuid(1), created_at=at(10))
    save_claim(dispatches, claimed(sent, 0, 10), 0)
    passed = claimed(dispatch(*steps, dispatch_uuid=uuid(2), created_at=at(20)), 0, 20)
    saved = dispatches.save(passed)
    save_claim(dispatches, claimed(saved, 1, 40), 1)

    for limit in LIMITS:
        for contact in (CONTACT, OTHER):
            assert listed(dispatches, limit, DispatchFilter((contact,))).numbers == [2, 1, 0]
    assert listed(dispatches, 20, DispatchFilter((CONTACT, OTHER))).numbers == [2, 1, 0]


def test_what_is_open_is_found_however_soon_it_is_due(dispatches: Dispatches) -> None:
    for number, window in enumerate((60, 86_400)):
        made = dispatch(step(window), dispatch_uuid=uuid(number), created_at=at(number))
        save_claim(dispatches, claimed(made, 0, number), 0)

    assert listed(dispatches, 20, DispatchFilter(outcome="open")).numbers == [1, 0]


def test_a_recipient_of_a_batch_is_found_by_each_of_its_contacts_once_its_slot_came(dispatches: Dispatches) -> None:
    """Sent, not sent, and not yet one of these."""
    sent, cancelled, _ = (
        dispatches.save(replace(dispatch(dispatch_uuid=uuid(number)), batch=InBatch(BATCH_UUID, number)))
        for number in range(3)
    )
    save_claim(dispatches, claimed(sent, 0, 10), 0)
    dispatches.save(failover.finish(cancelled, Outcome.CANCELLED, at(10)))

    for contact in (CONTACT, OTHER):
        assert sorted(listed(dispatches, 20, DispatchFilter((contact,))).numbers) == [0, 1]


def test_everything_that_narrows_a_list_narrows_it_at_once(dispatches: Dispatches) -> None:
    store(dispatches, 12)

    for limit in LIMITS:
        assert listed(dispatches, limit, DispatchFilter((CONTACT,), "open", at(3.5), at(11.5))).numbers == [7, 3]
        assert listed(dispatches, limit, DispatchFilter((), "open", at(4), at(12))).numbers == [11, 7]


def test_a_cursor_that_points_before_the_time_that_is_asked_for_finds_nothing(dispatches: Dispatches) -> None:
    store(dispatches, 6)
    for contacts in ((), (CONTACT,)):
        cursor = dispatches.newest(5, None, DispatchFilter(contacts)).cursor
        assert cursor is not None
        assert dispatches.newest(5, cursor, DispatchFilter(contacts, since=at(4))) == ([], None)


@REAL
@pytest.mark.parametrize("contacts", [(), (CONTACT,)], ids=["of everyone", "a contact's"])
def test_where_few_fit_pages_are_short_so_that_no_request_reads_the_whole_table(
    dispatches: Dispatches, monkeypatch: pytest.MonkeyPatch, contacts: tuple[Contact, ...]
) -> None:
    monkeypatch.setattr(dynamo_dispatches, "MOST_EXAMINED", 5)
    store(dispatches, 12)

    assert listed(dispatches, 3, DispatchFilter(contacts, "succeeded")) == Listed([8, 4, 0], [1, 1, 1])
    assert listed(dispatches, 3, DispatchFilter(contacts, "stopped")) == Listed([], [0, 0, 0])


# What was created in a time


def created(dispatches: Dispatches, since: float, before: float) -> list[int]:
    return [int(found.dispatch_uuid[:8], 16) for found in dispatches.created(at(since), at(before))]


def test_what_was_created_in_a_time_comes_newest_first_and_its_end_is_not_in_it(dispatches: Dispatches) -> None:
    store(dispatches, 10)

    assert created(dispatches, -100, 100) == TEN
    assert created(dispatches, 2, 6) == [5, 4, 3, 2]
    assert created(dispatches, 2, 2.001) == [2]
    assert created(dispatches, 2, 2) == []
    assert created(dispatches, 6, 2) == []
    assert created(dispatches, 10, 100) == []


def test_what_was_created_comes_as_it_is_stored(dispatches: Dispatches) -> None:
    store(dispatches, 5)

    assert list(dispatches.created(at(0), at(100))) == [dispatches.get(uuid(number)) for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("at_once", [1, 2, 3, 10])
def test_what_was_created_is_read_in_parts_without_gap_or_double(
    dispatches: Dispatches, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(dynamo_dispatches, "_READ_AT_ONCE", at_once)
    monkeypatch.setattr(dynamo_dispatches, "MOST_EXAMINED", 8)
    store(dispatches, 10)

    assert created(dispatches, 0, 100) == TEN
