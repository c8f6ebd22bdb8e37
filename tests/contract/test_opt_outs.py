"""Port OptOuts, and what a sender asks before it sends: whether the contact has opted out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.dynamo_erasures import DynamoErasures
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, Contact, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.message.channels import OptOutScope
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Conversations, Dispatches, OptOuts
from getthrough.domain.values.errors import VersionConflictError
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, at, dispatch, status_event, step
from tests.contract.conftest import RACES, REAL, RETENTION
from tests.secret import hash_of

CONTACT = contact_of("sms", FIRST)


def consent(
    opted_out: bool = True, seconds: float = 0, contact: Contact = CONTACT, why: str = "said so", by: str = "customer"
) -> OptOut:
    return OptOut(
        contact=contact, address=Address("sms", FIRST), opted_out=opted_out, changed_at=at(seconds), why=why, by=by
    )


def claimed(subject: Dispatch, claim_id: str = "me") -> Dispatch:
    return failover.claim(subject, Send(0, Because.FIRST), claim_id=claim_id, now=NOON)


def test_a_claim_is_stored_whatever_its_contact_has_said(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent())

    saved = dispatches.save_claim(claimed(dispatch()), 0)

    assert dispatches.get(DISPATCH_UUID) == saved


def test_a_contact_that_never_said_anything_has_not_opted_out(dispatches: Dispatches) -> None:
    assert not dispatches.has_opted_out(CONTACT, None)


def test_a_contact_that_opted_out_has_opted_out(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent())

    assert dispatches.has_opted_out(CONTACT, None)


def test_an_opt_out_counts_for_every_channel_of_its_telephone(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent(contact=contact_of("whatsapp", FIRST)))

    assert dispatches.has_opted_out(CONTACT, None)


def test_an_opt_out_of_another_account_does_not_count(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent(contact=contact_of("messenger", FIRST)))

    assert not dispatches.has_opted_out(CONTACT, None)


def test_a_contact_that_opted_in_again_has_not_opted_out(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent())
    opt_outs.change(consent(opted_out=False, seconds=1))

    assert not dispatches.has_opted_out(CONTACT, None)


def test_an_older_choice_changes_nothing_however_often_it_comes(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    changes = [(True, 0), (False, 10), (True, 0), (False, 10), (True, 5)]

    assert [opt_outs.change(consent(out, seconds)) for out, seconds in changes] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not dispatches.has_opted_out(CONTACT, None)


def test_a_claim_of_a_version_that_is_gone_is_a_conflict(dispatches: Dispatches) -> None:
    read = dispatches.save(claimed(dispatch()))
    dispatches.save(failover.apply(read, status_event(Status.SUBMITTED)))

    with pytest.raises(VersionConflictError):
        dispatches.save_claim(read, 0)


@RACES
def test_of_many_claims_at_once_exactly_one_wins(dispatches: Dispatches) -> None:
    read = dispatches.save(dispatch())

    def win(number: int) -> str | None:
        try:
            saved = dispatches.save_claim(claimed(read, f"claimer {number}"), 0)
        except VersionConflictError:
            return None
        return saved.attempts[0].claim_id

    with ThreadPoolExecutor(8) as threads:
        winners = [name for name in threads.map(win, range(24)) if name]

    stored = dispatches.get(DISPATCH_UUID)
    assert stored is not None
    assert winners == [stored.attempts[0].claim_id]


def race(first: Callable[[], object], second: Callable[[], object]) -> None:
    with ThreadPoolExecutor(2) as threads:
        for future in [threads.submit(first), threads.submit(second)]:
            future.result()


@RACES
@pytest.mark.parametrize("number", range(20))
def test_a_success_that_races_with_a_claim_is_seen_by_it_or_comes_after_it(dispatches: Dispatches, number: int) -> None:
    read = dispatches.save(claimed(dispatch()))

    def tell() -> None:
        for _ in range(20):
            stored = dispatches.get(DISPATCH_UUID)
            assert stored is not None
            try:
                dispatches.save(failover.apply(stored, status_event(Status.DELIVERED)))
            except VersionConflictError:
                continue
            return

    def claim() -> None:
        try:
            again = failover.claim(read, Send(1, Because.WINDOW_ENDED), claim_id="next", now=at(15))
            dispatches.save_claim(again, 1)
        except VersionConflictError:
            return

    race(*((tell, claim) if number % 2 else (claim, tell)))

    stored = dispatches.get(DISPATCH_UUID)
    assert stored is not None
    assert stored.succeeded_by == 0
    assert stored.late(0) == (len(stored.attempts) == 2)


@RACES
@pytest.mark.parametrize("number", range(20))
def test_of_a_stop_that_races_with_a_claim_the_one_that_comes_second_sees_the_other(
    dispatches: Dispatches, opt_outs: OptOuts, conversations: Conversations, number: int
) -> None:
    seen: dict[str, bool] = {}

    def claim() -> None:
        subject = claimed(dispatch())
        dispatches.save_claim(subject, 0)
        dispatches.note_claim(subject, 0)
        seen["stop"] = dispatches.has_opted_out(CONTACT, None)

    def stop() -> None:
        opt_outs.change(consent())
        seen["claim"] = bool(conversations.sent(CONTACT, NOON))

    race(*((stop, claim) if number % 2 else (claim, stop)))

    assert True in seen.values()
    assert dispatches.has_opted_out(CONTACT, None)


APART = replace(step(600), opt_out_scope=OptOutScope.CHANNEL)


def on_channel(channel: str, opted_out: bool = True, seconds: float = 0) -> OptOut:
    return replace(consent(opted_out, seconds), address=Address(channel, FIRST))


def test_an_opt_out_from_one_channel_is_known_of_that_channel_only(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    on = APART.consent_on
    opt_outs.change(on_channel("whatsapp"))
    assert not dispatches.has_opted_out(CONTACT, on)

    opt_outs.change(on_channel("mms", seconds=1))
    opt_outs.change(on_channel("whatsapp", opted_out=False, seconds=2))
    assert dispatches.has_opted_out(CONTACT, on)


def test_what_was_said_last_is_known_of_each_channel(opt_outs: OptOuts) -> None:
    said = [on_channel("whatsapp"), on_channel("mms", seconds=1), on_channel("sms", opted_out=False, seconds=2)]
    for change in said:
        opt_outs.change(change)

    assert opt_outs.of(CONTACT) == [said[2], replace(said[2], on="sms"), replace(said[0], on="whatsapp")]
    assert opt_outs.of(contact_of("sms", FROM)) == []


@REAL
def test_a_stop_at_the_very_moment_of_an_opt_in_is_not_erased_with_it(store: str) -> None:
    """The erasure has read the opt-in, and the STOP comes before it writes."""
    opt_outs, erasures = DynamoOptOuts(store, hash_of), DynamoErasures(store, RETENTION, hash_of)
    opt_outs.change(consent(opted_out=False))
    read = [one for one in erasures.look(None, [CONTACT]).found if one.attributes["pk"].startswith("CONSENT#")]
    opt_outs.change(consent())

    erased = [erasures.erase(one, {CONTACT: frozenset({DISPATCH_UUID})}, NOON) for one in read]

    found = opt_outs.get(CONTACT)
    assert (erased, found and found.opted_out) == ([False, False], True)
