"""Deletes from a built bundle what never runs there.

`python -m tools.prune .aws-sam/build` halves the zip. `tools.check_bundle` proves the result.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.bundle import built_bundles

UNUSED = (Path("botocore") / "data", Path("boto3") / "data", Path("boto3") / "examples", Path("pycparser"))
"""botocore's descriptions of 400 services, since our own client needs none (adapters/aws_client.py); boto3's resources
and texts; and what cffi needs only where it compiles."""


def prune(bundle: Path) -> list[Path]:
    """What was there, and was deleted."""
    found = [path for path in UNUSED if (bundle / path).is_dir()]
    for path in found:
        shutil.rmtree(bundle / path)
    return found


if __name__ == "__main__":
    for built in built_bundles(Path(sys.argv[1]).resolve()):
        print(f"prune: {built.folder} without {', '.join(map(str, prune(built.folder)))}")
