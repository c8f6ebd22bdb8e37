"""Port Dispatches, in DynamoDB."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from secrets import token_hex

from getthrough.adapters import table_keys
from getthrough.adapters.contact_hash import ContactHash, no_hash
from getthrough.adapters.dispatch_items import expires_at, from_attributes, to_attributes
from getthrough.adapters.table import LAST, Attributes, Table, as_it_was_read
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.dispatch import Dispatch, Outcome
from getthrough.domain.message.status import Condition
from getthrough.domain.ports import EVERYTHING, DispatchFilter, Timer
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import from_text, to_text

OPEN = "open"
"""The value of the filter `outcome` that selects dispatches without an outcome."""

MOST_EXAMINED = 1_000
"""How many items are read at most for one filtered page, so that a rare outcome doesn't cost a scan of the table."""

_LISTED_AT_ONCE = 50
_READ_AT_ONCE = 100


class DynamoDispatches:
    """`retention` is how long to keep items, and `texts` what was sent, if that is shorter; adapters that only read
    need none. `hash_of` finds the consent of the contact for whom a step is claimed."""

    def __init__(
        self,
        table_name: str,
        retention: timedelta = timedelta(),
        hash_of: ContactHash = no_hash,
        texts: timedelta | None = None,
    ) -> None:
        self._table = Table(table_name)
        self._texts = texts
        self._retention = retention
        self._hash_of = hash_of

    def save(self, dispatch: Dispatch) -> Dispatch:
        return self._save(dispatch, dispatch.contacts)

    def save_claim(self, dispatch: Dispatch, step: int) -> Dispatch:
        contact = dispatch.contact(step)
        return self._save(dispatch, [other for other in dispatch.contacts if other != contact])

    def _save(self, dispatch: Dispatch, listed_with: Iterable[Contact]) -> Dispatch:
        """Store the next version. A dispatch that joins lists is listed with these contacts first; a note of what is
        not stored after all is passed over.

        A write whose answer is lost is sent again and refused, or fails. Where money was reserved, its own id says that
        it was stored: who takes it for another's would not count what it changes."""
        saved = replace(dispatch, version=dispatch.version + 1)
        attributes = to_attributes(saved, self._retention, self._texts)
        if any(attempt.reserved for attempt in saved.attempts):
            attributes["write_id"] = token_hex(6)
        for contact in listed_with if dispatch.joins_lists else ():
            self._list(dispatch, contact, attributes["expires_at"])
        condition, values = as_it_was_read(dispatch.version)
        try:
            refused = self._table.put(attributes, condition, **values)
        except UnavailableError:
            known = "write_id" in attributes
            if known and _wrote(attributes, self._table.get(table_keys.dispatch(dispatch.dispatch_uuid))):
                return saved
            raise
        if refused and not _wrote(attributes, refused.stored):
            raise VersionConflictError("another writer stored the dispatch first")
        return saved

    def _list(self, dispatch: Dispatch, contact: Contact, until: int) -> None:
        key = table_keys.listed(contact, dispatch.created_at, dispatch.dispatch_uuid)
        self._table.put({**key, "expires_at": until})

    def note_claim(self, dispatch: Dispatch, step: int) -> None:
        refused = self._table.put(self._note(dispatch, step), "attribute_not_exists(pk)")
        if refused is not None and refused.stored is None:
            raise UnavailableError("dynamodb: TransactionConflict")
        if refused is None and step == 0 and dispatch.attempts[0].tries > 1:
            # The first try failed before its note, which would have listed the dispatch.
            self._list(dispatch, dispatch.contact(0), expires_at(dispatch, self._retention))

    def withhold(self, dispatch: Dispatch, step: int) -> None:
        # Not if an erasure has taken it meanwhile.
        self._table.put({**self._note(dispatch, step), table_keys.WITHHELD: True}, "attribute_exists(pk)")

    def _note(self, dispatch: Dispatch, step: int) -> Attributes:
        message_uuid, planned = dispatch.message_uuid(step), dispatch.steps[step]
        return {
            **table_keys.sent(dispatch.contact(step), dispatch.attempts[step].claimed_at, message_uuid),
            "message_uuid": message_uuid,
            "channel": planned.address.channel,
            "lists": dispatch.joins_lists,
            "awaits_reply": planned.condition_status is Condition.REPLIED,
            "expires_at": expires_at(dispatch, self._retention),
        }

    def has_opted_out(self, contact: Contact, on: str | None) -> bool:
        consent = self._table.get(table_keys.newest_consent(self._hash_of(contact), on))
        return consent is not None and bool(consent["opted_out"])

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        attributes = self._table.get(table_keys.dispatch(dispatch_uuid))
        return from_attributes(attributes) if attributes else None

    def get_many(self, dispatch_uuids: Iterable[str]) -> dict[str, Dispatch]:
        keys = [table_keys.dispatch(dispatch_uuid) for dispatch_uuid in dict.fromkeys(dispatch_uuids)]
        found = map(from_attributes, self._table.batch_get(keys))
        return {dispatch.dispatch_uuid: dispatch for dispatch in found}

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        expires_at = int((at + self._retention).timestamp())
        key = table_keys.reference(vonage_message_uuid)
        self._table.put({**key, "message_uuid": message_uuid, "expires_at": expires_at})

    def resolve(self, vonage_message_uuid: str) -> str | None:
        attributes = self._table.get(table_keys.reference(vonage_message_uuid))
        return attributes["message_uuid"] if attributes else None

    def due(self, now: datetime, until: datetime) -> Iterator[Timer]:
        shards = {**dict.fromkeys(table_keys.due_shards(), until), **dict.fromkeys(table_keys.armed_shards(), now)}
        for shard, at in shards.items():
            items = self._table.query("due_shard = :shard AND due_at <= :at", "due", shard=shard, at=to_text(at))
            for item in items:
                yield Timer(table_keys.uuid_of(item["pk"]), from_text(item["due_at"]))

    def newest(self, limit: int, cursor: str | None = None, only: DispatchFilter = EVERYTHING) -> Page[Dispatch]:
        if only.contacts:
            places = self._of_customer(cursor, only)
        else:
            places = self._under_way(cursor, only) or self._places(limit, cursor, only)
        wanted: list[str] = []
        last = None
        for number, (place, dispatch_uuid, outcome) in enumerate(places):
            if len(wanted) == limit or number == MOST_EXAMINED:
                return Page(self._in_order(wanted), last)
            if only.outcome in (None, outcome):
                wanted.append(dispatch_uuid)
            last = place
        return Page(self._in_order(wanted), None)

    def created(self, since: datetime, before: datetime) -> Iterator[Dispatch]:
        """For the policy lab. Functions read what is counted (`dynamo_figures`)."""
        places = self._places(MOST_EXAMINED // table_keys.SHARDS, None, DispatchFilter(since=since, before=before))
        while some := [dispatch_uuid for _, dispatch_uuid, _ in islice(places, _READ_AT_ONCE)]:
            yield from self._in_order(some)

    def _in_order(self, dispatch_uuids: list[str]) -> list[Dispatch]:
        found = self.get_many(dispatch_uuids) if dispatch_uuids else {}
        return [found[dispatch_uuid] for dispatch_uuid in dispatch_uuids if dispatch_uuid in found]

    def _under_way(self, cursor: str | None, only: DispatchFilter) -> Iterator[tuple[str, str, str]] | None:
        """What `_places` yields of open dispatches, by the index that has nothing else: few among many are found at
        once, however old they are. None if others are asked for, or more are under way than are examined."""
        if only.outcome != OPEN:
            return None
        shards = (
            self._table.query("due_shard = :shard", "due", page_size=MOST_EXAMINED, shard=shard)
            for shard in (*table_keys.due_shards(), *table_keys.armed_shards())
        )
        due = (item for shard in shards for item in shard if table_keys.is_of_dispatch(item["pk"]))
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in islice(due, MOST_EXAMINED + 1)]
        if len(keys) > MOST_EXAMINED:
            return None
        since, before = _between(only)
        open_ones = {item["newest_at"]: item for item in self._table.batch_get(keys) if "outcome" not in item}
        listed = (place for place in open_ones if since <= place < min(cursor or LAST, before))
        return ((place, table_keys.newest_identifier(place), OPEN) for place in sorted(listed, reverse=True))

    def _places(self, limit: int, cursor: str | None, only: DispatchFilter) -> Iterator[tuple[str, str, str]]:
        """Place, dispatch_uuid and outcome of the dispatches created in a time range, newest first. The index knows the
        outcomes that are no success. Whether another dispatch is open is read only if that is asked."""
        page_size = limit + 1 if only.outcome is None else MOST_EXAMINED // table_keys.SHARDS
        items = self._table.newest(table_keys.DISPATCHES, page_size, cursor, *_between(only))
        asked = only.outcome in (OPEN, Outcome.SUCCEEDED)
        while some := list(islice(items, _READ_AT_ONCE if asked else 1)):
            found = {table_keys.newest_identifier(item["newest_at"]): item for item in some}
            unknown = [dispatch_uuid for dispatch_uuid, item in found.items() if "unsuccessful" not in item]
            read = self._outcomes(unknown) if asked and unknown else {}
            for dispatch_uuid, item in found.items():
                yield item["newest_at"], dispatch_uuid, item.get("unsuccessful") or read.get(dispatch_uuid, "")

    def _of_customer(self, cursor: str | None, only: DispatchFilter) -> Iterator[tuple[str, str, str]]:
        """The same of those that are for a customer."""
        threads = (
            self._table.thread(
                table_keys.contact(contact), prefix, _LISTED_AT_ONCE, cursor=cursor, between=_between(only)
            )
            for contact in only.contacts
            for prefix in (table_keys.LISTED_PREFIX, table_keys.SENT_PREFIX)
        )
        merged = heapq.merge(*threads, key=lambda item: table_keys.conversation_place(item["sk"]), reverse=True)
        notes = (item for item in merged if item.get("lists", True))
        known = set[str]()
        while some := list(islice(notes, _LISTED_AT_ONCE)):
            dispatch_uuids = [table_keys.dispatch_of_note(item["sk"]) for item in some]
            outcomes = self._outcomes(dispatch_uuids) if only.outcome else {}
            for item, dispatch_uuid in zip(some, dispatch_uuids, strict=True):
                if dispatch_uuid not in known:
                    known.add(dispatch_uuid)
                    yield table_keys.conversation_place(item["sk"]), dispatch_uuid, outcomes.get(dispatch_uuid, "")

    def _outcomes(self, dispatch_uuids: list[str]) -> dict[str, str]:
        return {found.dispatch_uuid: found.outcome or OPEN for found in self.get_many(dispatch_uuids).values()}


def _wrote(attributes: Attributes, stored: Attributes | None) -> bool:
    """Whether what is stored is from the write of these attributes, and not of others like them."""
    return stored is not None and stored.get("write_id", "") == attributes.get("write_id")


def _between(only: DispatchFilter) -> tuple[str, str]:
    return to_text(only.since) if only.since else "", to_text(only.before) if only.before else LAST
