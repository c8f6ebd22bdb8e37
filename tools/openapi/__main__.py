"""`python -m tools.openapi` writes the API's document; with `--check` it says whether the stored one is current."""

import sys
from pathlib import Path

from tools.openapi.document import as_json

FILE = Path(__file__).parents[2] / "functions" / "getthrough" / "web" / "openapi.json"


def main(arguments: list[str]) -> str | None:
    """None, or what is wrong."""
    if arguments != ["--check"]:
        FILE.write_text(as_json())
        return None
    current = FILE.exists() and FILE.read_text() == as_json()
    return None if current else f"{FILE.name} is out of date. Run `make openapi` and commit the file."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
