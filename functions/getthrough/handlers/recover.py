"""RecoverFunction, for admins: webhooks in quarantine, dead letters, and the settings that all users share.

Every route may be called again. A second release or change does nothing, so Idempotency-Key is ignored.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from getthrough.adapters import webhook_signature
from getthrough.adapters.dead_letters import SqsDeadLetters
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.dynamo_settings import DynamoSettings
from getthrough.adapters.secrets import signature_secrets
from getthrough.adapters.system import utc_now
from getthrough.config import RecoverConfig
from getthrough.domain.ports import Quarantine
from getthrough.domain.recovery import dead_letter, quarantine
from getthrough.domain.recovery.dead_letter import Kind
from getthrough.domain.recovery.quarantine import Quarantined
from getthrough.domain.shared.settings import describe_settings
from getthrough.domain.values.errors import (
    CutWebhookError,
    ForgedWebhookError,
    InvalidRequestError,
    MalformedWebhookError,
    NotFoundError,
    UnsignedWebhookError,
    Violation,
    found,
)
from getthrough.domain.values.rfc3339 import parse_lenient
from getthrough.handlers._clients import ClientRequest, for_clients
from getthrough.handlers._http import Response, problem, respond
from getthrough.handlers._parameters import listed, page
from getthrough.handlers._recording import recording, report_message, report_status
from getthrough.observability import count, logger
from getthrough.usecases.ports import Recording
from getthrough.usecases.record_status import Recorded
from getthrough.usecases.recover import ReceivedMessage, release_dead_letters, release_webhook

if TYPE_CHECKING:  # types only: no function loads them
    from getthrough.domain.recovery.dead_letter import DeadLetterQueueView, DeadLettersView
    from getthrough.domain.recovery.quarantine import ReleasedInboundView, ReleasedStatusView

RELEASE_TIME = timedelta(seconds=10)
"""How long one call releases dead letters. API Gateway waits for 30 seconds, and AWS may be slow."""


@cache
def _composed() -> Recording:
    config = RecoverConfig.from_env()
    return recording(config, config.stop_phrases)


@cache
def _quarantine() -> Quarantine:
    return DynamoQuarantine(RecoverConfig.from_env().table_name)


@cache
def _queues() -> tuple[SqsDeadLetters, ...]:
    """The dead-letter queues."""
    config = RecoverConfig.from_env()
    return (
        SqsDeadLetters("timers", config.dead_letter_queue_url, config.queue_url, Kind.TIMER, utc_now),
        SqsDeadLetters(
            "callbacks", config.callback_dead_letter_queue_url, config.callback_queue_url, Kind.CALLBACK, utc_now
        ),
    )


@cache
def _settings() -> DynamoSettings:
    return DynamoSettings(RecoverConfig.from_env().table_name)


@for_clients(RecoverConfig)
def handler(request: ClientRequest) -> Response:
    """Show failed webhooks and messages, or release them."""
    logger.append_keys(client=request.client_name)
    webhooks, digest = _quarantine(), request.path.get("id", "")
    match request.route:
        case "GET /v1/quarantine":
            return respond(200, listed("webhooks", webhooks.newest(*page(request.query)), quarantine.describe))
        case "GET /v1/quarantine/{id}":
            return respond(200, quarantine.describe_with_body(found(webhooks.get(_digest(digest)))))
        case "POST /v1/quarantine/{id}/release":
            return _release(found(webhooks.get(_digest(digest))), request)
        case "DELETE /v1/quarantine/{id}":
            webhooks.delete(_digest(digest))
            logger.info("webhook deleted", extra={"digest": digest})
            return {"statusCode": 204, "headers": {"cache-control": "no-store"}}
        case "GET /v1/dead-letters":
            shown: DeadLettersView = {"queues": [_describe_queue(queue) for queue in _queues()]}
            return respond(200, shown)
        case "POST /v1/dead-letters/release":
            return _release_letters(*_parse_release(request))
        case "PUT /v1/settings":
            return _change_settings(request)
        case _:
            raise NotFoundError


def _describe_queue(queue: SqsDeadLetters) -> "DeadLetterQueueView":
    """The approximate number of messages in a queue, and some of them. They stay in the queue."""
    seen = queue.look()
    shown = [dead_letter.describe(letter) for letter in seen.shown]
    return {"queue": queue.name, "messages": seen.messages, "waiting": seen.waiting, "shown": shown}


def _digest(text: str) -> str:
    """A webhook's id in quarantine. Raises NotFoundError if it has another form."""
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise NotFoundError
    return text


