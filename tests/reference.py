"""Vonage's published specifications and samples, for the tests that hold us against them where they are at hand."""

import os
from pathlib import Path

import pytest

REFERENCE = Path(os.environ.get("VONAGE_REFERENCE") or Path(__file__).parents[2] / "shared" / "reference")

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="VONAGE_REFERENCE names no folder with Vonage's published specifications and samples"
)
