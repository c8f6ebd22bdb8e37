"""The common part of the functions that record webhooks or opt-outs: their ports and their logs."""

from aws_lambda_powertools.metrics import MetricUnit

from getthrough.adapters.contact_hash import event_hash_of, hash_of
from getthrough.adapters.dynamo_contacts import DynamoAliases, DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_marks import DynamoMarks
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.secrets import contact_key
from getthrough.adapters.system import utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import RecordConfig
from getthrough.domain.contact.opt_out_words import own_phrases
from getthrough.domain.dispatch.automatic_answer import Answers
from getthrough.domain.dispatch.canary import has_arrived
from getthrough.domain.event.error_codes import Meaning
from getthrough.domain.event.webhook import InboundMessage
from getthrough.observability import count, logger
from getthrough.usecases.ports import Recording
from getthrough.usecases.receive_inbound import Received
from getthrough.usecases.record_status import Recorded


def recording(config: RecordConfig, stop_phrases: str = "", answers: Answers | None = None) -> Recording:
    """`stop_phrases` are needed by functions that read messages of customers, `answers` by the one that answers."""
    return Recording(
        aliases=DynamoAliases(config.table_name),
        dispatches=DynamoDispatches(config.table_name, config.retention, texts=config.text_retention),
        events=DynamoStatusEvents(
            config.table_name, config.event_retention, event_hash_of(contact_key(config.secret_id))
        ),
        conversations=DynamoConversations(config.table_name, config.message_retention),
        counters=DynamoCounters(config.table_name),
        marks=DynamoMarks(config.table_name, hash_of(contact_key(config.secret_id))),
        opt_outs=DynamoOptOuts(config.table_name, hash_of(contact_key(config.secret_id))),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        stop_phrases=own_phrases(stop_phrases),
        answers=answers,
    )


def report_status(recorded: Recorded) -> None:
    event, seen, before, after = recorded.event, recorded.seen, recorded.before, recorded.after
    if not seen.new:
        count("StatusDuplicate")
    if event.status is None:
        count("StatusUnknown")
    if seen.new and event.error and event.error.meaning is Meaning.ACCOUNT:
        count("AccountRefused")
    if recorded.opted_out:
        count("OptedOut")
    if event.dispatch_uuid is None:
        count("StatusUnmatched")
    if before is not None and after is not None:
        if after.double_messages > before.double_messages:
            count("DoubleMessage")
        if has_arrived(before, after):
            seconds = (event.received_at - after.created_at).total_seconds()
            count("CanaryArrived", seconds, MetricUnit.Seconds)
    logger.info(
        "status recorded",
        extra={
            "dispatch_uuid": event.dispatch_uuid,
            "step": event.step,
            "status": event.status,
            "error_code": event.error.code if event.error else None,
            "new": seen.new,
            "replayed": seen.replayed,
            "matched": event.dispatch_uuid is not None,
            "outcome": after.outcome if after else None,
        },
    )


def report_message(message: InboundMessage, received: Received) -> None:
    count("InboundStored" if received.seen.new else "InboundDuplicate")
    if received.opted_out is not None:
        count("OptedOut" if received.opted_out else "OptedIn")
    logger.info(
        "inbound message stored",
        extra={
            "channel": message.address.channel,
            "new": received.seen.new,
            "replayed": received.seen.replayed,
            "opted_out": received.opted_out,
            "answered": [after.dispatch_uuid for _, after in received.answered],
        },
    )
