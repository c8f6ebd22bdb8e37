"""What both webhook functions do first: nothing is parsed, believed or done for a body that is not Vonage's."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from getthrough.adapters import webhook_signature
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.secrets import SecretsManagerSecret, secret
from getthrough.adapters.system import utc_now
from getthrough.config import ApiConfig
from getthrough.domain.ports import Quarantine
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
"""A bad signature makes us read the secret again, it may be new; forgers cannot make us do it more often than this."""

_MOST_FIELDS = 100
"""Of a query. The SMS API has about twenty."""


class Verified(NamedTuple):
    """A webhook that Vonage has signed, and the id of its token."""

    payload: Any
    received_at: datetime
    jti: str | None


class _Ports(NamedTuple):
    secret: SecretsManagerSecret
    quarantine: Quarantine


def receives_webhooks(config: type[ApiConfig]) -> Callable[[Callable[[Verified], None]], Handler]:
    """Make the handler of a webhook route: it is given what Vonage has signed, and nothing else.

    The answer makes Vonage do what is right. 200 once the handler has returned. 503 without a token: Vonage sends the
    webhook again, signed. 401 for a bad token: the webhook does not come again, so a copy goes to quarantine. So does a
    signed body that cannot be understood (200: it would be no better the second time). Every other failure is ours, a
    5xx, and the webhook comes again.

    The SMS API can be set to GET, with its fields in the query and nothing that we could verify: such a webhook goes to
    quarantine too.
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
    by_get = event["routeKey"].startswith("GET ")
    try:
        body = _query_as_json(event) if by_get else body_bytes(event)
    except (BodyTooLargeError, InvalidJsonError):
        # Vonage sends nothing of the kind, and a stranger's body is not worth keeping.
        count("WebhookUnreadable")
        raise

    def keep(reason: str) -> None:
        ports.quarantine.add(hashlib.sha256(body).hexdigest(), event["routeKey"], reason, now, body)

    try:
        if by_get:
            raise MalformedWebhookError("sent by GET, which carries no signature: set the HTTP method to POST-JSON")
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


def _query_as_json(event: Event) -> bytes:
    """The fields of the SMS API in the query of a GET. NotFoundError if there are none."""
    text = event.get("rawQueryString", "")
    query = dict(parse_qsl(text, keep_blank_values=True)) if text.count("&") < _MOST_FIELDS else {}
    if "messageId" not in query:
        raise NotFoundError
    return json.dumps(query, ensure_ascii=False).encode("utf-8", "replace")


def _verify(authorization: str | None, body: bytes, shared: SecretsManagerSecret, now: datetime) -> str | None:
    known = shared.get()
    try:
        return webhook_signature.verify(authorization, body, known, now)
    except ForgedWebhookError:
        newer = shared.get(max_age=_RELOAD_SECONDS)
        if newer is known:
            raise
        return webhook_signature.verify(authorization, body, newer, now)
