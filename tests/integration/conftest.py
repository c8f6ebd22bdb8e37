import pytest

from tests.running_stack import Stack


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The shared stack with a simulator that knows no phones, faults or requests; use phone numbers of your own."""
    shared_stack.simulator("DELETE", "/phones")
    return shared_stack
