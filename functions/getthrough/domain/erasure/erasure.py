"""Erasing a customer: who is to be erased, and how far the search for them is.

The whole table is searched, because a customer can be named in what no index finds: a list of recipients, a webhook in
quarantine. One search serves all erasures that were asked for before it began. Each erasure needs two searches at
least: a function that read something before the first one may have stored it again behind it. The second begins after
every such function has ended and every message of a queue has come up. If it still finds something, another function
may have worked with that just now. So there is another search, until one finds nothing: that stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Annotated, NamedTuple, TypedDict

from getthrough.domain.contact.contact import Contact
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Count, Keywords, Time, Uuid

SEARCHES = 2
"""The fewest for an erasure."""

MOST_SEARCHES = 6
"""A customer who is sent to, or writes, all the time does not keep an erasure going for ever."""

BETWEEN = timedelta(minutes=20)
"""From one search to the next. Longer than a message can wait on a queue (15 minutes) and a function can run then."""

MOST_AT_ONCE = 80
"""Erasures that share a search. More wait for the next one."""

MOST_WAITING = 5_000
"""Erasures that are not done. They fit into one item of the table."""

SWEEP_UUID = "00000000-0000-0000-0000-0000000000fd"
"""The one search of a stack, as timers name it."""

_TICK = timedelta(milliseconds=1)
"""The precision of stored times."""

_LOOK = timedelta(seconds=5)
"""The longest time that a look at a hundred dead letters takes, with the wait for its timer."""

Place = tuple[str, str]
"""Where a search is in the table: the key of the last item that it has seen."""

Whom = Mapping[Contact, frozenset[str]]
"""For whom a search looks, and for which erasures. Someone who is erased a second time meanwhile has two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A customer who is to be erased, by all their contacts. Those go when it is done. `erased` counts what was erased,
    by kind; `found_at` is when a search last did."""

    erasure_uuid: str
    contacts: tuple[Contact, ...]
    asked_at: datetime
    by: str
    erased: Mapping[str, int] = field(default_factory=dict)
    found_at: datetime | None = None
    done_at: datetime | None = None


class Turn(NamedTuple):
    """An erasure that is not done: how many searches it has behind it, and when the next one may begin."""

    erasure_uuid: str
    searches: int
    due_at: datetime


class Phase(Enum):
    """What a search goes through: first the whole table, then the dead letters."""

    TABLE = auto()
    LETTERS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The search. `looks_for` are the erasures that it serves; none while there is no search. `place` is None at the
    beginning of the table. `looks` counts the looks at the dead letters so far. The search goes on at `next_at`; a
    timer for an earlier moment is one that has been overtaken."""

    turns: tuple[Turn, ...] = ()
    looks_for: tuple[str, ...] = ()
    phase: Phase = Phase.TABLE
    place: Place | None = None
    looks: int = 0
    next_at: datetime | None = None
    version: int = 0


def asked(sweep: Sweep, erasure: Erasure) -> Sweep:
    """The sweep with one more erasure to serve, now or when the search that goes on has ended."""
    turns = (*sweep.turns, Turn(erasure.erasure_uuid, 0, erasure.asked_at))
    return replace(sweep, turns=turns, next_at=sweep.next_at if sweep.looks_for else _next_at(turns))


def finds_all(sweep: Sweep, erasure: Erasure, contacts: Iterable[Contact]) -> bool:
    """Whether an erasure that goes on finds all that is stored of these contacts now: it looks for each of them, and
    has a search before it that begins later."""
    begins_later = any(turn.erasure_uuid == erasure.erasure_uuid and not turn.searches for turn in sweep.turns)
    return begins_later and set(contacts) <= set(erasure.contacts)


def served_by(erasures: Iterable[Erasure]) -> Whom:
    """For whom a search looks that serves these erasures."""
    whom: dict[Contact, frozenset[str]] = {}
    for erasure in erasures:
        for contact in erasure.contacts:
            whom[contact] = whom.get(contact, frozenset()) | {erasure.erasure_uuid}
    return whom


def begun(sweep: Sweep, now: datetime) -> Sweep:
    """The sweep with a search for all that are due. Unchanged while one goes on, or if there is none."""
    if sweep.looks_for:
        return sweep
    due = [turn.erasure_uuid for turn in sweep.turns if turn.due_at <= now]
    return replace(sweep, looks_for=tuple(due[:MOST_AT_ONCE]), phase=Phase.TABLE, place=None, looks=0)


