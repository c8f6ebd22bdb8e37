"""What a check found."""

from __future__ import annotations

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
