"""`getthrough what-if` as it is typed: the policy that it hands on, and its words for what is no policy."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cli.__main__ import main
from cli.what_if import CHANNELS
from tests.unit.cli.aws import Session


@pytest.fixture
def started(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that were started."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> Any:
        commands.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_a_policy_is_handed_to_the_lab_with_the_stacks_table(started: list[list[str]]) -> None:
    typed = "--window 10m --window sms=30 --order whatsapp,sms --condition read --ttl 0 --since 2d --json"
    quiet = "--quiet-hours 21:00-08:00 --time-zone Europe/London"

    assert main(["what-if", "--stack", "shop", *typed.split(), *quiet.split()]) == 0

    [[*program, table, since, seed, policy, as_json]] = [
        [*it[:3], it[4], it[6], it[8], it[10], it[11]] for it in started
    ]
    assert program == [sys.executable, "-m", "tools.lab"]
    assert (table, seed, as_json) == ("shop-Table", "1", "--json")
    assert datetime.now(UTC) - datetime.fromisoformat(since) == pytest.approx(
        timedelta(days=2), abs=timedelta(minutes=1)
    )
    assert json.loads(policy) == {
        "windows": {"*": 600, "sms": 30},
        "order": ["whatsapp", "sms"],
        "condition": "read",
        "ttl": 0,
        "quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "Europe/London"},
    }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "no policy is named: say what would be different, such as --window 10m."),
        ("--window soon", "--window 'soon' is no time: write it as 90, 10m, 2h or 30d."),
        ("--window 8d", "--window '8d' is too long: the longest window is 7d."),
        ("--window SMS=8", "'SMS' is no list of channels: name some of {}, each once."),
        ("--order sms,sms", "'sms,sms' is no list of channels: name some of {}, each once."),
        ("--quiet-hours 21:00-08:00", "--quiet-hours needs --time-zone: name one, such as Europe/London."),
        ("--order foo,sms", "'foo,sms' is no list of channels: name some of {}, each once."),
        ("--window pigeon=10", "'pigeon' is no list of channels: name some of {}, each once."),
        ("--quiet-hours 9-5", "--quiet-hours '9-5' must be two times of day, such as 21:00-08:00."),
        ("--quiet-hours 09:00-09:00 --time-zone UTC", "--quiet-hours '09:00-09:00' would be the whole day."),
        ("--window 1 --since 999999d", "--since '999999d' is too long: the longest time is 3650d."),
        ("--window 1 --since 0d", "--since '0d' is no time: write it as 90, 10m, 2h or 30d."),
    ],
)
def test_what_is_no_policy_starts_nothing_and_is_said_in_a_sentence(
    typed: str, sentence: str, started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["what-if", "--stack", "shop", *typed.split()])

    assert (code, started) == (2, [])
    assert capsys.readouterr().err == f"getthrough: {sentence.format(','.join(CHANNELS))}\n"
