"""What the port calls of an erasure do to what is stored: the search meets everything in one part, item by item."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import Any

from getthrough.domain.dispatch.dispatch import Dispatch
from getthrough.domain.dispatch.erased_dispatch import erased_dispatch
from getthrough.domain.erasure.erasure import Sweep
from getthrough.domain.ports import Personal, SearchedPart
from getthrough.domain.values.errors import VersionConflictError
from tests.simulation.process import LATER, Message
from tests.simulation.state import Store, Webhook

CONFLICT = VersionConflictError("another part of the search was stored first")


def executed(
    name: str, arguments: tuple[Any, ...], store: Store, dispatch: Dispatch | None
) -> tuple[Any, Store, Dispatch | None]:
    """The result of a call of the port, what is stored after it, and the dispatch after it."""
    erasure = store.erasure
    match name.removeprefix("erasures."), arguments:
        case "running", _:
            return erasure if erasure and not erasure.done_at else None, store, dispatch
        case "sweep", _:
            return store.sweep, store, dispatch
        case "some", _:
            return (erasure,), store, dispatch
        case "save", (sweep, *new):
            if sweep.version != store.sweep.version:
                return CONFLICT, store, dispatch
            saved = replace(sweep, version=sweep.version + 1)
            asked = new[0] if new else erasure
            return saved, store._replace(sweep=saved, erasure=asked), dispatch
        case "finish", (_, at):
            done = replace(erasure, contacts=(), done_at=erasure.done_at or at) if erasure else None
            return None, store._replace(erasure=done), dispatch
        case "look", _:
            return SearchedPart(_personal(store, dispatch), None), store, dispatch
        case "erase", (personal, _, at):
            erased, after, nameless = _erase(personal, at, store, dispatch)
            found = replace(erasure, found_at=at) if erased and erasure else erasure
            return erased, after._replace(erasure=found), nameless
    raise AssertionError(f"no such port call: {name}")


def goes_on_at(sweep: Sweep) -> int | None:
    """When the search goes on, in seconds after noon."""
    return None if sweep.next_at is None else ceil((sweep.next_at - LATER) / timedelta(seconds=1))


def _personal(store: Store, dispatch: Dispatch | None) -> tuple[Personal, ...]:
    """What names the customer of the first step: a late message, statuses of all steps, the dispatch."""
    contacts = frozenset(store.erasure.contacts) if store.erasure else frozenset()
    found = [Personal("messages", contacts, Message())] if store.kept else []
    found += [Personal("events", contacts, Message(key=key)) for key in sorted(store.events - store.nameless)]
    if dispatch is not None and dispatch.erased_at is None:
        found.append(Personal("dispatches", contacts, Message(version=dispatch.version)))
    return tuple(found)


def _erase(personal: Personal, at: Any, store: Store, dispatch: Dispatch | None) -> tuple[bool, Store, Dispatch | None]:
    match personal.kind:
        case "messages":
            return store.kept, store._replace(kept=False), dispatch
        case "events":
            key: Webhook = personal.attributes["key"]
            return key not in store.nameless, store._replace(nameless=store.nameless | {key}), dispatch
    if dispatch is None or dispatch.version != personal.attributes["version"]:
        return False, store, dispatch
    erased = erased_dispatch(dispatch, at)
    steps = tuple(replace(step, message=Message(step.message), given=Message()) for step in erased.steps)
    return True, store, replace(erased, steps=steps, version=dispatch.version + 1)
