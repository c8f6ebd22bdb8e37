"""Carries accepted messages to the phones and lets happen what their settings say, event after event."""

import secrets
import string
import uuid
from collections.abc import Mapping
from typing import Any

from local.vonage_simulator import payloads
from local.vonage_simulator.account import Account
from local.vonage_simulator.clock import Clock, timestamp
from local.vonage_simulator.phones import SERVICE_WINDOW, Event, Message, Phone, Workflow, next_event, time_to_live
from local.vonage_simulator.webhooks import Webhooks


class Network:
    def __init__(self, clock: Clock, webhooks: Webhooks, account: Account) -> None:
        self._account = account
        self._clock = clock
        self._webhooks = webhooks
        self._messages: dict[str, Message] = {}
        self._heard: dict[tuple[str, str], float] = {}  # when a phone last wrote to a sender
        self.phones: dict[tuple[str, str], Phone] = {}
        self.base_url = ""

    def phone(self, channel: str, address: str) -> Phone:
        return self.phones.setdefault((channel, address), Phone(channel, address))

    def message(self, message_uuid: str) -> Message | None:
        return self._messages.get(message_uuid)

    def accept(self, body: Mapping[str, Any], application_id: str) -> Message:
        """Take a checked request body of an application; its failover items wait for a rejection."""
        first = {key: value for key, value in body.items() if key != "failover"}
        if "failover" not in body:
            return self._take(first, None, application_id)
        alphabet = string.ascii_letters + string.digits
        workflow_id = "".join(secrets.choice(alphabet) for _ in range(55))
        return self._take(first, Workflow(workflow_id, (first, *body["failover"])), application_id)

    def _take(self, body: Mapping[str, Any], workflow: Workflow | None, application_id: str) -> Message:
        expires_at = self._clock.now() + time_to_live(body)
        message = Message(str(uuid.uuid4()), body, timestamp(), expires_at, workflow=workflow)
        message.application_id = application_id
        message.outside = self._is_outside(body)
        self._messages[message.uuid] = message
        self._phone_of(message).messages.append(message)
        self._plan(message)
        return message

    def set_phone(self, channel: str, address: str, settings: object) -> Phone:
        phone = self.phones.get((channel, address)) or Phone(channel, address)
        phone.set(settings)
        self.phones[channel, address] = phone
        for message in phone.messages:
            self._plan(message)
        return phone

    def read_now(self, phone: Phone) -> int:
        """The owner looks at the screen; how many messages got a read receipt by it."""
        if not (phone.can_read and phone.receipts):
            return 0
        unread = [message for message in phone.messages if message.status == "delivered"]
        for message in unread:
            self._happen(message, Event("read", 0))
        return len(unread)

    def reply(self, phone: Phone, to: str, content: Mapping[str, Any], version: str) -> Message:
        """The owner sends something (see `checks.reply_faults`); its webhook has the shape of that version."""
        body = {"channel": phone.channel, "from": phone.writes_as or phone.address, "to": to, **content}
        message = Message(str(uuid.uuid4()), body, timestamp(), direction="sent", status="sent")
        message.application_id = self._account.application_of(to)
        self._heard[phone.address, to] = self._clock.now()
        self._messages[message.uuid] = message
        phone.messages.append(message)
        if version == "v0.1":
            reported = payloads.inbound_v01(message)
        else:
            quoted = self._messages[content["context"]["message_uuid"]] if "context" in content else None
            reported = payloads.inbound(message, quoted, self.base_url, phone)
        self._webhooks.inbound(message, phone.address, reported)
        return message

    def revoke(self, message: Message) -> None:
        """Take back what has not arrived. No webhook reports it."""
        if message.status in {"accepted", "submitted"}:
            message.status = "revoked"
            self._plan(message)

    def clear(self) -> None:
        for message in self._messages.values():
            if message.timer is not None:
                message.timer.cancel()
        self._messages.clear()
        self.phones.clear()
        self._heard.clear()

    def _is_outside(self, body: Mapping[str, Any]) -> bool:
        if not self._account.switches.service_window or body["channel"] != "whatsapp":
            return False
        if "template" in (body["message_type"], body.get("custom", {}).get("type")):
            return False
        heard = self._heard.get((body["to"], body["from"]))
        return heard is None or self._clock.now() >= heard + SERVICE_WINDOW

    def _phone_of(self, message: Message) -> Phone:
        return self.phone(message.body["channel"], message.body["to"])

    def _plan(self, message: Message) -> None:
        if message.timer is not None:
            message.timer.cancel()
            message.timer = None
        if message.direction == "sent":
            return
        phone = self._phone_of(message)
        event = next_event(phone, message, self._clock.now())
        if event is not None:
            message.timer = self._clock.later(event.wait, self._happen, message, event)
        # a phone in airplane mode may stay so for long: do not wait for its next status
        if event is None or (phone.mode == "airplane" and message.status != "accepted"):
            self._webhooks.complete(message)

    def _happen(self, message: Message, event: Event) -> None:
        message.status, message.error = event.status, event.error
        if event.status == "delivered":
            message.arrived_at = timestamp()
        reported = payloads.status(message, event.status, event.error, self._phone_of(message).ids)
        self._webhooks.status(message, message.body["to"], reported)
        if event.status == "rejected":
            self._fail_over(message.workflow, message.application_id)
        self._plan(message)

    def _fail_over(self, workflow: Workflow | None, application_id: str) -> None:
        """Vonage's own failover: the next message goes out when, and only when, this one is rejected."""
        if workflow is None or workflow.position + 1 >= len(workflow.items):
            return
        following = workflow.position + 1
        self._take(workflow.items[following], Workflow(workflow.id, workflow.items, following), application_id)
