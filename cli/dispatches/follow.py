"""Follow dispatches over the API: each entry of a timeline is reported once, as soon as it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cli.api import Answer, Api, NoAnswerError
from cli.errors import OperatorError

Dispatch = dict[str, Any]
Report = Callable[[dict[str, Any], Dispatch], None]

SECONDS_BETWEEN = 0.5
LONGEST_BETWEEN = 3.0
SECONDS_BETWEEN_LISTS = 1.0
SECONDS_WITHOUT_ANSWER = 60
"""A stack that is being deployed, or a network that is gone for a moment, ends nothing."""

NEWEST = 100
"""The API's largest page. `watch` without an id follows so many dispatches at once."""

EXIT_CODES = {"succeeded": 0, "exhausted": 1, "cancelled": 3, "stopped": 4, None: 5}
"""By outcome; None is still open."""


@dataclass
class Clock:
    """Replaced in tests."""

    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    utc: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass
class Reader:
    """Reads the API, again and again while it does not answer; OperatorError if it has not for a minute."""

    api: Api
    clock: Clock = field(default_factory=Clock)

    def get(self, path: str) -> Any:
        """The body of a 200. OperatorError for any other answer."""
        began = self.clock.now()
        while True:
            try:
                answer = self.api.call("GET", path)
                why = f"answered {answer.status}"
                if answer.status == 200:
                    return answer.body
                if answer.status < 500 and answer.status != 429:
                    raise refused(answer)
            except NoAnswerError:
                why = "did not answer"
            if self.clock.now() - began > SECONDS_WITHOUT_ANSWER:
                raise OperatorError(
                    f"the stack {why} for {SECONDS_WITHOUT_ANSWER} seconds: your messages go on without this command; "
                    "run `getthrough watch` once it is back."
                )
            self.clock.wait(LONGEST_BETWEEN)

    def dispatch(self, dispatch_uuid: str) -> Dispatch:
        found: Dispatch = self.get(f"/v1/dispatches/{quote(dispatch_uuid, safe='')}")
        return found

    def newest(self) -> list[Dispatch]:
        found: list[Dispatch] = self.get(f"/v1/dispatches?limit={NEWEST}")["dispatches"]
        return found


def has_outcome(dispatch: Dispatch) -> bool:
    return dispatch["outcome"] is not None


@dataclass(frozen=True)
class Following:
    """How long, until what, and after how many entries that are known already."""

    seconds: float | None = None
    is_over: Callable[[Dispatch], bool] = has_outcome
    after: int = 0


def follow(reader: Reader, dispatch_uuid: str, report: Report, how: Following) -> Dispatch:
    """Report every entry until the dispatch is over, or the time has passed; the dispatch as it is then."""
    ends = None if how.seconds is None else reader.clock.now() + how.seconds
    reported, between = how.after, SECONDS_BETWEEN
    while True:
        dispatch = reader.dispatch(dispatch_uuid)
        fresh = dispatch["timeline"][reported:]
        for entry in fresh:
            report(entry, dispatch)
        reported += len(fresh)
        if how.is_over(dispatch) or (ends is not None and reader.clock.now() >= ends):
            return dispatch
        between = SECONDS_BETWEEN if fresh else min(LONGEST_BETWEEN, between * 1.2)
        reader.clock.wait(between if ends is None else min(between, max(0.0, ends - reader.clock.now())))


def follow_all(reader: Reader, report: Report, note: Callable[[str], None]) -> None:
    """Report what happens to every dispatch from now on, until interrupted; the newest 100 are looked at each second.

    What happened before, by this computer's clock, is not repeated. `note` gets a sentence about what is not shown.
    """
    began = f"{reader.clock.utc():%FT%T}"
    rows: dict[str, Dispatch] = {}
    reported: dict[str, int] = {}
    looked = False
    while True:
        page = reader.newest()
        for row in reversed(page):  # oldest first
            uuid = row["dispatch_uuid"]
            if looked and row != rows.get(uuid):
                dispatch = reader.dispatch(uuid)
                before = reported.get(uuid, _entries_before(began, dispatch) if uuid in rows else 0)
                for entry in dispatch["timeline"][before:]:
                    report(entry, dispatch)
                reported[uuid] = len(dispatch["timeline"])
        now = {row["dispatch_uuid"]: row for row in page}
        if gone := sum(row["outcome"] is None for uuid, row in rows.items() if uuid not in now):
            note(f"No longer among the newest {NEWEST} and not shown any more: {gone} open. Follow one by its id.")
        reported = {uuid: number for uuid, number in reported.items() if uuid in now}
        rows, looked = now, True
        reader.clock.wait(SECONDS_BETWEEN_LISTS)


def _entries_before(moment: str, dispatch: Dispatch) -> int:
    return sum(entry["at"] < moment for entry in dispatch["timeline"])


def refused(answer: Answer) -> OperatorError:
    """What the API said against a request, in a sentence that is fit to print."""
    body = answer.body if isinstance(answer.body, dict) else {}
    words = str(body.get("detail") or body.get("title") or "without a reason").rstrip(".")
    violations = "; ".join(f"{found['name']}: {found['reason']}" for found in body.get("invalid_parameters", [])[:5])
    next_step = {
        401: "give a client's name and secret in GETTHROUGH_CLIENT and GETTHROUGH_SECRET",
        403: "this client lacks the right for it",
        404: "check the id and which stack it belongs to",
    }.get(answer.status, "correct that and try again")
    return OperatorError(
        f"the API answered {answer.status} ({words}{': ' if violations else ''}{violations}): {next_step}."
    )
