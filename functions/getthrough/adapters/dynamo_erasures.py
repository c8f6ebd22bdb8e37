"""Port Erasures, in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from getthrough.adapters import table_keys
from getthrough.adapters.contact_hash import ContactHash
from getthrough.adapters.personal_items import personal, without
from getthrough.adapters.plan_items import moment
from getthrough.adapters.table import Attributes, Table, as_it_was_read
from getthrough.domain.contact.contact import Contact
from getthrough.domain.contact.mentions import finder
from getthrough.domain.erasure.erasure import SWEEP_UUID, Erasure, Phase, Place, Sweep, Turn, Whom
from getthrough.domain.ports import Personal, SearchedPart
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.domain.values.rfc3339 import from_text, to_text

_COUNT_PREFIX = "erased_"

MOST_MARKED = 90
"""Contacts of one erasure: DynamoDB writes at most 100 items in a transaction."""


class DynamoErasures:
    """`retention` is how long a receipt and a mark are kept."""

    def __init__(self, table_name: str, retention: timedelta, hash_of: ContactHash) -> None:
        self._table = Table(table_name)
        self._retention = retention
        self._hash_of = hash_of

    def running(self, contact: Contact) -> Erasure | None:
        mark = self._table.get(table_keys.erased(self._hash_of(contact)))
        erasure = self.get(mark["erasure_uuid"]) if mark is not None else None
        return erasure if erasure is not None and erasure.done_at is None else None

    def get(self, erasure_uuid: str) -> Erasure | None:
        item = self._table.get(table_keys.erasure(erasure_uuid))
        return _erasure(item) if item else None

    def some(self, erasure_uuids: Iterable[str]) -> list[Erasure]:
        keys = [table_keys.erasure(erasure_uuid) for erasure_uuid in erasure_uuids]
        items = self._table.batch_get(keys, consistent=True)
        if len(items) < len(keys):
            raise UnavailableError("dynamodb: an erasure is not there yet")
        return list(map(_erasure, items))

    def sweep(self) -> Sweep:
        item = self._table.get(table_keys.sweep(SWEEP_UUID))
        return _sweep(item) if item else Sweep()

    def save(self, sweep: Sweep, new: Erasure | None = None) -> Sweep:
        condition, values = as_it_was_read(sweep.version)
        saved = replace(sweep, version=sweep.version + 1)
        writes = [self._table.to_put(_sweep_attributes(saved), condition, **values)]
        if new is not None:
            expires_at = int((new.asked_at + self._retention).timestamp())
            writes.append(self._table.to_put(_erasure_attributes(new, expires_at)))
            for contact in new.contacts[:MOST_MARKED]:
                mark = {"erased_at": to_text(new.asked_at), "erasure_uuid": new.erasure_uuid, "expires_at": expires_at}
                writes.append(self._table.to_put({**table_keys.erased(self._hash_of(contact)), **mark}))
        if not self._table.write_together(writes):
            raise VersionConflictError("another function changed the search first")
        return saved

    def look(self, place: Place | None, whom: Iterable[Contact]) -> SearchedPart:
        items, last = self._table.scan_page({"pk": place[0], "sk": place[1]} if place else None)
        find = finder(whom)
        erased_pk = self._erased_pk(place) if place else None
        found: list[Personal] = []
        for item in items:
            if item["sk"] == table_keys.DISPATCH and "erased_at" in item:
                erased_pk = item["pk"]
            seen = personal(item, find, of_erased=item["pk"] == erased_pk)
            if seen is not None:
                found.append(seen)
        if last is None:
            return SearchedPart(found, None)
        return SearchedPart(found, (last["pk"], last["sk"]), table_keys.contact_in(last["pk"]))

    def _erased_pk(self, place: Place) -> str | None:
        """The pk of the dispatch in whose events a part of the table begins, if it was erased."""
        if not table_keys.is_of_dispatch(place[0]):
            return None
        item = self._table.get({"pk": place[0], "sk": table_keys.DISPATCH})
        return place[0] if item is not None and "erased_at" in item else None

    def erase(self, personal: Personal, whom: Whom, at: datetime) -> bool:
        item = personal.attributes
        stays, unchanged = without(personal, frozenset(whom), at, self._retention)
        condition = " AND ".join(["attribute_exists(pk)", *(f"{name} = :{name}" for name in unchanged)])
        values = {name: item[name] for name in unchanged}
        key = {"pk": item["pk"], "sk": item["sk"]}
        write = (
            self._table.to_delete(key, condition, **values)
            if stays is None
            else self._table.to_put(stays, condition, **values)
        )
        counts = [
            self._table.to_update(table_keys.erasure(erasure_uuid), _counted(personal.kind), one=1, at=to_text(at))
            for erasure_uuid in sorted(frozenset[str]().union(*whom.values()))
        ]
        return self._table.write_together([write, *counts])

    def finish(self, erasure_uuid: str, at: datetime) -> None:
        key = table_keys.erasure(erasure_uuid)
        self._table.update(key, "SET done_at = if_not_exists(done_at, :at) REMOVE contacts", at=to_text(at))

    def count(self, erasure_uuid: str, kind: str, at: datetime) -> None:
        self._table.update(table_keys.erasure(erasure_uuid), _counted(kind), one=1, at=to_text(at))


def _counted(kind: str) -> str:
    return f"ADD {_COUNT_PREFIX}{kind} :one SET found_at = :at"


def _sweep_attributes(sweep: Sweep) -> Attributes:
    due_at = to_text(sweep.next_at) if sweep.next_at else None
    due = {"due_shard": table_keys.due_shard(SWEEP_UUID), "due_at": due_at} if due_at else {}
    return {
        **table_keys.sweep(SWEEP_UUID),
        **due,
        "turns": [[turn.erasure_uuid, turn.searches, to_text(turn.due_at)] for turn in sweep.turns],
        "looks_for": list(sweep.looks_for),
        "letters": 0 if sweep.phase is Phase.TABLE else sweep.looks + 1,
        "version": sweep.version,
        **({"place": list(sweep.place)} if sweep.place else {}),
    }


def _sweep(item: Attributes) -> Sweep:
    place, letters = item.get("place"), int(item["letters"])
    return Sweep(
        turns=tuple(Turn(uuid, int(searches), from_text(due_at)) for uuid, searches, due_at in item["turns"]),
        looks_for=tuple(item["looks_for"]),
        place=(place[0], place[1]) if place else None,
        phase=Phase.LETTERS if letters else Phase.TABLE,
        looks=max(0, letters - 1),
        next_at=moment(item.get("due_at")),
        version=int(item["version"]),
    )


def _erasure_attributes(erasure: Erasure, expires_at: int) -> Attributes:
    return {
        **table_keys.erasure(erasure.erasure_uuid),
        "contacts": [contact._asdict() for contact in erasure.contacts],
        "asked_at": to_text(erasure.asked_at),
        "by": erasure.by,
        "expires_at": expires_at,
    }


def _erasure(item: Attributes) -> Erasure:
    counts = {name.removeprefix(_COUNT_PREFIX): int(item[name]) for name in item if name.startswith(_COUNT_PREFIX)}
    return Erasure(
        erasure_uuid=table_keys.uuid_of(item["pk"]),
        contacts=tuple(Contact(**contact) for contact in item.get("contacts", [])),
        asked_at=from_text(item["asked_at"]),
        by=item["by"],
        erased=counts,
        found_at=moment(item.get("found_at")),
        done_at=moment(item.get("done_at")),
    )
