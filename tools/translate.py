"""Translates the SAM templates to plain CloudFormation, as the deployment does, without a network.

`python -m tools.translate FOLDER` writes template.json and infra/*.json there, for cfn-lint to judge what AWS
will see.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent
# Stands where a deployment puts the address of the uploaded zip or template.
UPLOADED = "s3://bucket/key"
UPLOADED_TEMPLATE = "https://s3.amazonaws.com/bucket/key"


def translated(template: dict[str, Any]) -> dict[str, Any]:
    """The CloudFormation that SAM's transform makes of a template."""
    template.get("Globals", {}).get("Function", {}).update(CodeUri=UPLOADED)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = UPLOADED_TEMPLATE
    translator = Translator({}, Parser(), boto_session=Session(region_name="eu-west-1"))
    result: dict[str, Any] = translator.translate(template, parameter_values={})
    return result


def main(target: Path) -> None:
    for source in [ROOT / "template.yaml", *sorted((ROOT / "infra").glob("*.yaml"))]:
        template = yaml_parse(source.read_text())
        if "Transform" in template:
            template = translated(template)
        file = target / source.relative_to(ROOT).with_suffix(".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(template, indent=1))
        print(f"translated: {source.relative_to(ROOT)}, {len(template['Resources'])} resources")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
