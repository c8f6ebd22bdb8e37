"""The documents name what there is."""

import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "functions" / "getthrough"
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
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


def test_every_module_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`([\w./-]+\.py)`", (ROOT / "README.md").read_text()))

    assert named != set()
    assert {name for name in named if not any((at / name).exists() for at in (ROOT, PACKAGE))} == set()


def test_the_readme_has_every_route_and_every_parameter() -> None:
    readme = (ROOT / "README.md").read_text()
    paths = {
        event["Properties"]["Path"]
        for properties in functions().values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    } - {"/assets/{file+}", "$default"}

    assert {path for path in paths if f" {path}" not in readme} == set()
    assert {name for name in TEMPLATE["Parameters"] if f"`{name}`" not in readme} == set()


def test_the_diagram_has_every_function() -> None:
    diagram = (ROOT / "docs" / "architecture.md").read_text().partition("```mermaid")[2].partition("```")[0]

    assert {name for name in functions() if f"[{name}]" not in diagram} == set()


def test_the_runbook_has_every_alarm() -> None:
    alarms = yaml_parse((ROOT / "infra" / "observability.yaml").read_text())["Resources"]
    runbook = (ROOT / "docs" / "runbook.md").read_text()

    assert {name for name in alarms if name.endswith("Alarm") and f"`{name}`" not in runbook} == set()
