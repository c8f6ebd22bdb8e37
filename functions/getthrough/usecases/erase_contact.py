"""Erase a customer: accept it, and search the table part by part, whatever is killed in between.

Every part of a search is a timer's work. Its end is stored before the next one is armed, so a crash repeats a part at
worst. What is erased already is found no more, so a repetition changes nothing and counts nothing twice.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from getthrough.domain.contact.contact import ERASED_CONTACT, Address
from getthrough.domain.contact.mentions import finder
from getthrough.domain.erasure import erasure as erasures_of
from getthrough.domain.erasure.erasure import MOST_WAITING, SWEEP_UUID, Erasure, Phase, Sweep, Whom
from getthrough.domain.ports import Timer
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.domain.values.identifiers import erasure_uuid_from
from getthrough.usecases.know_customer import contacts_of
from getthrough.usecases.ports import Erasing
from getthrough.usecases.retrying import CONFLICTS, starts_over_on_conflict

PARTS = 4
"""Megabytes of the table that one timer looks at."""

MOST_ERASED = 40
"""What one timer erases. It takes about a second."""


class Swept(NamedTuple):
    """How much was erased in this call, and the erasures that are done."""

    erased: int
    done: list[str]


@starts_over_on_conflict
def ask_erasure(ports: Erasing, address: Address, client_name: str) -> Erasure:
    """Accept the erasure of a customer, with all their addresses. When this returns it will be done.

    Another request gets the same one if that finds all that is stored now: its last search has not begun, and it looks
    for every address that is known to be the customer's. Raises UnavailableError if too many are waiting.
    """
    contacts = contacts_of(ports, address.contact)
    running, sweep, now = ports.erasures.running(contacts[0]), ports.erasures.sweep(), _now(ports)
    if running is not None and erasures_of.finds_all(sweep, running, contacts):
        return running
    if len(sweep.turns) >= MOST_WAITING:
        raise UnavailableError("too many erasures are waiting")
    erasure_uuid = erasure_uuid_from(UUID(ports.new_id()))
    erasure = Erasure(erasure_uuid=erasure_uuid, contacts=contacts, asked_at=now, by=client_name)
    ports.erasures.save(erasures_of.asked(sweep, erasure), erasure)
    if not sweep.looks_for:  # else the search that goes on has a timer
        ports.timers.arm([Timer(SWEEP_UUID, now)])
    return erasure


def run_sweep(ports: Erasing, timer: Timer) -> Swept | None:
    """Do the next part of the search. Returns None if there is nothing to do, or if this timer was overtaken."""
    read = ports.erasures.sweep()
    if read.next_at is None or timer.at < read.next_at:
        return None
    now = _now(ports)
    sweep = erasures_of.begun(read, now)
    if not sweep.looks_for:
        ports.timers.arm([Timer(SWEEP_UUID, read.next_at)])
        return None
    served = ports.erasures.some(sweep.looks_for)
    whom = erasures_of.served_by(served)
    erased, done = 0, list[str]()
    if sweep.phase is Phase.TABLE:
        sweep, erased = _search(ports, sweep, whom, now)
    else:
        erased, more = _forget_letters(ports, sweep, whom)
        if erased or more:
            sweep = replace(sweep, looks=sweep.looks + 1)
        else:
            sweep, done = erasures_of.ended(sweep, served, now)
            for erasure_uuid in done:
                ports.erasures.finish(erasure_uuid, now)
    saved = _save(ports, read, erasures_of.going_on(sweep, _now(ports)) if sweep.looks_for else sweep)
    # Only the function that stored its progress arms a timer, so that there is one. The tick replaces a lost one.
    if saved is not None and saved.next_at is not None:
        ports.timers.arm([Timer(SWEEP_UUID, saved.next_at)])
    return Swept(erased, done)


def _search(ports: Erasing, sweep: Sweep, whom: Whom, now: datetime) -> tuple[Sweep, int]:
    """Look at the next parts of the table. One in which much was erased, or where another writer was faster, is looked
    at again."""
    erased = 0
    for _ in range(PARTS):
        looked = ports.erasures.look(sweep.place, whom)
        for personal in looked.found:
            hit = {contact: whom[contact] for contact in personal.contacts if contact in whom}
            if not hit and ERASED_CONTACT not in personal.contacts:
                continue
            if erased == MOST_ERASED or not ports.erasures.erase(personal, hit, now):
                return sweep, erased
            erased += 1
        if looked.place is None:
            return replace(sweep, phase=Phase.LETTERS, place=None), erased
        sweep = replace(sweep, place=looked.place)
    return sweep, erased


def _forget_letters(ports: Erasing, sweep: Sweep, whom: Whom) -> tuple[int, bool]:
    """Delete dead letters that name a customer. Returns how many, and whether there may be more to look at."""
    find, erased, more = finder(whom), 0, False
    for queue in ports.dead_letters:
        forgotten = queue.forget(find, erasures_of.hides_letters(sweep))
        for contacts in forgotten.deleted:
            for erasure_uuid in frozenset[str]().union(*(whom[contact] for contact in contacts)):
                ports.erasures.count(erasure_uuid, "dead_letters", _now(ports))
        erased += len(forgotten.deleted)
        more |= forgotten.more
    return erased, more


def _save(ports: Erasing, read: Sweep, sweep: Sweep) -> Sweep | None:
    """Store the progress, also on top of erasures that were asked for meanwhile. None if another function was faster
    with the same part."""
    mine: Sweep | None = sweep
    for _ in range(CONFLICTS):
        if mine is None:
            return None
        try:
            return ports.erasures.save(mine)
        except VersionConflictError:
            mine = erasures_of.rebased(sweep, read, ports.erasures.sweep())
    return None


def _now(ports: Erasing) -> datetime:
    """As precise as it is stored."""
    now = ports.clock()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
