"""The settings of each function, from its environment: the template's TABLE_NAME is the field table_name here."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import environ
from typing import Self


class ConfigError(Exception):
    """Names every variable that is missing."""


@dataclass(frozen=True, slots=True)
class _Config:
    @classmethod
    def from_env(cls, variables: Mapping[str, str] = environ) -> Self:
        """Read every field from the variable of its name in capitals."""
        missing = [name for field in fields(cls) if not variables.get(name := field.name.upper())]
        if missing:
            raise ConfigError(f"missing environment variables: {', '.join(missing)}")
        texts = {field: variables[field.name.upper()] for field in fields(cls)}
        return cls(**{field.name: int(text) if field.type is int else text for field, text in texts.items()})


@dataclass(frozen=True, slots=True)
class SendConfig(_Config):
    table_name: str
    queue_url: str
    secret_id: str
    vonage_api_url: str
    retention_days: int


@dataclass(frozen=True, slots=True)
class AdvanceConfig(SendConfig):
    pass


@dataclass(frozen=True, slots=True)
class StatusConfig(_Config):
    table_name: str
    queue_url: str
    secret_id: str
    retention_days: int


@dataclass(frozen=True, slots=True)
class InboundConfig(_Config):
    table_name: str
    secret_id: str
    retention_days: int


@dataclass(frozen=True, slots=True)
class TickConfig(_Config):
    table_name: str
    queue_url: str


@dataclass(frozen=True, slots=True)
class QueryConfig(_Config):
    table_name: str
    secret_id: str
