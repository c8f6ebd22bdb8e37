"""JSON Schemas of the API's responses, made from the TypedDicts that the code is type-checked with.

The name of a component is the name of its class without `View`. Its description is the class's docstring, that of a
field the docstring below the field. `Annotated[T, Keywords(...)]` adds rules of JSON Schema.
"""

import ast
import inspect
import operator
import sys
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache, reduce
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from getthrough.domain.dispatch import dispatch_view
from getthrough.domain.values.view_types import Keywords
from tools.openapi.parts import Json, nullable, schema

_PLAIN: Mapping[object, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Any: {},
}

_DISCRIMINATORS = ("event", "direction", "kind")
"""Fields whose constant names the view among its alternatives."""


def component_name(view: type) -> str:
    return view.__name__.removesuffix("View")


def components(*views: type, named: Mapping[object, str] | None = None) -> Json:
    """The components of these views and of every view inside them. Types in `named` have a component of that name."""
    found: Json = {}
    waiting = list(views)
    while waiting:
        view = waiting.pop(0)
        if component_name(view) not in found:
            found[component_name(view)] = _object(view, named or {})
            waiting += _inner(view)
    return found


def schema_of(hint: Any) -> Json:
    """The schema of a type that is not a view, such as a union of views."""
    return _schema(hint, {})


def _object(view: type, named: Mapping[object, str]) -> Json:
    hints, described = _fields(view), _descriptions(view)
    properties = {}
    for name, hint in hints.items():
        about = {"description": described[name]} if name in described else {}
        properties[name] = {**_schema(hint, named), **about}
    own = f"{inspect.getdoc(view)}" if view.__doc__ and not view.__doc__.startswith("dict(") else ""
    titles = [properties[name]["const"] for name in _DISCRIMINATORS if "const" in properties.get(name, {})]
    return {
        "type": "object",
        **({"title": titles[0]} if titles else {}),
        **({"description": " ".join(own.split())} if own else {}),
        "properties": properties,
        "required": [name for name, hint in hints.items() if get_origin(hint) is not NotRequired],
    }


def _fields(view: type) -> dict[str, Any]:
    """The types of its fields. A module may import the views of dispatches for the type checker only."""
    return get_type_hints(view, localns=vars(dispatch_view), include_extras=True)


def _schema(hint: Any, named: Mapping[object, str]) -> Json:
    if get_origin(hint) is Annotated:
        of, *rules = get_args(hint)
        return reduce(operator.or_, (it.of for it in rules), _schema(of, named))
    if hint in named:
        return schema(named[hint])
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if is_typeddict(hint):
        return schema(component_name(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [it.value for it in hint]}
    inner = get_args(hint)
    match get_origin(hint):
        case origin if origin is NotRequired:
            return _schema(inner[0], named)
        case origin if origin is Literal:
            return {"type": "string", **({"enum": list(inner)} if len(inner) > 1 else {"const": inner[0]})}
        case origin if origin in (Union, types.UnionType):
            some = [_schema(it, named) for it in inner if it is not type(None)]
            either: Json = some[0] if len(some) == 1 else {"oneOf": some}
            return nullable(either) if type(None) in inner else either
        case origin if origin is list:
            return {"type": "array", "items": _schema(inner[0], named)}
        case origin if origin is not None and issubclass(origin, Mapping):
            return {"type": "object"}
    raise TypeError(f"{hint} has no JSON Schema")


def _inner(hint: Any) -> Iterator[type]:
    """The views that a view or any other type names."""
    parts = _fields(hint).values() if is_typeddict(hint) else get_args(hint)
    for part in parts:
        if is_typeddict(part):
            yield part
        elif not isinstance(part, Keywords | str):
            yield from _inner(part)


def _descriptions(view: type) -> dict[str, str]:
    """The docstrings below the fields of a view and of those that it inherits from."""
    module = sys.modules[view.__module__]
    found: dict[str, str] = {}
    definition = _classes(inspect.getsource(module)).get(view.__name__)
    if definition is None:
        return found
    for base in definition.bases:
        if isinstance(base, ast.Name) and is_typeddict(inherited := getattr(module, base.id)):
            found |= _descriptions(inherited)
    field = ""
    for statement in definition.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                field = name
            case ast.Expr(value=ast.Constant(value=str(text))) if field:
                found[field] = " ".join(text.split())
    return found


@cache
def _classes(source: str) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
