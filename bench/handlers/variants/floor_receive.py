"""A webhook with nothing around it: a signature is checked, and the calls to AWS are those that ours makes."""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from bench.handlers.variants.floor import b64, repeat

_secret = os.environ["SIGNATURE_SECRET"].encode()


def invoke(work: dict[str, Any]) -> None:
    body = work["body"].encode()
    signed, _, signature = work["token"].rpartition(".")
    assert hmac.compare_digest(b64(hmac.digest(_secret, signed.encode(), "sha256")), signature)
    claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
    assert hashlib.sha256(body).hexdigest() == claims["payload_hash"]
    json.loads(body)
    repeat(work["calls"])
