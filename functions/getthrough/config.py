"""Each function's settings, from its environment. The template's TABLE_NAME is the field table_name here."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import timedelta
from os import environ
from typing import Any, Self


class ConfigError(Exception):
    """An error that names every missing variable."""


@dataclass(frozen=True, slots=True)
class _Config:
    @classmethod
    def from_env(cls, variables: Mapping[str, str] = environ) -> Self:
        """Read every field from the environment variable with its upper-case name. A field with a default may be
        empty."""
        given: dict[Field[Any], Any] = {
            field: variables.get(field.name.upper()) or field.default for field in fields(cls)
        }
        missing = [field.name.upper() for field, text in given.items() if text is MISSING]
        if missing:
            raise ConfigError(f"missing environment variables: {', '.join(missing)}")
        return cls(**{field.name: int(text) if field.type is int else text for field, text in given.items()})


@dataclass(frozen=True, slots=True)
class TickConfig(_Config):
    table_name: str
    queue_url: str
    messages_per_second: int


@dataclass(frozen=True, slots=True)
class TallyConfig(_Config):
    table_name: str
    retention_days: int


@dataclass(frozen=True, slots=True)
class ApiConfig(_Config):
    """For every function that clients or Vonage call. Those with which clients change something also have
    `audit_days`: how long they keep entries of the audit trail."""

    table_name: str
    secret_id: str


@dataclass(frozen=True, slots=True)
class QueryConfig(ApiConfig):
    """Of QueryFunction, which shows the stack's limits."""

    default_country: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class RecordConfig(ApiConfig):
    """For the functions that record webhooks or opt-outs. Status events, customers' messages and the texts of our own
    may be kept for a time of their own; 0 is that of everything else."""

    queue_url: str
    retention_days: int
    event_retention_days: int = field(default=0, kw_only=True)
    message_retention_days: int = field(default=0, kw_only=True)
    text_retention_days: int = field(default=0, kw_only=True)

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)

    @property
    def event_retention(self) -> timedelta:
        return timedelta(days=self.event_retention_days or self.retention_days)

    @property
    def message_retention(self) -> timedelta:
        return timedelta(days=self.message_retention_days or self.retention_days)

    @property
    def text_retention(self) -> timedelta | None:
        """None if texts are kept as long as their dispatch."""
        shorter = 0 < self.text_retention_days < self.retention_days
        return timedelta(days=self.text_retention_days) if shorter else None


@dataclass(frozen=True, slots=True)
class ContactConfig(RecordConfig):
    """Of ContactsFunction and ErasuresFunction."""

    audit_days: int = field(default=365, kw_only=True)


@dataclass(frozen=True, slots=True)
class InboundConfig(RecordConfig):
    """Of InboundFunction, which reads messages of customers. `*_answer` are its automatic answers."""

    stop_phrases: str = ""
    stop_answer: str = ""
    start_answer: str = ""
    help_answer: str = ""


@dataclass(frozen=True, slots=True)
class RecoverConfig(RecordConfig):
    dead_letter_queue_url: str
    callback_queue_url: str
    callback_dead_letter_queue_url: str
    stop_phrases: str = ""
    audit_days: int = field(default=365, kw_only=True)


@dataclass(frozen=True, slots=True)
class SendConfig(RecordConfig):
    """`status_webhook_url` is where Vonage sends statuses instead of the application's own URL."""

    vonage_api_url: str
    status_webhook_url: str = field(default="", kw_only=True)
    service_window: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class AcceptOneConfig(SendConfig):
    """Of SendFunction, which accepts dispatches."""

    default_country: str = ""
    default_window: int = 0
    limits: str = ""
    opt_out_scope: str = ""
    when_down: str = ""
    audit_days: int = field(default=365, kw_only=True)


@dataclass(frozen=True, slots=True)
class CanaryConfig(SendConfig):
    canary_to: str
    canary_from: str
    default_country: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class AdvanceConfig(SendConfig):
    messages_per_second: int
    callback_dead_letter_queue_url: str
    default_country: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class AcceptConfig(RecordConfig):
    """For the functions that accept lists of recipients: BatchesFunction, SchedulesFunction."""

    messages_per_second: int
    default_country: str = ""
    default_window: int = 0
    limits: str = ""
    opt_out_scope: str = ""
    when_down: str = ""
    audit_days: int = field(default=365, kw_only=True)


@dataclass(frozen=True, slots=True)
class PublishConfig(_Config):
    table_name: str
    event_bus_name: str
    callback_queue_url: str
    callback_dead_letter_queue_url: str
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class CallbackConfig(_Config):
    table_name: str
    callback_queue_url: str
    callback_dead_letter_queue_url: str
    secret_id: str
    allow_private_callbacks: str
