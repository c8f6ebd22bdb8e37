"""The ports in memory: what the simulation runs on, held to the table's behaviour by the contract tests."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from getthrough.domain.dispatch import Answer, AnswerKind, Contact, Dispatch
from getthrough.domain.errors import OptedOutError, VersionConflictError
from getthrough.domain.failover import wake_at
from getthrough.domain.ports import Due, Page
from getthrough.domain.webhook import InboundMessage, StatusEvent
from tests.builders import NOON


@dataclass
class FakeClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class FakeDispatches:
    stored: dict[str, Dispatch] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    opt_outs: "FakeOptOuts" = field(default_factory=lambda: FakeOptOuts())  # noqa: PLW0108 - defined below

    def save(self, dispatch: Dispatch, unless_opted_out: Contact | None = None) -> Dispatch:
        stored = self.stored.get(dispatch.dispatch_uuid)
        if dispatch.version != (stored.version if stored else 0):
            raise VersionConflictError("somebody else wrote the dispatch first")
        if unless_opted_out in self.opt_outs.opted_out:
            raise OptedOutError
        saved = replace(dispatch, version=dispatch.version + 1)
        self.stored[dispatch.dispatch_uuid] = saved
        return saved

    def get(self, dispatch_uuid: str) -> Dispatch | None:
        return self.stored.get(dispatch_uuid)

    def refer(self, vonage_message_uuid: str, message_uuid: str, at: datetime) -> None:
        self.references[vonage_message_uuid] = message_uuid

    def resolve(self, vonage_message_uuid: str) -> str | None:
        return self.references.get(vonage_message_uuid)

    def due(self, until: datetime) -> Iterator[Due]:
        for dispatch in self.stored.values():
            if (moment := wake_at(dispatch)) is not None and moment <= until:
                yield Due(dispatch.dispatch_uuid, moment)

    def newest(self, limit: int, cursor: str | None = None) -> Page:
        places = sorted(
            (f"{item.created_at.isoformat()}#{item.dispatch_uuid}" for item in self.stored.values()), reverse=True
        )
        after = [place for place in places if cursor is None or place < cursor]
        wanted = after[:limit]
        found = [self.stored[place.partition("#")[2]] for place in wanted]
        return Page(found, wanted[-1] if len(after) > limit else None)


@dataclass
class FakeStatusEvents:
    stored: dict[tuple[str, str], StatusEvent] = field(default_factory=dict)

    def add(self, event: StatusEvent) -> bool:
        key = (event.dispatch_uuid or event.vonage_message_uuid, event.digest)
        if key in self.stored:
            return False
        self.stored[key] = event
        return True

    def of(self, dispatch_uuid: str) -> list[StatusEvent]:
        return [event for event in self.stored.values() if event.dispatch_uuid == dispatch_uuid]


@dataclass
class FakeInboundMessages:
    stored: dict[str, InboundMessage] = field(default_factory=dict)

    def add(self, message: InboundMessage) -> bool:
        if message.digest in self.stored:
            return False
        self.stored[message.digest] = message
        return True


@dataclass
class FakeOptOuts:
    changes: dict[Contact, tuple[datetime, bool]] = field(default_factory=dict)

    @property
    def opted_out(self) -> set[Contact | None]:
        return {contact for contact, (_, opted_out) in self.changes.items() if opted_out}

    def change(self, contact: Contact, opted_out: bool, at: datetime, why: str) -> bool:
        if contact in self.changes and self.changes[contact][0] >= at:
            return False
        self.changes[contact] = at, opted_out
        return True


@dataclass
class FakeTimers:
    """Keeps every timer that was armed, in order, those beyond 15 minutes too."""

    armed: list[Due] = field(default_factory=list)

    def arm(self, due: Iterable[Due]) -> None:
        self.armed.extend(due)


@dataclass
class FakeGateway:
    """Answers with what was put into `answers`, then accepts everything. `sent` is what it received."""

    answers: list[Answer] = field(default_factory=list)
    sent: list[Mapping[str, Any]] = field(default_factory=list)

    def submit(self, message: Mapping[str, Any]) -> Answer:
        self.sent.append(message)
        if self.answers:
            return self.answers.pop(0)
        identifier = f"vonage-{len(self.sent)}"
        return Answer(kind=AnswerKind.ACCEPTED, http_status=202, vonage_message_uuid=identifier)


@dataclass
class FakeIds:
    """UUIDs that count."""

    count: int = 0

    def __call__(self) -> str:
        self.count += 1
        return f"00000000-0000-4000-8000-{self.count:010x}00"
