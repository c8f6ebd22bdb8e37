"""The comparison of handlers' calls with what their policies grant finds what is missing and what is unused."""

import pytest

from tests.granted_calls import SEEN_ELSEWHERE, complaints, destinations, granted, grants_needed
from tests.template.stack import TEMPLATE

EVERYTHING = granted(TEMPLATE) - set(SEEN_ELSEWHERE)


def test_what_is_granted_is_just_what_is_called() -> None:
    assert complaints(EVERYTHING, TEMPLATE) == []


def test_a_call_without_a_grant_is_found() -> None:
    found = complaints({*EVERYTHING, ("tick", "dynamodb:PutItem TABLE_NAME")}, TEMPLATE)

    assert found == ["tick calls dynamodb:PutItem TABLE_NAME, which its policy does not grant"]


def test_a_grant_without_a_call_is_found() -> None:
    unused = ("send", "dynamodb:GetItem TABLE_NAME")

    assert complaints(EVERYTHING - {unused}, TEMPLATE) == [f"send may {unused[1]}, but no test saw it do so"]


def test_what_lambda_does_itself_needs_no_call() -> None:
    assert ("tally", "sqs:SendMessage CALLBACK_DEAD_LETTER_QUEUE_URL") in destinations(TEMPLATE)
    assert complaints(EVERYTHING - destinations(TEMPLATE), TEMPLATE) == []


def test_a_transaction_needs_a_grant_for_each_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "dispatches")
    put = {"TableName": "dispatches", "Item": {"pk": {"S": "DISPATCH#1"}}}
    check = {"TableName": "dispatches", "Key": {"pk": {"S": "CONSENT#1"}}}
    items = [{"Put": put}, {"ConditionCheck": check}]

    assert list(grants_needed("dynamodb", "TransactWriteItems", {"TransactItems": items})) == [
        "dynamodb:PutItem TABLE_NAME DISPATCH",
        "dynamodb:ConditionCheckItem TABLE_NAME",
    ]
