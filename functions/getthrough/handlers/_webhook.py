"""The common part of both webhook functions: a body is parsed only after Vonage's signature was verified."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple

from getthrough.adapters import webhook_signature
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.secrets import SecretsManagerSecret, secret
from getthrough.adapters.system import utc_now
from getthrough.config import ApiConfig
from getthrough.domain.ports import Quarantine
from getthrough.domain.values.errors import ForgedWebhookError, MalformedWebhookError, UnsignedWebhookError
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


class Verified(NamedTuple):
    """A webhook with a valid signature, and its token's id."""

    payload: Any
    received_at: datetime
    jti: str | None


class _Ports(NamedTuple):
    secret: SecretsManagerSecret
    quarantine: Quarantine


def receives_webhooks(config: type[ApiConfig]) -> Callable[[Callable[[Verified], None]], Handler]:
    """Make the handler of a webhook route. It gets verified webhooks only.

    The status decides what Vonage does next:

    - 200 once the handler has returned.
    - 503 without a token: Vonage sends the webhook again, signed.
    - 401 for a bad token: Vonage doesn't send it again, so a copy goes to quarantine.
    - 200 for a signed body that can't be parsed, because a retry wouldn't help. A copy goes to quarantine.
    - 5xx for any other failure, which is ours: Vonage sends the webhook again.
    """

    def decorate(record: Callable[[Verified], None]) -> Handler:
        @answers_problems
        @wraps(record)
        def handler(event: Event, context: Context) -> Response:
            settings = config.from_env()
            ports = _Ports(secret(settings.secret_id), DynamoQuarantine(settings.table_name))
            return _receive(event, context.aws_request_id, ports, record)

        return handler

    return decorate


def _receive(event: Event, instance: str, ports: _Ports, record: Callable[[Verified], None]) -> Response:
    now = utc_now()
    try:
        body = body_bytes(event)
    except (BodyTooLargeError, InvalidJsonError):
        # Vonage sends no such body, and a stranger's is not worth keeping.
        count("WebhookUnreadable")
        raise

    def keep(reason: str) -> None:
        ports.quarantine.add(hashlib.sha256(body).hexdigest(), event["routeKey"], reason, now, body)

    try:
        jti = _verify(header(event, "authorization"), body, ports.secret, now)
        record(Verified(parse_webhook(body), now, jti))
    except UnsignedWebhookError:
        count("WebhookUnsigned")
        logger.warning("unsigned webhook")
        detail = "The webhook carries no token. Send it again, signed."
        return problem(503, "Service Unavailable", detail, instance=instance)
    except ForgedWebhookError as error:
        count("WebhookForged")
        logger.warning("forged webhook", extra={"part": str(error)})
        keep(f"forged: {error}")
        return problem(401, "Unauthorised", "The webhook's token is not valid.", instance=instance)
    except (MalformedWebhookError, InvalidJsonError) as error:
        count("WebhookMalformed")
        logger.error("malformed webhook", extra={"reason": str(error)})
        keep(f"malformed: {error}")
    return respond(200, {})


def _verify(authorization: str | None, body: bytes, shared: SecretsManagerSecret, now: datetime) -> str | None:
    known = shared.get()
    try:
        return webhook_signature.verify(authorization, body, known, now)
    except ForgedWebhookError:
        newer = shared.get(max_age=_RELOAD_SECONDS)
        if newer is known:
            raise
        return webhook_signature.verify(authorization, body, newer, now)
