"""A dispatch made again from its stored webhooks: it equals what is stored, or it is found and can be repaired."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome, Reserved
from getthrough.domain.event.webhook import StatusEvent, Usage
from getthrough.domain.limit.limits import spending_counters
from getthrough.domain.message.status import Status
from getthrough.domain.values.errors import NotFoundError, VersionConflictError
from tests.builders import DISPATCH_UUID, at, dispatch, status_event, step
from tests.fakes import FakeCounters, FakeDispatches, FakeStatusEvents
from tests.unit.stories import reported, sent
from tools.replay import everything, replay


def two_steps_out() -> Dispatch:
    return sent(sent(dispatch(), seconds=0), seconds=15)


def tampered(subject: Dispatch, **fields: Any) -> Dispatch:
    """Someone changed the first step by hand."""
    return replace(subject, attempts=(replace(subject.attempts[0], **fields), *subject.attempts[1:]))


def stored(subject: Dispatch, *events: StatusEvent) -> tuple[FakeDispatches, FakeStatusEvents]:
    dispatches, kept = FakeDispatches(), FakeStatusEvents()
    dispatches.save(subject)
    for event in events:
        kept.add(event)
    return dispatches, kept


DELIVERED = status_event(Status.DELIVERED, usage={"price": "0.0333", "currency": "EUR"})
ARRIVED = "2026-03-02T12:00:01.000Z"

prices = st.sampled_from(["0", "0.1", "0.10", "1.5"])
events = st.lists(
    st.builds(
        lambda status, step, price, seconds: status_event(
            status, step, seconds, timestamp=at(seconds).isoformat(), usage={"price": price, "currency": "EUR"}
        ),
        st.sampled_from([*Status, "accepted"]),
        st.integers(0, 3),
        prices,
        st.integers(1, 9),
    ),
    max_size=8,
)


@given(st.data(), events)
def test_any_events_applied_any_order_are_what_is_rebuilt_from_them(
    data: st.DataObject, reported_events: list[StatusEvent]
) -> None:
    applied = reported(two_steps_out(), *data.draw(st.permutations(reported_events)))

    assert failover.rebuild(applied, reported_events) == applied


@given(
    events,
    st.none() | st.sampled_from(list(Status)),
    st.none() | st.builds(Usage, st.decimals(0, 9, places=2), st.just("EUR")),
    st.none() | st.builds(at, st.integers(0, 20)),
)
def test_whatever_was_written_over_status_price_and_arrival_is_rebuilt(
    reported_events: list[StatusEvent], status: Status | None, usage: Usage | None, arrived_at: datetime | None
) -> None:
    right = reported(two_steps_out(), *reported_events)

    tampered_with = tampered(right, status=status, usage=usage, arrived_at=arrived_at)
    assert failover.rebuild(tampered_with, reported_events) == right


def test_what_no_webhook_tells_stays_as_it_is() -> None:
    subject = failover.finish(two_steps_out(), Outcome.CANCELLED, two_steps_out().created_at)

    assert failover.rebuild(subject, []) == subject


def test_a_dispatch_that_is_as_its_events_make_it_is_left_alone() -> None:
    dispatches, kept = stored(reported(two_steps_out(), DELIVERED), DELIVERED)

    assert replay(DISPATCH_UUID, dispatches, kept, repair=FakeCounters()) is None
    assert dispatches.stored[DISPATCH_UUID].version == 1


def test_a_dispatch_that_was_tampered_with_is_found_and_left_alone() -> None:
    right = reported(two_steps_out(), DELIVERED)
    wrong = tampered(right, status=Status.REJECTED, usage=None, arrived_at=None)
    dispatches, kept = stored(wrong, DELIVERED)

    result = replay(DISPATCH_UUID, dispatches, kept, repair=None)

    assert result is not None
    assert (result.stored, result.rebuilt) == (replace(wrong, version=1), replace(right, version=1))
    assert list(result.lines()) == [
        f"differs: {DISPATCH_UUID[:-2]}01 stored rejected, rebuilt delivered (0.0333 EUR) at {ARRIVED}",
    ]
    assert dispatches.stored[DISPATCH_UUID] == replace(wrong, version=1)


def test_a_dispatch_that_was_tampered_with_is_repaired_under_the_next_version() -> None:
    right = reported(two_steps_out(), DELIVERED)
    dispatches, kept = stored(
        tampered(right, status=None, usage=Usage(Decimal("9.99"), "EUR"), arrived_at=None), DELIVERED
    )

    result = replay(DISPATCH_UUID, dispatches, kept, repair=FakeCounters())

    assert result is not None
    assert list(result.lines()) == [
        f"repaired: {DISPATCH_UUID[:-2]}01 stored nothing (9.99 EUR), rebuilt delivered (0.0333 EUR) at {ARRIVED}",
    ]
    assert dispatches.stored[DISPATCH_UUID] == replace(right, version=2)
    assert replay(DISPATCH_UUID, dispatches, kept, repair=None) is None


def test_a_price_that_a_repair_brings_back_is_counted() -> None:
    [counter] = spending_counters(["spending_per_day"], "EUR", at(0), "bakery")
    counters = FakeCounters({counter: Decimal("0.5")})
    reserved = Reserved(Decimal("0.5"), "EUR", at(0), ("spending_per_day",))
    right = tampered(reported(two_steps_out(), DELIVERED), reserved=reserved)
    dispatches, kept = stored(tampered(right, usage=None), DELIVERED)

    assert replay(DISPATCH_UUID, dispatches, kept, repair=counters) is not None
    assert counters.taken == {counter: Decimal("0.0333")}


class Racing(FakeDispatches):
    """A webhook is applied between each reading and the write that follows it, `times` times."""

    times: int

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        found = super().get(dispatch_uuid)
        if found is not None and self.times:
            self.times -= 1
            self.save(replace(found, attempts=reported(found, status_event(Status.READ)).attempts))
        return found


def racing(times: int) -> tuple[Racing, FakeStatusEvents]:
    dispatches, kept = Racing(), FakeStatusEvents()
    kept.add(status_event(Status.READ))
    dispatches.times = 0
    dispatches.save(reported(two_steps_out(), status_event(Status.SUBMITTED)))
    dispatches.times = times
    return dispatches, kept


@pytest.mark.parametrize("repair", [None, FakeCounters()])
def test_a_webhook_that_is_recorded_meanwhile_is_no_difference(repair: FakeCounters | None) -> None:
    dispatches, kept = racing(times=1)

    assert replay(DISPATCH_UUID, dispatches, kept, repair=repair) is None
    assert dispatches.stored[DISPATCH_UUID].version == 2


def test_a_dispatch_that_keeps_changing_is_not_repaired() -> None:
    class Changing(Racing):
        def get(self, dispatch_uuid: str) -> Dispatch | None:
            found = super().get(dispatch_uuid)
            self.stored[dispatch_uuid] = tampered(self.stored[dispatch_uuid], status=None)
            return tampered(found, status=None) if found else None

    dispatches, kept = Changing(), FakeStatusEvents()
    dispatches.times = 0
    dispatches.save(two_steps_out())
    dispatches.times = 100
    kept.add(DELIVERED)

    with pytest.raises(VersionConflictError):
        replay(DISPATCH_UUID, dispatches, kept, repair=FakeCounters())


def test_a_dispatch_that_is_not_there_is_reported() -> None:
    with pytest.raises(NotFoundError):
        replay(DISPATCH_UUID, *stored(dispatch(step(), dispatch_uuid=DISPATCH_UUID[:-4] + "ff00")), repair=None)


def test_everything_is_every_dispatch_of_every_page() -> None:
    uuids = [f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500" for number in range(250)]
    dispatches = FakeDispatches()
    for uuid in uuids:
        dispatches.save(dispatch(dispatch_uuid=uuid))

    assert sorted(everything(dispatches)) == uuids
