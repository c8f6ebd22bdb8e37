"""The API's description has every route of the template, and no other."""

from pathlib import Path
from typing import Any

import aws_lambda_powertools
from samtranslator.yaml_helper import yaml_parse

from getthrough.handlers import _assets
from tests.described import operations
from tools import check_bundle

TEMPLATE: dict[str, Any] = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())
PAGES = {"GET /", "GET /assets/{file+}", "ANY $default"}


def routes() -> set[str]:
    events = [
        event
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
    ]
    return {f"{it['Properties']['Method']} {it['Properties']['Path']}" for it in events if it["Type"] == "HttpApi"}


def test_every_route_is_described_and_no_other() -> None:
    assert set(operations()) == routes() - PAGES


def test_a_build_is_searched_for_the_files_of_the_viewer() -> None:
    installed = Path(aws_lambda_powertools.__path__[0]).parent

    assert [installed / name for name in check_bundle.VIEWER] == list(_assets.VIEWER)
