"""How an erasure is asked for and a search goes on, with timers that repeat, overtake each other and get lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from getthrough.adapters import table_keys
from getthrough.domain.contact.contact import Contact, address_of, contact_of
from getthrough.domain.erasure.erasure import BETWEEN, SWEEP_UUID, Erasure, Place, Sweep, Whom
from getthrough.domain.ports import Forgotten, Personal, SearchedPart, Timer
from getthrough.domain.values.errors import VersionConflictError
from getthrough.usecases.erase_contact import MOST_ERASED, PARTS, Swept, ask_erasure, run_sweep
from getthrough.usecases.export_contact import export_contact
from getthrough.usecases.ports import Erasing
from tests.builders import FIRST, NOON, SECOND
from tests.fakes import FakeAliases, FakeClock, FakeIds, FakeTimers, ports_of

ANN, BO = contact_of("sms", FIRST), contact_of("sms", SECOND)
PART = 3


@dataclass
class FakeErasures:
    """A table of things that name one contact each and say `words`, PART of them at a time. `changed` are those that
    another writer changes just before they are erased."""

    things: dict[Place, Contact] = field(default_factory=dict)
    stored: dict[str, Erasure] = field(default_factory=dict)
    searching: Sweep = field(default_factory=Sweep)
    changed: list[Place] = field(default_factory=list)
    words: str = ""

    def running(self, contact: Contact) -> Erasure | None:
        of_contact = [one for one in self.stored.values() if contact in one.contacts and not one.done_at]
        return of_contact[-1] if of_contact else None

    def get(self, erasure_uuid: str) -> Erasure | None:
        return self.stored.get(erasure_uuid)

    def some(self, erasure_uuids: Iterable[str]) -> list[Erasure]:
        return [self.stored[uuid] for uuid in erasure_uuids]

    def sweep(self) -> Sweep:
        return self.searching

    def save(self, sweep: Sweep, new: Erasure | None = None) -> Sweep:
        if sweep.version != self.searching.version:
            raise VersionConflictError
        self.searching = replace(sweep, version=sweep.version + 1)
        if new is not None:
            self.stored[new.erasure_uuid] = new
        return self.searching

    def look(self, place: Place | None, whom: Iterable[Contact]) -> SearchedPart:
        ahead = sorted(at for at in self.things if place is None or at > place)
        part = ahead[:PART]
        found = [Personal("notes", frozenset({self.things[at]}), {"place": at, "words": self.words}) for at in part]
        place = part[-1] if len(ahead) > PART else None
        return SearchedPart(found, place, table_keys.contact_in(place[0]) if place else None)

    def erase(self, personal: Personal, whom: Whom, at: datetime) -> bool:
        place = personal.attributes["place"]
        if place in self.changed:
            self.changed.remove(place)
            return False
        del self.things[place]
        for uuid in frozenset[str]().union(*whom.values()):
            self.count(uuid, personal.kind, at)
        return True

    def finish(self, erasure_uuid: str, at: datetime) -> None:
        self.stored[erasure_uuid] = replace(self.stored[erasure_uuid], contacts=(), done_at=at)

    def count(self, erasure_uuid: str, kind: str, at: datetime) -> None:
        one = self.stored[erasure_uuid]
        counted = {**one.erased, kind: one.erased.get(kind, 0) + 1}
        self.stored[erasure_uuid] = replace(one, erased=counted, found_at=at)


class Letters:
    """A queue that shows five messages at a time, and hides those that stay for as long as it is asked to."""

    def __init__(self, clock: FakeClock, *bodies: str) -> None:
        self.clock, self.hidden_until = clock, [(clock(), body) for body in bodies]

    def forget(self, names: Callable[[str], frozenset[Contact]], hidden_for: timedelta) -> Forgotten:
        now = self.clock()
        some = [letter for letter in self.hidden_until if letter[0] <= now][:5]
        for letter in some:
            self.hidden_until.remove(letter)
            if not names(letter[1]):
                self.hidden_until.append((now + hidden_for, letter[1]))
        return Forgotten([contacts for _, body in some if (contacts := names(body))], more=bool(some))


@dataclass
class World:
    erasures: FakeErasures = field(default_factory=FakeErasures)
    aliases: FakeAliases = field(default_factory=FakeAliases)
    timers: FakeTimers = field(default_factory=FakeTimers)
    clock: FakeClock = field(default_factory=FakeClock)
    new_id: FakeIds = field(default_factory=FakeIds)
    dead_letters: tuple[Letters, ...] = ()

    @property
    def ports(self) -> Erasing:
        return ports_of(self, Erasing)

    def ask(self, number: str = FIRST) -> Erasure:
        return ask_erasure(self.ports, address_of("sms", number), "bakery")

    def run(self, at: datetime | None = None) -> Swept | None:
        due = self.erasures.searching.next_at or NOON
        self.clock.now = max(self.clock.now, due)
        return run_sweep(self.ports, Timer(SWEEP_UUID, at or due))

    def work(self) -> int:
        runs = 0
        while self.erasures.searching.next_at is not None:
            self.run()
            runs += 1
        return runs


def world(total: int) -> World:
    """Every second thing is Ann's."""
    things = {("pk", f"{number:04}"): ANN if number % 2 else BO for number in range(total)}
    return World(FakeErasures(things))


