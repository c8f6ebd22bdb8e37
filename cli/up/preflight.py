"""What `up` looks at before it changes anything, and the plan that it prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.boundary import boundary_of
from cli.errors import OperatorError, aws_in_words
from cli.stack import NEEDS_DELETING, NOT_YET, Names, status_of
from cli.storage import storage_of
from cli.target import Target
from cli.vonage.account import VonageAccount

LARGE_CONCURRENCY = 1000
LEAST_PER_SECOND, MOST_PER_SECOND = 1, 500
COSTS = "about $5 a month idle, and about $19 for a million SMS, besides what Vonage charges (docs/costs.md)"

ACTIONS = (
    "cloudformation:CreateChangeSet",
    "s3:CreateBucket",
    "iam:CreateRole",
    "lambda:CreateFunction",
    "apigateway:POST",
    "dynamodb:CreateTable",
    "sqs:CreateQueue",
    "secretsmanager:CreateSecret",
    "events:PutRule",
    "cloudwatch:PutMetricAlarm",
    "logs:CreateLogGroup",
    "sns:CreateTopic",
)
"""One call for each service that the templates create something in."""


@dataclass(frozen=True)
class Plan:
    """What was found. `status` is the stack's, None if there is none. `parameters` are those to be set."""

    aws_account: str
    region: str
    status: str | None
    balance: float
    parameters: Mapping[str, str]
    denied: tuple[str, ...]

    @property
    def is_new(self) -> bool:
        """Whether there is neither a stack nor the storage of an earlier one, so that its secret is empty."""
        return self.status is None and Names.KEPT_STORAGE not in self.parameters

    def lines(self, stack: str) -> list[str]:
        what = "update" if self.status else "create"
        settings = ", ".join(f"{name}={value}" for name, value in self.parameters.items()) or "as they are"
        return [
            f"AWS account {self.aws_account}, region {self.region}: {what} the stack {stack} (parameters: {settings})",
            f"Vonage balance {self.balance:.2f} EUR",
            f"cost: {COSTS}",
            *(
                [f"IAM says that you may not call {', '.join(self.denied)}: if so, AWS will say it"]
                if self.denied
                else []
            ),
        ]


def look(target: Target, client: Callable[[str], Any], account: VonageAccount, given: Mapping[str, str]) -> Plan:
    """Only reads. OperatorError for what would fail later. Parameters that are given go before what is found."""
    with aws_in_words():
        me = client("sts").get_caller_identity()
        cloudformation = client("cloudformation")
        found = status_of(cloudformation, target.name)
        status = None if found == NOT_YET else found  # SAM goes on from there
        limit = client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        new = status is None and Names.KEPT_STORAGE not in given
        kept = storage_of(cloudformation, target.name) if new else None
        boundary = boundary_of(client, target.name)
    if status in NEEDS_DELETING:
        raise OperatorError(
            f"the stack {target.name} was never completed ({status}): `getthrough down --stack {target.name}` takes it "
            "away, then run this again."
        )
    if status is not None and status.endswith("_IN_PROGRESS"):
        raise OperatorError(f"the stack {target.name} is being changed ({status}): try again when that has ended.")
    balance, rate = account.balance(), account.messages_per_second()
    if balance <= 0:
        raise OperatorError(f"the balance of your Vonage account is {balance:.2f} EUR: top it up, then run this again.")
    parameters = {}
    if status is None:  # what an operator has changed since the first time stays
        parameters[Names.ACCOUNT_CONCURRENCY] = "1000" if limit >= LARGE_CONCURRENCY else "10"
        if rate is not None:
            parameters[Names.MESSAGES_PER_SECOND] = str(min(max(rate, LEAST_PER_SECOND), MOST_PER_SECOND))
        if kept:
            parameters[Names.KEPT_STORAGE] = kept.name
    if boundary:
        parameters[Names.PERMISSIONS_BOUNDARY] = boundary
    region, denied = cloudformation.meta.region_name, _denied(client, me["Arn"])
    return Plan(me["Account"], region, status, balance, {**parameters, **given}, denied)


def _denied(client: Callable[[str], Any], arn: str) -> tuple[str, ...]:
    """Those of ACTIONS that IAM says the caller may not do. It is a hint: a policy may allow them for some names only.
    Nothing where the caller may not ask IAM either, or is the account's root."""
    if arn.endswith(":root"):
        return ()
    if ":assumed-role/" in arn:
        account, role = arn.split(":")[4], arn.split("/")[1]
        arn = f"arn:aws:iam::{account}:role/{role}"
    try:
        answer = client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=list(ACTIONS))
    except (BotoCoreError, ClientError):
        return ()
    results = answer.get("EvaluationResults", [])
    return tuple(result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed")
