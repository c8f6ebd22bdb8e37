"""The table's keys, built and parsed here and nowhere else.

| item | pk | sk |
|---|---|---|
| dispatch | `DISPATCH#<dispatch_uuid>` | `DISPATCH` |
| status event | `DISPATCH#<dispatch_uuid>` | `EVENT#<keyed hash of the webhook>` |
| schedule | `SCHEDULE#<schedule_uuid>` | `SCHEDULE` |
| batch | `BATCH#<batch_uuid>` | `BATCH` |
| results of fifty of its recipients | `BATCH#<batch_uuid>` | `TALLY#<number>` |
| fifty recipients | `RECIPIENTS#<list_id>#<number>` | `RECIPIENTS` |
| throughput of the account, or of a batch | `THROUGHPUT#` or `THROUGHPUT#<batch_uuid>` | `THROUGHPUT` |
| what a limit counts in a period, for one whom it binds | `LIMIT#<limit>#<whose>` | `COUNT#<starts_at>` |
| queue of those who wait for a limit | `LIMIT#<limit>#<whose>` | `QUEUE` |
| the highest price of a kind of message | `PRICE#<kind>` | `PRICE` |
| what is known of all channels | `CHANNELS#` | `CHANNELS` |
| reference | `VONAGE#<vonage_message_uuid>` | `REFERENCE` |
| status event without a known message | `VONAGE#<vonage_message_uuid>` | `EVENT#<keyed hash of the webhook>` |
| consent of a contact (opt-out) | `CONSENT#<keyed hash of the contact>` | `CONTACT` |
| the same on one channel | `CONSENT#<keyed hash of the contact>` | `CONTACT#<channel>` |
| dispatch that is for a contact | `CONTACT#<kind>#<address>` | `LISTED#<at>#<dispatch_uuid>` |
| step that was sent | `CONTACT#<kind>#<address>` | `SENT#<at>#<message_uuid>` |
| inbound message | `CONTACT#<kind>#<address>` | `RECEIVED#<at>#<digest>` |
| where an inbound message is | `INBOUND#<digest>` | `INBOUND` |
| record of an opt-out or opt-in | `CONTACT#<kind>#<address>` | `CONSENT#<at>#<digest>` |
| telephone of an account | `CONTACT#<channel>#<account>` | `ALIAS` |
| account of a telephone | `CONTACT#phone#<number>` | `ALIAS#<channel>#<account>` |
| when a contact was erased | `CONSENT#<keyed hash of the contact>` | `ERASED` |
| erasure | `ERASURE#<erasure_uuid>` | `ERASURE` |
| search for those who are to be erased | `SWEEP#<fixed id>` | `SWEEP` |
| quarantined webhook | `QUARANTINE#<digest>` | `QUARANTINE` |
| entry of the audit trail | `AUDIT#<request id>` | `AUDIT` |
| figures of a quarter of an hour | `FIGURES#<month>` | `QUARTER#<begins at>` |
| what all users share | `SETTINGS#` | `SETTINGS` |
| how long messages that travel alike took in a week | `ARRIVALS#<channel>#<country>#<sender>` | `WEEK#<first day>` |

Indexes: `due` (due_shard, due_at) has the dispatches that are under way; `newest` (newest_shard, newest_at) has all of
them, with an outcome that is no success (`unsuccessful`), the messages from contacts, the contacts that have opted out,
what is in quarantine, and the audit trail. Both are in shards, so that no partition takes all writes: four take 4,000 a
second.
"""

import zlib
from datetime import datetime

from getthrough.domain.contact.contact import Contact
from getthrough.domain.values import identifiers
from getthrough.domain.values.rfc3339 import to_text

SHARDS = 4

DISPATCH = "DISPATCH"
CONTACT = "CONTACT"
REFERENCE = "REFERENCE"
EVENT_PREFIX = "EVENT#"
SENT_PREFIX = "SENT#"
WITHHELD = "withheld"
"""The attribute of a step that was noted, and then not sent."""
LISTED_PREFIX = "LISTED#"
ALIAS_PREFIX = "ALIAS#"
RECEIVED_PREFIX = "RECEIVED#"
CONSENT_PREFIX = "CONSENT#"

TALLY_PREFIX = "TALLY#"
WEEK_PREFIX = "WEEK#"
QUARTER_PREFIX = "QUARTER#"

DISPATCHES, INBOUND, OPT_OUTS = "DISPATCHES", "INBOUND", "OPT_OUTS"
QUARANTINE, SCHEDULES = "QUARANTINE", "SCHEDULES"
BATCHES, AUDIT, ARRIVALS = "BATCHES", "AUDIT", "ARRIVALS"
"""The lists of the index `newest`."""

