"""The fakes together, every call of theirs written down, and a crash wherever a test wants one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from getthrough.domain.batch.batch import Batch
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Address, Contact
from getthrough.domain.dispatch.automatic_answer import Answers
from getthrough.domain.dispatch.defaults import NONE, Defaults
from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown, Step
from getthrough.domain.dispatch.request import Request, parse_success
from getthrough.domain.event.webhook import InboundMessage, StatusEvent
from getthrough.domain.limit.limits import NO_LIMITS, Limits
from getthrough.domain.ports import Timer
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.advance_dispatch import Finished, advance_dispatch
from getthrough.usecases.change_batch import Accepted, cancel_batch, create_batch
from getthrough.usecases.change_dispatch import cancel_dispatch, succeed_dispatch
from getthrough.usecases.change_opt_out import change_opt_out, set_opt_out
from getthrough.usecases.change_schedule import Created, change_schedule, create_schedule
from getthrough.usecases.ports import (
    Advancing,
    Batching,
    Changing,
    Listening,
    Recording,
    RunningBatches,
    RunningSchedules,
    Scheduling,
    Sending,
    Ticking,
)
from getthrough.usecases.queue_due import Queued, queue_due
from getthrough.usecases.receive_inbound import Received, receive_inbound
from getthrough.usecases.record_status import Recorded, record_status
from getthrough.usecases.retrying import Origin
from getthrough.usecases.run_batch import Progressed, run_batch
from getthrough.usecases.run_schedule import Ran, run_schedule
from getthrough.usecases.send_dispatch import Replayed, Scheduled, send_dispatch
from getthrough.usecases.send_step import Sent
from tests.builders import BATCH_UUID, DISPATCH_UUID, SCHEDULE_UUID
from tests.fakes import (
    FakeAliases,
    FakeBatches,
    FakeChannels,
    FakeClock,
    FakeConversations,
    FakeCounters,
    FakeDispatches,
    FakeGateway,
    FakeIds,
    FakeOptOuts,
    FakeRecipientLists,
    FakeSchedules,
    FakeStatusEvents,
    FakeTallies,
    FakeThroughput,
    FakeTimers,
    ports_of,
)

B = TypeVar("B")


class CrashError(Exception):
    """The function's process died here: nothing may catch this."""


MOST_A_SECOND = 30


