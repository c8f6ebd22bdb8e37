"""Port OptOuts, and the claim that asks it: a contact that has opted out is never claimed for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, Contact, contact_of
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.automatic import STOPPED
from getthrough.domain.dispatch.dispatch import Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.message.channels import OptOutScope
from getthrough.domain.message.status import Status
from getthrough.domain.ports import Dispatches, OptOuts
from getthrough.domain.values.errors import OptedOutError, VersionConflictError
from tests.builders import DISPATCH_UUID, FIRST, FROM, NOON, at, dispatch, status_event, step
from tests.contract.conftest import RACES

CONTACT = contact_of("sms", FIRST)


def consent(
    opted_out: bool = True, seconds: float = 0, contact: Contact = CONTACT, why: str = "said so", by: str = "customer"
) -> OptOut:
    return OptOut(
        contact=contact, address=Address("sms", FIRST), opted_out=opted_out, changed_at=at(seconds), why=why, by=by
    )


def claimed(subject: Dispatch, claim_id: str = "me") -> Dispatch:
    return failover.claim(subject, Send(0, Because.FIRST), claim_id=claim_id, now=NOON)


def test_a_contact_that_never_said_anything_is_claimed_for(dispatches: Dispatches) -> None:
    saved = dispatches.save_claim(claimed(dispatch()), 0)

    assert dispatches.get(DISPATCH_UUID) == saved


def test_a_contact_that_opted_out_is_not_claimed_for(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent())

    with pytest.raises(OptedOutError):
        dispatches.save_claim(claimed(dispatch()), 0)

    assert dispatches.get(DISPATCH_UUID) is None


def test_an_opt_out_counts_for_every_channel_of_its_telephone(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent(contact=contact_of("whatsapp", FIRST)))

    with pytest.raises(OptedOutError):
        dispatches.save_claim(claimed(dispatch()), 0)


def test_an_opt_out_of_another_account_does_not_count(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent(contact=contact_of("messenger", FIRST)))

    assert dispatches.save_claim(claimed(dispatch()), 0).version == 1


def test_a_contact_that_opted_in_again_is_claimed_for(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    opt_outs.change(consent())
    opt_outs.change(consent(opted_out=False, seconds=1))

    assert dispatches.save_claim(claimed(dispatch()), 0).version == 1


@pytest.mark.parametrize("said", [(), (True, False)], ids=["never said anything", "has opted in again"])
def test_a_stop_is_confirmed_only_to_who_has_opted_out(
    said: tuple[bool, ...], dispatches: Dispatches, opt_outs: OptOuts
) -> None:
    confirmation = replace(dispatch(step()), client_name=STOPPED)
    for seconds, opted_out in enumerate(said):
        opt_outs.change(consent(opted_out, seconds))
    with pytest.raises(OptedOutError):
        dispatches.save_claim(claimed(confirmation), 0)

    opt_outs.change(consent(seconds=9))
    assert dispatches.save_claim(claimed(confirmation), 0).version == 1


def test_an_older_choice_changes_nothing_however_often_it_comes(dispatches: Dispatches, opt_outs: OptOuts) -> None:
    changes = [(True, 0), (False, 10), (True, 0), (False, 10), (True, 5)]

    assert [opt_outs.change(consent(out, seconds)) for out, seconds in changes] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert dispatches.save_claim(claimed(dispatch()), 0).version == 1


def test_a_version_that_is_gone_is_a_conflict_also_for_someone_who_opted_out(
    dispatches: Dispatches, opt_outs: OptOuts
) -> None:
    read = dispatches.save(claimed(dispatch()))
    dispatches.save(failover.apply(read, status_event(Status.SUBMITTED)))
    opt_outs.change(consent())

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
def test_a_stop_that_races_with_a_claim_comes_after_it_or_prevents_it(
    dispatches: Dispatches, opt_outs: OptOuts, number: int
) -> None:
    claims: list[bool] = []

    def claim() -> None:
        try:
            dispatches.save_claim(claimed(dispatch()), 0)
        except (OptedOutError, VersionConflictError):
            claims.append(False)
        else:
            claims.append(True)

    def stop() -> None:
        opt_outs.change(consent())

    race(*((stop, claim) if number % 2 else (claim, stop)))

    assert claims == [dispatches.get(DISPATCH_UUID) is not None]
    with pytest.raises(OptedOutError):
        dispatches.save_claim(claimed(dispatch(dispatch_uuid=f"{DISPATCH_UUID[:-3]}f00")), 0)


APART = replace(step(600), opt_out_scope=OptOutScope.CHANNEL)


def on_channel(channel: str, opted_out: bool = True, seconds: float = 0) -> OptOut:
    return replace(consent(opted_out, seconds), address=Address(channel, FIRST))


def test_a_step_that_is_kept_to_its_channel_is_claimed_unless_that_was_stopped(
    dispatches: Dispatches, opt_outs: OptOuts
) -> None:
    opt_outs.change(on_channel("whatsapp"))
    read = dispatches.save_claim(claimed(dispatch(APART)), 0)
    opt_outs.change(on_channel("mms", seconds=1))
    opt_outs.change(on_channel("whatsapp", opted_out=False, seconds=2))

    assert read.version == 1
    with pytest.raises(OptedOutError):
        dispatches.save_claim(claimed(dispatch(APART, dispatch_uuid=f"{DISPATCH_UUID[:-3]}f00")), 0)


def test_what_was_said_last_is_known_of_each_channel(opt_outs: OptOuts) -> None:
    said = [on_channel("whatsapp"), on_channel("mms", seconds=1), on_channel("sms", opted_out=False, seconds=2)]
    for change in said:
        opt_outs.change(change)

    assert opt_outs.of(CONTACT) == [said[2], replace(said[2], on="sms"), replace(said[0], on="whatsapp")]
    assert opt_outs.of(contact_of("sms", FROM)) == []
