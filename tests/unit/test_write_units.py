"""What DynamoDB charges for a write."""

import pytest

from bench.write_units import Index, Item, size, units_of

KEYS = {"pk": {"S": "a"}, "sk": {"S": "b"}}
BY_TIME = Index(frozenset({"pk", "sk", "due"}), frozenset({"pk", "sk", "due", "outcome"}))


def item(bytes_more: int = 0, **attributes: object) -> Item:
    return {**KEYS, "text": {"S": "x" * bytes_more}, **{name: {"S": value} for name, value in attributes.items()}}


def test_an_item_weighs_its_names_and_values() -> None:
    weighed = {
        "text": {"S": "é"},
        "number": {"N": "-1234.5"},
        "yes": {"BOOL": True},
        "no": {"NULL": True},
        "list": {"L": [{"S": "ab"}, {"N": "7"}]},
        "map": {"M": {"k": {"S": "v"}}},
        "set": {"NS": ["7", "22"]},
    }

    assert size(weighed) == sum((4 + 2, 6 + 5, 3 + 1, 2 + 1, 4 + 3 + (1 + 2) + (1 + 2), 3 + 3 + 1 + 2, 3 + 3 + 2 + 2))


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, item(), 1),
        (item(), None, 1),
        (None, None, 1),
        (None, item(1100), 2),
        (item(2100), item(), 3),
    ],
)
def test_a_write_costs_a_unit_for_each_kilobyte_of_the_larger_item(
    before: Item | None, after: Item | None, units: int
) -> None:
    assert units_of(before, after, []) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, item(due="1"), 2),
        (item(due="1"), item(), 2),
        (item(due="1"), item(due="2"), 3),
        (item(due="1"), item(due="1", other="2"), 1),
        (item(due="1"), item(due="1", outcome="2"), 2),
        (item(), item(other="2"), 1),
    ],
    ids=["enters", "leaves", "moves", "changes elsewhere", "changes what the entry holds", "is not in it"],
)
def test_an_index_costs_a_unit_for_each_entry_that_comes_or_goes(before: Item | None, after: Item, units: int) -> None:
    assert units_of(before, after, [BY_TIME]) == units


def test_a_transaction_doubles_the_tables_part_alone() -> None:
    assert units_of(None, item(due="1"), [BY_TIME], transaction=True) == 3
