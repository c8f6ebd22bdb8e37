"""What limits count: the table and its fake do the same, and no two claims get the last place."""

from collections import Counter as Counted
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from getthrough.adapters import aws_client
from getthrough.adapters.aws import TRIES
from getthrough.adapters.aws_client import Client
from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.system import new_id
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Reserved
from getthrough.domain.dispatch.failover import Send, claim, with_attempt
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.event.webhook import Usage
from getthrough.domain.limit.limits import Counter, Limit, LimitReachedError, Per, Period, Taken, counters, limits_of
from getthrough.domain.ports import Counters
from getthrough.domain.values.errors import VersionConflictError
from getthrough.usecases.count_spending import save_counting
from getthrough.usecases.ports import Sending
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, at, dispatch, message
from tests.contract.conftest import RACES, REAL, RETENTION
from tests.fakes import FakeChannels, FakeClock, FakeGateway, FakeStatusEvents, FakeTimers
from tests.secret import hash_of

THREE_A_MINUTE = limits_of({"messages_per_minute": 3})
ANN = Contact("phone", "447700900001")


def minute(seconds: float = 0) -> Counter:
    [counter] = counters(THREE_A_MINUTE.rows, ANN, at(seconds))
    return counter


def test_a_counter_counts_up_to_its_limit(limit_counters: Counters) -> None:
    assert [limit_counters.take(Taken(minute(), 1)) for _ in range(5)] == [1, 2, 3, None, None]


def test_what_is_given_back_can_be_taken_again(limit_counters: Counters) -> None:
    for _ in range(3):
        limit_counters.take(Taken(minute(), 1))

    limit_counters.correct(minute(), -1)

    assert [limit_counters.take(Taken(minute(), 1)), limit_counters.take(Taken(minute(), 1))] == [3, None]


def test_every_period_and_every_one_for_whom_a_limit_counts_has_a_counter_of_its_own(limit_counters: Counters) -> None:
    [ann] = counters(limits_of({"messages_per_number": 3}).rows, ANN, NOON)
    [ben] = counters(limits_of({"messages_per_number": 3}).rows, Contact("phone", "447700900002"), NOON)

    assert [limit_counters.take(Taken(it, 1)) for it in (minute(), minute(59), minute(60), ann, ben)] == [1, 2, 1, 1, 1]


def test_those_who_wait_get_places_after_the_period_as_far_apart_as_the_limit_allows(limit_counters: Counters) -> None:
    assert [limit_counters.queue(Taken(minute(), 1)) for _ in range(4)] == [at(60), at(80), at(100), at(120)]
    assert limit_counters.queue(Taken(minute(30), 1)) == at(140)
    assert limit_counters.queue(Taken(minute(300), 1)) == at(360)


def test_a_place_is_a_time_that_can_be_stored(limit_counters: Counters) -> None:
    [counter] = counters(limits_of({"messages_per_minute": 7}).rows, ANN, NOON)

    places = [limit_counters.queue(Taken(counter, 1)) for _ in range(3)]

    assert places == [at(60), at(68.571), at(77.142)]
    assert all(place.microsecond % 1000 == 0 for place in places)


def test_money_is_counted_to_the_last_digit_and_corrected_with_or_without_room(limit_counters: Counters) -> None:
    [day] = counters(limits_of({"spending_per_day": "0.10 EUR"}).rows, ANN, NOON)
    known = Counter(Limit("spending_per_day", Per.STACK, Period.DAY, 0, "EUR"), "", day.starts_at, day.ends_at)
    third = Decimal("0.0333")

    assert [limit_counters.take(Taken(day, third)) for _ in range(4)] == [third, 2 * third, 3 * third, None]
    assert limit_counters.take(Taken(day, Decimal("0.0001"))) == Decimal("0.1")
    limit_counters.correct(known, Decimal("0.5"))
    assert limit_counters.take(Taken(day, Decimal("0.0001"))) is None
    limit_counters.correct(known, Decimal("-0.56"))
    assert limit_counters.take(Taken(day, Decimal("0.06"))) == Decimal("0.1")


