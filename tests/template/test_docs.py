"""The documents name what there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "functions" / "getthrough"
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
CURRENT = [path for path in DOCUMENTS if path.parent.name != "decisions"]
"""Decisions are dated: what they name may have gone since."""
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())


def functions() -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in TEMPLATE["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", document.read_text(), re.M))

    assert named - targets == set()


@pytest.mark.parametrize("document", CURRENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_and_folder_that_is_named_exists(document: Path) -> None:
    text = document.read_text()
    named = re.findall(r"`([\w./-]+\.py)\b", text) + re.findall(
        r"`((?:functions|local|tools|tests|infra|docs)/[\w./-]*)", text
    )

    assert [name for name in named if not any((at / name).exists() for at in (ROOT, PACKAGE))] == []


def test_the_api_page_has_every_route() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    routes = {
        f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}"
        for properties in functions().values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi" and event["Properties"]["Path"] not in {"/assets/{file+}", "$default"}
    }

    assert len(routes) > 30
    assert {route for route in routes if not re.search(rf"`{re.escape(route)}[`?]", page)} == set()


def test_the_guide_to_deploying_has_every_parameter() -> None:
    guide = (ROOT / "docs" / "deploy.md").read_text()

    assert {name for name in TEMPLATE["Parameters"] if f"`{name}`" not in guide} == set()


def test_the_contributors_guide_names_exactly_the_functions_that_may_write_the_table() -> None:
    writes = {f"dynamodb:{call}" for call in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")}
    writers = {
        name
        for name, properties in functions().items()
        if any(
            writes & set([action] if isinstance(action := statement["Action"], str) else action)
            for policy in properties.get("Policies", [])
            if isinstance(policy, dict)
            for statement in policy.get("Statement", [])
        )
    }
    row = re.search(
        r"^\| Which functions may write the table\? \| (.*?)\.", (ROOT / "CONTRIBUTING.md").read_text(), re.M
    )

    assert row is not None
    assert sorted(row[1].split(", ")) == sorted(writers)


def test_the_diagram_has_every_function() -> None:
    diagram = (ROOT / "docs" / "architecture.md").read_text().partition("```mermaid")[2].partition("```")[0]

    assert {name for name in functions() if f"[{name}]" not in diagram} == set()


def test_the_runbook_has_every_alarm() -> None:
    alarms = yaml_parse((ROOT / "infra" / "observability.yaml").read_text())["Resources"]
    runbook = (ROOT / "docs" / "runbook.md").read_text()

    assert {name for name in alarms if name.endswith("Alarm") and f"`{name}`" not in runbook} == set()