def test_only_the_customer_is_erased_and_the_receipt_counts_it() -> None:
    shop = world(50)
    asked = shop.ask()
    shop.work()
    assert set(shop.erasures.things.values()) == {BO}
    done = shop.erasures.stored[asked.erasure_uuid]
    assert (done.contacts, dict(done.erased), done.done_at) == ((), {"notes": 25}, shop.clock())
    assert shop.clock() >= NOON + BETWEEN


def test_while_one_goes_on_another_request_gets_the_same() -> None:
    shop = world(4)
    assert shop.ask() == shop.ask()
    assert len(shop.erasures.searching.turns) == 1
    shop.work()
    assert shop.ask() != shop.erasures.stored[min(shop.erasures.stored)]


def test_who_is_asked_for_again_during_the_last_search_is_erased_from_what_is_behind_it_too() -> None:
    shop = world(4 * PARTS * PART)
    first = shop.ask()
    while not shop.erasures.searching.turns[0].searches or shop.erasures.searching.place is None:
        shop.run()
    shop.erasures.things["pk", "0000"] = ANN  # who wrote again
    second = shop.ask()
    assert second != first
    assert shop.ask() == second
    shop.work()
    assert ANN not in shop.erasures.things.values()
    done = shop.erasures.stored
    assert dict(done[first.erasure_uuid].erased) == {"notes": 2 * PARTS * PART}
    assert dict(done[second.erasure_uuid].erased) == {"notes": 1}


def test_an_account_that_became_known_meanwhile_is_erased_too() -> None:
    shop = world(0)
    first = shop.ask()
    account = contact_of("messenger", "1234567890")
    shop.aliases.add(account, ANN)
    shop.erasures.things["pk", "0000"] = account
    second = ask_erasure(shop.ports, address_of("messenger", "1234567890"), "bakery")
    assert set(second.contacts) == {ANN, account}
    assert shop.ask() == second
    shop.work()
    assert shop.erasures.things == {}
    assert shop.erasures.stored[first.erasure_uuid].done_at is not None


def test_what_two_erasures_find_in_one_search_counts_for_both() -> None:
    shop = world(4)
    first = shop.ask()
    shop.aliases.add(contact_of("messenger", "1234567890"), ANN)
    second = shop.ask()
    shop.work()
    counts = [dict(shop.erasures.stored[one.erasure_uuid].erased) for one in (first, second)]
    assert counts == [{"notes": 2}, {"notes": 2}]


def test_a_timer_does_a_bounded_part() -> None:
    shop = world(10 * MOST_ERASED)
    shop.ask()
    swept = shop.run()
    assert swept is not None
    assert swept.erased <= min(MOST_ERASED, PARTS * PART)
    shop.work()
    assert set(shop.erasures.things.values()) == {BO}


