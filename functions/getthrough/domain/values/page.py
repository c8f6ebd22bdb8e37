"""Lists are read page by page."""

from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class PageRequest(NamedTuple):
    """How many items of a list (at most 100), and the cursor of the page before (None for the first page)."""

    limit: int
    cursor: str | None


class Page(NamedTuple, Generic[T]):
    """Some items of a list, newest first as a rule, and the cursor of the next page (None at the end)."""

    items: list[T]
    cursor: str | None