def _release(webhook: Quarantined, request: ClientRequest) -> Response:
    """Verify the token again, with the secrets known now: after a rotation the webhook may turn out to be Vonage's."""
    digest, instance = webhook.digest, request.instance
    forged = webhook.whole and webhook.authorization is not None and not _is_vonages(webhook)
    if forged and request.query.get("force") != "true":
        detail = (
            "The token is still not Vonage's. If you know that Vonage sent the webhook, release it anyway (force=true)."
        )
        return problem(409, "Conflict", detail, instance=instance)
    try:
        done = release_webhook(_composed(), _quarantine(), webhook)
    except MalformedWebhookError as error:
        detail = f"The webhook is malformed and stays in quarantine: {error}."
        return problem(422, "Not Understood", detail, instance=instance)
    except CutWebhookError as error:
        return problem(409, "Conflict", f"The webhook cannot be released: only {error}.", instance=instance)
    count("QuarantineReleased")
    logger.info("webhook released", extra={"digest": digest, "forced": forged})
    return respond(200, _message(digest, done) if isinstance(done, ReceivedMessage) else _status(digest, done))


def _is_vonages(webhook: Quarantined) -> bool:
    known = signature_secrets(RecoverConfig.from_env().secret_id).get(max_age=0)
    try:
        webhook_signature.verify(webhook.authorization, webhook.body, known, webhook.received_at)
    except (ForgedWebhookError, UnsignedWebhookError):
        return False
    return True


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
        "channel": done.message.address.channel,
        "address": done.message.address.address,
        "opted_out": done.received.opted_out,
        "answered": [after.dispatch_uuid for _, after in done.received.answered],
    }


def _parse_release(request: ClientRequest) -> tuple[list[SqsDeadLetters], datetime | None]:
    """The queue that the body names, or all queues, and `before`."""
    queues = _queues()
    fields, violations = request.fields("queue", "before")
    names = [queue.name for queue in queues]
    if "queue" in fields and fields["queue"] not in names:
        violations.append(Violation("queue", f"must be one of {', '.join(names)}."))
    before = parse_lenient(fields.get("before"))
    if "before" in fields and before is None:
        violations.append(Violation("before", "must be a time such as 2026-11-23T09:00:00Z (RFC 3339)."))
    if violations:
        raise InvalidRequestError(*violations)
    return [queue for queue in queues if fields.get("queue", queue.name) == queue.name], before


def _release_letters(queues: list[SqsDeadLetters], before: datetime | None) -> Response:
    done = release_dead_letters(queues, utc_now() + RELEASE_TIME, before, utc_now)
    if released := sum(queue["released"] for queue in done["queues"]):
        count("DeadLettersReleased", released)
    logger.info("dead letters released", extra={"queues": done["queues"]})
    return respond(200, done)


def _change_settings(request: ClientRequest) -> Response:
    """Replace the settings. 409 if someone else changed them since they were read."""
    from getthrough.domain.shared.settings_request import FIELDS, parse_settings  # noqa: PLC0415 - loads the validator

    wanted = parse_settings(*request.fields(*FIELDS), request.client_name, utc_now())
    if not _settings().put(wanted):
        detail = "The settings were changed meanwhile. Read them again, then change what you want to change."
        return problem(409, "Conflict", detail, instance=request.instance)
    logger.info("settings changed", extra={"version": wanted.version})
    return respond(200, describe_settings(wanted))
