"""Counts how simple the project is to read and to change: `make structure` prints the table.

Each row is a number, most with a limit. The last column says what is counted.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from getthrough.domain.message.channels import CHANNELS
from tools.check_words import CODE, check, files, load_allowed, load_words
from tools.openapi import document

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "functions" / "getthrough"

AMBIGUOUS_CHANNELS = frozenset({"sms", "email", "whatsapp"})
"""Channels whose names also occur in ordinary text, such as an email address."""


NOT_OURS = frozenset({"VonagesProblem", "GatewayMessage", "ExportedLine"})
"""Responses that Vonage or API Gateway writes, and lines that show an item with whatever fields it has."""

_VIEW = re.compile(r"^class (\w+)View\(", re.MULTILINE)
_TYPEDEF = re.compile(r"@typedef \{(?:[Oo]bject|\{[^@]*\})\} (\w+)")


class Row(NamedTuple):
    what: str
    number: int
    limit: int | None
    which: str = ""

    @property
    def too_much(self) -> bool:
        return self.limit is not None and self.number > self.limit


def main() -> int:
    rows = list(count())
    width = max(len(row.what) for row in rows)
    for row in rows:
        limit = f"limit {row.limit:>6}" if row.limit is not None else "no limit    "
        print(f"{'!' if row.too_much else ' '} {row.what:<{width}}  {row.number:>6}  {limit}  {row.which}")
    return 1 if any(row.too_much for row in rows) else 0


def count(root: Path = ROOT) -> Iterator[Row]:
    package = root / "functions" / "getthrough"
    most, function = max(parameters(package / "usecases"))
    yield Row("parameters of one function in usecases/", most, 4, function)
    yield Row("files at the top of domain/", len(list((package / "domain").glob("*.py"))), 3)
    lines = {path: len(path.read_text().splitlines()) for path in (root / "functions").rglob("*.py")}
    longest = max(lines, key=lines.__getitem__)
    # New functions bring lines. What was there before customers, limits, settings and the lab had 12,379 (3c996bd).
    yield Row("lines of Python under functions/", sum(lines.values()), None)
    yield Row("lines of the longest file under functions/", lines[longest], 500, longest.name)
    places = list(shape_places(package / "web"))
    yield Row("places that state a response's shape", len(places), 1, ", ".join(places))
    naming = sorted(str(path.relative_to(package)) for path in files_naming_channels(package))
    yield Row("shipped files that name the channels", len(naming), 4, ", ".join(naming))
    yield Row("words to replace in code", words_to_replace(), 0, "tools/check_words.py lists them")
    unchecked = list(unchecked_scripts(root))
    yield Row("JavaScript files without a type check", len(unchecked), 0)


def parameters(folder: Path) -> Iterator[tuple[int, str]]:
    """Each function below a folder, with the number of its parameters."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                rest = [node.args.vararg, node.args.kwarg]
                yield len(named) + sum(it is not None for it in rest), f"{path.stem}.{node.name}"


def shape_places(web: Path) -> Iterator[str]:
    """The kinds of places in which people write the fields of a response: the types, the document, the console."""
    responses = document.responses()
    types = {match[1] for path in PACKAGE.rglob("*.py") for match in _VIEW.finditer(path.read_text())}
    yield "the types of the answers"
    by_hand = {name for name in responses - types - NOT_OURS if not name.endswith("Page")}  # `page_of` makes pages
    if by_hand:
        yield f"tools/openapi ({', '.join(sorted(by_hand))})"
    typedefs = {match[1] for path in web.rglob("*.js") for match in _TYPEDEF.finditer(path.read_text())}
    if typedefs & types:
        yield "typedefs of the console"


def files_naming_channels(package: Path) -> Iterator[Path]:
    """Shipped files that name three or more channels, so that a new one would be missing."""
    channels = [re.compile(rf"\b{name}\b") for name in CHANNELS if name not in AMBIGUOUS_CHANNELS]
    for path in package.rglob("*"):
        if path.suffix in {".py", ".js", ".json", ".html"} and "v0_1" not in path.name:  # v0.1 gets no new channels
            text = path.read_text()
            if sum(name.search(text) is not None for name in channels) >= 3:
                yield path


def words_to_replace() -> int:
    words, allowed = load_words(), load_allowed()
    return sum(1 for path in files(CODE) for _ in check(path, words, allowed))


def unchecked_scripts(root: Path) -> Iterator[Path]:
    """Our scripts, of the console and the simulator, that TypeScript does not check."""
    settings = root / "tsconfig.json"
    included = json.loads(settings.read_text())["include"] if settings.exists() else []
    checked = {path for place in included for folder in root.glob(place) for path in folder.rglob("*.js")}
    for path in [*(root / "functions").rglob("*.js"), *(root / "local").rglob("*.js")]:
        if path.parent.name != "vendor" and (path not in checked or "@ts-nocheck" in path.read_text()):
            yield path


if __name__ == "__main__":
    sys.exit(main())
