"""The components of responses about dispatches and messages, made from `domain.dispatch.dispatch_view`."""

from getthrough.domain.dispatch import dispatch_view
from getthrough.domain.dispatch.dispatch import AnswerKind, Because, Outcome
from getthrough.domain.message.status import Condition, Status
from tools.openapi import views
from tools.openapi.parts import Json, page_of

NAMED = {
    Outcome: "Outcome",
    Status: "Status",
    Condition: "Condition",
    Because: "Because",
    AnswerKind: "AnswerKind",
    dispatch_view.TimelineEntry: "TimelineEntry",
}
"""Types that have a component of their own, wherever they are used."""

_TERMS = {
    Outcome: "How a dispatch ended. `succeeded`: a step met its condition. `exhausted`: no step did. `cancelled`: a "
    "client "
    "cancelled it. `stopped`: the customer opted out.",
    Status: "A status of a message, in Vonage's terms.",
    Condition: "What makes a step succeed.",
    Because: "Why a step was sent.",
    AnswerKind: "What Vonage's response means. `unavailable`: Vonage did not accept the message, and Getthrough tries "
    "again. "
    "`unknown`: the response was lost, so Vonage may have accepted the message. `opted_out`, `quiet`, `limited`: "
    "Getthrough did not send the message, because of an opt-out, quiet hours or a limit. "
    "`service_window_closed`: the channel would accept only a template. `channel_down`: nearly all messages on the "
    "channel failed.",
}

SCHEMAS: Json = {
    "DispatchPage": page_of("dispatches", "DispatchSummary"),
    **{
        words.__name__: {"type": "string", "enum": [word.value for word in words], "description": description}
        for words, description in _TERMS.items()
    },
    "TimelineEntry": views.schema_of(dispatch_view.TimelineEntry),
    **views.components(
        dispatch_view.DispatchSummaryView,
        dispatch_view.DispatchView,
        dispatch_view.StoredMessageView,
        dispatch_view.EndedView,
        dispatch_view.AcceptedView,
        dispatch_view.AcceptedDispatchView,
        named=NAMED,
    ),
}
