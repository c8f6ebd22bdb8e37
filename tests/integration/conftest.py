"""One local stack for all integration tests: the real template, the real functions, the simulator instead of Vonage."""

from collections.abc import Iterator

import pytest

from tests.running_stack import Stack, running_stack


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The shared stack with a simulator that knows no phones, faults or requests; use phone numbers of your own."""
    shared_stack.simulator("DELETE", "/phones")
    return shared_stack
