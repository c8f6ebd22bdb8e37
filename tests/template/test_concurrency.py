"""Chains of invocations that AWS would end, and an account's concurrency that nothing may use up."""

import json
from typing import Any

import pytest

from tests.template.stack import FUNCTIONS, TEMPLATE, of_type, what_aws_sees

AWS = what_aws_sees()
MAPPINGS = of_type(AWS, "AWS::Lambda::EventSourceMapping")
SHARES = TEMPLATE["Mappings"]["Concurrency"]
QUEUE_READERS = {
    name: mapping for name, mapping in MAPPINGS.items() if "QueueArn" in json.dumps(mapping["EventSourceArn"])
}


def may_send(function: str) -> list[dict[str, Any]]:
    """The queues to which a function's role lets it send."""
    role = AWS[AWS[function]["Properties"]["Role"]["Fn::GetAtt"][0]]["Properties"]
    return [
        resource
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if "sqs:SendMessage" in statement["Action"]
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    ]


def self_invoking() -> set[str]:
    """Functions that may send to a queue from which they are invoked."""
    return {
        mapping["FunctionName"]["Ref"]
        for mapping in MAPPINGS.values()
        if mapping["EventSourceArn"] in may_send(mapping["FunctionName"]["Ref"])
    }


def test_who_sends_to_the_queue_that_invokes_it_tells_lambda_that_this_is_meant() -> None:
    """Lambda ends a chain of function, queue and function after 16 rounds, unless the function allows it."""
    allowed = {
        name
        for name, function in of_type(AWS, "AWS::Lambda::Function").items()
        if function.get("RecursiveLoop") == "Allow"
    }

    assert self_invoking() == {"AdvanceFunction", "CallbackFunction"}
    assert allowed == self_invoking()


def test_each_queues_reader_has_a_limit_so_that_lambda_reads_no_more_than_may_run() -> None:
    limits = {name: mapping.get("ScalingConfig") for name, mapping in QUEUE_READERS.items()}

    assert limits == {
        name: {"MaximumConcurrency": {"Fn::FindInMap": ["Concurrency", {"Ref": "AccountConcurrency"}, name]}}
        for name in ("Timers", "Callbacks")
    }


def test_the_shares_are_those_of_the_accounts_that_one_can_choose_and_the_default_fits_every_account() -> None:
    parameter = TEMPLATE["Parameters"]["AccountConcurrency"]

    assert set(SHARES) == set(parameter["AllowedValues"])
    assert parameter["Default"] == min(SHARES, key=int)


@pytest.mark.parametrize("account", SHARES)
def test_queues_leave_some_of_the_accounts_concurrency_to_webhooks_and_the_api(account: str) -> None:
    queues = [SHARES[account][name] for name in QUEUE_READERS]

    assert all(2 <= limit <= 1000 for limit in queues)  # what AWS takes
    assert sum(queues) <= 0.6 * int(account)


@pytest.mark.parametrize("account", SHARES)
def test_changes_of_one_shard_are_published_by_several_at_once_where_the_account_allows_it(account: str) -> None:
    factor = MAPPINGS["Changes"]["ParallelizationFactor"]

    assert factor == {"Fn::FindInMap": ["Concurrency", {"Ref": "AccountConcurrency"}, "Changes"]}
    assert SHARES[account]["Changes"] == {"10": 1, "1000": 10}[account]


def test_webhooks_have_a_reserve_only_where_one_is_asked_for() -> None:
    """AWS refuses a reserve that leaves less than 100 to the rest of the account."""
    reserves = {name: item.get("ReservedConcurrentExecutions") for name, item in FUNCTIONS.items()}
    reserve = {"Fn::If": ["ReservesForWebhooks", {"Ref": "WebhookReserve"}, {"Ref": "AWS::NoValue"}]}

    assert {name for name, value in reserves.items() if value is not None} == {"StatusFunction", "InboundFunction"}
    assert reserves["StatusFunction"] == reserves["InboundFunction"] == reserve
    assert TEMPLATE["Parameters"]["WebhookReserve"]["Default"] == 0
