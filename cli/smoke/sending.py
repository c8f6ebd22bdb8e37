"""Checks that send, cancel and opt out as a client does. None but the last sends a message."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from cli.api import Answer, Api
from cli.smoke.finding import Finding, failed, passed
from cli.stack import Names, Stack

OPTED_OUT = "447700900999"
PLANNED = "447700900998"
SIMULATED = "447700900997"
FIRST_RECIPIENT = 447700900900
"""Numbers of Ofcom's range for drama, which belong to no one. Each check has its own, since they run together."""

CLAIMED = (202, 500, 502, 503, 504)
"""Answers after which a message was claimed although its contact has opted out, or could not be claimed at all."""

RECIPIENTS = 50
SECONDS_FOR_A_CHAIN = 110
LONGEST_PAUSE = timedelta(seconds=20)
"""Between two messages of a batch that sends one each second. A stopped chain waits for the tick: minutes."""

SECONDS_FOR_A_MESSAGE = 120


@dataclass(frozen=True)
class Phone:
    """Where the message goes, and whom it is from."""

    to: str
    sender: str


Json = dict[str, Any]
Wait = Callable[[float], None]


def opt_out(api: Api) -> Finding:
    """Opt a number out that belongs to no one, send to it, and opt it in again. The claim's transaction refuses the
    message, so a policy that refuses the transaction shows here."""
    path = f"/v1/opt-outs/sms/{OPTED_OUT}"
    for method, wanted in (("PUT", True), ("DELETE", False)):
        changed = api.call(method, path)
        read = api.call("GET", path)
        states = [answer.body.get("opted_out") if _is_object(answer) else None for answer in (changed, read)]
        if states != [wanted, wanted]:
            api.call("DELETE", path)
            what = "set" if wanted else "taken back"
            return failed(
                f"An opt-out that was {what} is not: {_described(changed)}, and then {_described(read)}.",
                "Look at the logs of ContactsFunction: without it a STOP is not obeyed.",
            )
        if wanted and (sent := api.call("POST", "/v1/messages", _message(OPTED_OUT, "Getthrough"))).status in CLAIMED:
            api.call("DELETE", path)
            return failed(
                f"A message to a number that has opted out is not refused: {_described(sent)}.",
                "Look at the logs of SendFunction. If TransactWriteItems is denied, docs/decisions/0045 has the cure.",
            )
    return passed("An opt-out is set, obeyed and taken back.")


def later(api: Api) -> Finding:
    """A message for in an hour is planned, and cancelled."""
    at = datetime.now(UTC) + timedelta(hours=1)
    planned = api.call("POST", "/v1/messages", {**_message(PLANNED, "Getthrough"), "send_at": f"{at:%FT%TZ}"})
    if planned.status != 202:
        return failed(f"A message with send_at is not accepted: {_described(planned)}.", _logs_of("SendFunction"))
    path = f"/v1/dispatches/{planned.body['workflow_id']}"
    cancelled, read = api.call("DELETE", path), api.call("GET", path)
    found = read.body if _is_object(read) else {}
    steps = found.get("steps", [{}])
    if found.get("outcome") == "cancelled" and not any(step.get("tries") for step in steps):
        return passed("A message with send_at is planned and cancelled, and never sent.")
    return failed(
        f"A planned message was not cancelled: {_described(cancelled)}, and its outcome is {found.get('outcome')!r}.",
        f"Cancel it with DELETE {path}, or it goes to {PLANNED} at {at:%H:%M} UTC; {_logs_of('SendFunction')}",
    )


def chain(api: Api, wait: Wait = time.sleep) -> Finding:
    """A batch that takes more than 16 hops from the queue to its function and back. Quiet hours skip every message."""
    batch = api.call("POST", "/v1/batches", _quiet_batch())
    if batch.status != 202:
        return failed(f"A batch is not accepted: {_described(batch)}.", _logs_of("BatchesFunction"))
    path = f"/v1/batches/{batch.body['batch_uuid']}"
    read = _until(lambda: api.call("GET", path), _all_counted, SECONDS_FOR_A_CHAIN, wait)
    dispatches = api.call("GET", f"{path}/dispatches?limit=100")
    made = dispatches.body.get("dispatches", []) if _is_object(dispatches) else []
    if not _all_counted(read):
        api.call("DELETE", path)
        return failed(
            f"A batch of {RECIPIENTS} has got to {len(made)} after {SECONDS_FOR_A_CHAIN} seconds, and was cancelled.",
            "If it stopped after about 16 hops, Lambda's recursive-loop detection ended the chain: AdvanceFunction "
            "needs RecursiveLoop: Allow. Otherwise look at its logs, and at the dead-letter queues.",
        )
    if read.body["sent"]:
        return failed(
            f"{read.body['sent']} messages of a batch in quiet hours were sent, to numbers that belong to no one.",
            "Do not rely on quiet hours on this stack: deploy a release whose tests pass.",
        )
    moments = sorted(datetime.fromisoformat(dispatch["created_at"]) for dispatch in made)
    pause = max((after - before for before, after in pairwise(moments)), default=timedelta())
    if pause > LONGEST_PAUSE:
        return failed(
            f"A chain of timers stopped for {pause.total_seconds():.0f} seconds, until the tick took it up again.",
            "Lambda's recursive-loop detection or too little concurrency ended the chain: AdvanceFunction needs "
            "RecursiveLoop: Allow, and its event source a share of the account's concurrency.",
        )
    return passed(f"A chain of more than 16 timers ran to its end ({RECIPIENTS} skipped messages, nothing sent).")


