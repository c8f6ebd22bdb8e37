"""Whole functions with their real adapters, on AWS in memory. They open no sockets, as unit tests."""

from collections.abc import Iterator

import pytest

from tests.in_memory import patched


@pytest.fixture(scope="module", autouse=True)
def _aws_stays_in_memory() -> Iterator[None]:
    """From a module's first test to its last; each begins with an empty AWS."""
    with patched():
        yield


@pytest.fixture(autouse=True)
def _no_sockets(no_sockets: None) -> None:
    pass
