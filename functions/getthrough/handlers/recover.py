"""RecoverFunction: the way back for what nobody acted on, webhooks in quarantine and dead letters.

Every route may be called again: releasing twice changes nothing more, so an Idempotency-Key needs no attention.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from aws_lambda_powertools.utilities.typing import LambdaContext

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.dead_letters import SqsDeadLetters
from getthrough.adapters.dynamo_conversations import DynamoConversations, DynamoOptOuts
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.secrets import SecretsManagerSecret
from getthrough.adapters.system import utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import RecoverConfig
from getthrough.domain.recovery.dead_letter import Kind
from getthrough.domain.values.errors import (
    CutWebhookError,
    InvalidRequestError,
    MalformedWebhookError,
    NotFoundError,
    Violation,
)
from getthrough.domain.values.rfc3339 import parse_lenient
from getthrough.handlers._http import (
    Event,
    Response,
    answers_problems,
    body_bytes,
    header,
    parse_json,
    problem,
    respond,
)
from getthrough.handlers._parameters import opaque, page
from getthrough.handlers._recorded import report_message, report_status
from getthrough.observability import count, logger
from getthrough.usecases.read_quarantine import list_quarantine, read_quarantined
from getthrough.usecases.receive_inbound import receive_inbound
from getthrough.usecases.record_status import Recorded, record_status
from getthrough.usecases.recover_dead_letters import look_at_dead_letters, release_dead_letters
from getthrough.usecases.release_webhook import ReceivedMessage, release_webhook

if TYPE_CHECKING:
    from getthrough.domain.recovery.quarantine import ReleasedInboundView, ReleasedStatusView

RELEASE_TIME = timedelta(seconds=10)
"""How long dead letters are sent back in one call: API Gateway waits for 30 seconds, and AWS may be slow."""


class _Composed(NamedTuple):
    secret: SecretsManagerSecret
    quarantine: DynamoQuarantine
    release: Callable[[str], Recorded | ReceivedMessage]
    queues: tuple[SqsDeadLetters, ...]


@cache
def _composed() -> _Composed:
    config = RecoverConfig.from_env()
    retention = timedelta(days=config.retention_days)
    quarantine = DynamoQuarantine(config.table_name)
    dispatches = DynamoDispatches(config.table_name, retention)
    conversations = DynamoConversations(config.table_name, retention)
    opt_outs = DynamoOptOuts(config.table_name)
    timers = SqsTimers(config.queue_url, utc_now)
    release = partial(
        release_webhook,
        quarantine=quarantine,
        record_status=partial(
            record_status,
            dispatches=dispatches,
            events=DynamoStatusEvents(config.table_name, retention),
            conversations=conversations,
            opt_outs=opt_outs,
            timers=timers,
            clock=utc_now,
        ),
        receive_inbound=partial(
            receive_inbound,
            dispatches=dispatches,
            conversations=conversations,
            opt_outs=opt_outs,
            timers=timers,
            clock=utc_now,
        ),
    )
    return _Composed(SecretsManagerSecret(config.secret_id), quarantine, release, _queues(config))


def _queues(config: RecoverConfig) -> tuple[SqsDeadLetters, ...]:
    """One line for each queue that something is given up to."""
    return (
        SqsDeadLetters("timers", config.dead_letter_queue_url, config.queue_url, Kind.TIMER, utc_now),
        SqsDeadLetters(
            "callbacks", config.callback_dead_letter_queue_url, config.callback_queue_url, Kind.CALLBACK, utc_now
        ),
    )


@answers_problems
def handler(event: Event, context: LambdaContext) -> Response:
    """Show what nobody acted on, or see that it is acted on after all."""
    composed = _composed()
    body = body_bytes(event)
    client_name = authenticate(header(event, "authorization"), composed.secret.get())
    logger.append_keys(client=client_name)
    digest = (event.get("pathParameters") or {}).get("id", "")
    match event["routeKey"]:
        case "GET /v1/quarantine":
            found = list_quarantine(page(event.get("queryStringParameters") or {}), quarantine=composed.quarantine)
            return respond(200, {**found, "cursor": opaque(found["cursor"])})
        case "GET /v1/quarantine/{id}":
            return respond(200, read_quarantined(_digest(digest), quarantine=composed.quarantine))
        case "POST /v1/quarantine/{id}/release":
            return _release(_digest(digest), composed.release, context.aws_request_id)
        case "DELETE /v1/quarantine/{id}":
            composed.quarantine.delete(_digest(digest))
            logger.info("webhook deleted", extra={"digest": digest})
            return {"statusCode": 204, "headers": {"cache-control": "no-store"}}
        case "GET /v1/dead-letters":
            return respond(200, look_at_dead_letters(composed.queues))
        case "POST /v1/dead-letters/release":
            return _released_letters(*_named(body, composed.queues))
        case _:
            raise NotFoundError


def _digest(text: str) -> str:
    """An id of the quarantine: nothing else is looked for."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise NotFoundError
    return text


