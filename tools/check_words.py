"""Finds words in code that the project does not use, and says what to write instead: `python -m tools.check_words`.

The table of words is tools/prose/words.yml, which textlint reads too, for Markdown. Here it is held against comments,
docstrings, strings and identifiers, with each identifier split into its parts.
tools/prose/allowed.yml lists what may stay, with the reason.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tools" / "prose"
CODE = (
    "functions",
    "local",
    "cli",
    "tools",
    "tests",
    "bench",
    "infra",
    "template.yaml",
    "Makefile",
    "pyproject.toml",
    ".ci",
)
SUFFIXES = {".py", ".js", ".mjs", ".ts", ".html", ".css", ".yaml", ".yml", ".toml", ".java", ".sh", ""}

_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


@dataclass(frozen=True)
class Word:
    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Allowed:
    """Lines of the files that match `path` may match `text`."""

    path: str
    text: re.Pattern[str]


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    found: str
    instead: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: "{self.found}": write {self.instead}'


def main(arguments: Sequence[str]) -> int:
    words, allowed = load_words(), load_allowed()
    found = [finding for path in files(arguments or CODE) for finding in check(path, words, allowed)]
    for finding in found:
        print(finding)
    counts = Counter(finding.path.partition("/")[0] for finding in found)
    print(f"{len(found)} words to replace" + "".join(f", {folder} {count}" for folder, count in sorted(counts.items())))
    return 1 if found else 0


def load_words() -> list[Word]:
    rules: list[dict[str, str]] = _yaml("words.yml")["rules"]
    return [
        Word(re.compile(rule["pattern"][1 : rule["pattern"].rindex("/")], re.I), rule["expected"]) for rule in rules
    ]


def load_allowed() -> list[Allowed]:
    return [Allowed(entry["path"], re.compile(entry["text"], re.I)) for entry in _yaml("allowed.yml")]


def files(places: Sequence[str]) -> Iterator[Path]:
    """Files of the repository, tracked or new, that may hold code."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *places]
    for name in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        path = ROOT / name
        if path.suffix in SUFFIXES and path.is_file() and path.parent != TABLES:
            yield path


def check(path: Path, words: Sequence[Word], allowed: Sequence[Allowed]) -> Iterator[Finding]:
    """What is wrong in a file, its name included (line 0)."""
    name = path.relative_to(ROOT)
    exceptions = [entry.text for entry in allowed if name.match(entry.path)]
    for number, line in enumerate([str(name), *path.read_text(encoding="utf-8").splitlines()]):
        text = plain(line)
        for exception in exceptions:
            text = exception.sub(" … ", text)
        for word in words:
            yield from (Finding(str(name), number, match[0], word.instead) for match in word.pattern.finditer(text))


def plain(line: str) -> str:
    """The same with each part of an identifier as a word of its own."""
    return _WORD_ENDS.sub(" ", line)


def _yaml(name: str) -> Any:
    return yaml.safe_load((TABLES / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
