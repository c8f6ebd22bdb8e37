"""The filters of the template that decide which changes of the table invoke a function."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse


@cache
def filters_of(mapping: str) -> list[Any]:
    """The patterns of an event source mapping."""
    resources = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())["Resources"]
    return [json.loads(item["Pattern"]) for item in resources[mapping]["Properties"]["FilterCriteria"]["Filters"]]


def passes(pattern: Any, value: Any) -> bool:
    """As Lambda's filters decide, as far as ours go: literals, `prefix` and `exists`."""
    if isinstance(pattern, dict):
        return all(
            passes(inner, value.get(name) if isinstance(value, dict) else None) for name, inner in pattern.items()
        )
    return any(
        value is not None and (value.startswith(rule["prefix"]) if "prefix" in rule else rule["exists"])
        if isinstance(rule, dict)
        else value == rule
        for rule in pattern
    )
