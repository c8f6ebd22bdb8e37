"""Tools that some tests need beside what `make setup` installs."""

import os
import shutil

import pytest


def need(*tools: str, packages: str) -> None:
    """Skip the test where a tool is missing, naming Debian's packages for it; fail in CI, which installs them."""
    if absent := [tool for tool in tools if shutil.which(tool) is None]:
        reason = f"this needs {' and '.join(absent)} (Debian: {packages})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