Key = dict[str, str]


def dispatch(dispatch_uuid: str) -> Key:
    return {"pk": f"DISPATCH#{dispatch_uuid}", "sk": DISPATCH}


def dispatch_uuid(pk: str) -> str:
    """The dispatch_uuid in the pk of a dispatch or of one of its events."""
    return pk.removeprefix("DISPATCH#")


def is_of_dispatch(pk: str) -> bool:
    """False, for example, for a status event whose message is unknown."""
    return pk.startswith("DISPATCH#")


def schedule(schedule_uuid: str) -> Key:
    return {"pk": f"SCHEDULE#{schedule_uuid}", "sk": "SCHEDULE"}


def batch(batch_uuid: str) -> Key:
    return {"pk": f"BATCH#{batch_uuid}", "sk": "BATCH"}


def tally(batch_uuid: str, chunk: int) -> Key:
    """The results of one chunk of a batch's recipients."""
    return {"pk": f"BATCH#{batch_uuid}", "sk": f"{TALLY_PREFIX}{chunk:04}"}


def recipients(list_id: str, chunk: int) -> Key:
    """One chunk of a list of recipients. Each has its own partition, because one partition would store ten thousand too
    slowly."""
    return {"pk": f"RECIPIENTS#{list_id}#{chunk:04}", "sk": "RECIPIENTS"}


def throughput(batch_uuid: str = "") -> Key:
    """The key of the account's throughput, or of a batch's that is slower."""
    return {"pk": f"THROUGHPUT#{batch_uuid}", "sk": "THROUGHPUT"}


def limit_counter(limit: str, whose: str, starts_at: datetime) -> Key:
    return {"pk": f"LIMIT#{limit}#{whose}", "sk": f"COUNT#{to_text(starts_at)}"}


def price(kind: str) -> Key:
    return {"pk": f"PRICE#{kind}", "sk": "PRICE"}


def channel_health() -> Key:
    return {"pk": "CHANNELS#", "sk": "CHANNELS"}


def settings() -> Key:
    return {"pk": "SETTINGS#", "sk": "SETTINGS"}


def limit_queue(limit: str, whose: str) -> Key:
    return {"pk": f"LIMIT#{limit}#{whose}", "sk": "QUEUE"}


def uuid_of(pk: str) -> str:
    """The dispatch_uuid, schedule_uuid or batch_uuid in the pk of one of them."""
    return pk.partition("#")[2]


def event(dispatch_uuid: str, name: str) -> Key:
    return {"pk": f"DISPATCH#{dispatch_uuid}", "sk": EVENT_PREFIX + name}


def pending_event(vonage_message_uuid: str, name: str) -> Key:
    return {"pk": f"VONAGE#{vonage_message_uuid}", "sk": EVENT_PREFIX + name}


def reference(vonage_message_uuid: str) -> Key:
    return {"pk": f"VONAGE#{vonage_message_uuid}", "sk": REFERENCE}


def newest_consent(contact_hash: str, on: str | None = None) -> Key:
    """A contact's consent, in all or on one channel, under the keyed hash of the contact: it stays when the address is
    erased."""
    return {"pk": f"CONSENT#{contact_hash}", "sk": CONTACT if on is None else f"{CONTACT}#{on}"}


def channel_of_consent(sk: str) -> str | None:
    return sk.partition("#")[2] or None


def erased(contact_hash: str) -> Key:
    """When a contact was erased."""
    return {"pk": f"CONSENT#{contact_hash}", "sk": "ERASED"}


def erasure(erasure_uuid: str) -> Key:
    return {"pk": f"ERASURE#{erasure_uuid}", "sk": "ERASURE"}


def sweep(sweep_uuid: str) -> Key:
    return {"pk": f"SWEEP#{sweep_uuid}", "sk": "SWEEP"}


def contact(contact: Contact) -> str:
    """The pk of everything else that hangs on a contact."""
    return f"CONTACT#{contact.kind}#{contact.address}"


def contact_of(key: str) -> Contact:
    """The contact in the pk of something in its conversation, or in the sk of an alias."""
    _, kind, address = key.split("#", 2)
    return Contact(kind, address)


def contact_in(pk: str) -> Contact | None:
    """The contact whose address can be read from a pk."""
    return contact_of(pk) if pk.startswith("CONTACT#") else None


