"""What a check found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """One sentence, and for what did not pass one on what to do next."""

    state: State
    sentence: str
    next_step: str = ""


def passed(sentence: str) -> Finding:
    return Finding(State.PASSED, sentence)


def failed(sentence: str, next_step: str) -> Finding:
    return Finding(State.FAILED, sentence, next_step)


def not_checked(sentence: str, next_step: str = "") -> Finding:
    return Finding(State.NOT_CHECKED, sentence, next_step)


def for_machines(findings: Mapping[str, Finding]) -> list[dict[str, str | None]]:
    """Findings by the names of their checks, as `--json` shows them."""
    return [
        {"check": name, "state": found.state, "sentence": found.sentence, "next_step": found.next_step or None}
        for name, found in findings.items()
    ]