def ended(sweep: Sweep, erasures: Iterable[Erasure], now: datetime) -> tuple[Sweep, list[str]]:
    """The sweep after a search for these erasures, and those of them that are done with it."""
    found_at = {erasure.erasure_uuid: erasure.found_at for erasure in erasures}
    served = [turn for turn in sweep.turns if turn.erasure_uuid in sweep.looks_for]
    done = [turn.erasure_uuid for turn in served if _is_done(turn, found_at[turn.erasure_uuid])]
    again = [
        Turn(turn.erasure_uuid, turn.searches + 1, now + BETWEEN) for turn in served if turn.erasure_uuid not in done
    ]
    turns = (*(turn for turn in sweep.turns if turn.erasure_uuid not in sweep.looks_for), *again)
    return Sweep(turns=turns, next_at=_next_at(turns), version=sweep.version), done


def _is_done(turn: Turn, found_at: datetime | None) -> bool:
    found = found_at is not None and found_at >= turn.due_at
    return turn.searches + 1 >= (MOST_SEARCHES if found else SEARCHES)


def hides_letters(sweep: Sweep) -> timedelta:
    """How long the letters that a look leaves behind stay out of sight. A queue shows them again then, and a search
    that met them over and over would never end. So each look hides them longer, by more than the time between looks."""
    return timedelta(minutes=1) + sweep.looks * _LOOK


def going_on(sweep: Sweep, now: datetime) -> Sweep:
    """The sweep between two parts of a search: later than before, so that only one timer is its next."""
    return replace(sweep, next_at=max(now, sweep.next_at + _TICK if sweep.next_at else now))


def rebased(sweep: Sweep, read: Sweep, newer: Sweep) -> Sweep | None:
    """A changed sweep on top of a newer version, to which erasures were added. None if the search itself went on."""
    if _progress(newer) != _progress(read):
        return None
    turns = (*sweep.turns, *(turn for turn in newer.turns if turn not in read.turns))
    next_at = sweep.next_at if sweep.looks_for else _next_at(turns)
    return replace(sweep, turns=turns, next_at=next_at, version=newer.version)


def _progress(sweep: Sweep) -> tuple[object, ...]:
    return sweep.looks_for, sweep.phase, sweep.place, sweep.looks


def _next_at(turns: tuple[Turn, ...]) -> datetime | None:
    return min((turn.due_at for turn in turns), default=None)


class ErasedView(TypedDict):
    """How many of each were erased."""

    dispatches: Count
    """Dispatches that lost their addresses and texts. They still count, and so does what they cost."""
    events: Count
    """Status events that lost everything but status, time, price and error code."""
    messages: Count
    """Deleted messages from the customer."""
    notes: Count
    """Deleted entries of the conversation, and of the list of the customer's dispatches."""
    consents: Count
    """Opt-outs and opt-ins. For an opt-out, a hash is kept, so that it stays in force."""
    aliases: Count
    """Deleted addresses that were known to be the customer's."""
    recipients: Count
    """Entries that were removed from lists of recipients."""
    schedules: Count
    """Schedules that were cancelled."""
    batches: Count
    """Batches whose message itself named the customer."""
    quarantined: Count
    """Webhooks that were deleted from quarantine."""
    dead_letters: Count
    """Messages that were deleted from dead-letter queues."""


class ErasureView(TypedDict):
    """The receipt of an erasure. It names no customer, so it can be kept."""

    erasure_uuid: Uuid
    asked_at: Time
    by: Annotated[str, Keywords(description="The name of the client that asked for it.")]
    done_at: Time | None
    """When the erasure completed. Null while it goes on."""
    erased: ErasedView


def describe_erasure(erasure: Erasure) -> ErasureView:
    """The receipt, as clients read it."""
    count = erasure.erased
    return {
        "erasure_uuid": erasure.erasure_uuid,
        "asked_at": to_text(erasure.asked_at),
        "by": erasure.by,
        "done_at": to_text(erasure.done_at) if erasure.done_at else None,
        "erased": {
            "dispatches": count.get("dispatches", 0),
            "events": count.get("events", 0),
            "messages": count.get("messages", 0),
            "notes": count.get("notes", 0),
            "consents": count.get("consents", 0),
            "aliases": count.get("aliases", 0),
            "recipients": count.get("recipients", 0),
            "schedules": count.get("schedules", 0),
            "batches": count.get("batches", 0),
            "quarantined": count.get("quarantined", 0),
            "dead_letters": count.get("dead_letters", 0),
        },
    }
