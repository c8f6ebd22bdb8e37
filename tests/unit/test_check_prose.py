"""The prose linter where Node.js is missing, and the rules that both checks of words read."""

import json
import re
import shutil

import pytest

from tools import check_prose
from tools.check_words import load_words


@pytest.mark.parametrize(("ci", "code"), [(None, 0), ("true", 1)])
def test_without_node_it_says_so_and_fails_only_in_ci(
    ci: str | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setenv("CI", ci) if ci else monkeypatch.delenv("CI", raising=False)

    assert check_prose.main([]) == code
    assert "Node.js 20 with npm is missing" in capsys.readouterr().err


def test_textlint_reads_the_same_table_of_words_and_limits_sentences() -> None:
    rules = json.loads((check_prose.SOURCE / "textlintrc.json").read_text())["rules"]

    assert rules["prh"] == {"rulePaths": ["words.yml"]}
    assert rules["sentence-length"]["max"] <= 170


def test_every_pattern_means_the_same_in_javascript_and_python() -> None:
    """Only what both languages read alike: no named groups, no look-behind, no classes beyond ASCII."""
    words = load_words()

    assert len(words) > 30
    assert [word.pattern.pattern for word in words if re.search(r"\(\?[P<]|\\[pAZ]", word.pattern.pattern)] == []
    assert [word.instead for word in words if word.pattern.search("")] == []
