"""StatusFunction: POST /status, Vonage's status webhooks."""

from functools import cache

from getthrough.adapters.secrets import contact_key, signature_secrets
from getthrough.config import RecordConfig
from getthrough.domain.event.webhook import parse_status
from getthrough.handlers._init import during_init, load
from getthrough.handlers._recording import recording, report_status
from getthrough.handlers._webhook import Verified, receives_webhooks
from getthrough.usecases.ports import Recording
from getthrough.usecases.record_status import record_status


@cache
def _composed() -> Recording:
    return recording(RecordConfig.from_env())


@receives_webhooks(RecordConfig)
def handler(webhook: Verified) -> None:
    """Store a status event and apply it to its dispatch: 200 once both are durable."""
    event = parse_status(webhook.payload, received_at=webhook.received_at, jti=webhook.jti)
    report_status(record_status(_composed(), event))


during_init(
    "dynamodb",
    "sqs",
    "secretsmanager",
    also=(_composed, lambda: load(RecordConfig.from_env(), signature_secrets, contact_key)),
)
