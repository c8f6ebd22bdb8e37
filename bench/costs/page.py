"""What a million cost at AWS, in words: the parts of docs/costs.md and docs/performance.md that follow from counts, and
the sentences of other pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from bench.costs.bill import PRICES, bill, total
from bench.costs.stories import invocations_of, plain_sms, plain_sms_that_is_heard_of, two_steps, used_by_a_recipient
from bench.costs.used import Invocation, Used, What, amount, sum_of
from bench.write_units import Written

ROOT = Path(__file__).parents[2]

GOALS = {"a plain SMS": 20, "a failover": 41}
"""Dollars for a million, at most."""

HANDLED = ("SendFunction", "StatusFunction", "AdvanceFunction")
"""What a message waits for. The readers of the stream come later."""

WRITES_OF_A_PLAIN_SMS = (
    "count of the [limit](limits.md) on one customer's messages",
    "claim: the dispatch, and its entries in both indexes",
    "note in the contact's conversation",
    "answer: the dispatch",
    "reference: Vonage's id",
    "first status",
    "the dispatch with it",
    "second status",
    "the dispatch with it, which ends: its entry in the tick's index goes",
)


@cache
def stories() -> Mapping[str, Used]:
    return {
        "a plain SMS": sum_of(plain()),
        "a failover": sum_of(failover()),
        "a recipient": used_by_a_recipient(),
    }


@cache
def plain() -> Sequence[Invocation]:
    return invocations_of(plain_sms)


@cache
def failover() -> Sequence[Invocation]:
    return invocations_of(two_steps)


def writes(invocations: Sequence[Invocation]) -> list[Written]:
    """Of the functions that a message waits for."""
    return [one for invocation in invocations if invocation.function in HANDLED for one in invocation.written]


def calls(invocations: Sequence[Invocation]) -> list[str]:
    return [call for invocation in invocations if invocation.function in HANDLED for call in invocation.calls]


def by_service() -> Iterator[str]:
    """docs/costs.md: what each service charges."""
    found = stories()
    yield f"| for a million | {' | '.join(found)} |"
    yield f"|---|{'---|' * len(found)}"
    for lines in zip(*map(bill, found.values()), strict=True):
        cells = (f"${line.dollars:.2f}: {_many(line.many, line.unit)}" for line in lines)
        yield f"| {lines[0].service} | {' | '.join(cells)} |"
    yield f"| **together** | {' | '.join(f'**${total(used):.2f}**' for used in found.values())} |"


def _many(many: float, unit: str) -> str:
    return f"{many:,.0f} {unit}" if unit == "bytes" else f"{many:.2f} {unit}".replace(".00 ", " ")


def by_write() -> Iterator[str]:
    """docs/costs.md: what each write of a plain SMS costs."""
    yield "| write | units |"
    yield "|---|---|"
    for what, written in zip(WRITES_OF_A_PLAIN_SMS, writes(plain()), strict=True):
        yield f"| {what} | {written.units} |"


def by_vendor() -> Iterator[str]:
    """docs/performance.md: beside what others charge."""
    found = stories()
    others = {name: price["per_million"] for name, price in PRICES["others"].items()}
    yield "| for a million | a plain SMS | a failover | what is counted |"
    yield "|---|---|---|---|"
    ours = " | ".join(f"${total(found[story]):.0f}" for story in GOALS)
    yield f"| Getthrough | {ours} | everything at AWS, as [costs.md](costs.md) lists it |"
    rows = (
        ("AWS Step Functions, standard", "step_functions_standard", 3, 5, "transitions: start, send, wait, and so on"),
        ("AWS Lambda durable functions", "durable_operation", 3, 5, "operations: start, each send, each wait"),
        ("Twilio", "twilio_failed_message", 0, 1, "its fee for a message that fails; none for one that arrives"),
        ("Customer.io", "customer_io_message", 1, 2, "messages above what a plan includes"),
    )
    for vendor, price, of_plain, of_failover, what in rows:
        plain_cost, failover_cost = (f"${many * others[price]:,.0f}" for many in (of_plain, of_failover))
        yield f"| {vendor} | {plain_cost} | {failover_cost} | {what} |"


def by_price() -> Iterator[str]:
    """docs/costs.md: the list prices."""
    yield "| dollars for a million | what | where | seen |"
    yield "|---|---|---|---|"
    for price in (*PRICES["aws"].values(), *PRICES["others"].values()):
        quoted = f", quoted [here]({price['quoted_by']})" if "quoted_by" in price else ""
        dollars = f"{price['per_million']:,.4f}".rstrip("0").rstrip(".")
        yield f"| {dollars} | {price['what']} | [its page]({price['source']}){quoted} | {price['date']} |"


PARTS = {
    "docs/costs.md": {"by service": by_service, "by write": by_write, "prices": by_price},
    "docs/performance.md": {"by vendor": by_vendor},
}
"""Of each page, what stands between `<!-- NAME: made by make bench -->` and `<!-- end -->`."""


@cache
def sentences() -> Mapping[str, str]:
    """What other pages say, by file."""
    million = f"${total(stories()['a plain SMS']):.0f}"
    events = amount(sum_of(invocations_of(plain_sms_that_is_heard_of)), What.EVENTS)
    for_events = events * PRICES["aws"]["event"]["per_million"]
    return {
        "docs/costs.md": f"EventBridge charges ${for_events:.2f} for the {events} events of a plain SMS.",
        "README.md": f"A million SMS cost about {million} in AWS charges.",
        "docs/deploy.md": f"| a million messages | about {million} more |",
        "cli/up/preflight.py": f"and about {million} for a million SMS",
    }


def made(page: str, text: str) -> str:
    """The page with its parts as they follow from the counts."""
    for name, lines in PARTS[page].items():
        before, begin, after = text.partition(f"<!-- {name}: made by make bench -->\n")
        _, end, after = after.partition("<!-- end -->")
        if not (begin and end):
            raise ValueError(f"{page} has no place for {name!r}")
        part = "\n".join(lines())
        text = f"{before}{begin}\n{part}\n\n{end}{after}"
    return text


def write() -> None:
    for page in PARTS:
        path = ROOT / page
        path.write_text(made(page, path.read_text(encoding="utf-8")), encoding="utf-8")
    print("\n".join(f"{file}: {sentence}" for file, sentence in sentences().items()))
