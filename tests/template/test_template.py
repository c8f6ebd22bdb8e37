"""The template and the code say the same."""

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from getthrough.adapters import table_keys
from getthrough.handlers import _webhook
from tests.template.stack import FUNCTIONS, OBSERVABILITY, ROOT, STORAGE, TEMPLATE, of_type, template, what_aws_sees

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


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def events(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in FUNCTIONS.items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


@EACH_FUNCTION
def test_a_function_is_named_like_its_handler_module_which_can_be_imported(function: str) -> None:
    module, _, attribute = FUNCTIONS[function]["Handler"].rpartition(".")

    assert module == f"getthrough.handlers.{snake_case(function.removesuffix('Function'))}"
    assert callable(getattr(importlib.import_module(module), attribute))


@EACH_FUNCTION
def test_a_functions_variables_are_exactly_the_fields_of_its_config(function: str) -> None:
    variables = FUNCTIONS[function].get("Environment", {}).get("Variables", {})
    module = importlib.import_module(FUNCTIONS[function]["Handler"].rpartition(".")[0])
    configs = [value for name, value in vars(module).items() if name.endswith("Config")]

    assert len(configs) == bool(variables)
    assert set(variables) == {field.name.upper() for one in configs for field in fields(one)}


def test_variables_that_all_functions_share_belong_to_powertools() -> None:
    shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert [name for name in shared if not name.startswith("POWERTOOLS_")] == []


def test_each_function_may_do_its_own_work_and_nothing_else() -> None:
    read_write = {"dynamodb:GetItem TableArn", "dynamodb:PutItem TableArn"}
    claim = read_write | {"dynamodb:Query TableArn"}
    complete = read_write | {"dynamodb:UpdateItem TableArn", "dynamodb:Query TableArn"}
    secret, arm = "secretsmanager:GetSecretValue SecretId", "sqs:SendMessage QueueArn"
    consume = {f"sqs:{verb} QueueArn" for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    reading = ("DescribeStream", "GetShardIterator", "GetRecords", "ListStreams")
    stream = {f"dynamodb:{verb} StreamArn" for verb in reading}

    assert {function: actions(function) for function in FUNCTIONS} == {
        "SendFunction": claim | {"dynamodb:UpdateItem TableArn", secret, arm},
        "CanaryFunction": claim | {"dynamodb:UpdateItem TableArn", secret, arm},
        "StatusFunction": complete | {secret, arm},
        "InboundFunction": complete | {secret, arm},
        "AdvanceFunction": claim
        | {f"dynamodb:{verb} TableArn" for verb in ("UpdateItem", "BatchGetItem", "DeleteItem", "Scan")}
        | {f"sqs:{verb} CallbackDeadLetterQueueArn" for verb in ("ReceiveMessage", "DeleteMessage")}
        | {secret, arm}
        | consume,
        "TickFunction": {"dynamodb:Query TableArn/index/due", arm},
        "QueryFunction": {
            "dynamodb:GetItem TableArn",
            "dynamodb:BatchGetItem TableArn",
            "dynamodb:Query TableArn",
            "dynamodb:Query TableArn/index/due",
            "dynamodb:Query TableArn/index/newest",
            secret,
        },
        "ContactsFunction": read_write
        | {f"dynamodb:{verb} TableArn" for verb in ("BatchGetItem", "DeleteItem", "Query")}
        | {"dynamodb:Query TableArn/index/newest", secret, arm},
        "ErasuresFunction": read_write | {"dynamodb:Query TableArn", "dynamodb:Scan TableArn", secret, arm},
        "SchedulesFunction": read_write
        | {f"dynamodb:{verb} TableArn" for verb in ("BatchGetItem", "UpdateItem", "BatchWriteItem")}
        | {"dynamodb:Query TableArn/index/newest", secret, arm},
        "BatchesFunction": read_write
        | {f"dynamodb:{verb} TableArn" for verb in ("BatchGetItem", "BatchWriteItem", "Query")}
        | {"dynamodb:Query TableArn/index/newest", secret, arm},
        "RecoverFunction": read_write
        | {f"dynamodb:{verb} TableArn" for verb in ("BatchGetItem", "UpdateItem", "DeleteItem", "Query")}
        | {"dynamodb:Query TableArn/index/newest", "sqs:SendMessage QueueArnCallbackQueueArn", secret}
        | {
            f"sqs:{verb} DeadLetterQueueArnCallbackDeadLetterQueueArn"
            for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
        }
        | {"sqs:GetQueueAttributes CallbackQueueArn"},
        "TallyFunction": {"dynamodb:UpdateItem TableArn", *stream, "sqs:SendMessage CallbackDeadLetterQueueArn"},
        "PublishFunction": {
            "dynamodb:PutItem TableArn",
            "dynamodb:GetItem TableArn",
            *stream,
            "events:PutEvents EventBusArn",
            "events:ListRules ",
            "sqs:SendMessage CallbackQueueArnCallbackDeadLetterQueueArn",
        },
        "CallbackFunction": {
            "dynamodb:GetItem TableArn",
            "sqs:SendMessage CallbackQueueArn",
            *(f"sqs:{verb} CallbackQueueArn" for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
            "sqs:SendMessage CallbackDeadLetterQueueArn",
            secret,
        },
        "ConsoleFunction": set(),
    }


LISTING_RULES = {"Effect": "Allow", "Action": "events:ListRules", "Resource": "*"}
"""AWS knows no narrower resource for this action."""


@pytest.mark.parametrize("path", ["template.yaml", "infra/storage.yaml", "infra/observability.yaml"])
def test_no_policy_has_a_wildcard_but_for_listing_rules_and_no_resource_a_name_given_by_hand(path: str) -> None:
    text = (ROOT / path).read_text().replace('Action: events:ListRules\n              Resource: "*"', "")

    assert "*" not in re.sub(r"#.*|(Expression|AllowedPattern): .*", "", text)
    assert not re.findall(
        r"^\s+(?:FunctionName|TableName|QueueName|RoleName|BucketName|LogGroupName): [^!\s]", text, re.M
    )


def test_what_sam_makes_of_it_has_no_wildcard_either_but_for_writing_logs() -> None:
    roles = of_type(what_aws_sees(), "AWS::IAM::Role").values()

    assert len(roles) == len(FUNCTIONS)
    policies = [policy for role in roles for policy in role.get("Policies", [])]
    found = [each for policy in policies for each in policy["PolicyDocument"]["Statement"] if each != LISTING_RULES]
    assert "*" not in re.sub(r"[A-Z]+#\*", "", json.dumps(found))
    assert {policy for role in roles for policy in role["ManagedPolicyArns"]} == {
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    }


def test_every_role_has_the_boundary_that_is_given_and_none_without_one() -> None:
    relay = template("infra/relay.yaml")
    roles = [
        *of_type(what_aws_sees(), "AWS::IAM::Role").values(),
        *of_type(relay["Resources"], "AWS::IAM::Role").values(),
    ]
    if_given = {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    is_given = {"Fn::Not": [{"Fn::Equals": [{"Ref": "PermissionsBoundary"}, ""]}]}

    assert [role["PermissionsBoundary"] for role in roles] == [if_given] * (len(FUNCTIONS) + 1)
    for source in (TEMPLATE, relay):
        parameter = source["Parameters"]["PermissionsBoundary"]
        assert (source["Conditions"]["HasBoundary"], parameter["Default"]) == (is_given, "")
        assert re.fullmatch(parameter["AllowedPattern"], "arn:aws:iam::123456789012:policy/getthrough-boundary")
        assert not re.fullmatch(parameter["AllowedPattern"], "getthrough-boundary")
    assert of_type(STORAGE["Resources"], "AWS::IAM::Role") | of_type(OBSERVABILITY["Resources"], "AWS::IAM::Role") == {}


def test_every_policy_names_the_version_of_its_language() -> None:
    """Without it AWS reads a policy by the rules of 2008."""
    policies = [policy for item in FUNCTIONS.values() for policy in item.get("Policies", [])]
    policies.append(TEMPLATE["Resources"]["DeadLetterQueuePolicy"]["Properties"]["PolicyDocument"])

    assert {policy.get("Version") for policy in policies} == {"2012-10-17"}


def test_what_holds_data_outlives_the_stack_unless_its_creation_failed() -> None:
    """What a failed creation left behind would belong to no stack, and AWS would never delete it."""
    stateful = set(STORAGE["Resources"]) - {"Nothing"}

    queues = {"Queue", "DeadLetterQueue", "CallbackQueue", "CallbackDeadLetterQueue"}
    assert stateful == {"Table", "EventBus", "Secret", *queues}
    for resource in [*(STORAGE["Resources"][name] for name in stateful), TEMPLATE["Resources"]["Storage"]]:
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_another_stack_can_use_all_of_what_outlived_this_one() -> None:
    """KeptStorage names it. Then nothing is created, and each output is the other stack's."""
    created = {name for name, resource in STORAGE["Resources"].items() if resource.get("Condition") == "New"}

    assert created == set(STORAGE["Resources"]) - {"Nothing"}
    assert TEMPLATE["Resources"]["Storage"]["Properties"]["Parameters"]["KeptStorage"] == {"Ref": "KeptStorage"}
    for name, output in STORAGE["Outputs"].items():
        condition, _, kept = output["Value"]["Fn::If"]
        assert (condition, kept) == ("New", {"Fn::ImportValue": {"Fn::Sub": f"${{KeptStorage}}-{name}"}})
        assert output["Export"] == {"Name": {"Fn::Sub": f"${{AWS::StackName}}-{name}"}}


def test_the_table_can_be_restored_and_protected_and_forgets() -> None:
    table = STORAGE["Resources"]["Table"]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    passed_on = TEMPLATE["Resources"]["Storage"]["Properties"]["Parameters"]
    assert passed_on["DeletionProtection"] == {"Ref": "DeletionProtection"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_encryption_costs_nothing() -> None:
    """Every service encrypts with keys of its own. A key that is named, or `SSEEnabled`, costs for each use of KMS."""
    resources = [item.get("Properties", {}) for item in STORAGE["Resources"].values()]
    queues = of_type(STORAGE["Resources"], "AWS::SQS::Queue").values()

    assert "SSESpecification" not in STORAGE["Resources"]["Table"]["Properties"]
    assert not [item for item in resources if "Kms" in json.dumps(item)]
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues)


def test_lambda_writes_json_and_none_of_its_own_lines_for_each_invocation() -> None:
    assert TEMPLATE["Globals"]["Function"]["LoggingConfig"] == {
        "LogGroup": {"Ref": "LogGroup"},
        "LogFormat": "JSON",
        "SystemLogLevel": "WARN",
        "ApplicationLogLevel": "INFO",  # higher, and Lambda drops metrics; lower, and libraries may quote customers
    }


def test_the_api_logs_each_request_without_a_path_or_an_address() -> None:
    settings = TEMPLATE["Resources"]["Api"]["Properties"]["AccessLogSettings"]
    fields = json.loads(settings["Format"])
    personal = {"path", "domainName", "identity.sourceIp", "identity.userAgent", "requestTime"}

    assert settings["DestinationArn"] == {"Fn::GetAtt": ["ApiLogGroup", "Arn"]}
    assert {"request_id", "function_request_id", "route", "status", "function_error"} <= set(fields)
    assert {value.removeprefix("$context.") for value in fields.values()} & personal == set()


def test_every_asynchronous_source_has_a_dead_letter_queue() -> None:
    mappings = [
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
    on_failure = {
        mapping["FunctionName"]["Ref"]: mapping.get("DestinationConfig", {}).get("OnFailure") for mapping in mappings
    }
    given_up = {"Destination": {"Fn::GetAtt": ["Storage", "Outputs.CallbackDeadLetterQueueArn"]}}
    letters = {
        name: resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for name, resource in STORAGE["Resources"].items()
        if "RedrivePolicy" in resource.get("Properties", {})
    }

    assert on_failure == {
        "AdvanceFunction": None,
        "PublishFunction": given_up,
        "TallyFunction": given_up,
        "CallbackFunction": None,
    }
    assert all(mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for mapping in mappings)
    assert letters == {"Queue": "DeadLetterQueue", "CallbackQueue": "CallbackDeadLetterQueue"}
    assert [name for name, _ in schedules] == ["CanaryFunction", "TickFunction"]
    assert all("DeadLetterConfig" in event for _, event in schedules)
    assert all("DeadLetterQueue" in FUNCTIONS[name] for name, _ in schedules)
    assert others == set()


def layers(handler: Any) -> Iterator[Any]:
    """A handler as it is wrapped, from the outside to the inside."""
    while handler is not None:
        yield handler
        handler = getattr(handler, "__wrapped__", None)


def test_every_webhook_routes_handler_verifies() -> None:
    for path, function in (("/status", "StatusFunction"), ("/inbound", "InboundFunction")):
        module = importlib.import_module(FUNCTIONS[function]["Handler"].rpartition(".")[0])
        assert {name for name, event in events("HttpApi") if event["Path"] == path} == {function}
        assert _webhook.__name__ in {layer.__globals__["__name__"] for layer in layers(module.handler)}


def test_the_routes_are_those_that_the_design_names() -> None:
    routes = {f"{event['Method']} {event['Path']}": name for name, event in events("HttpApi")}

    assert routes == {
        "GET /v1/audit": "QueryFunction",
        "POST /v1/messages": "SendFunction",
        "POST /v0.1/dispatch": "SendFunction",
        "PATCH /v1/messages/{message_uuid}": "SendFunction",
        "DELETE /v1/dispatches/{dispatch_uuid}": "SendFunction",
        "POST /v1/dispatches/{dispatch_uuid}/succeed": "SendFunction",
        "GET /v1/days/{date}": "QueryFunction",
        "GET /v1/health": "QueryFunction",
        "GET /v1/settings": "QueryFunction",
        "PUT /v1/settings": "RecoverFunction",
        "GET /v1/arrivals": "QueryFunction",
        "GET /v1/limits": "QueryFunction",
        "GET /v1/me": "QueryFunction",
        "GET /v1/conversations": "QueryFunction",
        "GET /v1/conversations/{channel}/{address}": "QueryFunction",
        "POST /status": "StatusFunction",
        "GET /status": "StatusFunction",
        "POST /inbound": "InboundFunction",
        "GET /inbound": "InboundFunction",
        "GET /v1/dispatches": "QueryFunction",
        "GET /v1/dispatches/{dispatch_uuid}": "QueryFunction",
        "GET /v1/messages/{message_uuid}": "QueryFunction",
        "GET /v1/contacts/{channel}/{address}": "ContactsFunction",
        "PUT /v1/contacts/{channel}/{address}/links": "ContactsFunction",
        "GET /v1/opt-outs": "ContactsFunction",
        "GET /v1/opt-outs/{channel}/{address}": "ContactsFunction",
        "PUT /v1/opt-outs/{channel}/{address}": "ContactsFunction",
        "DELETE /v1/opt-outs/{channel}/{address}": "ContactsFunction",
        "DELETE /v1/contacts/{channel}/{address}": "ErasuresFunction",
        "GET /v1/contacts/{channel}/{address}/export": "ErasuresFunction",
        "GET /v1/erasures/{erasure_uuid}": "ErasuresFunction",
        "POST /v1/schedules": "SchedulesFunction",
        "GET /v1/schedules": "SchedulesFunction",
        "GET /v1/schedules/{schedule_uuid}": "SchedulesFunction",
        "PATCH /v1/schedules/{schedule_uuid}": "SchedulesFunction",
        "DELETE /v1/schedules/{schedule_uuid}": "SchedulesFunction",
        "POST /v1/batches": "BatchesFunction",
        "GET /v1/batches": "BatchesFunction",
        "GET /v1/batches/{batch_uuid}": "BatchesFunction",
        "GET /v1/batches/{batch_uuid}/dispatches": "BatchesFunction",
        "DELETE /v1/batches/{batch_uuid}": "BatchesFunction",
        "GET /v1/quarantine": "RecoverFunction",
        "GET /v1/quarantine/{id}": "RecoverFunction",
        "POST /v1/quarantine/{id}/release": "RecoverFunction",
        "DELETE /v1/quarantine/{id}": "RecoverFunction",
        "GET /v1/dead-letters": "RecoverFunction",
        "POST /v1/dead-letters/release": "RecoverFunction",
        "GET /": "ConsoleFunction",
        "GET /assets/{file+}": "ConsoleFunction",
        "GET /openapi.json": "ConsoleFunction",
        "GET /docs": "ConsoleFunction",
        "ANY $default": "ConsoleFunction",
    }


def test_what_counts_is_invoked_by_changes_of_dispatches_only() -> None:
    """Every other write of the table costs no invocation."""
    mapping = TEMPLATE["Resources"]["DispatchChanges"]["Properties"]
    [pattern] = [json.loads(it["Pattern"]) for it in mapping["FilterCriteria"]["Filters"]]

    assert pattern == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": [table_keys.DISPATCH]}}},
    }


def test_no_more_than_two_read_the_stream_since_a_third_would_slow_them_down() -> None:
    stream = {"Fn::GetAtt": ["Storage", "Outputs.StreamArn"]}
    readers = [
        resource["Properties"]["FunctionName"]["Ref"]
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping" and resource["Properties"]["EventSourceArn"] == stream
    ]

    assert sorted(readers) == ["PublishFunction", "TallyFunction"]
