"""What all users of a stack share when they write messages: the usual country, senders, and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple, NotRequired, TypedDict

from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Count, Keywords, Time

_Sender = TypedDict("_Sender", {"from": str})


class SenderView(_Sender):
    """A number or name to send from."""

    channel: str


_From = TypedDict("_From", {"from": NotRequired[str]})


class PlanStepView(_From):
    """A message of a plan. Its window and condition decide when the next one is sent."""

    channel: str
    expiry_time: NotRequired[int]
    """In seconds."""
    condition_status: NotRequired[str]


class PlanView(TypedDict):
    """Which channels to try, in which order, and for how long."""

    name: str
    steps: list[PlanStepView]


class SettingsView(TypedDict):
    """What all users share when they write messages."""

    version: Count
    """How often they were changed. A change names the version that it is based on."""
    default_country: Annotated[str | None, Keywords(examples=["GB"])]
    """The country of phone numbers without a country code, for messages that the console sends."""
    calling_code: Annotated[str | None, Keywords(examples=["44"])]
    """The country's calling code, without +."""
    national_prefix: Annotated[str | None, Keywords(examples=["0"])]
    """What people in that country write before a national number, such as 0. Empty if they write nothing."""
    senders: list[SenderView]
    plans: list[PlanView]
    changed_at: Time | None
    changed_by: str | None
    """The client that changed them last."""


class Settings(NamedTuple):
    """Before anyone has changed them they are version 0, and empty."""

    version: int = 0
    default_country: str | None = None
    senders: Sequence[Mapping[str, Any]] = ()
    plans: Sequence[Mapping[str, Any]] = ()
    changed_at: datetime | None = None
    changed_by: str | None = None
    calling_code: str | None = None
    national_prefix: str | None = None


def describe_settings(settings: Settings) -> SettingsView:
    senders: Any = list(settings.senders)
    plans: Any = list(settings.plans)
    return {
        "version": settings.version,
        "default_country": settings.default_country,
        "calling_code": settings.calling_code,
        "national_prefix": settings.national_prefix,
        "senders": senders,
        "plans": plans,
        "changed_at": to_text(settings.changed_at) if settings.changed_at else None,
        "changed_by": settings.changed_by,
    }
