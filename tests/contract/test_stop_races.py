"""A STOP that races with claims, a thousand times: never a POST of what was claimed after the STOP was recorded.
`make test` has two hundred of them.

The use-cases are the real ones, on DynamoDB Local. In each race a contact says STOP while two senders send it four
messages each, one after another. Every fourth is sent to by a user id, which the STOP shows to be the telephone's.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import pytest

from getthrough.adapters.dynamo_contacts import DynamoAliases, DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.system import new_id
from getthrough.domain.contact.consent import OptOut
from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch, Outcome
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.event.webhook import parse_inbound
from getthrough.domain.values.identifiers import dispatch_uuid_of
from getthrough.usecases.ports import Listening, Sending
from getthrough.usecases.receive_inbound import receive_inbound
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from tests.builders import NOON, message
from tests.contract.conftest import RACES, RETENTION
from tests.fakes import FakeChannels, FakeClock, FakeCounters, FakeGateway, FakeMarks, FakeStatusEvents, FakeTimers
from tests.secret import hash_of

SENDERS, MESSAGES = 2, 4
HIDDEN = "GB."


class Claim(NamedTuple):
    contact: Contact
    at: int


@dataclass
class Order:
    """In which order claims began and STOPs were known to be recorded; `claims` and `posts` are by dispatch_uuid."""

    numbers: Iterator[int] = field(default_factory=count)
    claims: dict[str, Claim] = field(default_factory=dict)
    posts: set[str] = field(default_factory=set)
    stops: dict[Contact, int] = field(default_factory=dict)


class NotingDispatches(DynamoDispatches):
    order: Order

    def save_claim(self, dispatch: Dispatch, step: int) -> Dispatch:
        self.order.claims[dispatch.dispatch_uuid] = Claim(dispatch.steps[step].contact, next(self.order.numbers))
        return super().save_claim(dispatch, step)


class NotingOptOuts(DynamoOptOuts):
    order: Order

    def change(self, opt_out: OptOut) -> bool:
        changed = super().change(opt_out)
        self.order.stops[opt_out.contact] = next(self.order.numbers)
        return changed


class NotingGateway(FakeGateway):
    """Gives no ids, which spares each dispatch two calls."""

    order: Order

    def submit(self, message: Any) -> Answer:
        self.order.posts.add(dispatch_uuid_of(message["client_ref"]))
        return Answer(kind=AnswerKind.UNKNOWN)


def stopped_on(contact: Contact) -> str:
    """A channel of the same telephone, but never that of the messages to it. MMS counts for SMS that are kept to
    theirs."""
    return ("whatsapp", "mms", "rcs")[int(contact.address) % 3] if contact.is_phone else "whatsapp"


@RACES
@pytest.mark.parametrize(
    "contacts", [pytest.param(25, id="two hundred"), pytest.param(125, id="a thousand", marks=pytest.mark.exhaustive)]
)
def test_a_thousand_claims_that_race_with_a_stop_send_nothing_after_it_is_recorded(store: str, contacts: int) -> None:
    order, clock, gateway = Order(), FakeClock(), NotingGateway()
    dispatches, opt_outs = NotingDispatches(store, RETENTION, hash_of), NotingOptOuts(store, hash_of)
    aliases = DynamoAliases(store)
    gateway.order = dispatches.order = opt_outs.order = order
    sending = Sending(
        aliases=aliases,
        channels=FakeChannels(),
        counters=FakeCounters(),
        dispatches=dispatches,
        events=FakeStatusEvents(),
        timers=FakeTimers(),
        gateway=gateway,
        clock=clock,
        new_id=new_id,
    )
    listening = Listening(
        aliases=aliases,
        dispatches=dispatches,
        conversations=DynamoConversations(store, RETENTION),
        opt_outs=opt_outs,
        marks=FakeMarks(),
        timers=FakeTimers(),
        clock=clock,
    )

    def send(contact: Contact) -> None:
        for number in range(MESSAGES):
            scope = "channel" if number % 2 and stopped_on(contact) == "mms" else "customer"
            to = {"channel": "sms" if contact.is_phone else "whatsapp", "to": contact.address}
            request = parse_messages_request(message(**to, opt_out_scope=scope))
            send_dispatch(sending, request, Origin("bakery"))

    def stop(contact: Contact) -> None:
        payload: dict[str, object] = {
            "channel": stopped_on(contact),
            "message_uuid": contact.address,
            "from": contact.address.removeprefix(HIDDEN),
            "text": "STOP",
        }
        if not contact.is_phone:
            payload["whatsapp"] = {"user_id": contact.address}
        said = parse_inbound({**payload, "timestamp": NOON.isoformat()}, received_at=NOON)
        receive_inbound(listening, said)

    with ThreadPoolExecutor(SENDERS + 1) as threads:
        for number in range(contacts):
            phone = f"4477009{number:05}"
            contact = contact_of("sms", phone) if number % 4 else contact_of("whatsapp", f"{HIDDEN}{phone}")
            for future in [threads.submit(work, contact) for work in (stop, *([send] * SENDERS))]:
                future.result()

    assert [name for name in order.posts if order.claims[name].at > order.stops[order.claims[name].contact]] == []
    names = list(order.claims)
    ended: dict[str, Dispatch] = {}
    for start in range(0, len(names), 100):
        ended |= dispatches.get_many(names[start : start + 100])
    assert len(ended) == contacts * SENDERS * MESSAGES
    assert {subject.outcome for subject in ended.values()} == {Outcome.STOPPED}
    assert order.posts == {name for name, subject in ended.items() if not subject.attempts[0].not_sent}
    assert len(ended) / 20 < len(order.posts) < len(ended) * 19 / 20  # the race ends both ways
