"""InboundFunction: POST /inbound, customers' messages."""

from functools import cache

from getthrough.adapters.contact_hash import hash_of
from getthrough.adapters.secrets import contact_key, signature_secrets
from getthrough.config import InboundConfig
from getthrough.domain.dispatch.automatic_answer import Answers, texts
from getthrough.domain.event.webhook import parse_inbound
from getthrough.handlers._init import during_init, load
from getthrough.handlers._recording import recording, report_message
from getthrough.handlers._webhook import Verified, receives_webhooks
from getthrough.usecases.ports import Listening
from getthrough.usecases.receive_inbound import receive_inbound


@cache
def _composed() -> Listening:
    config = InboundConfig.from_env()
    given = texts(config.stop_answer, config.start_answer, config.help_answer)
    answers = Answers(given, hash_of(contact_key(config.secret_id))) if given else None
    return recording(config, config.stop_phrases, answers)


@receives_webhooks(InboundConfig)
def handler(webhook: Verified) -> None:
    """Store a message in its contact's conversation and apply an opt-out in it. 200 once both are durable."""
    message = parse_inbound(webhook.payload, received_at=webhook.received_at, jti=webhook.jti)
    report_message(message, receive_inbound(_composed(), message))


during_init(
    "dynamodb",
    "sqs",
    "secretsmanager",
    also=(_composed, lambda: load(InboundConfig.from_env(), signature_secrets, contact_key)),
)
