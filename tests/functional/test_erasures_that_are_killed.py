"""An erasure that is killed, at each of its calls of the table or at many of them: no byte of the customer is left."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import Binary

from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.dynamo_erasures import DynamoErasures
from getthrough.domain.contact.contact import Contact, address_of
from getthrough.domain.erasure import erasure as erasures_of
from getthrough.domain.erasure.erasure import SWEEP_UUID, Erasure
from getthrough.domain.ports import Forgotten, Timer
from getthrough.usecases import erase_contact
from getthrough.usecases.erase_contact import ask_erasure, run_sweep
from getthrough.usecases.ports import Erasing
from tests.builders import FIRST, NOON
from tests.fakes import FakeClock, FakeIds, FakeTimers
from tests.functional.erasure_world import USER_ID, World
from tests.functional.recovery_in_memory import recovery_in_memory
from tests.functional.table_of_a_killer import TableOfAKiller
from tests.secret import hash_of

Item = dict[str, Any]

MANY = 1_000
RECEIPT = 2
"""What it takes to read one."""

ERASED = re.compile("447991[0-9]{6}|US.99991[0-9]{6}")
"""What would be left of one of them."""


class Killed(BaseException):
    """The function is gone: no `except` sees it."""


class Letters:
    """A queue of which one look shows everything."""

    def __init__(self, bodies: list[str]) -> None:
        self.bodies = bodies

    def forget(self, names: Callable[[str], frozenset[Contact]], hidden_for: timedelta) -> Forgotten:
        named = {body: names(body) for body in self.bodies}
        self.bodies = [body for body in self.bodies if not named[body]]
        return Forgotten([contacts for contacts in named.values() if contacts], more=False)


class Shop:
    """A table, a queue, and a search whose every part may be killed."""

    def __init__(self, items: list[Item], letters: list[str], strikes: Callable[[], None]) -> None:
        self.table, self.letters, self.clock = TableOfAKiller(items, strikes), Letters(letters), FakeClock()
        self.erasures = DynamoErasures("", timedelta(days=90), hash_of)
        aliases = DynamoAliases("")
        self.erasures._table = aliases._table = self.table  # type: ignore[assignment]
        self.ports = Erasing(
            aliases=aliases,
            erasures=self.erasures,
            timers=FakeTimers(),
            clock=self.clock,
            new_id=FakeIds(),
            dead_letters=(self.letters,),
        )

    def erase(self, numbers: list[str]) -> list[Erasure]:
        return [ask_erasure(self.ports, address_of("sms", number), "bakery") for number in numbers]

    def work(self) -> int:
        """Search to the end, and return how often that was killed. The tick brings a timer that was lost."""
        killed = 0
        while True:
            try:
                next_at = self.erasures.sweep().next_at
                if next_at is None:
                    return killed
                self.clock.now = max(self.clock.now, next_at)
                run_sweep(self.ports, Timer(SWEEP_UUID, next_at))
            except Killed:
                killed += 1

    def left(self, pattern: re.Pattern[str]) -> list[str]:
        return pattern.findall("\n".join([*map(text, self.table.items.values()), *self.letters.bodies]))


def text(value: object) -> str:
    """Everything that a value says, bytes too."""
    match value:
        case Mapping():
            return " ".join(f"{name} {text(part)}" for name, part in value.items())
        case list():
            return " ".join(map(text, value))
        case Binary():
            return bytes(value).decode("latin-1")  # type: ignore[call-overload,no-any-return]
    return str(value)


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Item], list[str]]:
    """All that is stored of one customer who is in everything, and in a dead letter."""
    with recovery_in_memory(monkeypatch) as stack:
        world = World(stack, FakeClock(NOON))
        world.fill(FIRST)
        items = boto3.resource("dynamodb").Table(stack.aws.table_name).scan()["Items"]
        return items, stack.take("dead-callbacks")


def another(value: Any, changes: Mapping[str, str]) -> Any:
    """The same of another customer."""
    match value:
        case Mapping():
            return {name: another(part, changes) for name, part in value.items()}
        case list():
            return [another(part, changes) for part in value]
        case Binary():
            return Binary(another(bytes(value).decode(), changes).encode())  # type: ignore[call-overload]
        case str():
            for old, new in changes.items():
                value = value.replace(old, new)
    return value


def test_an_erasure_that_is_killed_at_each_of_its_calls_leaves_nothing(filled: tuple[list[Item], list[str]]) -> None:
    items, letters = filled
    calls, die_at = 0, 0

    def strikes() -> None:
        nonlocal calls
        calls += 1
        if calls == die_at:
            raise Killed

    def erased(at: int) -> tuple[Shop, Mapping[str, int], int]:
        nonlocal calls, die_at
        shop, die_at = Shop(items, letters, strikes), 0
        [asked] = shop.erase([FIRST])
        calls, die_at = 0, at
        killed, die_at = shop.work(), 0
        receipt = shop.erasures.get(asked.erasure_uuid)
        assert receipt is not None
        return shop, {**receipt.erased, "dead_letters": 1}, killed

    customer = re.compile(f"{FIRST}|{USER_ID}")
    unkilled, counts, _ = erased(at=0)
    total = calls - RECEIPT
    assert len(Shop(items, letters, strikes).left(customer)) > len(items)
    assert (unkilled.left(customer), total > len(items)) == ([], True)
    for at in range(1, total + 1):
        shop, counted, killed = erased(at)
        assert (shop.left(customer), counted, killed) == ([], counts, 1), at


@pytest.mark.exhaustive
def test_a_thousand_who_are_erased_with_kills_in_between_leave_no_byte(
    filled: tuple[list[Item], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has one item of each kind. All share a search here, and more is erased at once, which spares reading."""
    monkeypatch.setattr(erasures_of, "MOST_AT_ONCE", MANY)
    monkeypatch.setattr(erase_contact, "MOST_ERASED", 400)
    [letter] = filled[1]
    one = list({(item["pk"].partition("#")[0], item["sk"].partition("#")[0]): item for item in filled[0]}.values())
    ids = {item["pk"].partition("#")[2][:8] for item in one if not item["pk"].startswith("CONTACT#")}
    items, letters, numbers = list[Item](), list[str](), [f"447991{number:06}" for number in range(MANY)]
    for number in numbers:
        changes = {name: f"{int(name, 16) ^ int(number[5:]):08x}" for name in ids if re.fullmatch("[0-9a-f]{8}", name)}
        changes |= {FIRST: number, USER_ID: f"US.9999{number[5:]}"}
        for item in one:
            copy = another(item, changes)
            own = "" if copy["pk"] != item["pk"] else number[5:]  # what had an id of another kind
            items.append({**copy, "pk": copy["pk"] + own})
        letters.append(another(letter, changes))
    dice = Random("erasures")

    def strikes() -> None:
        if dice.random() < 1 / 500:
            raise Killed

    shop = Shop(items, letters, lambda: None)
    assert len(shop.table.items) == MANY * len(one)
    asked = shop.erase(numbers)
    shop.table._strikes = strikes
    killed = shop.work()
    shop.table._strikes = lambda: None
    assert shop.left(ERASED) == []
    assert killed > MANY // 50
    receipts = [shop.erasures.get(erasure.erasure_uuid) for erasure in asked]
    counts = {tuple(sorted({**receipt.erased, "dead_letters": 1}.items())) for receipt in receipts if receipt}
    assert (len(receipts), len(counts)) == (MANY, 1)
    stops = [item for item in shop.table.items.values() if item.get("opted_out") is True]
    assert len(stops) == MANY * sum(item["pk"].startswith("CONSENT#") for item in one)
