"""A claim is a transaction of a dispatch, its contact and the contact's thread: what AWS says of each, and what then.

A webhook that meets a claim under way is refused by DynamoDB at once, and the other way round. No emulator does that,
and boto3 repeats neither; it is nothing but someone else writing at the same moment.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from getthrough.adapters import table as table_module
from getthrough.adapters.dynamo_contacts import DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.table import TRIES
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.values.errors import OptedOutError, UnavailableError, VersionConflictError
from tests.builders import FIRST, NOON, dispatch, step
from tests.secret import hash_of
from tests.unit.stories import claimed

NONE, FAILED, CONFLICT, THROTTLED = "None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError"


class StubDynamo:
    """Refuses every write with `error`, or only the first `times`."""

    def __init__(self) -> None:
        self.error: ClientError
        self.times = 1_000
        self.put: list[dict[str, Any]] = []
        self.transactions = 0

    def put_item(self, **arguments: Any) -> None:
        if self.times:
            self.times -= 1
            raise self.error
        self.put.append(arguments["Item"])

    def transact_write_items(self, **_: Any) -> None:
        self.transactions += 1
        if self.times:
            self.times -= 1
            raise self.error


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> StubDynamo:
    stub = StubDynamo()
    monkeypatch.setattr(table_module, "client", {"dynamodb": stub}.__getitem__)
    return stub


def refusal(code: str, *reasons: str) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "CancellationReasons": [{"Code": reason} for reason in reasons]}
    return ClientError(answer, "PutItem")


@pytest.mark.parametrize(
    ("dispatch_says", "contact_says", "thread_says", "error"),
    [
        (FAILED, NONE, NONE, VersionConflictError),
        (CONFLICT, NONE, NONE, VersionConflictError),
        (NONE, CONFLICT, NONE, VersionConflictError),
        (NONE, NONE, CONFLICT, VersionConflictError),
        (CONFLICT, CONFLICT, CONFLICT, VersionConflictError),
        (FAILED, FAILED, NONE, VersionConflictError),
        (CONFLICT, FAILED, NONE, VersionConflictError),
        (NONE, FAILED, CONFLICT, VersionConflictError),
        (NONE, FAILED, NONE, OptedOutError),
        (THROTTLED, NONE, NONE, UnavailableError),
        (NONE, THROTTLED, NONE, UnavailableError),
        (NONE, NONE, THROTTLED, UnavailableError),
        (THROTTLED, FAILED, NONE, UnavailableError),
        (NONE, FAILED, THROTTLED, UnavailableError),
    ],
)
def test_a_claim_that_is_refused_says_why(
    table: StubDynamo, dispatch_says: str, contact_says: str, thread_says: str, error: type[Exception]
) -> None:
    table.error = refusal("TransactionCanceledException", dispatch_says, contact_says, thread_says)
    with pytest.raises(error):
        DynamoDispatches("table", hash_of=hash_of).save_claim(claimed(dispatch(step())), 0)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConditionalCheckFailedException", VersionConflictError),
        ("TransactionConflictException", VersionConflictError),
        ("ThrottlingException", UnavailableError),
    ],
)
def test_an_apply_that_meets_a_claim_is_tried_again_on_the_newer_version(
    table: StubDynamo, code: str, error: type[Exception]
) -> None:
    table.error = refusal(code)
    with pytest.raises(error):
        DynamoDispatches("table", hash_of=hash_of).save(dispatch(step(), version=1))


@pytest.mark.parametrize("reasons", [(NONE, CONFLICT, NONE), (CONFLICT, NONE, NONE), (NONE, NONE, CONFLICT)])
def test_a_claim_that_meets_another_one_of_its_contact_is_written_again(
    table: StubDynamo, reasons: tuple[str, ...]
) -> None:
    table.error, table.times = refusal("TransactionCanceledException", *reasons), TRIES - 1
    assert DynamoDispatches("table", hash_of=hash_of).save_claim(claimed(dispatch(step())), 0).version == 1
    assert table.transactions == TRIES


@pytest.mark.parametrize("reasons", [(FAILED, NONE, NONE), (NONE, FAILED, NONE), (NONE, THROTTLED, NONE)])
def test_a_claim_that_was_compared_and_refused_is_not_written_again(
    table: StubDynamo, reasons: tuple[str, ...]
) -> None:
    table.error = refusal("TransactionCanceledException", *reasons)
    with pytest.raises((VersionConflictError, OptedOutError, UnavailableError)):
        DynamoDispatches("table", hash_of=hash_of).save_claim(claimed(dispatch(step())), 0)
    assert table.transactions == 1


STOP = OptOut(
    contact=contact_of("sms", FIRST),
    address=Address("sms", FIRST),
    opted_out=True,
    changed_at=NOON,
    why="said so",
    by="customer",
)


def test_a_stop_that_meets_a_claim_is_written_again_until_it_is_stored(table: StubDynamo) -> None:
    table.error, table.times = refusal("TransactionConflictException"), TRIES - 1
    assert DynamoOptOuts("table", hash_of).change(STOP) is True
    assert [item["sk"] for item in table.put] == [{"S": "CONTACT#sms"}, {"S": "CONTACT"}]


def test_a_stop_that_keeps_meeting_claims_does_not_pass_for_stored(table: StubDynamo) -> None:
    table.error = refusal("TransactionConflictException")
    with pytest.raises(UnavailableError):
        DynamoOptOuts("table", hash_of).change(STOP)
