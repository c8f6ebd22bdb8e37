"""The shapes in which clients read a dispatch. `timeline` builds them. No function loads these types at run time."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from getthrough.domain.dispatch.dispatch import AnswerKind, Because, Outcome
from getthrough.domain.event.error_codes import Meaning
from getthrough.domain.message.arrivals import Why
from getthrough.domain.message.status import Condition, Status
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.usage_view import UsageView
from getthrough.domain.values.view_types import Count, Keywords, Time, Total, Uuid

StepNumber = Annotated[int, Keywords(minimum=0, maximum=MAX_STEPS - 1, description="The step's number, from 0.")]
Late = Annotated[
    bool,
    Keywords(
        description="True if the condition was met only after a later step was sent, or after the last window ended."
    ),
]
_STEPS = {"minItems": 1, "maxItems": MAX_STEPS}


class ContactView(TypedDict):
    """One address of a contact, on one channel."""

    channel: str
    address: str


class IdentifiedView(TypedDict):
    """What each description of a dispatch begins with."""

    dispatch_uuid: Uuid
    created_at: Time
    client_name: str
    """The client that asked for it."""
    client_ref: str | None
    """Your own reference."""
    batch_uuid: Uuid | None
    """The batch that the dispatch belongs to."""
    outcome: Outcome | None
    """Null while the dispatch is open."""
    late: Late


class _Listed(IdentifiedView):
    to: Annotated[list[ContactView], Keywords(**_STEPS, description="The contact of each step.")]
    steps_total: Annotated[Total, Keywords(maximum=MAX_STEPS)]
    steps_sent: Annotated[Count, Keywords(maximum=MAX_STEPS)]
    status: Status | None
    """The status of the last step that was sent."""


class DispatchOutlineView(_Listed):
    """A dispatch without anything of its messages."""

    canary: Annotated[bool, Keywords(description="True for a message with which the stack tests itself.")]
    test: Annotated[bool, Keywords(description="True for a message of a test client. A day's figures leave it out.")]


class DispatchSummaryView(DispatchOutlineView):
    """A dispatch in one line of a list."""

    text: str | None
    """The beginning of the text of the last step that was sent, or of the first step. Null if it has no text."""
    answer: AnswerKind | None
    """What Vonage answered to the last step that was sent."""
    due_at: Time | None
    """When the next step is sent, if it waits for `send_at` or for the end of quiet hours."""


_Sender = TypedDict("_Sender", {"from": str})


class StepView(_Sender):
    """A step. If it was sent, also what happened to it."""

    step: StepNumber
    channel: str
    to: str
    message_type: str
    content: Mapping[str, Any]
    """The content of the message: its fields without addresses and references."""
    expiry_time: Total
    """The step's window, in seconds. Until an automatic window is chosen, this is the channel's usual window."""
    condition_status: Condition
    message_uuid: Uuid
    vonage_message_uuid: str | None
    """Vonage's own id of the message."""
    sent_because: Because | None
    claimed_at: Time | None
    """When Getthrough started to send the step."""
    window_ends_at: Time | None
    tries: Count
    """How often the message was submitted to Vonage."""
    answer: AnswerKind | None
    problem: Mapping[str, Any] | None
    """Vonage's problem details, if it refused the message."""
    status: Status | None
    arrived_at: Time | None
    """When the message was first delivered or read, according to Vonage."""
    condition_met: bool
    late: Late
    usage: UsageView | None


class StoredMessageView(StepView):
    """One step, with the id of its dispatch."""

    dispatch_uuid: Uuid


class ProviderErrorView(TypedDict):
    code: Annotated[int | None, Keywords(examples=[1180])]
    title: str | None
    """Vonage's title of the code."""
    meaning: Meaning | None
    """What to do about the code. Null if Vonage has not published the code."""
    detail: str


class _Entry(TypedDict):
    at: Time
    step: StepNumber | None


class AcceptedEntryView(_Entry):
    """Getthrough stored the dispatch."""

    event: Literal["accepted"]


class NormalisedEntryView(_Entry):
    """Getthrough changed a phone number to the form that Vonage requires."""

    event: Literal["normalised"]
    field: Literal["to", "from"]
    given: str
    used: str


class SentEntryView(_Entry):
    """Getthrough sent a step to Vonage."""

    event: Literal["sent"]
    because: Because


class WindowChosenEntryView(_Entry):
    """Getthrough chose the step's window. It is based on how long earlier messages took on the same channel, to the
    same country, from the same sender."""

    event: Literal["window_chosen"]
    seconds: Total
    why: Why
    """`usual`: little is known, so it is near the channel's usual window. `floor` and `ceiling`: what was learned is
    beyond a bound, so the window is that bound."""
    arrivals: Count
    """How many arrivals the window was learned from."""
    changed: bool
    """True if the latest week differs from the weeks before it. Then only the latest week counts."""
    ttl: bool
    """True: the message's time to live is as long as the window, if its channel allows one. False: it has none. One
    message in five has none, so that Getthrough learns how late messages can arrive."""


class AnsweredEntryView(_Entry):
    """Vonage answered, or did not answer in time."""

    event: Literal["answered"]
    answer: AnswerKind
    http_status: int | None
    tries: Total


