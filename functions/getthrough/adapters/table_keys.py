"""The table's keys, built and parsed here and nowhere else.

| item | pk | sk |
|---|---|---|
| dispatch | `DISPATCH#<dispatch_uuid>` | `DISPATCH` |
| status event | `DISPATCH#<dispatch_uuid>` | `EVENT#<digest>` |
| reference | `VONAGE#<vonage_message_uuid>` | `REFERENCE` |
| status event that nobody claims | `VONAGE#<vonage_message_uuid>` | `EVENT#<digest>` |
| contact (opt-out) | `CONTACT#<channel>#<address>` | `CONTACT` |
| inbound message | `CONTACT#<channel>#<address>` | `INBOUND#<sent at>#<digest>` |
| quarantined webhook | `QUARANTINE#<day>#<digest's first digit>` | `<received_at>#<digest>` |

Indexes, both of keys only: `due` (due_shard, due_at) has the dispatches that are under way; `newest`
(newest_shard, newest_at) has all of them. A dispatch is in the shard that its id names, so that no partition takes
all writes: four take 4,000 a second.
"""

from datetime import datetime

from getthrough.domain.dispatch import Contact, Dispatch
from getthrough.domain.rfc3339 import to_text

SHARDS = 4

DISPATCH = "DISPATCH"
CONTACT = "CONTACT"
REFERENCE = "REFERENCE"
EVENT_PREFIX = "EVENT#"

Key = dict[str, str]


def dispatch(dispatch_uuid: str) -> Key:
    return {"pk": f"DISPATCH#{dispatch_uuid}", "sk": DISPATCH}


def dispatch_uuid(pk: str) -> str:
    """The dispatch_uuid in the pk of a dispatch or of one of its events."""
    return pk.removeprefix("DISPATCH#")


def event(dispatch_uuid: str, digest: str) -> Key:
    return {"pk": f"DISPATCH#{dispatch_uuid}", "sk": EVENT_PREFIX + digest}


def parked_event(vonage_message_uuid: str, digest: str) -> Key:
    return {"pk": f"VONAGE#{vonage_message_uuid}", "sk": EVENT_PREFIX + digest}


def reference(vonage_message_uuid: str) -> Key:
    return {"pk": f"VONAGE#{vonage_message_uuid}", "sk": REFERENCE}


def contact(contact: Contact) -> Key:
    return {"pk": f"CONTACT#{contact.channel}#{contact.address}", "sk": CONTACT}


def inbound(sender: Contact, sent_at: datetime | None, digest: str) -> Key:
    """Without a time of Vonage's there is none: ours would be another one for each copy."""
    return {**contact(sender), "sk": f"INBOUND#{to_text(sent_at) if sent_at else 'unknown'}#{digest}"}


def quarantine(received_at: datetime, digest: str) -> Key:
    text = to_text(received_at)
    return {"pk": f"QUARANTINE#{text[:10]}#{digest[0]}", "sk": f"{text}#{digest}"}


def due_shard(dispatch_uuid: str) -> str:
    return f"DUE#{_shard(dispatch_uuid)}"


def due_shards() -> list[str]:
    return [f"DUE#{shard}" for shard in range(SHARDS)]


def newest_shard(dispatch_uuid: str) -> str:
    return f"NEWEST#{_shard(dispatch_uuid)}"


def newest_at(dispatch: Dispatch) -> str:
    """Its place among the newest: `2026-11-23T04:28:31.123Z#<dispatch_uuid>`, unique, and sorted like the time."""
    return f"{to_text(dispatch.created_at)}#{dispatch.dispatch_uuid}"


def newest_dispatch_uuid(newest_at: str) -> str:
    return newest_at.partition("#")[2]


def newest_shards() -> list[str]:
    return [f"NEWEST#{shard}" for shard in range(SHARDS)]


def _shard(dispatch_uuid: str) -> int:
    return int(dispatch_uuid[:8], 16) % SHARDS
