"""What a deployer may do: what CloudFormation needs for each type of resource in the templates, and little else.

CloudFormation calls the services with the deployer's own rights. AWS publishes what that needs in the schema of each
type, and cfn-lint brings those schemas with it.
"""

import ast
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from samtranslator.yaml_helper import yaml_parse

from tests.template.stack import of_type
from tools.translate import translated

ROOT = Path(__file__).parents[2]
DEPLOYER: dict[str, Any] = yaml_parse((ROOT / "infra" / "deployer.yaml").read_text())
POLICY: dict[str, Any] = DEPLOYER["Resources"]["Deployer"]["Properties"]["PolicyDocument"]
BOUNDARY: dict[str, Any] = DEPLOYER["Resources"]["Boundary"]["Properties"]["PolicyDocument"]
BOUNDARY_ARN = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Prefix}-boundary"
WRITES_LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
MANAGED = {WRITES_LOGS: {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}}
"""What AWS's own policies allow, of those that SAM attaches."""

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
    r"iam:(CreateServiceLinkedRole|DeleteRolePermissionsBoundary)",
    r"lambda:.*(CodeSigning|LayerVersion|RuntimeManagement|RuntimeAlias|CapacityProvider|ScalingConfig).*",
    r"lambda:PublishVersion",
    r"logs:.*(KmsKey|DataProtectionPolicy|IndexPolic|BearerToken|DeletionProtection|LogStream|LogEvents).*",
    r"logs:Delete(RetentionPolicy|ResourcePolicy)",
    r"secretsmanager:.*(Replicat|RandomPassword).*",
    r"sns:PutDataProtectionPolicy",
)
"""What the schemas list for features that no template of ours uses."""


def as_list(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def actions_of(statements: list[dict[str, Any]]) -> set[str]:
    return {action for statement in statements for action in as_list(statement["Action"])}


def allowed() -> set[str]:
    return actions_of(POLICY["Statement"])


def not_allowed(calls: set[str]) -> list[str]:
    return sorted(call for call in calls if not any(fnmatchcase(call, action) for action in allowed()))


def the_statement_with(action: str) -> dict[str, Any]:
    statements: list[dict[str, Any]] = POLICY["Statement"]
    [found] = [each for each in statements if action in as_list(each["Action"])]
    return found


def templates() -> Iterator[dict[str, Any]]:
    """The resources of each template that a deployer deploys."""
    for source in [ROOT / "template.yaml", *(ROOT / "infra").glob("*.yaml")]:
        template = yaml_parse(source.read_text())
        if source.name != "deployer.yaml":
            yield (translated(template) if "Transform" in template else template)["Resources"]


def roles() -> list[dict[str, Any]]:
    return [role for resources in templates() for role in of_type(resources, "AWS::IAM::Role").values()]


def statements_of(role: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for policy in role.get("Policies", []) for each in policy["PolicyDocument"]["Statement"]]


def needed() -> set[str]:
    found = set()
    for resources in templates():
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

    assert not_allowed(calls) == []
    assert calls >= {"secretsmanager:PutSecretValue", "sqs:ReceiveMessage", "cloudformation:DescribeStacks"}
    assert len(calls) > 25


def test_a_deployer_may_do_all_that_cloudformation_does_for_the_templates() -> None:
    assert not_allowed(needed()) == []
    assert len(needed()) > 100


def test_a_deployer_is_an_admin_of_the_api_who_reads_no_table_and_only_a_relays_queue() -> None:
    data = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "lambda:InvokeFunction"}
    relay, count = the_statement_with("sqs:ReceiveMessage"), the_statement_with("dynamodb:Scan")

    assert "secretsmanager:GetSecretValue" in allowed(), "of the secret, which has the operator's"
    assert data & allowed() - {*relay["Action"], "dynamodb:Scan"} == set()
    assert (count["Action"], count["Condition"]) == ("dynamodb:Scan", {"StringEquals": {"dynamodb:Select": "COUNT"}})
    assert [each.get("Condition") for each in POLICY["Statement"] if "dynamodb:PutItem" in each["Action"]] == [
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "AUDIT#*"}},
        None,  # of a relay
    ]
    assert all("${Prefix}-relay-*" in json.dumps(resource) for resource in relay["Resource"])
    assert {action for action in allowed() if "*" in action} == {"iam:UpdateRole*", "logs:*LogDeliver*"}


