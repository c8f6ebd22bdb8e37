"""The templates, read once, for the tests of this folder."""

from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from tools.translate import translated

ROOT = Path(__file__).parents[2]


def template(path: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / path).read_text())
    return parsed


TEMPLATE = template("template.yaml")
STORAGE = template("infra/storage.yaml")
OBSERVABILITY = template("infra/observability.yaml")

FUNCTIONS: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
ALARMS: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in OBSERVABILITY["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}


def what_aws_sees() -> dict[str, Any]:
    """The resources of template.yaml after SAM's transform."""
    resources: dict[str, Any] = translated(template("template.yaml"))["Resources"]
    return resources


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}
