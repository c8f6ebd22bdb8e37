"""The shipped template, made edible for the emulator without changing a line of it.

`aws-sam-translator` makes plain CloudFormation of it, as AWS does; what the emulator then would not
understand is rewritten, one small function per gap.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.stack.settings import API_ID, REGION

Template = dict[str, Any]
NESTED_LOCATION = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}


def load(path: Path, *, code: str, publish: Callable[[str, Template], str]) -> Template:
    """The template at `path` as CloudFormation that the emulator can create.

    `code` is the s3:// address of the functions' archive. `publish` stores a nested template under a name
    and returns its address.
    """
    template: Template = yaml_parse(path.read_text(encoding="utf-8"))
    _publish_nested_templates(template, path.parent, code, publish)
    if "Transform" in template:
        _point_functions_at(template, code)
        session = boto3.Session(region_name=REGION)
        template = Translator({}, Parser(), boto_session=session).translate(template, {})
    write_routes_out(template, API_ID)
    _name_functions_by_logical_id(template)
    return template


def parameters(path: Path) -> set[str]:
    """The names of the parameters that the template at `path` takes."""
    return set(yaml_parse(path.read_text(encoding="utf-8")).get("Parameters", {}))


def ttl_attributes(path: Path) -> list[str]:
    """Names of the attributes by which the template's tables forget items (see deploy.switch_ttl_on)."""
    resources = yaml_parse(path.read_text(encoding="utf-8"))["Resources"].values()
    return [
        resource["Properties"]["TimeToLiveSpecification"]["AttributeName"]
        for resource in resources
        if resource["Type"] == "AWS::DynamoDB::Table" and "TimeToLiveSpecification" in resource["Properties"]
    ]


def _publish_nested_templates(
    template: Template, folder: Path, code: str, publish: Callable[[str, Template], str]
) -> None:
    """`sam deploy` uploads nested templates and puts their addresses in; so do we."""
    for logical_id, resource in template["Resources"].items():
        key = NESTED_LOCATION.get(resource["Type"])
        location = resource.get("Properties", {}).get(key) if key else None
        if isinstance(location, str) and "://" not in location:
            nested = load(folder / location, code=code, publish=publish)
            resource["Properties"][key] = publish(f"{logical_id}.json", nested)


def _point_functions_at(template: Template, code: str) -> None:
    """The translator, like AWS, takes code from S3 only."""
    defaults = template.get("Globals", {}).get("Function", {})
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    for properties in [defaults, *functions]:
        if "CodeUri" in properties:
            properties["CodeUri"] = code


def _name_functions_by_logical_id(template: Template) -> None:
    """So that their logs, and who wants to invoke one, find them by the name in the template."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"].setdefault("FunctionName", logical_id)


def write_routes_out(template: Template, api_id: str | None = None) -> None:
    """The emulator ignores an HTTP API's OpenAPI `Body`: write it as Integration and Route resources.

    A tag gives the API an id that is known before: eight hexadecimal digits.
    """
    resources = template["Resources"]
    apis = [(name, r) for name, r in resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api"]
    for api_name, api in apis:
        body = api["Properties"].pop("Body")
        api["Properties"].pop("FailOnWarnings", None)
        api["Properties"] |= {
            "Name": api_name,
            "ProtocolType": "HTTP",
            "Tags": {**api["Properties"].get("Tags", {}), **({"ms-custom-id": api_id} if api_id else {})},
        }
        if cors := body.get("x-amazon-apigateway-cors"):
            # Given in CloudFormation's spelling the emulator answers every preflight with 403.
            api["Properties"]["CorsConfiguration"] = cors
        for path, operations in body["paths"].items():
            for verb, operation in operations.items():
                resources.update(_route(api_name, path, verb, operation))


def _route(api_name: str, path: str, verb: str, operation: dict[str, Any]) -> dict[str, Any]:
    if "security" in operation:
        raise NotImplementedError(f"{verb} {path} has an authorizer, which is not bridged to the emulator yet")
    integration = operation["x-amazon-apigateway-integration"]
    method = "ANY" if verb == "x-amazon-apigateway-any-method" else verb.upper()
    key = "$default" if path == "$default" else f"{method} {path}"
    name = f"{api_name}{re.sub(r'[^A-Za-z0-9]', '', key.title())}"
    return {
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": api_name},
                "IntegrationType": integration["type"].upper(),
                "IntegrationUri": integration["uri"],
                "IntegrationMethod": integration["httpMethod"],
                "PayloadFormatVersion": integration["payloadFormatVersion"],
            },
        },
        f"{name}Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": api_name},
                "RouteKey": key,
                "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
            },
        },
    }
