"""The shapes of the events in `client_events`. No function loads these types at run time.

These are the required fields of each event's `data`. What Vonage adds to its webhooks is passed on beside them.
"""

from typing import Annotated, Literal, NotRequired, TypedDict

from getthrough.domain.dispatch.dispatch_view import DispatchOutlineView, StepNumber
from getthrough.domain.values.usage_view import UsageView
from getthrough.domain.values.view_types import Count, Keywords, Time, Uuid


class _DataView(TypedDict):
    truncated: NotRequired[Annotated[bool, Keywords(const=True)]]
    """Present if the event was too long. Then only the required fields are left; read the rest with the API."""


class EventErrorView(TypedDict):
    title: str
    """Vonage's error code."""
    detail: str


_Addresses = TypedDict("_Addresses", {"from": str, "to": str})


class RequiredStatusView(_Addresses):
    """A status of a message, as Vonage reported it, in the shape of the Messages API v1."""

    message_uuid: Uuid
    """Our id, as `POST /v1/messages` returned it."""
    vonage_message_uuid: str
    """Vonage's own id of the message."""
    dispatch_uuid: Uuid
    step: StepNumber
    client_ref: str | None
    """Your own reference."""
    channel: str
    timestamp: Time
    """When it happened, according to Vonage."""
    status: str
    """`submitted`, `delivered`, `read`, `rejected`, `undeliverable`, or any status that Vonage adds."""


class MessageStatusView(RequiredStatusView, _DataView):
    """A status of a message, as Vonage reported it, in the shape of the Messages API v1."""

    error: NotRequired[EventErrorView]
    usage: NotRequired[UsageView]


class RequiredOutcomeView(DispatchOutlineView):
    succeeded_by: StepNumber | None
    """The step that met its condition."""
    double_messages: Count
    """How many messages reached the customer after the first one."""
    usage: list[UsageView]
    """The total cost in each currency."""


class DispatchFinishedView(RequiredOutcomeView, _DataView):
    """A dispatch has an outcome, or its outcome changed because a success came late."""


_MaybeTo = TypedDict("_MaybeTo", {"from": str, "to": str | None})


class RequiredMessageView(_MaybeTo):
    message_uuid: str
    """Vonage's own id of the message."""
    channel: str
    timestamp: Time
    message_type: str | None
    answers: str | None
    """The `message_uuid` of our message that the customer quoted."""


class MessageReceivedView(RequiredMessageView, _DataView):
    """A message from a customer, in the shape of the Messages API v1."""

    text: NotRequired[str | None]
    """The text, the caption, or the answer that was tapped."""


class RequiredConsentView(TypedDict):
    channel: str
    address: str
    changed_at: Time
    why: str
    by: str
    """`customer`, `vonage`, or the name of a client."""


class ContactOptedOutView(RequiredConsentView, _DataView):
    """A contact opted out of messages."""


class ContactOptedInView(RequiredConsentView, _DataView):
    """A contact that had opted out wants messages again."""


EventType = Literal["message.status", "dispatch.finished", "message.received", "contact.opted_out", "contact.opted_in"]
