"""The common part of the functions that send messages: their ports, and how they log a step."""

from getthrough.adapters.channel_health import DynamoChannelHealth
from getthrough.adapters.contact_hash import event_hash_of, hash_of
from getthrough.adapters.dynamo_arrivals import DynamoArrivals
from getthrough.adapters.dynamo_contacts import DynamoAliases
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.secrets import clients, contact_key, private_key
from getthrough.adapters.system import new_id, utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.adapters.tokens import tokens
from getthrough.adapters.vonage import VonageGateway
from getthrough.config import AcceptOneConfig, AdvanceConfig, CanaryConfig, SendConfig
from getthrough.domain.dispatch.dispatch import AnswerKind
from getthrough.handlers._init import load
from getthrough.handlers._limits import client_limits, limits
from getthrough.observability import count, logger
from getthrough.usecases.ports import Sending
from getthrough.usecases.send_step import Sent

ENFORCE = "enforce"
"""As SERVICE_WINDOW: what a channel's service window does not let through is not sent to Vonage at all."""


def sending(config: AcceptOneConfig | AdvanceConfig | CanaryConfig) -> Sending:
    return Sending(
        aliases=DynamoAliases(config.table_name),
        channels=DynamoChannelHealth(config.table_name, utc_now),
        arrivals=DynamoArrivals(config.table_name).of,
        counters=DynamoCounters(config.table_name, hash_of(contact_key(config.secret_id))),
        dispatches=DynamoDispatches(
            config.table_name, config.retention, hash_of(contact_key(config.secret_id)), config.text_retention
        ),
        events=DynamoStatusEvents(
            config.table_name, config.event_retention, event_hash_of(contact_key(config.secret_id))
        ),
        timers=SqsTimers(config.queue_url, utc_now),
        gateway=VonageGateway(config.vonage_api_url, tokens(config.secret_id), config.status_webhook_url),
        limits=limits(config),
        client_limits=client_limits(config),
        clock=utc_now,
        new_id=new_id,
        service_windows=DynamoConversations(config.table_name) if config.service_window == ENFORCE else None,
    )


def load_key(config: SendConfig) -> None:
    """Read what every step needs of the secret and load the private key, for `during_init`."""
    load(config, private_key, contact_key, clients)
    tokens(config.secret_id).mint()


_NOT_SENT = {
    AnswerKind.OPTED_OUT: "StepOptedOut",
    AnswerKind.CLOSED: "ServiceWindowClosed",
    AnswerKind.DOWN: "ChannelSkipped",
}
"""Why a step was not sent, as a metric."""


def report(sent: Sent) -> None:
    """Log ids, numbers and Getthrough's own terms only."""
    dispatch, send, answer = sent.dispatch, sent.send, sent.answer
    count(_NOT_SENT.get(answer.kind, "StepSent"))
    if answer.account:
        count("AccountRefused")
    if not sent.recorded:
        count("AnswerNotRecorded")
    logger.info(
        "step not sent" if answer.kind in _NOT_SENT else "step sent",
        extra={
            "message_uuid": dispatch.message_uuid(send.step),
            "because": send.because,
            "answer": answer.kind,
            "http_status": answer.http_status,
            "recorded": sent.recorded,
            "outcome": dispatch.outcome,
        },
    )
