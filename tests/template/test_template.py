"""The template and the code say the same."""

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from getthrough import config
from getthrough.handlers import _webhook
from tools.translate import translated

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
STORAGE: dict[str, Any] = yaml_parse((ROOT / "infra" / "storage.yaml").read_text())
OBSERVABILITY: dict[str, Any] = yaml_parse((ROOT / "infra" / "observability.yaml").read_text())

FUNCTIONS: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
EACH_FUNCTION = pytest.mark.parametrize("function", sorted(FUNCTIONS))


def statements(function: str) -> list[dict[str, Any]]:
    return [statement for policy in FUNCTIONS[function].get("Policies", []) for statement in policy["Statement"]]


def actions(function: str) -> set[str]:
    """What a function may do, as `service:Action resource`."""
    found = set()
    for statement in statements(function):
        named = statement["Action"]
        resource = re.sub(r"[^A-Za-z/]|Fn::|GetAtt|Sub|Storage|Outputs", "", json.dumps(statement["Resource"]))
        found |= {f"{action} {resource}" for action in ([named] if isinstance(named, str) else named)}
    return found


def events(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in FUNCTIONS.items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


@EACH_FUNCTION
def test_a_function_is_named_like_its_handler_module_which_can_be_imported(function: str) -> None:
    module, _, attribute = FUNCTIONS[function]["Handler"].rpartition(".")

    assert module == f"getthrough.handlers.{function.removesuffix('Function').lower()}"
    assert callable(getattr(importlib.import_module(module), attribute))


@EACH_FUNCTION
def test_a_functions_variables_are_exactly_the_fields_of_its_config(function: str) -> None:
    variables = FUNCTIONS[function].get("Environment", {}).get("Variables", {})
    settings = getattr(config, function.replace("Function", "Config"), None)

    assert set(variables) == ({field.name.upper() for field in fields(settings)} if settings else set())


def test_variables_that_all_functions_share_belong_to_powertools() -> None:
    shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert all(name.startswith("POWERTOOLS_") for name in shared)


def test_each_function_may_do_its_own_work_and_nothing_else() -> None:
    read_write = {"dynamodb:GetItem TableArn", "dynamodb:PutItem TableArn"}
    secret, arm = "secretsmanager:GetSecretValue SecretId", "sqs:SendMessage QueueArn"
    consume = {f"sqs:{verb} QueueArn" for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}

    assert {function: actions(function) for function in FUNCTIONS} == {
        "SendFunction": read_write | {"dynamodb:ConditionCheckItem TableArn", secret, arm},
        "StatusFunction": read_write | {secret, arm},
        "InboundFunction": {"dynamodb:PutItem TableArn", secret},
        "AdvanceFunction": read_write | {"dynamodb:ConditionCheckItem TableArn", secret, arm} | consume,
        "TickFunction": {"dynamodb:Query TableArn/index/due", arm},
        "QueryFunction": {
            "dynamodb:GetItem TableArn",
            "dynamodb:BatchGetItem TableArn",
            "dynamodb:Query TableArn",
            "dynamodb:Query TableArn/index/newest",
            secret,
        },
        "PageFunction": set(),
    }


@pytest.mark.parametrize("path", ["template.yaml", "infra/storage.yaml", "infra/observability.yaml"])
def test_no_policy_has_a_wildcard_and_no_resource_a_name_given_by_hand(path: str) -> None:
    text = (ROOT / path).read_text()

    assert "*" not in re.sub(r"#.*", "", text)
    assert not re.findall(
        r"^\s+(?:FunctionName|TableName|QueueName|RoleName|BucketName|LogGroupName): [^!\s]", text, re.M
    )


def test_what_sam_makes_of_it_has_no_wildcard_either_but_for_writing_logs() -> None:
    resources = translated(yaml_parse((ROOT / "template.yaml").read_text()))["Resources"]
    roles = [resource["Properties"] for resource in resources.values() if resource["Type"] == "AWS::IAM::Role"]

    assert len(roles) == len(FUNCTIONS)
    assert "*" not in json.dumps([role.get("Policies", []) for role in roles])
    assert {policy for role in roles for policy in role["ManagedPolicyArns"]} == {
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    }


def test_what_holds_data_outlives_the_stack() -> None:
    stateful = {name for name, resource in STORAGE["Resources"].items() if not resource["Type"].endswith("Policy")}

    assert stateful == {"Table", "Queue", "DeadLetterQueue", "Secret"}
    for resource in [*(STORAGE["Resources"][name] for name in stateful), TEMPLATE["Resources"]["Storage"]]:
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_table_can_be_restored_is_encrypted_and_forgets() -> None:
    table = STORAGE["Resources"]["Table"]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_every_asynchronous_source_has_a_dead_letter_queue_with_an_alarm() -> None:
    queues = [
        resource["Properties"]
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
    ]
    schedules = list(events("Schedule"))
    others = {event["Type"] for properties in FUNCTIONS.values() for event in properties.get("Events", {}).values()} - {
        "SQS",
        "Schedule",
        "HttpApi",
    }
    alarm = OBSERVABILITY["Resources"]["DeadLetterAlarm"]["Properties"]

    assert [queue["FunctionName"] for queue in queues] == [{"Ref": "AdvanceFunction"}]
    assert all(queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for queue in queues)
    assert "deadLetterTargetArn" in STORAGE["Resources"]["Queue"]["Properties"]["RedrivePolicy"]
    assert [name for name, _ in schedules] == ["TickFunction"]
    assert all("DeadLetterConfig" in event for _, event in schedules)
    assert "DeadLetterQueue" in FUNCTIONS["TickFunction"]
    assert others == set()
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Ref": "DeadLetterQueueName"}}]


def test_a_timer_that_is_being_carried_out_is_not_handed_out_again() -> None:
    visibility = STORAGE["Resources"]["Queue"]["Properties"]["VisibilityTimeout"]

    assert visibility >= FUNCTIONS["AdvanceFunction"]["Timeout"]


def test_every_webhook_routes_handler_verifies() -> None:
    for path, function in (("/status", "StatusFunction"), ("/inbound", "InboundFunction")):
        module = importlib.import_module(FUNCTIONS[function]["Handler"].rpartition(".")[0])
        assert [name for name, event in events("HttpApi") if event["Path"] == path] == [function]
        assert module.receive is _webhook.receive


def test_the_routes_are_those_that_the_design_names() -> None:
    routes = {f"{event['Method']} {event['Path']}": name for name, event in events("HttpApi")}

    assert routes == {
        "POST /v1/messages": "SendFunction",
        "DELETE /v1/dispatches/{dispatch_uuid}": "SendFunction",
        "POST /status": "StatusFunction",
        "POST /inbound": "InboundFunction",
        "GET /v1/dispatches": "QueryFunction",
        "GET /v1/dispatches/{dispatch_uuid}": "QueryFunction",
        "GET /v1/messages/{message_uuid}": "QueryFunction",
        "GET /": "PageFunction",
        "GET /assets/{file}": "PageFunction",
        "ANY $default": "PageFunction",
    }


def test_alarms_watch_metrics_that_the_code_emits() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "functions" / "getthrough").rglob("*.py"))
    alarms = [
        resource["Properties"]
        for resource in OBSERVABILITY["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource["Properties"]["Namespace"] == "Getthrough"
    ]
    dashboard = json.dumps(OBSERVABILITY["Resources"]["Dashboard"])
    watched = {alarm["MetricName"] for alarm in alarms} | set(re.findall(r'\[\\"Getthrough\\", \\"(\w+)\\"', dashboard))

    assert {name for name in watched if f'"{name}"' not in code} == set()
    assert {"AccountRefused", "WebhookForged", "TimerLateness", "DispatchAccepted"} <= watched
