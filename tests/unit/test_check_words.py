"""What the check of words finds, and what it lets pass."""

import re
from pathlib import Path

import pytest

from tools import check_words
from tools.check_words import Allowed, check, load_allowed, load_words


def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *allowed: Allowed) -> list[str]:
    monkeypatch.setattr(check_words, "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(text)
    return [str(finding) for finding in check(tmp_path / "module.py", load_words(), allowed)]


@pytest.mark.parametrize("text", ["of_wish(1)", "class WishChanged:", "ofWish", "# no wish", '"A wish"', "WISHES = 1"])
def test_a_word_is_found_in_identifiers_comments_and_strings(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = found(tmp_path, monkeypatch, f"first = 1\n{text}\n")

    assert line.startswith('module.py:2: "')
    assert line.endswith(": write consent or opt-out")


@pytest.mark.parametrize("text", ["wishbone", "recommended", "string", "sparkling", "return_at", "shallow", "defaults"])
def test_a_word_inside_another_one_is_not_found(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch, text) == []


def test_a_file_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_words, "ROOT", tmp_path)
    (tmp_path / "parked_events.py").write_text("")

    (finding,) = check(tmp_path / "parked_events.py", load_words(), [])

    assert str(finding) == 'parked_events.py:0: "parked": write pending match'


def test_what_is_allowed_in_a_file_is_allowed_there_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish_list = re.compile("wish list")

    assert found(tmp_path, monkeypatch, "wish_list", Allowed("module.py", wish_list)) == []
    assert len(found(tmp_path, monkeypatch, "wish_list", Allowed("other.py", wish_list))) == 1
    assert len(found(tmp_path, monkeypatch, "wish_list, wish", Allowed("module.py", wish_list))) == 1


def test_every_exception_is_needed() -> None:
    """An entry of allowed.yml that matches nothing hides the next word that it matches."""
    names = list(check_words.files(check_words.CODE))
    unused = [
        entry
        for entry in load_allowed()
        if not any(
            path.relative_to(check_words.ROOT).match(entry.path)
            and entry.text.search(check_words.plain(path.read_text(encoding="utf-8")))
            for path in names
        )
    ]

    assert unused == []
