"""What limits count: the table and its fake do the same, and no two claims get the last place."""

from concurrent.futures import ThreadPoolExecutor

from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.system import new_id
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.limit.limits import Counter, LimitReachedError, counters, limits_of
from getthrough.domain.ports import Counters
from getthrough.usecases.ports import Sending
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, at, message
from tests.contract.conftest import RACES, RETENTION
from tests.fakes import FakeClock, FakeGateway, FakeStatusEvents, FakeTimers
from tests.secret import hash_of

THREE_A_MINUTE = limits_of({"messages_per_minute": 3})
ANN = Contact("phone", "447700900001")


def minute(seconds: float = 0) -> Counter:
    [counter] = counters(THREE_A_MINUTE.rows, ANN, at(seconds))
    return counter


def test_a_counter_counts_up_to_its_limit(limit_counters: Counters) -> None:
    assert [limit_counters.take(minute()) for _ in range(5)] == [1, 2, 3, None, None]


def test_what_is_given_back_can_be_taken_again(limit_counters: Counters) -> None:
    for _ in range(3):
        limit_counters.take(minute())

    limit_counters.give_back(minute())

    assert [limit_counters.take(minute()), limit_counters.take(minute())] == [3, None]


def test_every_period_and_every_one_for_whom_a_limit_counts_has_a_counter_of_its_own(limit_counters: Counters) -> None:
    [ann] = counters(limits_of({"messages_per_number": 3}).rows, ANN, NOON)
    [ben] = counters(limits_of({"messages_per_number": 3}).rows, Contact("phone", "447700900002"), NOON)

    assert [limit_counters.take(it) for it in (minute(), minute(59), minute(60), ann, ben)] == [1, 2, 1, 1, 1]


def test_those_who_wait_get_places_after_the_period_as_far_apart_as_the_limit_allows(limit_counters: Counters) -> None:
    assert [limit_counters.queue(minute()) for _ in range(4)] == [at(60), at(80), at(100), at(120)]
    assert limit_counters.queue(minute(30)) == at(140)
    assert limit_counters.queue(minute(300)) == at(360)


def test_a_place_is_a_time_that_can_be_stored(limit_counters: Counters) -> None:
    [counter] = counters(limits_of({"messages_per_minute": 7}).rows, ANN, NOON)

    places = [limit_counters.queue(counter) for _ in range(3)]

    assert places == [at(60), at(68.571), at(77.142)]
    assert all(place.microsecond % 1000 == 0 for place in places)


@RACES
def test_of_two_hundred_claims_at_once_a_limit_of_a_hundred_lets_exactly_a_hundred_through(store: str) -> None:
    gateway = FakeGateway()
    ports = Sending(
        aliases=DynamoAliases(store),
        counters=DynamoCounters(store, hash_of),
        dispatches=DynamoDispatches(store, RETENTION, hash_of),
        events=FakeStatusEvents(),
        timers=FakeTimers(),
        gateway=gateway,
        limits=limits_of({"messages_per_minute": 100}),
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
