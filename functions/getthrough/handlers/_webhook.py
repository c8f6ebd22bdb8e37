"""The common part of both webhook functions: a body is parsed only after Vonage's signature was verified."""

import json
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from getthrough.adapters import webhook_signature
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.secrets import Part, SignatureSecrets, signature_secrets
from getthrough.adapters.system import utc_now
from getthrough.config import ApiConfig
from getthrough.domain.ports import Quarantine
from getthrough.domain.recovery.quarantine import quarantined
from getthrough.domain.values.errors import (
    ForgedWebhookError,
    MalformedWebhookError,
    NotFoundError,
    UnsignedWebhookError,
)
from getthrough.handlers._http import (
    BodyTooLargeError,
    Event,
    Handler,
    InvalidJsonError,
    Response,
    answers_problems,
    body_bytes,
    header,
    parse_webhook,
    problem,
    respond,
)
from getthrough.observability import Context, count, logger

_RELOAD_SECONDS = 5.0
"""A bad signature causes a new read of the secret, which may have changed. This is the shortest interval between such
reads, so that forgers can't cause more."""

_MOST_FIELDS = 100
"""The most fields of a query. The SMS API sends about twenty."""


_KEPT_A_MINUTE = 60
"""How many forged webhooks one execution environment keeps per minute. They show what is happening, at a bounded
cost."""


class Verified(NamedTuple):
    """A webhook with a valid signature, and its token's id."""

    payload: Any
    received_at: datetime
    jti: str | None


class _Ports(NamedTuple):
    secret: Part[SignatureSecrets]
    quarantine: Quarantine


def receives_webhooks(config: type[ApiConfig]) -> Callable[[Callable[[Verified], None]], Handler]:
    """Make the handler of a webhook route. It gets verified webhooks only.

    The status decides what Vonage does next:

    - 200 once the handler has returned.
    - 503 without a token: Vonage sends the webhook again, signed.
    - 401 for a bad token: Vonage doesn't send the webhook again. A copy goes to quarantine if it may be Vonage's. What
      a stranger sends is only counted, so that it can't fill the table.
    - 200 for a signed body that can't be parsed, because a retry wouldn't help. A copy goes to quarantine.
    - 5xx for any other failure, which is ours: Vonage sends the webhook again.

    Vonage's SMS API can be set to GET. Then the fields are in the query, and nothing in it can be verified. Such a
    webhook goes to quarantine like a forged one.
    """

    def decorate(record: Callable[[Verified], None]) -> Handler:
        @answers_problems
        @wraps(record)
        def handler(event: Event, context: Context) -> Response:
            settings = config.from_env()
            ports = _Ports(signature_secrets(settings.secret_id), DynamoQuarantine(settings.table_name))
            return _receive(event, context.aws_request_id, ports, record)

        return handler

    return decorate


def _receive(event: Event, instance: str, ports: _Ports, record: Callable[[Verified], None]) -> Response:
    now = utc_now()
    if event["routeKey"].startswith("GET "):
        return _receive_by_get(event, instance, ports, now)
    try:
        body = body_bytes(event)
    except (BodyTooLargeError, InvalidJsonError):
        # Vonage sends no such body, and a stranger's is not worth keeping.
        count("WebhookUnreadable")
        raise

    authorization = header(event, "authorization")
    try:
        jti = _verify(authorization, body, ports.secret, now)
        record(Verified(parse_webhook(body), now, jti))
    except UnsignedWebhookError:
        count("WebhookUnsigned")
        logger.warning("unsigned webhook", extra={"looks_like": _looks_like(body)})
        detail = "The webhook carries no token. Send it again, signed."
        return problem(503, "Service Unavailable", detail, instance=instance)
    except ForgedWebhookError as error:
        signed = str(error) in webhook_signature.SIGNED_PARTS
        ours = signed or webhook_signature.may_be_vonages(authorization, body, ports.secret.get())
        count("WebhookForged" if ours else "WebhookFromStranger")
        logger.warning("forged webhook", extra={"part": str(error), "names_our_account": ours})
        if ours and not _may_keep(now):
            detail = "Too many webhooks with a wrong token. Send this one again later."
            return problem(503, "Service Unavailable", detail, instance=instance, headers={"retry_after": "60"})
        if ours:
            ports.quarantine.add(quarantined(event["routeKey"], f"forged: {error}", now, body, authorization))
        return problem(401, "Unauthorized", "The webhook's token is not valid.", instance=instance)
    except (MalformedWebhookError, InvalidJsonError) as error:
        count("WebhookMalformed")
        logger.error("malformed webhook", extra={"reason": str(error)})
        ports.quarantine.add(quarantined(event["routeKey"], f"malformed: {error}", now, body))
    return respond(200, {})


def _looks_like(body: bytes) -> str:
    """Whose webhook an unsigned body seems to be, for the operator alone: it is not parsed, and proves nothing."""
    if b"messageId" in body and b"msisdn" in body:
        return "SMS API"
    return "Messages API" if b'"message_uuid"' in body else "other"


_kept = deque[datetime]()


def _may_keep(now: datetime) -> bool:
    """False if this execution environment has kept its share of the last minute."""
    while _kept and now - _kept[0] >= timedelta(minutes=1):
        _kept.popleft()
    if len(_kept) >= _KEPT_A_MINUTE:
        return False
    _kept.append(now)
    return True


def _receive_by_get(event: Event, instance: str, ports: _Ports, now: datetime) -> Response:
    """Keep a webhook that only names our account, and say how to set the account up. NotFoundError for any other."""
    text = event.get("rawQueryString", "")
    query = dict(parse_qsl(text, keep_blank_values=True)) if text.count("&") < _MOST_FIELDS else {}
    if "messageId" not in query or query.get("api-key") != ports.secret.get().api_key:
        raise NotFoundError
    reason = "malformed: sent by GET, which carries no signature: set the HTTP method to POST-JSON"
    count("WebhookMalformed")
    logger.error("malformed webhook", extra={"reason": reason})
    if not _may_keep(now):
        return problem(503, "Service Unavailable", "There are too many at once. Send it again.", instance=instance)
    body = json.dumps(query, ensure_ascii=False).encode("utf-8", "replace")
    ports.quarantine.add(quarantined(event["routeKey"], reason, now, body, authorization=""))
    return respond(200, {})


def _verify(authorization: str | None, body: bytes, shared: Part[SignatureSecrets], now: datetime) -> str | None:
    known = shared.get()
    try:
        return webhook_signature.verify(authorization, body, known, now)
    except ForgedWebhookError:
        newer = shared.get(max_age=_RELOAD_SECONDS)
        if newer is known:
            raise
        return webhook_signature.verify(authorization, body, newer, now)
