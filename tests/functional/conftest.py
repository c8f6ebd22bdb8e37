"""Whole functions with their real adapters, on AWS in memory. They open no sockets, as unit tests."""

import pytest


@pytest.fixture(autouse=True)
def _no_sockets(no_sockets: None) -> None:
    pass
