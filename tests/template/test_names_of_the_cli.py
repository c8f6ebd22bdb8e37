"""The command line knows a stack by a few names. All of them are in the templates."""

from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from cli import what_if
from cli.stack import Names
from getthrough.domain.message.channels import CHANNELS

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
STORAGE: dict[str, Any] = yaml_parse((ROOT / "infra" / "storage.yaml").read_text())


def test_the_command_line_knows_every_channel() -> None:
    assert tuple(CHANNELS) == what_if.CHANNELS


def test_every_name_that_the_command_line_knows_is_in_the_templates() -> None:
    table = STORAGE["Resources"]["Table"]["Properties"]

    assert {*Names.OUTPUTS, Names.EVENT_BUS, Names.DOMAIN_TARGET} - TEMPLATE["Outputs"].keys() == set()
    assert set(Names.PARAMETERS) - TEMPLATE["Parameters"].keys() == set()
    assert TEMPLATE["Resources"][Names.TICK_FUNCTION]["Type"] == "AWS::Serverless::Function"
    assert table["TimeToLiveSpecification"]["AttributeName"] == Names.TTL_ATTRIBUTE
