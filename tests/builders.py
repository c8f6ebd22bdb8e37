"""Things that tests need, with sensible defaults: name only what the test is about."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from getthrough.domain.batch.batch import Batch, Mailing, Recipient
from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown, Step
from getthrough.domain.event.webhook import StatusEvent, parse_status
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.ports import Dispatches
from getthrough.domain.schedule.recurrence import Recurrence
from getthrough.domain.schedule.schedule import Schedule

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DISPATCH_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"
SCHEDULE_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5ff"
BATCH_UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fe"
LIST_ID = "0123456789abcdef0123456789abcdef"
FROM, FIRST, SECOND = "447700900000", "447700900001", "447700900002"


def at(seconds: float) -> datetime:
    """So many seconds after noon, when every story begins."""
    return NOON + timedelta(seconds=seconds)


def message(**fields: Any) -> dict[str, Any]:
    """A v1 text message, as a client sends it; a field given as None is left out."""
    defaults = {
        "channel": "sms",
        "message_type": "text",
        "to": FIRST,
        "from": FROM,
        "text": "The cupcakes are ready!",
    }
    return {name: value for name, value in {**defaults, **fields}.items() if value is not None}


def step(expiry_time: int = 15, condition_status: Condition = Condition.DELIVERED, **fields: Any) -> Step:
    return Step(message=message(**fields), expiry_time=expiry_time, condition_status=condition_status)


def dispatch(
    *steps: Step, on_unknown: OnUnknown = OnUnknown.MOVE_ON, dispatch_uuid: str = DISPATCH_UUID, **fields: Any
) -> Dispatch:
    """A dispatch of two steps, not sent yet, unless stated otherwise."""
    defaults = {"client_name": "bakery", "created_at": NOON, **fields}
    return Dispatch(
        dispatch_uuid=dispatch_uuid,
        steps=steps or (step(), step(to=SECOND)),
        on_unknown=on_unknown,
        **defaults,
    )


def save_claim(dispatches: Dispatches, claimed: Dispatch, step: int) -> Dispatch:
    """Store a claim and note it, as who sends does."""
    saved = dispatches.save_claim(claimed, step)
    dispatches.note_claim(claimed, step)
    return saved


def schedule(cron: str | None = "* * * * *", *, schedule_uuid: str = SCHEDULE_UUID, **fields: Any) -> Schedule:
    """A message every minute, in London, from noon on, unless stated otherwise; once, without `cron`."""
    recurrence = Recurrence(cron, "Europe/London") if cron else None
    defaults = {"client_name": "bakery", "created_at": NOON, "steps": (step(),), "next_at": NOON, **fields}
    return Schedule(schedule_uuid=schedule_uuid, recurrence=recurrence, **defaults)


def batch(total: int = 3, rate: int = 10, *, batch_uuid: str = BATCH_UUID, **fields: Any) -> Batch:
    """A batch that begins at noon, of which no one has a dispatch, unless stated otherwise."""
    mailing = Mailing(message=message(to=None, text="Hello {{ name }}"), list_id=LIST_ID, total=total, rate=rate)
    defaults = {"client_name": "bakery", "created_at": NOON, "next_at": NOON, "mailing": mailing, **fields}
    return Batch(batch_uuid=batch_uuid, **defaults)


def recipients(total: int = 3) -> list[Recipient]:
    """Whom such a batch is for: number 7 is `447700910007`, and is called `Customer 7`."""
    return [Recipient(f"4477009{10_000 + number}", {"name": f"Customer {number}"}, None) for number in range(total)]


def status_payload(status: str, **fields: Any) -> dict[str, Any]:
    """A v1 status webhook of the first step, unless `client_ref` says otherwise."""
    return {
        "message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0001",
        "channel": "sms",
        "to": FIRST,
        "from": FROM,
        "timestamp": "2026-03-02T12:00:01Z",
        "status": status,
        "client_ref": DISPATCH_UUID[:-2] + "01",
        **fields,
    }


def status_event(status: Status | str, step: int = 0, seconds: float = 1, **fields: Any) -> StatusEvent:
    client_ref = f"{DISPATCH_UUID[:-2]}{step + 1:02x}"
    return parse_status(status_payload(str(status), client_ref=client_ref, **fields), received_at=at(seconds))


def api_event(
    route: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | None = None,
) -> dict[str, Any]:
    """What API Gateway's HTTP API hands to a function (payload format 2.0); bytes travel as base64."""
    method, _, raw_path = route.partition(" ")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw_path,
        "rawQueryString": "",
        "headers": dict(headers or {}),
        "requestContext": {"http": {"method": method, "path": raw_path}, "requestId": str(uuid4())},
        "isBase64Encoded": isinstance(body, bytes),
    }
    if path:
        event["pathParameters"] = dict(path)
    if query:
        event["queryStringParameters"] = dict(query)
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return event


def basic(name: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def webhook_token(body: bytes, secret: str, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """A token like Vonage's for a body; a claim given as None is left out."""
    defaults = {
        "iat": int(time.time()),
        "jti": str(uuid4()),
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
    }
    payload = {name: value for name, value in {**defaults, **claims}.items() if value is not None}
    signed = f"{_b64(json.dumps(header or {'alg': 'HS256', 'typ': 'JWT'}))}.{_b64(json.dumps(payload))}"
    return f"{signed}.{_b64(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def _b64(content: bytes | str) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
