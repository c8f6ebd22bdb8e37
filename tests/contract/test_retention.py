"""How long the table keeps what it has: all but a contact's wish goes when its time is over."""

import boto3
import pytest

from getthrough.adapters.dynamo_conversations import DynamoConversations, DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.table import Attributes, attributes_of
from getthrough.domain.conversation import OptOut
from getthrough.domain.dispatch import Contact
from getthrough.domain.status import Status
from getthrough.domain.webhook import parse_inbound
from tests.builders import DISPATCH_UUID, FIRST, FROM, SECOND, at, dispatch, status_event
from tests.contract.conftest import RETENTION
from tests.unit.stories import claimed

pytestmark = pytest.mark.parametrize("store", ["moto"], indirect=True)


def test_everything_expires_but_a_contacts_wish(store: str) -> None:
    """Each item is of another second."""
    DynamoDispatches(store, RETENTION).save_claim(claimed(dispatch(), 1), 0)
    DynamoDispatches(store, RETENTION).refer("vonage-1", f"{DISPATCH_UUID[:-2]}01", at(2))
    DynamoStatusEvents(store, RETENTION).add(status_event(Status.SUBMITTED, seconds=3))
    said = parse_inbound({"channel": "sms", "message_uuid": "in-1", "from": SECOND, "to": FROM}, received_at=at(4))
    DynamoConversations(store, RETENTION).add(said)
    wish = OptOut(contact=Contact("sms", FIRST), opted_out=True, changed_at=at(5), why="", by="bakery")
    DynamoOptOuts(store).change(wish)

    items = [attributes_of(item) for item in boto3.client("dynamodb").scan(TableName=store)["Items"]]

    assert sorted((kind_of(item), item.get("expires_at")) for item in items) == [
        ("dispatch", expiry(16)),
        ("event", expiry(3)),
        ("inbound", expiry(4)),
        ("reference", expiry(2)),
        ("sent", expiry(1)),
        ("wish", None),
    ]


def kind_of(item: Attributes) -> str:
    kind = item["sk"].partition("#")[0].lower()
    if kind == "thread":
        return "inbound" if "body" in item else "sent"
    return "wish" if kind == "contact" else str(kind)


def expiry(seconds: float) -> int:
    return int((at(seconds) + RETENTION).timestamp())
