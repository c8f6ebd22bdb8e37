"""What happened to a dispatch, in one line per entry of its timeline. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

SHORT_ID = 8
"""So many characters of an id tell the dispatches on a screen apart."""


def line(entry: Json, dispatch: Json) -> str:
    """`12:00:01.204  step 0  sent by sms to 447700900001`, in UTC."""
    step = "" if entry["step"] is None else f"step {entry['step']}"
    return f"{entry['at'][11:23]}  {step:7} {words(entry, dispatch)}"


def line_among_others(entry: Json, dispatch: Json) -> str:
    """The line, with whose it is."""
    return f"{dispatch['dispatch_uuid'][:SHORT_ID]}  {line(entry, dispatch)}"


PLAIN = {
    "accepted": "the dispatch is stored",
    "replied": "the customer replied",
    "window_ended": "not delivered in time, the window has ended",
    "opted_out": "not sent, this customer has said STOP",
    "quiet_hours": "not sent, it was due in quiet hours",
    "service_window_closed": "not sent, this customer has not written in the last 24 hours and it is no template",
    "channel_down": "not sent, nearly all messages on this channel to this country failed",
    "client_success": "the client reports that the customer has acted",
}
"""Entries that need no more than their name to be put into words."""


def words(entry: Json, dispatch: Json) -> str:
    """What an entry says. One that this release does not know is named as the API names it."""
    match entry["event"]:
        case "normalised":
            return f"the number {entry['given']} is used as {entry['used']}"
        case "sent":
            step = dispatch["steps"][entry["step"]]
            return f"sent by {step['channel']} to {step['to']}"
        case "answered":
            return f"Vonage answered: {entry['answer']}{_why(dispatch['steps'][entry['step']])}"
        case "status":
            return f"webhook: {entry['status']}{' (late)' if entry['late'] else ''}{_error(entry)}"
        case "window_chosen":
            return f"waits for {entry['seconds']} s, chosen from {entry['arrivals']} earlier messages ({entry['why']})"
        case "revoked":
            return "revoked" if entry["accepted"] else "Vonage did not revoke it"
        case "finished":
            return f"the dispatch is over: {entry['outcome']}"
        case other:
            return PLAIN.get(other, str(other))


def _why(step: Json) -> str:
    problem = step["problem"] or {}
    detail = problem.get("detail") or problem.get("title")
    return f" ({detail})" if detail else ""


def _error(entry: Json) -> str:
    error = entry["error"]
    return f" ({error['title'] or error['code'] or error['detail']})" if error else ""
