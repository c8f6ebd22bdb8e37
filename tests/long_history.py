"""A table after months of use. It is written at once, in the stored form that the adapters' own functions make."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from getthrough.adapters import table_keys
from getthrough.adapters.dispatch_items import expires_at, to_attributes
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_figures import DynamoFigures
from getthrough.adapters.table import Attributes, Table
from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Because, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.dispatch.figures import Figures, added_by, quarter_of, total
from getthrough.domain.event.webhook import parse_inbound
from getthrough.domain.message.status import Status
from tests.builders import NOON, dispatch, status_event, step
from tests.webhook_samples import v1_inbound

RETENTION = timedelta(days=90)
DAYS_BEFORE = 60
_TOGETHER = 1_000


@dataclass(frozen=True)
class History:
    """So many dispatches until `now`, of which some are of the last day. One of fifty failed. `planned` ones were made
    first of all and wait for tomorrow. The same customers come again and again, and some have
    written back just now."""

    now: datetime
    dispatches: int
    of_today: int
    planned: int
    replies: int
    customers: int

    def store(self, table_name: str) -> None:
        table, counted = Table(table_name), defaultdict[datetime, list[Figures]](list)
        items: list[Attributes] = []
        for number, made in enumerate(self._dispatches()):
            counted[quarter_of(made.created_at)].append(added_by(None, made))
            items += _items(made)
            if len(items) >= _TOGETHER or number == self.dispatches - 1:
                table.put_many(items)
                items.clear()
        for quarter, parts in counted.items():
            DynamoFigures(table_name, RETENTION).add({quarter: total(parts)}, once=str(uuid4()))
        conversations = DynamoConversations(table_name, RETENTION)
        for number in range(self.replies):
            at = self.now - timedelta(minutes=self.replies - number)
            message_uuid = f"{number:08x}-1111-4222-8333-a1b2c3d4e5ff"
            fields = {"from": self._customer(number), "text": f"Reply {number}", "message_uuid": message_uuid}
            payload = v1_inbound(**fields, timestamp=at.isoformat())
            message = parse_inbound(payload, received_at=at)
            conversations.add(message)
            conversations.complete(message)

    def _dispatches(self) -> Iterator[Dispatch]:
        """The oldest first."""
        today = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        first = today - timedelta(days=DAYS_BEFORE)
        before = self.dispatches - self.of_today
        for number in range(self.dispatches):
            if number < before:
                at = first + (today - first) * (number / before)
            else:
                at = today + (self.now - today) * ((number - before) / self.of_today)
            at = at.replace(microsecond=at.microsecond // 1_000 * 1_000)
            yield self._dispatch(number, at)

    def _dispatch(self, number: int, at: datetime) -> Dispatch:
        tomorrow = self.now + timedelta(days=1, seconds=number)
        planned = number < self.planned
        uuid = f"{number:08x}-8d47-4b60-9c11-a1b2c3d4e500"
        to = self._customer(number)
        made = dispatch(
            step(to=to), dispatch_uuid=uuid, created_at=at, version=1, send_at=tomorrow if planned else None
        )
        if planned:
            return made
        claimed = failover.claim(made, Send(0, Because.FIRST), claim_id="me", now=at)
        accepted = Answer(kind=AnswerKind.ACCEPTED, http_status=202, vonage_message_uuid=uuid[:-2] + "ff")
        sent = failover.record_answer(claimed, 0, accepted, claim_id="me", now=at)
        arrived = at + timedelta(seconds=2 + number % 7)
        status = Status.REJECTED if number % 50 == 49 else Status.DELIVERED
        seconds = (arrived - NOON).total_seconds()
        return failover.apply(sent, status_event(status, seconds=seconds, timestamp=arrived.isoformat()))

    def _customer(self, number: int) -> str:
        return str(447700900000 + number % self.customers)


def _items(made: Dispatch) -> Iterator[Attributes]:
    """The dispatch, and where its customer has it."""
    yield to_attributes(made, RETENTION)
    until = expires_at(made, RETENTION)
    contact = made.contact(0)
    if not made.attempts:
        yield {**table_keys.listed(contact, made.created_at, made.dispatch_uuid), "expires_at": until}
        return
    message_uuid = made.message_uuid(0)
    yield {
        **table_keys.sent(contact, made.attempts[0].claimed_at, message_uuid),
        "message_uuid": message_uuid,
        "channel": made.steps[0].address.channel,
        "lists": True,
        "awaits_reply": False,
        "expires_at": until,
    }