class StatusEntryView(_Entry):
    """Vonage sent a status webhook."""

    event: Literal["status"]
    status: str
    """The status as Vonage sent it, even if Getthrough does not know it."""
    timestamp: Time | None
    """Vonage's own timestamp."""
    late: Late
    usage: UsageView | None
    error: ProviderErrorView | None
    raw: Mapping[str, Any]
    """The body of the webhook, unchanged."""


class RepliedEntryView(_Entry):
    """The customer replied."""

    event: Literal["replied"]


class OptedOutEntryView(_Entry):
    """The contact opted out. Getthrough sent nothing more to it."""

    event: Literal["opted_out"]


class RevokedEntryView(_Entry):
    """Getthrough asked Vonage to revoke the message, because it had sent a later step."""

    event: Literal["revoked"]
    accepted: bool
    """True if Vonage accepted the request."""


class QuietHoursEntryView(_Entry):
    """Getthrough skipped the step, because it was due in quiet hours."""

    event: Literal["quiet_hours"]


class ServiceWindowClosedEntryView(_Entry):
    """Getthrough skipped the step: the customer had not written to its sender in the last 24 hours, so the channel
    would reject it."""

    event: Literal["service_window_closed"]


class ChannelDownEntryView(_Entry):
    """Getthrough skipped the step: nearly all messages on its channel to its country failed, and the message has
    `when_down: skip`."""

    event: Literal["channel_down"]


class LimitedEntryView(_Entry):
    """The step would exceed a limit. It waits, or Getthrough skipped it."""

    event: Literal["limited"]
    limit: Annotated[str, Keywords(examples=["messages_per_day"])]
    """The limit's name."""
    most: str
    """The limit's value at that time."""
    until: Time | None
    """When the step is tried next. Null if it was skipped."""


class WindowEndedEntryView(_Entry):
    """The window ended before the step's condition was met."""

    event: Literal["window_ended"]


class ClientSuccessEntryView(_Entry):
    """The client reported that the customer has acted. Getthrough sent nothing more."""

    event: Literal["client_success"]
    reason: str | None


class FinishedEntryView(_Entry):
    """The dispatch reached its outcome."""

    event: Literal["finished"]
    outcome: Outcome


TimelineEntry = (
    AcceptedEntryView
    | NormalisedEntryView
    | WindowChosenEntryView
    | SentEntryView
    | AnsweredEntryView
    | StatusEntryView
    | RepliedEntryView
    | OptedOutEntryView
    | RevokedEntryView
    | QuietHoursEntryView
    | ServiceWindowClosedEntryView
    | ChannelDownEntryView
    | LimitedEntryView
    | WindowEndedEntryView
    | ClientSuccessEntryView
    | FinishedEntryView
)


class ReportedMessageView(TypedDict):
    message_uuid: Uuid
    href: str
    channel: str
    """The channel's name in the Dispatch API v0.1."""
    status: Status | None
    usage: NotRequired[UsageView]


class ReportLinksView(TypedDict):
    messages: list[ReportedMessageView]


class FinalReportView(TypedDict):
    """The final report of the Dispatch API v0.1."""

    template: Literal["failover"]
    status: Literal["completed", "error"]
    dispatch_uuid: Uuid
    timestamp: Time | None
    usage: UsageView | None
    """Null if the cost is unknown or in several currencies."""
    _links: ReportLinksView


class DispatchView(IdentifiedView):
    succeeded_by: StepNumber | None
    """The step that met its condition. Null if no step met it, even if the client reported success."""
    double_messages: Count
    """How many messages reached the customer after the first one."""
    send_at: Time | None
    """Getthrough sends nothing before this time."""
    held_until: Time | None
    """End of the quiet hours that the step is waiting for."""
    request_id: str | None
    """The id, in the log, of the request that created the dispatch. Null if a batch or a schedule created it."""
    usage: list[UsageView]
    """The total cost in each currency."""
    steps: Annotated[list[StepView], Keywords(**_STEPS)]
    timeline: list[TimelineEntry]
    """Everything that happened, oldest first."""
    final_report: FinalReportView | None
    """Null while the dispatch is open."""


class EndedView(TypedDict):
    dispatch_uuid: Uuid
    outcome: Outcome | None
    steps_stopped: list[StepNumber]
    """The steps that will never be sent. Empty if the dispatch had already ended."""


class _SendAt(TypedDict):
    send_at: NotRequired[Time]
    """The request's `send_at` in UTC."""


class NormalisedView(TypedDict):
    """A phone number that Getthrough changed to the form that Vonage requires."""

    step: StepNumber
    field: Literal["to", "from"]
    given: str
    used: str


class _Accepted(_SendAt):
    normalised: NotRequired[list[NormalisedView]]
    """The phone numbers that Getthrough changed, if there are any."""


class AcceptedView(_Accepted):
    message_uuid: Uuid
    """The id of the first step's message."""
    workflow_id: Uuid
    """The id of the dispatch: its `dispatch_uuid`."""


class AcceptedDispatchView(_Accepted):
    dispatch_uuid: Uuid
