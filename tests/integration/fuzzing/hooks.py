"""What Schemathesis would not do by itself, and without which its requests would not get far.

Webhooks are signed, as Vonage does. The example of an Idempotency-Key is another one each time: with the same key
all examples but the first would be answered 409. URLs are no longer than the edge takes, which refuses others in words
of its own.
"""

import itertools
import os
from typing import Any
from urllib.parse import urlencode

import requests
import schemathesis

from tests.builders import webhook_token
from tools.openapi.parameters import PARAMETERS

SIGNED = {"/status", "/inbound"}
KEY = "Idempotency-Key"
LONGEST_QUERY = 7_000
"""Characters. The local stack's edge takes a line of 8,190."""

_numbers = itertools.count()


class Signed(requests.auth.AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        token = webhook_token(content, os.environ["SIGNATURE_SECRET"], api_key=os.environ["API_KEY"])
        request.headers["Authorization"] = f"Bearer {token}"
        return request


@schemathesis.hook
def filter_query(context: schemathesis.HookContext, query: dict[str, Any] | None) -> bool:
    return len(urlencode(query or {}, doseq=True, errors="replace")) < LONGEST_QUERY


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    if case.operation.path in SIGNED:
        kwargs["auth"] = Signed()
    headers: Any = case.headers or {}
    if headers.get(KEY) == PARAMETERS["IdempotencyKey"]["example"]:
        headers[KEY] = f"order-{next(_numbers)}"