def test_what_costs_more_than_its_limit_never_has_room(limit_counters: Counters) -> None:
    [day] = counters(limits_of({"spending_per_day": "0.10 EUR"}).rows, ANN, NOON)

    assert limit_counters.take(Taken(day, Decimal("0.11"))) is None


def test_the_highest_price_of_a_kind_is_remembered(limit_counters: Counters) -> None:
    assert limit_counters.price("sms 44 EUR") is None
    for price in ("0.05", "0.0333", "0.07", "0.06"):
        limit_counters.saw("sms 44 EUR", Decimal(price))

    assert limit_counters.price("sms 44 EUR") == Decimal("0.07")
    assert limit_counters.price("sms 353 EUR") is None


@RACES
@pytest.mark.parametrize(
    "settings",
    [{"messages_per_minute": 100}, {"spending_per_day": "3.33 EUR", "price_ceiling": "0.0333"}],
    ids=["messages", "money"],
)
def test_of_two_hundred_claims_at_once_a_limit_of_a_hundred_lets_exactly_a_hundred_through(
    store: str, settings: dict[str, object]
) -> None:
    gateway = FakeGateway()
    ports = Sending(
        aliases=DynamoAliases(store),
        channels=FakeChannels(),
        counters=DynamoCounters(store, hash_of),
        dispatches=DynamoDispatches(store, RETENTION, hash_of),
        events=FakeStatusEvents(),
        timers=FakeTimers(),
        gateway=gateway,
        limits=limits_of(settings),
        clock=FakeClock(),
        new_id=new_id,
    )

    def send(number: int) -> bool:
        try:
            send_dispatch(ports, parse_messages_request(message(to=f"447700900{number:03}")), Origin("bakery"))
        except LimitReachedError:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        accepted = list(threads.map(send, range(200)))

    assert accepted.count(True) == len(gateway.sent) == 100


def lose_answers(monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """So many answers to each write of an item do not arrive, and our client sends the write again."""
    post, lost = Client._post, Counted[bytes]()

    def lose(client: Client, operation: str, body: bytes) -> tuple[int, bytes]:
        answer = post(client, operation, body)
        if operation != "PutItem" or lost[body] == many:
            return answer
        lost[body] += 1
        raise TimeoutError

    monkeypatch.setattr(Client, "_post", lose)
    monkeypatch.setattr(aws_client, "random", lambda: 0.0)


@REAL
@pytest.mark.parametrize("lost", [1, TRIES], ids=["one", "all"])
@pytest.mark.parametrize(("price", "spent"), [(None, "0"), ("0.50", "0.50"), ("0.04", "0.04")])
def test_what_a_write_changes_is_counted_once_although_its_answer_is_lost(
    store: str, price: str | None, spent: str, lost: int
) -> None:
    limits = limits_of({"spending_per_day": "5 EUR", "price_ceiling": "0.30"})
    [day] = counters(limits.rows, ANN, NOON)
    amounts, dispatches = DynamoCounters(store, hash_of), DynamoDispatches(store, RETENTION, hash_of)
    amounts.take(Taken(day, Decimal("0.30")))
    claimed = claim(dispatch(), Send(0, Because.FIRST), claim_id="me", now=NOON)
    reserved = Reserved(Decimal("0.30"), "EUR", NOON, ("spending_per_day",))
    before = dispatches.save(with_attempt(claimed, 0, replace(claimed.attempts[0], reserved=reserved)))
    if price:
        attempt = replace(before.attempts[0], usage=Usage(Decimal(price), "EUR"))
    else:
        attempt = replace(before.attempts[0], answer=Answer(kind=AnswerKind.UNAVAILABLE, http_status=503))
    after = with_attempt(before, 0, attempt)

    with pytest.MonkeyPatch.context() as patched:
        lose_answers(patched, lost)
        saved = save_counting(dispatches, amounts, before, after)
    with pytest.raises(VersionConflictError):
        save_counting(dispatches, amounts, before, after)

    assert (dispatches.get(saved.dispatch_uuid), amounts.counted([day])) == (saved, {day: Decimal(spent)})
