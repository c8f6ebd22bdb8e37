"""What both webhook functions do first: nothing is parsed, believed or done for a body that is not Vonage's."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from getthrough.adapters import webhook_signature
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.domain.values.errors import ForgedWebhookError, MalformedWebhookError, UnsignedWebhookError
from getthrough.handlers._http import (
    BodyTooLargeError,
    Event,
    InvalidJsonError,
    Response,
    body_bytes,
    header,
    parse_webhook,
    problem,
    respond,
)
from getthrough.observability import count, logger

_RELOAD_SECONDS = 5.0
"""A bad signature makes us read the secret again, it may be new; forgers cannot make us do it more often than this."""


def receive(
    event: Event,
    record: Callable[[Any, datetime, str | None], None],
    *,
    secret: SecretsManagerSecret,
    quarantine: DynamoQuarantine,
    now: datetime,
    instance: str,
) -> Response:
    """Verify a webhook, hand its payload and its token's id to `record`, and answer so that Vonage does right.

    200 once `record` has returned. 503 without a token: Vonage sends it again, signed. 401 for a bad one, which is
    not sent again, so a copy goes to quarantine; so does a signed body that cannot be understood (200: it would be no
    better the second time). Every other failure is the caller's, a 5xx, and the webhook comes again.
    """
    try:
        body = body_bytes(event)
    except (BodyTooLargeError, InvalidJsonError):
        # Vonage sends nothing of the kind, and a stranger's body is not worth keeping.
        count("WebhookMalformed")
        raise
    try:
        jti = _verify(header(event, "authorization"), body, secret, now)
        record(parse_webhook(body), now, jti)
    except UnsignedWebhookError:
        count("WebhookUnsigned")
        logger.warning("unsigned webhook")
        detail = "The webhook carries no token. Send it again, signed."
        return problem(503, "Service Unavailable", detail, instance=instance)
    except ForgedWebhookError as error:
        count("WebhookForged")
        logger.warning("forged webhook", extra={"part": str(error)})
        _keep(event, f"forged: {error}", body, quarantine, now)
        return problem(401, "Unauthorised", "The webhook's token is not valid.", instance=instance)
    except (MalformedWebhookError, InvalidJsonError) as error:
        count("WebhookMalformed")
        logger.error("malformed webhook", extra={"reason": str(error)})
        _keep(event, f"malformed: {error}", body, quarantine, now)
    return respond(200, {})


def _keep(event: Event, reason: str, body: bytes, quarantine: DynamoQuarantine, now: datetime) -> None:
    quarantine.add(hashlib.sha256(body).hexdigest(), event["routeKey"], reason, now, body)


def _verify(authorization: str | None, body: bytes, secret: SecretsManagerSecret, now: datetime) -> str | None:
    known = secret.get()
    try:
        return webhook_signature.verify(authorization, body, known, now)
    except ForgedWebhookError:
        newer = secret.get(max_age=_RELOAD_SECONDS)
        if newer is known:
            raise
        return webhook_signature.verify(authorization, body, newer, now)
