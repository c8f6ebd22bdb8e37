"""Schemas of the API's answers are made from the types of the code."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest

from getthrough.domain.values.view_types import Count, Keywords, Uuid
from tools.openapi import views


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class IcingView(TypedDict):
    """What is on a cupcake."""

    kind: Literal["icing"]
    colour: Colour


class _Priced(TypedDict):
    price: str
    """In euros."""


class CupcakeView(_Priced):
    id: Uuid
    """The number
    on its box."""
    icing: IcingView | None
    eaten: NotRequired[bool]
    weight: Annotated[float | None, Keywords(minimum=0)]
    candles: Annotated[list[Count], Keywords(maxItems=3)]
    label: Mapping[str, Any]
    size: Literal["small", "large"]


def test_a_view_becomes_a_component_with_all_that_it_contains() -> None:
    assert views.components(CupcakeView) == {
        "Cupcake": {
            "type": "object",
            "properties": {
                "price": {"type": "string", "description": "In euros."},
                "id": {"type": "string", "format": "uuid", "description": "The number on its box."},
                "icing": {"anyOf": [{"$ref": "#/components/schemas/Icing"}, {"type": "null"}]},
                "eaten": {"type": "boolean"},
                "weight": {"type": ["number", "null"], "minimum": 0},
                "candles": {"type": "array", "items": {"type": "integer", "minimum": 0}, "maxItems": 3},
                "label": {"type": "object"},
                "size": {"type": "string", "enum": ["small", "large"]},
            },
            "required": ["price", "id", "icing", "weight", "candles", "label", "size"],
        },
        "Icing": {
            "type": "object",
            "title": "icing",
            "description": "What is on a cupcake.",
            "properties": {
                "kind": {"type": "string", "const": "icing"},
                "colour": {"type": "string", "enum": ["red", "blue"]},
            },
            "required": ["kind", "colour"],
        },
    }


def test_a_type_with_a_name_of_its_own_is_a_reference() -> None:
    schemas = views.components(IcingView, named={Colour: "Colour"})

    assert schemas["Icing"]["properties"]["colour"] == {"$ref": "#/components/schemas/Colour"}


def test_alternatives_are_listed() -> None:
    references = [{"$ref": "#/components/schemas/Cupcake"}, {"$ref": "#/components/schemas/Icing"}]

    assert views.schema_of(CupcakeView | IcingView) == {"oneOf": references}


def test_a_type_that_has_no_schema_is_refused() -> None:
    with pytest.raises(TypeError, match="has no JSON Schema"):
        views.schema_of(set[str])
