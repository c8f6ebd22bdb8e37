"""Ports OptOuts and Aliases, in DynamoDB: what is known of a customer."""

from __future__ import annotations

import hashlib
import json
from itertools import islice

from getthrough.adapters import table_keys
from getthrough.adapters.contact_hash import ContactHash
from getthrough.adapters.table import TRIES, Attributes, Table
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import ERASED, ERASED_CONTACT, PHONE, Address, Contact, opt_outs_of
from getthrough.domain.values.errors import UnavailableError
from getthrough.domain.values.page import Page
from getthrough.domain.values.rfc3339 import from_text, to_text

MOST_ACCOUNTS = 100
MOST_RECORDS = 100

_NEWER = "attribute_not_exists(pk) OR changed_at < :at"
_OR_TIE = " OR (changed_at = :at AND opted_out = :no)"


class DynamoOptOuts:
    """A consent is stored under the hash of its contact, so that it can outlive the address."""

    def __init__(self, table_name: str, hash_of: ContactHash) -> None:
        self._table = Table(table_name)
        self._hash_of = hash_of

    def change(self, opt_out: OptOut) -> bool:
        contact_hash, said = self._hash_of(opt_out.contact), _said(opt_out)
        if not opt_out.copied and not opt_out.is_nameless:
            self._record(opt_out, said)
        said["copied"] = opt_out.copied
        own = table_keys.newest_consent(contact_hash, opt_outs_of(opt_out.address.channel))
        changed_there = self._put_if_newer(opt_out, {**own, **said})
        attributes: Attributes = {**table_keys.newest_consent(contact_hash), **said}
        if opt_out.opted_out and not opt_out.copied and not opt_out.is_nameless:
            # Its place becomes a cursor, which stands in URLs: no address may be read from it.
            attributes |= table_keys.newest(table_keys.OPT_OUTS, opt_out.changed_at, contact_hash)
        return self._put_if_newer(opt_out, attributes) or changed_there

    def _put_if_newer(self, opt_out: OptOut, attributes: Attributes) -> bool:
        values: Attributes = {"at": attributes["changed_at"]} | ({"no": False} if opt_out.opted_out else {})
        for _ in range(TRIES):
            refused = self._table.put(attributes, _NEWER + (_OR_TIE if opt_out.opted_out else ""), **values)
            if refused is None or refused.stored is not None:
                return refused is None
            # Refused without being compared: an erasure was writing the contact's consent at this very moment.
        raise UnavailableError("dynamodb: TransactionConflict")

    def _record(self, opt_out: OptOut, said: Attributes) -> None:
        """Keep what was said. The record of a copy has the same place, and the first one stays."""
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        key = table_keys.consent(opt_out.contact, opt_out.changed_at, digest)
        words = {"words": opt_out.words} if opt_out.words is not None else {}
        self._table.put({**key, **said, **words}, "attribute_not_exists(pk)")

    def get(self, contact: Contact) -> OptOut | None:
        attributes = self._table.get(table_keys.newest_consent(self._hash_of(contact)))
        return opt_out_of(attributes, contact) if attributes else None

    def of(self, contact: Contact) -> list[OptOut]:
        pk = table_keys.newest_consent(self._hash_of(contact))["pk"]
        items = self._table.query("pk = :pk AND begins_with(sk, :prefix)", pk=pk, prefix=table_keys.CONTACT)
        return [opt_out_of(item, contact) for item in items]

    def records(self, contact: Contact) -> list[OptOut]:
        items = self._table.thread(table_keys.contact(contact), table_keys.CONSENT_PREFIX, MOST_RECORDS)
        return [opt_out_of(item) for item in islice(items, MOST_RECORDS)]

    def newest(self, limit: int, cursor: str | None = None) -> Page[OptOut]:
        items, following = self._table.newest_page(table_keys.OPT_OUTS, limit, cursor)
        # Between reading the index and the item a contact may have opted in again.
        return Page([opt_out_of(item) for item in items if item["opted_out"]], following)


def _said(opt_out: OptOut) -> Attributes:
    """Without the contact and the address, if the customer was erased."""
    named = {"contact": opt_out.contact._asdict(), "address": opt_out.address.address}
    return {
        "opted_out": opt_out.opted_out,
        "changed_at": to_text(opt_out.changed_at),
        "why": opt_out.why,
        "by": opt_out.by,
        "channel": opt_out.address.channel,
        **({} if opt_out.is_nameless else named),
    }


def opt_out_of(attributes: Attributes, contact: Contact | None = None) -> OptOut:
    """An opt-out or opt-in, from a contact's item or from a record. That of a customer who was erased has no contact of
    its own."""
    named = attributes.get("contact")
    return OptOut(
        contact=Contact(**named) if named else contact or ERASED_CONTACT,
        opted_out=attributes["opted_out"],
        changed_at=from_text(attributes["changed_at"]),
        why=attributes["why"],
        by=attributes["by"],
        address=Address(attributes["channel"], attributes.get("address", ERASED)),
        copied=attributes.get("copied", False),
        words=attributes.get("words"),
        on=table_keys.channel_of_consent(attributes["sk"]) if attributes["sk"].startswith(table_keys.CONTACT) else None,
    )


class DynamoAliases:
    """An alias never expires, like an opt-out."""

    def __init__(self, table_name: str) -> None:
        self._table = Table(table_name)

    def phone_of(self, account: Contact) -> Contact | None:
        attributes = self._table.get(table_keys.alias(account))
        return Contact(PHONE, attributes["phone_number"]) if attributes else None

    def accounts_of(self, contact: Contact) -> list[Contact]:
        pk = table_keys.contact(contact)
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)", page_size=MOST_ACCOUNTS, pk=pk, prefix=table_keys.ALIAS_PREFIX
        )
        return [table_keys.contact_of(item["sk"]) for item in islice(items, MOST_ACCOUNTS)]

    def is_confirmed(self, account: Contact, phone: Contact) -> bool:
        attributes = self._table.get(table_keys.alias_of(phone, account))
        return attributes is not None and attributes["confirmed"]

    def add(self, account: Contact, phone: Contact) -> bool:
        attributes = {**table_keys.alias(account), "phone_number": phone.address}
        if self._table.put(attributes, "attribute_not_exists(pk) OR phone_number = :number", number=phone.address):
            return False
        self._table.put({**table_keys.alias_of(phone, account), "confirmed": False})
        return True

    def confirm(self, account: Contact, phone: Contact) -> None:
        self._table.put({**table_keys.alias_of(phone, account), "confirmed": True})

    def remove(self, account: Contact, phone: Contact) -> None:
        # The second item is deleted whatever became of the first: a request that died between the two comes again.
        self._table.delete(table_keys.alias(account), "phone_number = :number", number=phone.address)
        self._table.delete(table_keys.alias_of(phone, account))
