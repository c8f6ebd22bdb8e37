"""Leaves only what runs in a built bundle: of botocore's descriptions of 400 services those that our code calls.

`python -m tools.prune .aws-sam/build` halves the zip. `tools.check_bundle` proves the result.
"""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path

from tools.bundle import built_bundles

SERVICES = Path("botocore") / "data"
UNUSED = (Path("boto3") / "data", Path("boto3") / "examples", Path("pycparser"))
"""boto3's resources, which nothing here uses, and texts; and what cffi needs only where it compiles."""


def services_called(package: Path) -> set[str]:
    """Every service that is named where the code asks for a client: `client("sqs")`."""
    return {
        argument.value
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "client"
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def services_shipped(bundle: Path) -> set[str]:
    return {folder.name for folder in (bundle / SERVICES).iterdir() if folder.is_dir()}


def prune(bundle: Path) -> int:
    """Deletes what does not run; returns how many services' descriptions that were."""
    unused = services_shipped(bundle) - services_called(bundle / "getthrough")
    for folder in [*(bundle / SERVICES / name for name in unused), *(bundle / path for path in UNUSED)]:
        shutil.rmtree(folder, ignore_errors=True)
    return len(unused)


if __name__ == "__main__":
    for built in built_bundles(Path(sys.argv[1]).resolve()):
        print(f"prune: {built.folder} without {prune(built.folder)} services that nothing calls")
