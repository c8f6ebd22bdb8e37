"""Prints an event of tests/events/ with the credentials of a running local stack.

    python -m tools.event send | sam local invoke SendFunction --event - ...

A webhook is signed as Vonage signs it; a client's request gets the local client's name and secret.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt

ROOT = Path(__file__).resolve().parent.parent
EVENTS = ROOT / "tests" / "events"
WEBHOOKS = ("status", "inbound")
CLIENT_CALLS = ("send", "query", "contacts", "schedules", "batches", "erasures", "recover")


def with_credentials(name: str, stack: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    if name in CLIENT_CALLS:
        pair = b64encode(f"{stack['client_name']}:{stack['client_secret']}".encode()).decode()
        event["headers"]["authorization"] = f"Basic {pair}"
    if name in WEBHOOKS:
        claims = {
            "iss": "Vonage",
            "iat": int(time.time()),
            "jti": str(uuid4()),
            "api_key": stack["api_key"],
            "application_id": stack["application_id"],
            "payload_hash": hashlib.sha256(event["body"].encode()).hexdigest(),
        }
        token = jwt.encode(claims, stack["signature_secret"], algorithm="HS256")
        event["headers"]["authorization"] = f"Bearer {token}"
    return event


if __name__ == "__main__":
    local_stack = json.loads((ROOT / ".local" / "stack.json").read_text())
    print(json.dumps(with_credentials(sys.argv[1], local_stack)))