def test_a_thing_that_changed_meanwhile_is_looked_at_again() -> None:
    shop = world(20)
    shop.ask()
    shop.erasures.changed = [("pk", f"{number:04}") for number in range(1, 20, 2)] * 3
    shop.run()
    while shop.erasures.changed:
        shop.run()
    assert shop.erasures.searching.turns[0].searches == 0
    shop.work()
    assert set(shop.erasures.things.values()) == {BO}


def test_a_timer_that_was_overtaken_does_nothing_so_that_timers_do_not_multiply() -> None:
    shop = world(40)
    shop.ask()
    first = shop.erasures.searching.next_at
    assert shop.run() is not None
    armed = len(shop.timers.armed)
    assert shop.run(first) is None
    assert len(shop.timers.armed) == armed


def test_who_is_asked_for_during_a_part_does_not_undo_it() -> None:
    shop = world(60)
    shop.ask()
    save = shop.erasures.save

    def ask_first(sweep: Sweep, new: Erasure | None = None) -> Sweep:
        shop.erasures.save = save  # type: ignore[method-assign]
        shop.ask(SECOND)
        return save(sweep, new)

    shop.erasures.save = ask_first  # type: ignore[method-assign]
    shop.run()
    assert shop.erasures.searching.place is not None
    assert len(shop.erasures.searching.turns) == 2
    shop.work()
    assert shop.erasures.things == {}


def test_an_export_has_everything_and_only_of_that_customer() -> None:
    shop, found, place = world(60), list[Personal](), None
    while True:
        page = export_contact(shop.ports, address_of("sms", FIRST), place)
        found, place = found + page.found, page.place
        if place is None:
            break
    assert [one.attributes["place"][1] for one in found] == [f"{number:04}" for number in range(1, 60, 2)]


@pytest.mark.parametrize(("words", "longest"), [("", PARTS * PART), ("x" * 1_000_000, PART)])
def test_a_page_of_an_export_ends_where_much_is_stored_of_the_customer_and_names_no_other(
    words: str, longest: int
) -> None:
    """A function can't return more than 6 MB, and what a customer wrote stands in a part of the table of its own."""
    own, others = table_keys.contact(ANN), table_keys.contact(BO)
    things = {(place, f"{n:04}"): one for place, one in ((own, ANN), (others, BO)) for n in range(40)}
    shop, found, place = World(FakeErasures(things, words=words)), list[str](), None
    while True:
        page = export_contact(shop.ports, address_of("sms", FIRST), place)
        assert len(page.found) <= longest
        found += [one.attributes["place"][1] for one in page.found]
        place = page.place
        if place is None:
            break
        assert place[0] == own
    assert found == [f"{n:04}" for n in range(40)]


def test_dead_letters_are_looked_at_to_the_end() -> None:
    shop = world(2)
    asked = shop.ask()
    letters = Letters(shop.clock, *(FIRST if number % 3 == 0 else SECOND for number in range(21)))
    shop.dead_letters = (letters,)
    shop.work()
    assert [body for _, body in letters.hidden_until] == [SECOND] * 14
    assert shop.erasures.stored[asked.erasure_uuid].erased["dead_letters"] == 7


def test_a_look_at_the_dead_letters_counts_only_what_it_erased() -> None:
    shop = world(2)
    shop.ask()
    shop.dead_letters = (Letters(shop.clock, FIRST, SECOND), Letters(shop.clock, SECOND))
    assert [shop.run() for _ in range(3)] == [Swept(1, []), Swept(1, []), Swept(0, [])]


def test_dead_letters_of_others_do_not_keep_a_search_going_for_ever() -> None:
    """There are so many that the first of them are in sight again before the last was looked at."""
    shop = world(2)
    shop.ask()
    shop.dead_letters = (Letters(shop.clock, *[SECOND] * 500),)
    for _ in range(350):
        shop.run()
        shop.clock.advance(4)
    assert shop.erasures.searching.next_at is None