@dataclass
class World:
    """`calls` are the port calls in their order; `before` and `after` happen around the call of that name.

    A name is `dispatches.save`; its second call is `dispatches.save 2`.
    """

    dispatches: FakeDispatches = field(default_factory=FakeDispatches)
    events: FakeStatusEvents = field(default_factory=FakeStatusEvents)
    timers: FakeTimers = field(default_factory=FakeTimers)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    clock: FakeClock = field(default_factory=FakeClock)
    new_id: FakeIds = field(default_factory=FakeIds)
    aliases: FakeAliases = field(default_factory=FakeAliases)
    channels: FakeChannels = field(default_factory=FakeChannels)
    counters: FakeCounters = field(default_factory=FakeCounters)
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    lists: FakeRecipientLists = field(default_factory=FakeRecipientLists)
    tallies: FakeTallies = field(default_factory=FakeTallies)
    throughput: FakeThroughput = field(default_factory=FakeThroughput)
    limits: Limits = NO_LIMITS
    own_limits: Limits = NO_LIMITS
    messages_per_second: int = MOST_A_SECOND
    defaults: Defaults = NONE
    stop_phrases: frozenset[str] = frozenset()
    answers: Answers | None = None
    enforces_windows: bool = False
    after: dict[str, Callable[[], object]] = field(default_factory=dict)

    def client_limits(self, client_name: str) -> Limits:
        return self.own_limits if client_name == "bakery" else NO_LIMITS

    @property
    def opt_outs(self) -> FakeOptOuts:
        return self.dispatches.opt_outs

    @property
    def conversations(self) -> FakeConversations:
        return self.dispatches.conversations

    @property
    def service_windows(self) -> FakeConversations | None:
        return self.conversations if self.enforces_windows else None

    @property
    def schedules(self) -> FakeSchedules:
        return self.dispatches.schedules

    @property
    def batches(self) -> FakeBatches:
        return self.dispatches.batches

    def store(self, dispatch: Dispatch) -> Dispatch:
        return self.dispatches.save(dispatch)

    def stored(self, dispatch_uuid: str = DISPATCH_UUID) -> Dispatch:
        return self.dispatches.stored[dispatch_uuid]

    def send(self, *steps: Step, on_unknown: OnUnknown = OnUnknown.MOVE_ON) -> Sent:
        result = self.request(*steps, on_unknown=on_unknown)
        assert isinstance(result, Sent)
        return result

    def request(
        self,
        *steps: Step,
        on_unknown: OnUnknown = OnUnknown.MOVE_ON,
        key: str | None = None,
        sha256: str = "one",
        **when: Any,
    ) -> Sent | Scheduled | Replayed:
        return send_dispatch(self.ports(Sending), Request(steps, on_unknown, sha256, **when), Origin("bakery", key))

    def advance(
        self, dispatch_uuid: str = DISPATCH_UUID, due_at: datetime | None = None
    ) -> Sent | Finished | Dispatch | None:
        return advance_dispatch(self.ports(Advancing), Timer(dispatch_uuid, due_at or self.clock()))

    def record(self, event: StatusEvent) -> Recorded:
        return record_status(self.ports(Recording), event)

    def receive(self, message: InboundMessage) -> Received:
        return receive_inbound(self.ports(Listening), message)

    def change_opt_out(self, opt_out: OptOut) -> bool:
        return change_opt_out(self.ports(Listening), opt_out)

    def set_opt_out(self, contact: Contact, opted_out: bool, why: str = "said so") -> tuple[OptOut, bool]:
        asked = OptOut(
            contact=contact,
            address=Address("sms", contact.address),
            opted_out=opted_out,
            changed_at=self.clock(),
            why=why,
            by="bakery",
        )
        return set_opt_out(self.ports(Listening), asked)

    def succeed(self, dispatch_uuid: str = DISPATCH_UUID, **body: object) -> Dispatch:
        return succeed_dispatch(self.ports(Changing), dispatch_uuid, parse_success(body))

    def cancel(self, dispatch_uuid: str = DISPATCH_UUID) -> Dispatch:
        return cancel_dispatch(self.ports(Changing), dispatch_uuid)

    def set_up(self, body: object, key: str | None = None) -> Created:
        return create_schedule(self.ports(Scheduling), body, Origin("bakery", key))

    def alter(self, change: Callable[[Schedule], Schedule], schedule_uuid: str = SCHEDULE_UUID) -> Schedule:
        return change_schedule(self.ports(Scheduling), schedule_uuid, change)

    def run(self, due_at: datetime | None = None, schedule_uuid: str = SCHEDULE_UUID) -> Ran | None:
        return run_schedule(self.ports(RunningSchedules), Timer(schedule_uuid, due_at or self.clock()))

    def accept(self, body: object, key: str | None = None, client_name: str = "bakery") -> Accepted:
        return create_batch(self.ports(Batching), body, Origin(client_name, key))

    def run_batch(self, due_at: datetime | None = None, batch_uuid: str = BATCH_UUID) -> Progressed | None:
        return run_batch(self.ports(RunningBatches), Timer(batch_uuid, due_at or self.clock()))

    def cancel_batch(self, batch_uuid: str = BATCH_UUID) -> Batch:
        return cancel_batch(self.ports(Batching), batch_uuid)

    def tick(self, *time_left: Callable[[], timedelta]) -> Queued:
        return queue_due(self.ports(Ticking), *time_left)

    def ports(self, kind: type[B]) -> B:
        """A bundle whose ports write down each call."""
        return ports_of(_AllNoted(self), kind)


class _AllNoted:
    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, port: str) -> Any:
        found = getattr(self._world, port)
        return (
            found
            if found is None
            or port
            in (
                "clock",
                "new_id",
                "client_limits",
                "limits",
                "messages_per_second",
                "defaults",
                "stop_phrases",
                "answers",
            )
            else _Noted(port, found, self._world)
        )


class _Noted:
    def __init__(self, name: str, port: Any, world: World) -> None:
        self._name, self._port, self._world = name, port, world

    def __getattr__(self, method: str) -> Callable[..., Any]:
        world, call = self._world, f"{self._name}.{method}"

        def noted(*arguments: Any, **named: Any) -> Any:
            world.calls.append(call)
            count = world.calls.count(call)
            names = [f"{call} {count}", *([call] if count == 1 else [])]
            for name in names:
                world.before.get(name, _nothing)()
            result = getattr(self._port, method)(*arguments, **named)
            for name in names:
                world.after.get(name, _nothing)()
            return result

        return noted


def _nothing() -> None:
    pass


def crash() -> None:
    raise CrashError


def fail() -> None:
    raise UnavailableError("dynamodb: InternalServerError")
