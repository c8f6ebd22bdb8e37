"""How the stack is built and deployed: the settings without which `sam` would ship something useless."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("default", "dev", "prod")


@pytest.fixture(scope="module")
def samconfig() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())


@pytest.fixture(scope="module")
def functions() -> dict[str, dict[str, Any]]:
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    return {name: item for name, item in resources.items() if item["Type"] == "AWS::Serverless::Function"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_builds_with_the_root_requirements(samconfig: dict[str, Any], environment: str) -> None:
    assert samconfig[environment]["build"]["parameters"] == {
        "manifest": "requirements.txt",
        "cached": True,
        "parallel": True,
        "beta_features": True,
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_may_create_roles_and_nested_stacks(samconfig: dict[str, Any], environment: str) -> None:
    parameters = samconfig[environment]["deploy"]["parameters"]
    assert parameters["capabilities"] == "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
    assert parameters["resolve_s3"] is True


def test_every_environment_has_a_stack_of_its_own(samconfig: dict[str, Any]) -> None:
    names = [samconfig[environment]["global"]["parameters"]["stack_name"] for environment in ENVIRONMENTS]
    assert names == ["getthrough", "getthrough-dev", "getthrough-prod"]


def test_the_overridden_parameters_exist(samconfig: dict[str, Any]) -> None:
    declared = set(yaml_parse((ROOT / "template.yaml").read_text())["Parameters"])
    for environment in ENVIRONMENTS:
        overrides = samconfig[environment]["deploy"]["parameters"].get("parameter_overrides", "")
        assert {pair.partition("=")[0] for pair in overrides.split()} <= declared


def test_every_function_is_built_without_needing_the_runtimes_python(
    functions: dict[str, dict[str, Any]],
) -> None:
    methods = {name: item.get("Metadata", {}).get("BuildMethod") for name, item in functions.items()}
    assert methods == dict.fromkeys(functions, "python-uv")


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-sam"])
def test_every_package_is_pinned_with_hashes_as_its_source_asks(name: str) -> None:
    pins = re.split(r"\n(?=[a-z])", (ROOT / f"{name}.txt").read_text())[1:]
    asked = re.findall(r"^([\w.-]+)(?:\[.*\])?(==\S+)", (ROOT / f"{name}.in").read_text(), re.MULTILINE)
    pinned = {pin.partition("[")[0].partition("==")[0]: pin for pin in pins}

    assert len(asked) > 1
    assert [pin for pin in pins if not re.match(r"\S+==\S+( ; .*)? \\\n    --hash=sha256:", pin)] == []
    assert [
        pair for pair in asked if "".join(pair).lower() not in re.sub(r"\[.*?\]", "", pinned[pair[0].lower()])
    ] == []
