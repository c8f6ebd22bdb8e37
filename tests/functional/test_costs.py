"""What AWS charges for a message, counted on the functions that are deployed. Every page that says so says the same."""

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlparse

import pytest

from bench.costs.bill import total
from bench.costs.page import GOALS, PARTS, ROOT, calls, failover, made, plain, sentences, stories, writes

PRICES: Mapping[str, Any] = tomllib.loads((ROOT / "bench" / "costs" / "prices.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PARTS)
def test_a_pages_tables_follow_from_the_counts(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")

    assert made(page, text) == text, 'make bench ARGS="--costs --write" writes them again'


@pytest.mark.parametrize("file", ["README.md", "docs/costs.md", "docs/deploy.md", "cli/up/preflight.py"])
def test_a_sentence_elsewhere_says_the_same(file: str) -> None:
    assert sentences()[file] in (ROOT / file).read_text(encoding="utf-8")


def test_every_price_has_a_source_and_a_date() -> None:
    prices = [*PRICES["aws"].values(), *PRICES["others"].values()]

    assert all(urlparse(price["source"]).scheme == "https" for price in prices)
    assert all(isinstance(price["date"], date) for price in prices)


@pytest.mark.parametrize("story", GOALS)
def test_a_million_costs_no_more_than_it_may(story: str) -> None:
    assert total(stories()[story]) <= GOALS[story]


def test_a_plain_sms_and_its_two_webhooks_make_so_many_calls_and_writes() -> None:
    assert len(calls(plain())) == 13
    assert [written.units for written in writes(plain())] == [1, 3, 1, 1, 1, 1, 1, 1, 2]


def test_a_failover_and_its_four_webhooks_write_so_many_units() -> None:
    assert sum(written.units for written in writes(failover())) == 23
