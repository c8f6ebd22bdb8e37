"""StatusFunction."""

from typing import Any

from bench.handlers.variants.context import CONTEXT
from getthrough.handlers.status import handler


def invoke(work: dict[str, Any]) -> None:
    answer = handler(work["event"], CONTEXT)
    assert answer["statusCode"] == 200, answer
