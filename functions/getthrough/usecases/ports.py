"""The ports of `domain.ports`, in one bundle for each family of use-cases.

A use-case takes its bundle first, then its subject: `send_step(ports, dispatch, send)`. A bundle that extends another
one serves the use-cases of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from getthrough.domain.limit.limits import NO_LIMITS, Limits

if TYPE_CHECKING:
    from getthrough.domain.dispatch.automatic_answer import Answers
    from getthrough.domain.dispatch.defaults import Defaults
    from getthrough.domain.message.arrivals import Arrivals, Group
    from getthrough.domain.ports import (
        Aliases,
        Batches,
        Callbacks,
        ChannelHealth,
        Clock,
        Conversations,
        Counters,
        Dispatches,
        Erasures,
        EventBus,
        Gateway,
        Hosts,
        Marks,
        NamedLetters,
        NewId,
        OptOuts,
        Receivers,
        RecipientLists,
        Schedules,
        StatusEvents,
        Tallies,
        Throughput,
        Timers,
    )


def _none(client_name: str) -> Limits:
    return NO_LIMITS


def _nothing(group: Group) -> Sequence[Arrivals]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """To change a dispatch and arm its timers. Without `counters`, the changes are none in what messages cost."""

    dispatches: Dispatches
    timers: Timers
    clock: Clock
    counters: Counters | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Creating(Changing):
    """To create dispatches. `client_limits` gives the limits of a client by its name."""

    client_limits: Callable[[str], Limits] = _none


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending(Creating):
    """To send a step. `limits` are the stack's. Without `service_windows`, Vonage decides which messages a channel's
    service window lets through. `arrivals` gives what is known of how long messages take, the newest week first;
    automatic windows are chosen by it."""

    aliases: Aliases
    channels: ChannelHealth
    arrivals: Callable[[Group], Sequence[Arrivals]] = _nothing
    counters: Counters
    events: StatusEvents
    gateway: Gateway
    limits: Limits = NO_LIMITS
    new_id: NewId
    service_windows: Conversations | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advancing(Sending):
    """To act on a dispatch's timer, also in a batch."""

    batches: Batches
    throughput: Throughput


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """To erase customers, and to export what is stored of them."""

    aliases: Aliases
    erasures: Erasures
    timers: Timers
    clock: Clock
    new_id: NewId
    dead_letters: Sequence[NamedLetters] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening(Changing):
    """To store a customer's message and act on it. `stop_phrases` are the client's own, besides STOP. `answers` are the
    stack's automatic answers, if it gives any."""

    aliases: Aliases
    conversations: Conversations
    marks: Marks
    opt_outs: OptOuts
    stop_phrases: frozenset[str] = frozenset()
    answers: Answers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording(Listening):
    """To record a status webhook, which may say that the customer opted out."""

    events: StatusEvents


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """To answer questions about dispatches and contacts."""

    aliases: Aliases
    dispatches: Dispatches
    events: StatusEvents
    conversations: Conversations
    opt_outs: OptOuts
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """To accept a request with a list of recipients. `messages_per_second` is the account's limit, `defaults` are the
    stack's."""

    lists: RecipientLists
    timers: Timers
    clock: Clock
    new_id: NewId
    messages_per_second: int
    defaults: Defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching(Accepting):
    """To accept batches, show their progress, and cancel them."""

    batches: Batches
    dispatches: Dispatches
    tallies: Tallies


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling(Accepting):
    """To accept and change schedules. `client_limits` gives the limits of a client by its name."""

    schedules: Schedules
    client_limits: Callable[[str], Limits]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSchedules(Creating):
    """To create the dispatches and batches of schedules."""

    schedules: Schedules
    batches: Batches
    lists: RecipientLists


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBatches(Creating):
    """To create the dispatches of batches."""

    batches: Batches
    lists: RecipientLists
    tallies: Tallies
    throughput: Throughput


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticking(Changing):
    """To queue what is due. `messages_per_second` is the account's limit."""

    messages_per_second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """To publish changes, and count what they say of channels. `callback_url` is the stack's own receiver, if it has
    one."""

    dispatches: Dispatches
    bus: EventBus
    channels: ChannelHealth
    callbacks: Callbacks
    clock: Clock
    callback_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """To deliver a webhook to a client's receiver."""

    receivers: Receivers
    hosts: Hosts
    callbacks: Callbacks
    marks: Marks
    clock: Clock
