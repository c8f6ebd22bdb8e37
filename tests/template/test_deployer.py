"""What a deployer may do: what CloudFormation needs for each type of resource in the templates, and no customer's data.

CloudFormation calls the services with the deployer's own rights. AWS publishes what that needs in the schema of each
type, and cfn-lint brings those schemas with it.
"""

import json
import re
from pathlib import Path
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from samtranslator.yaml_helper import yaml_parse

from tools.translate import translated

ROOT = Path(__file__).parents[2]
DEPLOYER: dict[str, Any] = yaml_parse((ROOT / "infra" / "deployer.yaml").read_text())
POLICY: dict[str, Any] = DEPLOYER["Resources"]["Deployer"]["Properties"]["PolicyDocument"]
LONGEST = 6144
"""Characters of a managed policy, white space not counted (IAM's quotas)."""

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


def test_a_deployer_may_do_all_that_cloudformation_does_for_the_templates() -> None:
    assert sorted(needed() - allowed()) == []
    assert len(needed()) > 100


def test_a_deployer_cannot_read_customers_messages_and_no_action_is_a_wildcard() -> None:
    data = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "lambda:InvokeFunction"}

    assert data & allowed() == set()
    assert [action for action in allowed() if "*" in action] == []


def test_roles_go_to_functions_alone_and_what_has_a_name_is_allowed_under_the_prefix_only() -> None:
    by_sid = {statement["Sid"]: statement for statement in POLICY["Statement"]}

    assert by_sid["RolesOfFunctions"]["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    assert {sid for sid, statement in by_sid.items() if statement["Resource"] == "*"} == {"WithoutNames"}
    for sid in ("Roles", "RolesOfFunctions", "Functions", "Tables", "Queues", "EventsAndTopics"):
        assert "${Prefix}*" in json.dumps(by_sid[sid]["Resource"])


def test_the_policy_is_no_longer_than_aws_takes() -> None:
    assert len(re.sub(r"\s", "", json.dumps(POLICY))) < LONGEST
