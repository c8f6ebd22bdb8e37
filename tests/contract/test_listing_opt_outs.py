"""Port OptOuts, reading: a contact's consent, and the list of contacts that want no messages."""

import base64
from dataclasses import replace

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, Contact, contact_of
from getthrough.domain.ports import OptOuts
from getthrough.domain.values.page import Page
from tests.builders import FIRST, at
from tests.contract.conftest import REAL

CHANGES = ((True, 1), (False, 2), (False, 3))


def contact(number: int) -> Contact:
    return contact_of("sms", f"4477009000{number:02}")


def consent(number: int, opted_out: bool = True, seconds: float | None = None) -> OptOut:
    """An opt-out of contact 3, three seconds after noon, unless the fields say otherwise."""
    changed_at = at(number if seconds is None else seconds)
    return OptOut(
        contact=contact(number),
        address=Address("sms", contact(number).address),
        opted_out=opted_out,
        changed_at=changed_at,
        why="said so",
        by="customer",
    )


def listed(opt_outs: OptOuts, limit: int) -> list[list[OptOut]]:
    pages, cursor = [], None
    while True:
        found, cursor = opt_outs.newest(limit, cursor)
        pages.append(found)
        if cursor is None:
            return pages


def test_a_consent_comes_back_as_it_was_stored(opt_outs: OptOuts) -> None:
    by_vonage = OptOut(
        contact=contact(1),
        address=Address("sms", contact(1).address),
        opted_out=True,
        changed_at=at(0.25),
        why="error 1240",
        by="vonage",
    )
    user_id = contact_of("messenger", "user#7 of somewhere")
    by_a_client = OptOut(
        contact=user_id, address=Address(*user_id), opted_out=False, changed_at=at(1), why="", by="bakery"
    )

    assert [opt_outs.change(by_vonage), opt_outs.change(by_a_client)] == [True, True]
    assert (opt_outs.get(contact(1)), opt_outs.get(user_id)) == (by_vonage, by_a_client)
    assert opt_outs.get(contact_of("messenger", FIRST)) is None


def test_the_newest_consent_counts_in_whatever_order_the_changes_arrive(opt_outs: OptOuts) -> None:
    consents = [
        consent(1, seconds=10),
        consent(1, False, seconds=5),
        consent(1, False, seconds=20),
        consent(1, seconds=15),
    ]

    assert [opt_outs.change(said) for said in consents] == [True, False, True, False]
    assert opt_outs.get(contact(1)) == consents[2]


def test_of_two_equal_changes_at_one_moment_the_first_to_arrive_stands(opt_outs: OptOuts) -> None:
    assert [opt_outs.change(consent(1)), opt_outs.change(consent(1)), opt_outs.change(consent(1, False))] == [
        True,
        False,
        False,
    ]
    assert opt_outs.get(contact(1)) == consent(1)


def test_the_list_has_only_those_who_are_opted_out_now(opt_outs: OptOuts) -> None:
    for said in (
        consent(1),
        consent(2),
        consent(3, False),
        consent(2, False, seconds=9),
        consent(4, False),
        consent(4, seconds=10),
    ):
        opt_outs.change(said)

    assert opt_outs.newest(20) == Page([consent(4, seconds=10), consent(1)], None)


def test_a_contact_that_opts_out_again_moves_to_the_front(opt_outs: OptOuts) -> None:
    for said in (consent(1), consent(2), consent(1, False, seconds=5), consent(1, seconds=6)):
        opt_outs.change(said)

    assert opt_outs.newest(20) == Page([consent(1, seconds=6), consent(2)], None)


def test_without_opt_outs_the_page_is_empty(opt_outs: OptOuts) -> None:
    opt_outs.change(consent(1, False))

    assert opt_outs.newest(20) == Page([], None)


def test_those_who_opted_out_come_page_by_page_without_gap_or_double(opt_outs: OptOuts) -> None:
    for number in range(7):
        opt_outs.change(consent(number))
    expected = [consent(number) for number in reversed(range(7))]

    for limit in (1, 2, 3, 7, 8, 100):
        pages = listed(opt_outs, limit)
        assert [found for page in pages for found in page] == expected
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert 1 <= len(pages[-1]) <= limit


@REAL
def test_no_address_can_be_read_from_a_cursor(opt_outs: OptOuts) -> None:
    for number in range(2):
        opt_outs.change(consent(number))
    cursor = opt_outs.newest(1).cursor

    assert cursor is not None
    for address in (contact(0).address, contact(1).address):
        assert address not in cursor
        assert base64.b64encode(address.encode()).decode().rstrip("=") not in cursor


def test_every_change_is_kept_newest_first_also_one_that_came_too_late(opt_outs: OptOuts) -> None:
    out, late, back = (replace(consent(0, opted_out, at_), words=f"at {at_}") for opted_out, at_ in CHANGES)
    for change in (out, back, late, out):
        opt_outs.change(change)

    assert opt_outs.records(contact(0)) == [back, late, out]
    assert opt_outs.get(contact(0)) == replace(back, words=None)
    assert opt_outs.records(contact(1)) == []


def test_a_record_stays_as_it_was_written_and_a_copy_leaves_none(opt_outs: OptOuts) -> None:
    first = replace(consent(0), words="STOP")
    opt_outs.change(first)

    opt_outs.change(replace(first, words="START"))
    opt_outs.change(replace(first, contact=contact(1), copied=True))

    assert (opt_outs.records(contact(0)), opt_outs.records(contact(1))) == ([first], [])


def test_the_newest_hundred_records_are_shown(opt_outs: OptOuts) -> None:
    for number in range(101):
        opt_outs.change(consent(0, seconds=number))

    assert [record.changed_at for record in opt_outs.records(contact(0))] == [at(n) for n in range(100, 0, -1)]
