"""SendFunction."""

import json
from typing import Any

from bench.handlers.variants.context import CONTEXT
from getthrough.handlers.send import handler


def invoke(work: dict[str, Any]) -> Any:
    answer = handler(work["event"], CONTEXT)
    assert answer["statusCode"] == 202, answer
    return json.loads(str(answer["body"]))
