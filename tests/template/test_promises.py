"""docs/promises.md names tests, code and mutations that exist."""

import re
from pathlib import Path

import pytest

from tests.mutants.mutations import load

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "functions" / "getthrough"

TEXT = " ".join((ROOT / "docs" / "promises.md").read_text().split())
SECTIONS = dict(re.findall(r"## (P\d+):(.*?)(?=## P\d+:|$)", TEXT))
TESTS = re.findall(r"`(tests/[^`]*?\.py)(?:::(\w+)(?:\[([^`]+)\])?)?`", TEXT)
CODE = re.findall(r"`((?!tests/)[\w./]+\.py)::(\w+)`", TEXT)


def defines(path: Path, name: str) -> bool:
    """True if a function, class or constant of that name is made at the top of a module."""
    return re.search(rf"^(?:def {name}\(|class {name}\b|{name}\b.* = )", path.read_text(), re.M) is not None


def test_every_promise_is_stated_and_broken_on_purpose() -> None:
    assert list(SECTIONS) == sorted(SECTIONS, key=lambda name: int(name[1:]))
    assert set(SECTIONS) >= {f"P{number}" for number in range(1, 15)} | {"P16", "P17", "P18"}
    assert {mutation.promise for mutation in load()} == set(SECTIONS)
    assert len(TESTS) > 50
    assert len(CODE) > 20


@pytest.mark.parametrize(("file", "name", "row"), TESTS)
def test_a_test_that_is_named_exists(file: str, name: str, row: str) -> None:
    path = ROOT / file
    assert path.is_file()
    assert not name or defines(path, name)
    assert not row or any(f'"{row}"' in module.read_text() for module in path.parent.glob("*.py"))


@pytest.mark.parametrize(("file", "name"), CODE)
def test_code_that_is_named_exists(file: str, name: str) -> None:
    assert defines((ROOT if file.startswith("cli/") else PACKAGE) / file, name)


@pytest.mark.parametrize("promise", SECTIONS)
def test_the_mutations_of_a_promise_are_those_that_are_made(promise: str) -> None:
    named = re.findall(r"`([^`]+)`", SECTIONS[promise].partition("**Broken by**")[2])
    assert named == [mutation.name for mutation in load() if mutation.promise == promise]


def test_every_mutation_fits_the_code() -> None:
    """Here too, since it takes no time: what does not fit any more is fixed with the change that moved it."""
    misfits = [mutation.name for mutation in load() if (ROOT / mutation.file).read_text().count(mutation.old) != 1]
    assert misfits == []


def test_every_file_of_tests_that_a_mutation_names_exists() -> None:
    """A file that pytest does not find would count as broken by the mutation."""
    missing = [test for mutation in load() for test in mutation.tests if not (ROOT / test.partition("::")[0]).is_file()]
    assert missing == []
