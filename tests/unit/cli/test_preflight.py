"""What `getthrough up` finds before it changes anything."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli.errors import OperatorError
from cli.target import Target
from cli.up.preflight import Plan, look
from cli.vonage.account import VonageAccount
from tests.unit.cli.aws import ACCOUNT, NOW, RefusedError, Session

TARGET = Target("shop", False, None, None)


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/shop-boundary"


def look_at(session: Session, status: str, **given: str) -> Plan:
    """The plan for an account whose stack has this status."""
    stack: dict[str, Any] = {"StackName": "shop", "StackStatus": status, "CreationTime": NOW}
    session.answers["cloudformation", "DescribeStacks"] = {"Stacks": [stack]}
    session.answers["sts", "GetCallerIdentity"] = {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/me"}
    session.answers["iam", "SimulatePrincipalPolicy"] = RefusedError("AccessDenied")
    session.answers.setdefault(("iam", "GetPolicy"), RefusedError("NoSuchEntity"))
    account = SimpleNamespace(balance=lambda: 10.0, messages_per_second=lambda: None)
    return look(TARGET, session.client, cast(VonageAccount, account), given)


def test_a_stack_that_a_killed_run_only_planned_is_created(session: Session) -> None:
    plan = look_at(session, "REVIEW_IN_PROGRESS")

    assert (plan.status, dict(plan.parameters)) == (None, {"AccountConcurrency": "10"})


@pytest.mark.parametrize(
    ("status", "sentence"), [("CREATE_IN_PROGRESS", "is being changed"), ("ROLLBACK_COMPLETE", "was never completed")]
)
def test_a_stack_that_is_being_changed_or_was_never_completed_is_left_alone(
    session: Session, status: str, sentence: str
) -> None:
    with pytest.raises(OperatorError, match=sentence):
        look_at(session, status)


def test_every_deployment_has_the_boundary_that_an_administrator_made_unless_another_one_is_named(
    session: Session,
) -> None:
    session.answers["iam", "GetPolicy"] = {"Policy": {}}

    created, updated = look_at(session, "REVIEW_IN_PROGRESS"), look_at(session, "UPDATE_COMPLETE")
    other = look_at(session, "UPDATE_COMPLETE", PermissionsBoundary="arn:aws:iam::aws:policy/Other")

    assert dict(created.parameters) == {"AccountConcurrency": "10", "PermissionsBoundary": BOUNDARY}
    assert dict(updated.parameters) == {"PermissionsBoundary": BOUNDARY}
    assert dict(other.parameters) == {"PermissionsBoundary": "arn:aws:iam::aws:policy/Other"}
