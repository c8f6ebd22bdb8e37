"""The permissions boundary of a stack's roles is found by the stack's name."""

from typing import Any

import pytest

from cli.boundary import boundary_of
from cli.listen.relay import find_or_create
from tests.unit.cli.aws import ACCOUNT, NOW, RefusedError, Session

POLICIES = f"arn:aws:iam::{ACCOUNT}:policy/"


def there_is(session: Session, *names: str) -> list[str]:
    """An account with policies of these names; which ones are asked for is in the list."""
    asked: list[str] = []

    def policy(given: Any) -> dict[str, Any]:
        name = given["PolicyArn"].removeprefix(POLICIES)
        asked.append(name)
        if name not in names:
            raise RefusedError("AccessDenied")
        return {"Policy": {"Arn": given["PolicyArn"]}}

    session.answers["iam", "GetPolicy"] = policy
    return asked


@pytest.mark.parametrize("name", ["getthrough", "getthrough-dev", "getthrough-relay-ann"])
def test_a_boundary_is_for_all_stacks_whose_names_begin_with_its_own(session: Session, name: str) -> None:
    there_is(session, "getthrough-boundary")

    assert boundary_of(session.client, name) == f"{POLICIES}getthrough-boundary"


def test_the_longest_beginning_counts_and_no_other_stacks_boundary_does(session: Session) -> None:
    asked = there_is(session, "shop-boundary", "shop-eu-boundary", "shop-us-boundary")

    assert boundary_of(session.client, "shop-eu-test") == f"{POLICIES}shop-eu-boundary"
    assert asked == ["shop-eu-test-boundary", "shop-eu-boundary"]


def test_without_one_or_without_the_right_to_look_there_is_none(session: Session) -> None:
    there_is(session)

    assert boundary_of(session.client, "getthrough-dev") is None


def test_it_is_one_of_the_callers_own_partition_and_account(session: Session) -> None:
    arn = "arn:aws-cn:sts::210987654321:assumed-role/deployer/ann"
    session.answers["sts", "GetCallerIdentity"] = {"Arn": arn}
    session.answers["iam", "GetPolicy"] = {"Policy": {}}

    assert boundary_of(session.client, "shop") == "arn:aws-cn:iam::210987654321:policy/shop-boundary"


@pytest.mark.parametrize(("policies", "value"), [(["shop-boundary"], f"{POLICIES}shop-boundary"), ([], "")])
def test_a_relay_is_created_with_the_boundary_if_there_is_one(
    session: Session, policies: list[str], value: str
) -> None:
    there_is(session, *policies)
    created: list[Any] = []
    output = {"OutputKey": "LeaseTable", "OutputValue": "lease"}
    stack = {"StackName": "shop-relay", "StackStatus": "CREATE_COMPLETE", "CreationTime": NOW, "Outputs": [output]}

    def described(_: Any) -> dict[str, Any]:
        if not created:
            raise RefusedError("ValidationError")
        return {"Stacks": [stack]}

    def create(given: Any) -> dict[str, Any]:
        created.append(given["Parameters"])
        return {"StackId": "shop-relay"}

    session.answers["cloudformation", "DescribeStacks"] = described
    session.answers["cloudformation", "CreateStack"] = create

    assert find_or_create(session.client, "shop-relay", wait=lambda _: None) == {"LeaseTable": "lease"}
    assert created == [[{"ParameterKey": "PermissionsBoundary", "ParameterValue": value}]]