def consent(contact_: Contact, at: datetime, digest: str) -> Key:
    """A record of what was said about consent, by its time."""
    return {"pk": contact(contact_), "sk": f"{CONSENT_PREFIX}{to_text(at)}#{digest}"}


def alias(account: Contact) -> Key:
    """Whose an account is."""
    return {"pk": contact(account), "sk": "ALIAS"}


def alias_of(phone: Contact, account: Contact) -> Key:
    """One of the accounts of a telephone."""
    return {"pk": contact(phone), "sk": f"{ALIAS_PREFIX}{account.kind}#{account.address}"}


def listed(contact_: Contact, at: datetime, dispatch_uuid_: str) -> Key:
    """A dispatch that has a step for a contact, by the time of its creation."""
    return {"pk": contact(contact_), "sk": f"{LISTED_PREFIX}{to_text(at)}#{dispatch_uuid_}"}


def inbound(digest: str) -> Key:
    """Where an inbound message is, whatever else its copies say."""
    return {"pk": f"INBOUND#{digest}", "sk": "INBOUND"}


def sent(contact_: Contact, at: datetime, message_uuid: str) -> Key:
    """A step that was claimed for a contact, as an entry in its conversation."""
    return {"pk": contact(contact_), "sk": f"{SENT_PREFIX}{to_text(at)}#{message_uuid}"}


def received(contact_: Contact, at: datetime | None, digest: str) -> Key:
    """A message from a contact. Without a time of Vonage's it sorts as the oldest, because the time of arrival would
    differ for each copy."""
    return {"pk": contact(contact_), "sk": f"{RECEIVED_PREFIX}{to_text(at) if at else '0000'}#{digest}"}


def conversation_place(sk: str) -> str:
    """An entry's place in the conversation: `2026-11-23T04:28:31.123Z#<message_uuid or digest>`, which sorts by
    time."""
    return sk.partition("#")[2]


def dispatch_of_note(sk: str) -> str:
    """The dispatch that a note in a contact's thread is of: a dispatch that is listed, or a step that was sent."""
    return identifiers.dispatch_uuid_of(conversation_place(sk).partition("#")[2])


def quarantine(digest: str) -> Key:
    return {"pk": f"QUARANTINE#{digest}", "sk": "QUARANTINE"}


def quarantine_digest(pk: str) -> str:
    return pk.removeprefix("QUARANTINE#")


def audit(request_id: str) -> Key:
    return {"pk": f"AUDIT#{request_id}", "sk": AUDIT}


def is_audit(pk: str) -> bool:
    return pk.startswith("AUDIT#")


def arrivals(channel: str, country: str, sender: str, week: str) -> Key:
    """`week` is the date of a Monday. The sender comes last, because it can have any character."""
    return {"pk": f"{ARRIVALS}#{channel}#{country}#{sender}", "sk": f"{WEEK_PREFIX}{week}"}


def arrivals_of(key: Key) -> tuple[str, str, str, str]:
    """Channel, country, sender and week."""
    _, channel, country, sender = key["pk"].split("#", 3)
    return channel, country, sender, key["sk"].removeprefix(WEEK_PREFIX)


def figures(quarter: datetime) -> Key:
    """A month's figures are together, so that a day is one query, or two."""
    at = to_text(quarter)
    return {"pk": f"FIGURES#{at[:7]}", "sk": f"{QUARTER_PREFIX}{at}"}


def due_shard(uuid: str) -> str:
    return f"DUE#{_shard(uuid)}"


def due_shards() -> list[str]:
    return [f"DUE#{shard}" for shard in range(SHARDS)]


def armed_shard(uuid: str) -> str:
    """Of what is due so soon that it has a timer already."""
    return f"ARMED#{_shard(uuid)}"


def armed_shards() -> list[str]:
    return [f"ARMED#{shard}" for shard in range(SHARDS)]


def newest(list_name: str, at: datetime, identifier: str) -> Key:
    """The attributes that put an item on a list. Its place, newest_at, is `2026-11-23T04:28:31.123Z#<identifier>`:
    unique, and sorted by time."""
    shard = zlib.crc32(identifier.encode()) % SHARDS
    return {"newest_shard": f"{list_name}#{shard}", "newest_at": f"{to_text(at)}#{identifier}"}


def newest_identifier(place: str) -> str:
    return place.partition("#")[2]


def newest_time(place: str) -> str:
    return place.partition("#")[0]


def newest_shards(list_name: str) -> list[str]:
    return [f"{list_name}#{shard}" for shard in range(SHARDS)]


def _shard(dispatch_uuid: str) -> int:
    return int(dispatch_uuid[:8], 16) % SHARDS