def _release(digest: str, release: Callable[[str], Recorded | ReceivedMessage], instance: str) -> Response:
    try:
        done = release(digest)
    except MalformedWebhookError as error:
        detail = f"It stays in quarantine, since it cannot be understood: {error}."
        return problem(422, "Not Understood", detail, instance=instance)
    except CutWebhookError as error:
        return problem(409, "Conflict", f"It cannot be released: only {error}.", instance=instance)
    count("QuarantineReleased")
    logger.info("webhook released", extra={"digest": digest})
    return respond(200, _message(digest, done) if isinstance(done, ReceivedMessage) else _status(digest, done))


def _status(digest: str, recorded: Recorded) -> "ReleasedStatusView":
    report_status(recorded)
    event, after = recorded.event, recorded.after
    return {
        "id": digest,
        "kind": "status",
        "new": recorded.seen.new,
        "dispatch_uuid": event.dispatch_uuid,
        "step": event.step,
        "status": event.status,
        "outcome": after.outcome if after else None,
    }


def _message(digest: str, done: ReceivedMessage) -> "ReleasedInboundView":
    report_message(*done)
    return {
        "id": digest,
        "kind": "inbound",
        "new": done.received.seen.new,
        "channel": done.message.contact.channel,
        "address": done.message.contact.address,
        "opted_out": done.received.opted_out,
        "answered": [after.dispatch_uuid for _, after in done.received.answered],
    }


def _named(body: bytes, queues: tuple[SqsDeadLetters, ...]) -> tuple[list[SqsDeadLetters], datetime | None]:
    """The queue that a body names, or all of them, and the moment."""
    fields = parse_json(body) if body else {}
    if not isinstance(fields, dict):
        raise InvalidRequestError(Violation("body", "must be a JSON object."))
    violations = [
        Violation(name, "is not a field of this request.") for name in fields if name not in ("queue", "before")
    ]
    names = [queue.name for queue in queues]
    if "queue" in fields and fields["queue"] not in names:
        violations.append(Violation("queue", f"must be one of {', '.join(names)}."))
    before = parse_lenient(fields.get("before"))
    if "before" in fields and before is None:
        violations.append(Violation("before", "must be a time such as 2026-11-23T09:00:00Z (RFC 3339)."))
    if violations:
        raise InvalidRequestError(*violations)
    return [queue for queue in queues if fields.get("queue", queue.name) == queue.name], before


def _released_letters(queues: list[SqsDeadLetters], before: datetime | None) -> Response:
    done = release_dead_letters(queues, utc_now() + RELEASE_TIME, before, clock=utc_now)
    if released := sum(queue["released"] for queue in done["queues"]):
        count("DeadLettersReleased", released)
    logger.info("dead letters released", extra={"queues": done["queues"]})
    return respond(200, done)
