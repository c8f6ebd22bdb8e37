"""Port Erasures: how a search goes through the table."""

import boto3

from getthrough.adapters import table_keys
from getthrough.adapters.dynamo_erasures import DynamoErasures
from getthrough.domain.contact.contact import contact_of
from getthrough.domain.ports import SearchedPart
from tests.builders import FIRST
from tests.contract.conftest import REAL, RETENTION
from tests.secret import hash_of

CONTACT = contact_of("sms", FIRST)
LONG = "x" * 300_000


def parts(store: str) -> list[SearchedPart]:
    erasures = DynamoErasures(store, RETENTION, hash_of)
    found = [erasures.look(None, [])]
    while found[-1].place is not None:
        found.append(erasures.look(found[-1].place, []))
    return found


def put(store: str, pk: str, many: int) -> None:
    table = boto3.resource("dynamodb").Table(store)
    for number in range(many):
        table.put_item(Item={"pk": pk, "sk": f"{number}", "text": LONG})


@REAL
def test_a_part_that_ends_within_what_a_customer_wrote_says_whose_that_is(store: str) -> None:
    put(store, table_keys.contact(CONTACT), many=6)

    names = [part.names for part in parts(store)]

    assert names == [CONTACT, None]


@REAL
def test_one_that_ends_elsewhere_names_no_customer(store: str) -> None:
    put(store, "NOT OURS#1", many=6)

    assert [part.names for part in parts(store)] == [None, None]