def _quiet_batch() -> Json:
    now = datetime.now(UTC)
    quiet = {"from": f"{now - timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}", "then": "skip"}
    message = {key: value for key, value in _message("", "Getthrough").items() if key != "to"}
    return {
        "message": {**message, "quiet_hours": quiet, "time_zone": "UTC"},
        "recipients": [{"to": str(FIRST_RECIPIENT + number)} for number in range(RECIPIENTS)],
        "rate": 1,
    }


def _all_counted(answer: Answer) -> bool:
    return _is_object(answer) and answer.body.get("state") == "sent" and answer.body.get("failed") == RECIPIENTS


def message(api: Api, stack: Stack, phone: Phone, wait: Wait = time.sleep) -> Finding:
    """One real message, until its phone has it: that proves keys, URLs, signatures and the account's settings."""
    body = {
        **_message(phone.to, phone.sender),
        "text": f"Smoke test of {stack.name}.",
        "expiry_time": SECONDS_FOR_A_MESSAGE,
    }
    sent = api.call("POST", "/v1/messages", body, headers={"idempotency-key": f"smoke-{uuid.uuid4()}"})
    if sent.status != 202:
        return failed(f"The message was not accepted: {_described(sent)}.", _REFUSED)
    path = f"/v1/dispatches/{sent.body['workflow_id']}"
    read = _until(lambda: api.call("GET", path), _is_over, SECONDS_FOR_A_MESSAGE, wait)
    step = read.body["steps"][0] if _is_object(read) else {}
    if step.get("status") in ("delivered", "read"):
        return passed("The message was delivered, and its signed status came back.")
    api.call("DELETE", path)
    return _why_not_delivered(
        step, stack.outputs[Names.STATUS_URL], _forged_since(api, read.body["created_at"]) if step else None
    )


def _is_over(answer: Answer) -> bool:
    if not _is_object(answer):
        return False
    return answer.body["outcome"] is not None or answer.body["steps"][0]["status"] in ("delivered", "read")


def _why_not_delivered(step: Mapping[str, Any], status_url: str, forged: str | None) -> Finding:
    status, answer, problem = step.get("status"), step.get("answer"), step.get("problem") or {}
    words = str(problem.get("detail") or problem.get("title") or "no reason given")[:200]
    if answer == "refused" or status in ("rejected", "undeliverable"):
        return failed(f"Vonage did not deliver the message ({status or 'refused'}: {words}).", _REFUSED)
    if answer == "unavailable":
        return failed(
            f"Vonage did not accept the message ({words}).",
            "With 401 the application id or private key in the secret is wrong, with 402 the balance is too low, with "
            "403 the account lacks the channel; without an answer VonageApiUrl is wrong.",
        )
    if forged:
        return failed(
            f"A webhook came that does not verify ({forged}).",
            "Put the account's own signature secret and API key into the stack's secret (dashboard, API settings).",
        )
    if status == "submitted":
        return failed(
            "Vonage passed the message on, and its delivery was not reported within two minutes.",
            "Is the phone switched on? Some networks and countries report no delivery: try another phone.",
        )
    return failed(
        "Vonage accepted the message, and no status of it came.",
        f"In Vonage's dashboard the application's Status URL must be {status_url} (Messages v1, POST), webhooks must "
        "be signed, and API settings, SMS settings must say Messages API.",
    )


_REFUSED = "Name a sender of your account with FROM=, linked to the application, and a phone in international form."


def _forged_since(api: Api, moment: str) -> str | None:
    """Why a webhook went to quarantine after this moment, which is by the stack's own clock."""
    since = datetime.fromisoformat(moment)
    found = api.call("GET", "/v1/quarantine?limit=20")
    webhooks = found.body.get("webhooks", []) if _is_object(found) else []
    return next(
        (
            str(webhook["reason"])[:100]
            for webhook in webhooks
            if datetime.fromisoformat(webhook["received_at"]) >= since and webhook["reason"].startswith("forged")
        ),
        None,
    )


def _message(to: str, sender: str) -> Json:
    return {"channel": "sms", "message_type": "text", "from": sender, "to": to, "text": "Smoke test."}


def _until(ask: Callable[[], Answer], done: Callable[[Answer], bool], seconds: float, wait: Wait) -> Answer:
    """The answer as soon as it is what was waited for, or else the last one."""
    deadline = time.monotonic() + seconds
    while not done(answer := ask()) and time.monotonic() < deadline:
        wait(1)
    return answer


def _is_object(answer: Answer) -> bool:
    return answer.status == 200 and isinstance(answer.body, dict)


def _described(answer: Answer) -> str:
    """An answer without what it might hold of a person's: its status, and the words of a problem."""
    words = answer.body.get("detail") if isinstance(answer.body, dict) and answer.status >= 400 else None
    return f"{answer.status} {str(words)[:200].rstrip('.')}" if words else str(answer.status)


def _logs_of(function: str) -> str:
    return f"look at the logs of {function}; 401 means that these credentials are not the API's."
