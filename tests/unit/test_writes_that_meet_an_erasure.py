"""An erasure writes in transactions: what AWS says of a write that meets one, and what then.

DynamoDB refuses such a write at once, without comparing anything. No emulator does that, and our client doesn't try it
again.
"""

from contextlib import nullcontext
from typing import Any

import pytest
from botocore.exceptions import ClientError

from getthrough.adapters import table as table_module
from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.table import TRIES
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.values.errors import UnavailableError, VersionConflictError
from tests.builders import FIRST, NOON, dispatch, step
from tests.secret import hash_of
from tests.unit.stories import claimed


class StubDynamo:
    """Refuses every put with `error`, or only the first `times`."""

    def __init__(self) -> None:
        self.error: ClientError
        self.times = 1_000
        self.put: list[dict[str, Any]] = []

    def call(self, operation: str, **arguments: Any) -> None:
        assert operation == "PutItem"
        if self.times:
            self.times -= 1
            raise self.error
        self.put.append(arguments["Item"])


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> StubDynamo:
    stub = StubDynamo()
    monkeypatch.setattr(table_module, "client", {"dynamodb": stub}.__getitem__)
    return stub


def refusal(code: str, *, stored: bool = False) -> ClientError:
    answer: Any = {"Error": {"Code": code}, **({"Item": {"pk": {"S": "CONTACT#"}}} if stored else {})}
    return ClientError(answer, "PutItem")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConditionalCheckFailedException", VersionConflictError),
        ("TransactionConflictException", VersionConflictError),
        ("ThrottlingException", UnavailableError),
    ],
)
def test_a_save_that_meets_one_is_tried_again_on_the_newer_version(
    table: StubDynamo, code: str, error: type[Exception]
) -> None:
    table.error = refusal(code)
    with pytest.raises(error):
        DynamoDispatches("table", hash_of=hash_of).save(dispatch(step(), version=1))


@pytest.mark.parametrize("stored", [True, False])
def test_a_note_that_is_there_stays_and_one_that_meets_an_erasure_does_not_pass_for_stored(
    table: StubDynamo, stored: bool
) -> None:
    dispatches = DynamoDispatches("table")
    table.error = refusal(
        "ConditionalCheckFailedException" if stored else "TransactionConflictException", stored=stored
    )
    with nullcontext() if stored else pytest.raises(UnavailableError):
        dispatches.note_claim(claimed(dispatch(step())), 0)


STOP = OptOut(
    contact=contact_of("sms", FIRST),
    address=Address("sms", FIRST),
    opted_out=True,
    changed_at=NOON,
    why="said so",
    by="customer",
)


def test_a_stop_that_meets_one_is_written_again_until_it_is_stored(table: StubDynamo) -> None:
    table.error, table.times = refusal("TransactionConflictException"), TRIES - 1
    assert DynamoOptOuts("table", hash_of).change(STOP) is True
    assert [item["sk"] for item in table.put] == [{"S": "CONTACT#sms"}, {"S": "CONTACT"}]


def test_a_stop_that_keeps_meeting_them_does_not_pass_for_stored(table: StubDynamo) -> None:
    table.error = refusal("TransactionConflictException")
    with pytest.raises(UnavailableError):
        DynamoOptOuts("table", hash_of).change(STOP)
