"""Everything in the table expires after its retention, except a contact's consent."""

from typing import Any

import boto3
import pytest

from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.table import Attributes, attributes_of
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.event.webhook import parse_inbound
from getthrough.domain.message.status import Status
from tests.builders import DISPATCH_UUID, FIRST, FROM, SECOND, at, dispatch, save_claim, schedule, status_event
from tests.contract.conftest import RETENTION
from tests.secret import event_hash_of, hash_of
from tests.unit.stories import claimed

pytestmark = pytest.mark.parametrize("store", ["moto"], indirect=True)


def test_everything_expires_except_a_contacts_consent(store: str) -> None:
    """Each item is of another second."""
    save_claim(DynamoDispatches(store, RETENTION, hash_of), claimed(dispatch(), 1), 0)
    DynamoDispatches(store, RETENTION).refer("vonage-1", f"{DISPATCH_UUID[:-2]}01", at(2))
    DynamoStatusEvents(store, RETENTION, event_hash_of).add(status_event(Status.SUBMITTED, seconds=3))
    said = parse_inbound({"channel": "sms", "message_uuid": "in-1", "from": SECOND, "to": FROM}, received_at=at(4))
    DynamoConversations(store, RETENTION).add(said)
    consent = OptOut(
        contact=contact_of("sms", FIRST),
        address=Address("sms", FIRST),
        opted_out=True,
        changed_at=at(5),
        why="",
        by="bakery",
    )
    DynamoOptOuts(store, hash_of).change(consent)

    items = [attributes_of(item) for item in boto3.client("dynamodb").scan(TableName=store)["Items"]]

    assert sorted((kind_of(item), item.get("expires_at")) for item in items) == [
        ("consent", None),
        ("contact", None),
        ("contact", None),
        ("dispatch", expiry(16)),
        ("event", expiry(3)),
        ("inbound", expiry(4)),
        ("listed", expiry(16)),
        ("received", expiry(4)),
        ("reference", expiry(2)),
        ("sent", expiry(16)),
    ]


def test_what_waits_lives_until_its_time_and_as_long_after_it_as_everything(store: str) -> None:
    later = DynamoDispatches(store, RETENTION).save(dispatch(send_at=at(10**7)))
    items = [attributes_of(item) for item in boto3.client("dynamodb").scan(TableName=store)["Items"]]
    kinds = sorted((kind_of(item), item["expires_at"]) for item in items)
    assert (later.version, kinds) == (1, [(kind, expiry(10**7)) for kind in ("dispatch", "listed", "listed")])


@pytest.mark.parametrize(
    ("ended", "expires"),
    [
        ({}, None),
        ({"paused": True, "last_at": at(7)}, None),
        ({"next_at": None, "last_at": at(7)}, 7),
        ({"cancelled_at": at(8), "last_at": at(7)}, 8),
    ],
)
def test_a_schedule_expires_when_it_has_ended(store: str, ended: dict[str, Any], expires: float | None) -> None:
    DynamoSchedules(store, RETENTION).save(schedule(**ended))
    (item,) = boto3.client("dynamodb").scan(TableName=store)["Items"]
    assert attributes_of(item).get("expires_at") == (None if expires is None else expiry(expires))


def kind_of(item: Attributes) -> str:
    return str(item["sk"].partition("#")[0].lower())


def expiry(seconds: float) -> int:
    return int((at(seconds) + RETENTION).timestamp())
