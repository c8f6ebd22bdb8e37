"""A customer in everything that the table and the queues can hold, and where any of it is left."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3

from getthrough.adapters.callback_queue import to_body
from getthrough.adapters.timers import to_body as timer_body
from getthrough.domain.contact.contact import contact_of, spellings
from getthrough.domain.erasure.erasure import SWEEP_UUID
from getthrough.domain.notification.callback import LIFE, Callback
from getthrough.domain.ports import Timer
from getthrough.domain.values import identifiers
from getthrough.domain.values.rfc3339 import from_text, to_text
from tests.builders import FROM, SECOND, message
from tests.fakes import FakeClock
from tests.functional.aws_in_memory import bearer
from tests.functional.recovery_in_memory import CREDENTIALS, Recovery

THIRD = "447700900003"

USER_ID = "US.13491208655302741918"
"""What WhatsApp calls the customer beside the number."""


@dataclass
class World:
    stack: Recovery
    clock: FakeClock
    batches: list[str] = field(default_factory=list)

    def fill(self, number: str, user_id: str = USER_ID) -> None:
        """Everything that can name a customer: dispatches in each state, events, a conversation with a STOP, an alias,
        recipients, a schedule, what waits in quarantine and in a dead-letter queue."""
        self.send(number, text=f"Dear {number}, your cupcakes are ready", failover=[message(to=SECOND)])
        self.status(number, "delivered", usage={"price": "0.0333", "currency": "EUR"})
        self.status(number, "rejected", error={"type": "x", "title": "1020", "detail": f"{number} is wrong"})
        self.status(number, "delivered", client_ref=None, message_uuid=vonages_id("unknown", number))
        self.status(number, "read", channel="whatsapp", whatsapp={"recipient": {"user_id": user_id}})
        self.send(number, send_at=to_text(self.clock() + timedelta(days=2)))
        self.say(number, f"Thank you! Call me: {number}")
        self.say(number, "STOP", channel="whatsapp", whatsapp={"user_id": user_id})
        self.batch(number)
        self.call("POST", "/v1/schedules", {"message": message(to=number), "cron": "0 9 * * *", "time_zone": "UTC"})
        self.webhook("/inbound", {"channel": "sms", "from": number, "text": "no id"})
        data = {"channel": "sms", "to": number, "from": FROM, "status": "delivered"}
        event = {"type": "message.status", "timestamp": to_text(self.clock()), "data": data}
        self.stack.put("dead-callbacks", to_body(Callback("https://a.test", "evt_1", event, self.clock() + LIFE)))

    def send(self, number: str, **fields: Any) -> str:
        body = json.dumps(message(to=number, **fields)).encode()
        answer = self.stack.aws.post("/v1/messages", body, **CREDENTIALS)
        assert answer["statusCode"] in (202, 422), answer
        return self.newest_dispatch()

    def newest_dispatch(self) -> str:
        uuids = [item for item in self.stack.aws.items() if item["sk"]["S"] == "DISPATCH"]
        newest = max(uuids, key=lambda item: item["newest_at"]["S"])
        return str(newest["pk"]["S"]).partition("#")[2]

    def status(self, number: str, status: str, **fields: Any) -> None:
        ref = self.newest_dispatch()[:-2] + "01"
        at = to_text(self.clock())
        body = {"message_uuid": "m-1", "channel": "sms", "to": number, "from": FROM, "timestamp": at, "status": status}
        self.webhook("/status", {**body, "client_ref": ref, **fields})

    def say(self, number: str, text: str, **fields: Any) -> None:
        at = to_text(self.clock())
        body = {"channel": "sms", "message_uuid": vonages_id(text, number), "from": number, "to": FROM, "text": text}
        self.webhook("/inbound", {**body, "message_type": "text", "timestamp": at, **fields})

    def webhook(self, path: str, payload: dict[str, Any]) -> None:
        body = json.dumps(payload).encode()
        assert self.stack.aws.post(path, body, authorization=bearer(body))["statusCode"] == 200

    def batch(self, number: str) -> None:
        people = [{"to": number, "variables": {"name": "Ann"}}, {"to": SECOND, "variables": {"name": number}}]
        people.append({"to": THIRD, "variables": {"name": "Bo"}})
        body = {"message": message(to=None, text="Hi {{ name }}"), "recipients": people, "rate": 10}
        self.batches.append(str(self.call("POST", "/v1/batches", body)["batch_uuid"]))

    def call(self, method: str, path: str, body: object = None) -> Any:
        status, answer = self.stack.call(method, path, body)
        assert status < 300, answer
        return answer

    def erase(self, number: str, channel: str = "sms") -> str:
        return str(self.call("DELETE", f"/v1/contacts/{channel}/{number}")["erasure_uuid"])

    def receipt(self, erasure_uuid: str) -> Any:
        return self.call("GET", f"/v1/erasures/{erasure_uuid}")

    def due(self) -> str | None:
        """When the search goes on. The tick reads the same from its index."""
        [*items] = (item for item in self.stack.aws.items() if item["sk"]["S"] == "SWEEP")
        return items[0]["due_at"]["S"] if items and "due_at" in items[0] else None

    def work_once(self) -> bool:
        """What the next timer does. False if there is none."""
        due = self.due()
        if due is None:
            return False
        self.clock.now = max(self.clock.now, from_text(due))
        self.stack.aws.fire(timer_body(Timer(SWEEP_UUID, from_text(due))))
        return True

    def fire(self, uuid: str) -> None:
        self.stack.aws.fire(timer_body(Timer(uuid, self.clock())))

    def work(self, most: int = 300) -> None:
        for _ in range(most):
            if not self.work_once():
                return
        raise AssertionError("the search does not end")

    def snapshot(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The table and the dead letters as they are."""
        letters = self.stack.take("dead-callbacks")
        self.stack.put("dead-callbacks", *letters)
        return self.stack.aws.items(), letters

    def restore(self, snapshot: tuple[list[dict[str, Any]], list[str]]) -> None:
        table, (items, letters) = boto3.resource("dynamodb").Table(self.stack.aws.table_name), snapshot
        dynamodb = boto3.client("dynamodb")
        for item in self.stack.aws.items():
            table.delete_item(Key={"pk": item["pk"]["S"], "sk": item["sk"]["S"]})
        for item in items:
            dynamodb.put_item(TableName=self.stack.aws.table_name, Item=item)
        self.stack.take("dead-callbacks")
        self.stack.put("dead-callbacks", *letters)

    def left_of(self, number: str, *others: str) -> list[str]:
        """Every item and every message in which a spelling of the address is left, byte by byte."""
        forbidden = {*spellings(contact_of("sms", number)), *others}
        found = [json.dumps(readable(item), ensure_ascii=False) for item in self.stack.aws.items()]
        for queue in self.stack.queues:
            messages = self.stack.take(queue)
            self.stack.put(queue, *messages)
            found += messages
        return [text for text in found if any(one in text for one in forbidden)]


def vonages_id(*of: str) -> str:
    """As Vonage's own ids are: nothing can be read from it."""
    return str(identifiers.derived(*of))


def readable(value: Any) -> Any:
    """An item with its bytes as text, so that nothing hides in an encoding."""
    if isinstance(value, dict):
        return {name: readable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [readable(part) for part in value]
    if isinstance(value, bytes) or hasattr(value, "value"):
        return bytes(getattr(value, "value", value)).decode("latin-1")
    return value
