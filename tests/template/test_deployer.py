"""What a deployer may do: what CloudFormation needs for each type of resource in the templates, and little else.

CloudFormation calls the services with the deployer's own rights. AWS publishes what that needs in the schema of each
type, and cfn-lint brings those schemas with it.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from samtranslator.yaml_helper import yaml_parse

from tools.translate import translated

ROOT = Path(__file__).parents[2]
DEPLOYER: dict[str, Any] = yaml_parse((ROOT / "infra" / "deployer.yaml").read_text())
POLICY: dict[str, Any] = DEPLOYER["Resources"]["Deployer"]["Properties"]["PolicyDocument"]
LONGEST, LONGEST_PREFIX = 6144, 24
"""Characters of a managed policy, white space not counted (IAM's quotas), and of the names' beginning."""

SERVICES = (
    *("cloudformation", "cloudwatch", "dynamodb", "events", "iam", "lambda", "logs", "secretsmanager", "sns", "sqs"),
    *("sts", "s3", "apigatewayv2"),
)
PREFIXES = {"apigatewayv2": "apigateway"}
WAITS_FOR = {"stack_delete_complete": "describe_stacks"}
ON_THE_LOCAL_STACK = {"listen/events.py"}
"""Its calls go to `make run`'s emulator, not to AWS."""

NOT_NEEDED = (
    r"kms:.*|ec2:.*|elasticfilesystem:.*|s3files:.*|firehose:.*|kinesis:.*|s3:(REST.*|get.*|GetObject.*)",  # not used
    r"apigateway:(Un)?[Tt]agResource",  # no action of IAM: POST and DELETE cover it
    r"dynamodb:(Get|Put|Delete|Update|BatchWrite)Item|dynamodb:(Query|Scan)",  # customers' data: for imports
    r"dynamodb:.*(Replica|Import|ImportTable|KinesisStreamingDestination|ContributorInsights|ResourcePolicy)",
    r"events:(Put|Remove)Permission",  # of an old kind of policy
    r"iam:(CreateServiceLinkedRole|.*RolePermissionsBoundary)",
    r"lambda:.*(CodeSigning|LayerVersion|RuntimeManagement|RuntimeAlias|CapacityProvider|ScalingConfig).*",
    r"lambda:PublishVersion",
    r"logs:.*(KmsKey|DataProtectionPolicy|IndexPolic|BearerToken|DeletionProtection|LogStream|LogEvents).*",
    r"logs:Delete(RetentionPolicy|ResourcePolicy)",
    r"secretsmanager:.*(Replicat|RandomPassword).*",
    r"sns:PutDataProtectionPolicy",
)
"""What the schemas list for features that no template of ours uses."""


def allowed() -> set[str]:
    actions = (statement["Action"] for statement in POLICY["Statement"])
    return {action for each in actions for action in ([each] if isinstance(each, str) else each)}


def needed() -> set[str]:
    found = set()
    for source in [ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")]:
        template = yaml_parse(source.read_text())
        if source.name == "deployer.yaml":
            continue
        resources = (translated(template) if "Transform" in template else template)["Resources"]
        for kind in {resource["Type"] for resource in resources.values()}:
            handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind).schema.get("handlers", {})
            found |= {call for name, each in handlers.items() if name != "list" for call in each["permissions"]}
    return {call for call in found if not any(re.fullmatch(pattern, call) for pattern in NOT_NEEDED)}


def calls_of_the_command_line() -> set[str]:
    """Every call of AWS in the command line's source: boto3's methods, paginators and waiters, by AWS's names."""
    loader = botocore.session.get_session()
    calls_of: dict[str, set[str]] = {}
    for service in SERVICES:
        for operation in loader.get_service_model(service).operation_names:
            calls_of.setdefault(xform_name(operation), set()).add(f"{PREFIXES.get(service, service)}:{operation}")
    found: set[str] = set()
    for path in (ROOT / "cli").rglob("*.py"):
        if path.relative_to(ROOT / "cli").as_posix() in ON_THE_LOCAL_STACK:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found |= calls_of.get(_called(node, node.func.attr), set())
    return found


def _called(call: ast.Call, method: str) -> str:
    """The method that a paginator or waiter calls, or the method itself."""
    named = call.args[0] if method in ("get_paginator", "get_waiter") else None
    return WAITS_FOR.get(str(named.value), str(named.value)) if isinstance(named, ast.Constant) else method


def test_a_deployer_may_make_every_call_of_the_command_line() -> None:
    calls = calls_of_the_command_line()

    assert sorted(calls - allowed()) == []
    assert calls >= {"secretsmanager:PutSecretValue", "sqs:ReceiveMessage", "cloudformation:DescribeStacks"}
    assert len(calls) > 25


def test_a_deployer_may_do_all_that_cloudformation_does_for_the_templates() -> None:
    assert sorted(needed() - allowed()) == []
    assert len(needed()) > 100


def test_a_deployer_is_an_admin_of_the_api_who_reads_no_table_and_only_a_relays_queue() -> None:
    data = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "lambda:InvokeFunction"}
    by_sid = {statement["Sid"]: statement for statement in POLICY["Statement"] if "Sid" in statement}
    relay, count = by_sid["Relay"], by_sid["Count"]

    assert "secretsmanager:GetSecretValue" in by_sid["Secret"]["Action"], "which has the operator's"
    assert data & allowed() - {*relay["Action"], "dynamodb:Scan"} == set()
    assert (count["Action"], count["Condition"]) == ("dynamodb:Scan", {"StringEquals": {"dynamodb:Select": "COUNT"}})
    assert [each for each in POLICY["Statement"] if "dynamodb:Scan" in each["Action"]] == [count]
    assert [each.get("Condition") for each in POLICY["Statement"] if "dynamodb:PutItem" in each["Action"]] == [
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "AUDIT#*"}},
        None,  # of a relay
    ]
    assert all("${Prefix}-relay-*" in json.dumps(resource) for resource in relay["Resource"])
    assert [action for action in allowed() if "*" in action] == []


def test_roles_go_to_functions_alone_and_what_has_a_name_is_allowed_under_the_prefix_only() -> None:
    by_sid = {statement["Sid"]: statement for statement in POLICY["Statement"] if "Sid" in statement}

    assert by_sid["PassRoles"]["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    assert [each for each in POLICY["Statement"] if each["Resource"] == "*"] == [by_sid["All"]]
    named = ("iam:CreateRole", "iam:PassRole", "lambda:CreateFunction", "dynamodb:CreateTable", "sqs:CreateQueue")
    for action in (*named, "secretsmanager:PutSecretValue", "events:CreateEventBus", "cloudformation:DeleteStack"):
        [statement] = [each for each in POLICY["Statement"] if action in each["Action"]]
        assert "${Prefix}*" in json.dumps(statement["Resource"])


def test_the_policy_is_no_longer_than_aws_takes() -> None:
    names = {"AWS::Partition": "aws", "AWS::AccountId": "1" * 12, "Prefix": "a" * LONGEST_PREFIX}
    written = re.sub(r'\{"Fn::Sub":("[^"]*")\}', r"\1", re.sub(r"\s", "", json.dumps(POLICY)))

    assert len(re.sub(r"\$\{([^}]*)\}", lambda found: names[found[1]], written)) < LONGEST
    assert DEPLOYER["Parameters"]["Prefix"]["AllowedPattern"] == f"^[a-z][a-z0-9-]{{0,{LONGEST_PREFIX - 1}}}$"
