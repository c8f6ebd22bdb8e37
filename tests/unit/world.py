"""The fakes together, every call of theirs written down, and a crash wherever a test wants one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from getthrough.domain.batch.batch import Batch
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact
from getthrough.domain.dispatch.dispatch import Dispatch, OnUnknown, Step
from getthrough.domain.dispatch.request import Request
from getthrough.domain.event.webhook import InboundMessage, StatusEvent
from getthrough.domain.ports import Timer
from getthrough.domain.schedule.schedule import Schedule
from getthrough.domain.values.errors import UnavailableError
from getthrough.usecases.advance_dispatch import Finished, advance_dispatch
from getthrough.usecases.cancel_dispatch import cancel_dispatch
from getthrough.usecases.change_batch import Accepted, cancel_batch, create_batch
from getthrough.usecases.change_opt_out import change_opt_out
from getthrough.usecases.change_schedule import Created, change_schedule, create_schedule
from getthrough.usecases.queue_due import Queued, queue_due
from getthrough.usecases.receive_inbound import Received, receive_inbound
from getthrough.usecases.record_status import Recorded, record_status
from getthrough.usecases.run_batch import Progressed, run_batch
from getthrough.usecases.run_schedule import Ran, run_schedule
from getthrough.usecases.send_dispatch import Replayed, send_dispatch
from getthrough.usecases.send_step import Sent
from getthrough.usecases.set_opt_out import set_opt_out
from getthrough.usecases.start_dispatch import Scheduled
from tests.builders import BATCH_UUID, DISPATCH_UUID, SCHEDULE_UUID
from tests.fakes import (
    FakeBatches,
    FakeClock,
    FakeConversations,
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
)


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
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    lists: FakeRecipientLists = field(default_factory=FakeRecipientLists)
    tallies: FakeTallies = field(default_factory=FakeTallies)
    throughput: FakeThroughput = field(default_factory=FakeThroughput)
    after: dict[str, Callable[[], object]] = field(default_factory=dict)

    @property
    def opt_outs(self) -> FakeOptOuts:
        return self.dispatches.opt_outs

    @property
    def conversations(self) -> FakeConversations:
        return self.dispatches.conversations

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
        return send_dispatch(
            Request(steps, on_unknown, sha256, **when),
            "bakery",
            key,
            dispatches=self._noted("dispatches"),
            events=self._noted("events"),
            timers=self._noted("timers"),
            gateway=self._noted("gateway"),
            clock=self.clock,
            new_id=self.new_id,
        )

    def advance(
        self, dispatch_uuid: str = DISPATCH_UUID, due_at: datetime | None = None
    ) -> Sent | Finished | Dispatch | None:
        return advance_dispatch(
            Timer(dispatch_uuid, due_at or self.clock()),
            dispatches=self._noted("dispatches"),
            events=self._noted("events"),
            batches=self._noted("batches"),
            throughput=self._noted("throughput"),
            timers=self._noted("timers"),
            gateway=self._noted("gateway"),
            clock=self.clock,
            new_id=self.new_id,
        )

    def record(self, event: StatusEvent) -> Recorded:
        return record_status(
            event,
            events=self._noted("events"),
            **self._ports_of_a_change(),
        )

    def receive(self, message: InboundMessage) -> Received:
        return receive_inbound(message, **self._ports_of_a_change())

    def change_opt_out(self, opt_out: OptOut) -> bool:
        return change_opt_out(opt_out, **self._ports_of_a_change())

    def set_opt_out(self, contact: Contact, opted_out: bool, why: str = "said so") -> tuple[OptOut, bool]:
        return set_opt_out(contact, opted_out, why, "bakery", **self._ports_of_a_change())

    def cancel(self, dispatch_uuid: str = DISPATCH_UUID) -> Dispatch:
        return cancel_dispatch(
            dispatch_uuid,
            dispatches=self._noted("dispatches"),
            timers=self._noted("timers"),
            clock=self.clock,
        )

    def set_up(self, body: object, key: str | None = None) -> Created:
        return create_schedule(
            body,
            "bakery",
            key,
            most_a_second=MOST_A_SECOND,
            schedules=self._noted("schedules"),
            lists=self._noted("lists"),
            timers=self._noted("timers"),
            clock=self.clock,
            new_id=self.new_id,
        )

    def alter(self, change: Callable[[Schedule], Schedule], schedule_uuid: str = SCHEDULE_UUID) -> Schedule:
        return change_schedule(
            schedule_uuid,
            change,
            schedules=self._noted("schedules"),
            lists=self._noted("lists"),
            timers=self._noted("timers"),
            clock=self.clock,
        )

    def run(self, due_at: datetime | None = None, schedule_uuid: str = SCHEDULE_UUID) -> Ran | None:
        return run_schedule(
            Timer(schedule_uuid, due_at or self.clock()),
            schedules=self._noted("schedules"),
            dispatches=self._noted("dispatches"),
            batches=self._noted("batches"),
            lists=self._noted("lists"),
            timers=self._noted("timers"),
            clock=self.clock,
        )

    def accept(self, body: object, key: str | None = None, client_name: str = "bakery") -> Accepted:
        return create_batch(
            body,
            client_name,
            key,
            most_a_second=MOST_A_SECOND,
            batches=self._noted("batches"),
            lists=self._noted("lists"),
            timers=self._noted("timers"),
            clock=self.clock,
            new_id=self.new_id,
        )

    def run_batch(self, due_at: datetime | None = None, batch_uuid: str = BATCH_UUID) -> Progressed | None:
        return run_batch(
            Timer(batch_uuid, due_at or self.clock()),
            batches=self._noted("batches"),
            lists=self._noted("lists"),
            dispatches=self._noted("dispatches"),
            tallies=self._noted("tallies"),
            throughput=self._noted("throughput"),
            timers=self._noted("timers"),
            clock=self.clock,
        )

    def cancel_batch(self, batch_uuid: str = BATCH_UUID) -> Batch:
        return cancel_batch(batch_uuid, batches=self._noted("batches"), clock=self.clock)

    def tick(self, per_second: int = 30, **time: Any) -> Queued:
        ports: dict[str, Any] = {"dispatches": self._noted("dispatches"), "timers": self._noted("timers")}
        return queue_due(**ports, clock=self.clock, per_second=per_second, **time)

    def _ports_of_a_change(self) -> dict[str, Any]:
        ports = ("dispatches", "conversations", "opt_outs", "timers")
        return {**{port: self._noted(port) for port in ports}, "clock": self.clock}

    def _noted(self, port: str) -> Any:
        return _Noted(port, getattr(self, port), self)


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
