"""A claim is a transaction of two items: what AWS says of each of them, and what it means.

A webhook that meets a claim under way is refused by DynamoDB at once, and the other way round. No emulator does that,
and boto3 repeats neither; it is nothing but somebody else writing at the same moment.
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from getthrough.adapters import dynamo
from getthrough.adapters.dynamo import DynamoDispatches
from getthrough.domain.dispatch import Contact
from getthrough.domain.errors import OptedOutError, UnavailableError, VersionConflictError
from tests.builders import FIRST, dispatch

NONE, FAILED, CONFLICT = "None", "ConditionalCheckFailed", "TransactionConflict"
CONTACT = Contact("sms", FIRST)


class StubDynamo:
    """Refuses every write with `error`."""

    def __init__(self) -> None:
        self.error: ClientError

    def put_item(self, **_: Any) -> None:
        raise self.error

    def transact_write_items(self, **_: Any) -> None:
        raise self.error


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> StubDynamo:
    stub = StubDynamo()
    monkeypatch.setattr(dynamo, "client", {"dynamodb": stub}.__getitem__)
    return stub


def refusal(code: str, *reasons: str) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "CancellationReasons": [{"Code": reason} for reason in reasons]}
    return ClientError(answer, "PutItem")


@pytest.mark.parametrize(
    ("dispatch_says", "contact_says", "error"),
    [
        (FAILED, NONE, VersionConflictError),
        (CONFLICT, NONE, VersionConflictError),
        (NONE, CONFLICT, VersionConflictError),
        (CONFLICT, CONFLICT, VersionConflictError),
        (FAILED, FAILED, VersionConflictError),
        (CONFLICT, FAILED, VersionConflictError),
        (NONE, FAILED, OptedOutError),
        ("ThrottlingError", NONE, UnavailableError),
        (NONE, "ThrottlingError", UnavailableError),
        ("ThrottlingError", FAILED, UnavailableError),
    ],
)
def test_a_claim_that_is_refused_says_why(
    table: StubDynamo, dispatch_says: str, contact_says: str, error: type[Exception]
) -> None:
    table.error = refusal("TransactionCanceledException", dispatch_says, contact_says)
    with pytest.raises(error):
        DynamoDispatches("table").save(dispatch(), unless_opted_out=CONTACT)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ConditionalCheckFailedException", VersionConflictError),
        ("TransactionConflictException", VersionConflictError),
        ("ThrottlingException", UnavailableError),
    ],
)
def test_a_fold_that_meets_a_claim_is_tried_again_on_the_newer_version(
    table: StubDynamo, code: str, error: type[Exception]
) -> None:
    table.error = refusal(code)
    with pytest.raises(error):
        DynamoDispatches("table").save(dispatch())
