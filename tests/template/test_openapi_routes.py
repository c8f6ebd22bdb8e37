"""The API's description has every route of the template, and no other."""

import re
from pathlib import Path
from typing import Any

import aws_lambda_powertools
from samtranslator.yaml_helper import yaml_parse

from getthrough.domain.client.scopes import SCOPE_OF
from getthrough.handlers import _assets
from tests.described import operations
from tools import check_bundle

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
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


def test_every_route_for_clients_needs_a_scope_and_the_document_says_which() -> None:
    open_to_all = {"GET /openapi.json", "GET /docs", "POST /status", "POST /inbound", "GET /status", "GET /inbound"}
    described = {route: it.get("security") for route, it in operations().items()}

    assert set(SCOPE_OF) == set(operations()) - open_to_all
    assert {route: described[route] for route in SCOPE_OF} == {
        route: [{"client": [scope.value]}, {"application": [scope.value]}] if scope else None
        for route, scope in SCOPE_OF.items()
    }


def test_the_overview_of_the_api_names_the_scope_of_each_route() -> None:
    rows = re.findall(r"^\| `(\w+ [^`?]+)[^|]*\|.*\| ([^|]+) \|$", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE)

    assert {route: who for route, who in rows if route in SCOPE_OF} == {
        route: f"`{scope.value}`" if scope else "every client" for route, scope in SCOPE_OF.items()
    }


def test_a_build_is_searched_for_the_files_of_the_viewer() -> None:
    installed = Path(aws_lambda_powertools.__path__[0]).parent

    assert [installed / name for name in check_bundle.VIEWER] == list(_assets.VIEWER)