def test_roles_go_to_functions_alone_and_what_has_a_name_is_allowed_under_the_prefix_only() -> None:
    passed = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}

    assert the_statement_with("iam:PassRole")["Condition"] == passed
    everywhere = [each for each in POLICY["Statement"] if each["Resource"] == "*"]
    assert everywhere == [
        mappings := the_statement_with("lambda:UpdateEventSourceMapping"),
        the_statement_with("sts:GetCallerIdentity"),
    ]
    function = "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:${Prefix}*"
    assert mappings["Condition"] == {"ArnLike": {"lambda:FunctionArn": {"Fn::Sub": function}}}
    assert {action for action in allowed() if "EventSource" in action} == {
        *mappings["Action"],
        "lambda:GetEventSourceMapping",
    }
    named = ("iam:CreateRole", "iam:PassRole", "lambda:CreateFunction", "dynamodb:CreateTable", "sqs:CreateQueue")
    for action in (*named, "secretsmanager:PutSecretValue", "events:CreateEventBus", "cloudformation:DeleteStack"):
        assert "${Prefix}*" in json.dumps(the_statement_with(action)["Resource"])


def test_a_role_is_made_and_gets_rights_only_with_the_boundary_which_stays_as_it_is() -> None:
    changes = the_statement_with("iam:CreateRole")
    others = actions_of([each for each in POLICY["Statement"] if each is not changes])

    assert DEPLOYER["Resources"]["Boundary"]["Properties"]["ManagedPolicyName"] == {"Fn::Sub": "${Prefix}-boundary"}
    assert changes["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": {"Ref": "Boundary"}}}
    assert set(changes["Action"]) == {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    }
    assert {action for action in others if action.startswith("iam:")} == {
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:GetPolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:PassRole",
        "iam:SimulatePrincipalPolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole*",
    }


def test_the_boundary_allows_what_the_roles_of_the_templates_do_and_nothing_else() -> None:
    attached = {policy for role in roles() for policy in role.get("ManagedPolicyArns", [])}
    used = actions_of([each for role in roles() for each in statements_of(role)])

    assert sorted(attached) == sorted(MANAGED)
    assert actions_of(BOUNDARY["Statement"]) == used.union(*MANAGED.values(), {"kms:Decrypt"})
    assert len(roles()) > 15


def test_the_boundary_ends_at_the_prefix_except_for_what_the_templates_need_in_the_whole_account() -> None:
    whole = [each for role in roles() for each in statements_of(role) if each["Resource"] == "*"]
    named, everywhere, keys = BOUNDARY["Statement"]

    assert keys["Condition"]["StringLike"] == {
        "kms:ViaService": ["lambda.*.amazonaws.com", "secretsmanager.*.amazonaws.com"]
    }
    assert actions_of([everywhere]) == actions_of(whole) == {"events:ListRules"}
    assert [resource for resource in named["Resource"] if not resource["Fn::Sub"].endswith("${Prefix}*")] == []
    services = {resource["Fn::Sub"].split(":")[4] for resource in named["Resource"]}
    assert services == {action.partition(":")[0] for action in named["Action"]}


def length(policy: dict[str, Any]) -> int:
    names = {"AWS::Partition": "aws", "AWS::AccountId": "1" * 12, "Prefix": "a" * LONGEST_PREFIX}
    written = re.sub(r"\s", "", json.dumps(policy)).replace('{"Ref":"Boundary"}', f'"{BOUNDARY_ARN}"')
    written = re.sub(r'\{"Fn::Sub":("[^"]*")\}', r"\1", written)
    return len(re.sub(r"\$\{([^}]*)\}", lambda found: names[found[1]], written))


def test_the_policies_are_no_longer_than_aws_takes() -> None:
    assert max(length(POLICY), length(BOUNDARY)) < LONGEST
    assert DEPLOYER["Parameters"]["Prefix"]["AllowedPattern"] == f"^[a-z][a-z0-9-]{{0,{LONGEST_PREFIX - 1}}}$"
