"""The types of fields that the API's answers share.

An answer is a TypedDict whose name ends in `View`, beside the code that builds it. `make openapi` makes the
API's document from these types: docstrings become descriptions, and `Keywords` adds rules of JSON Schema.
"""

from typing import Annotated


class Keywords:
    """Keywords of JSON Schema. Unlike a dict it is hashable, which unions of types require."""

    def __init__(self, **of: object) -> None:
        self.of = of


Uuid = Annotated[str, Keywords(format="uuid")]
Time = Annotated[str, Keywords(format="date-time")]
Count = Annotated[int, Keywords(minimum=0)]
Total = Annotated[int, Keywords(minimum=1)]
Cursor = Annotated[str | None, Keywords(description="Send it as `cursor` to get the next page. Null on the last page.")]
