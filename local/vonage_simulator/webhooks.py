"""Delivers webhooks as Vonage does: signed, and again for 24 hours while the receiver answers 429 or 5xx.

Any other answer, a 401 included, ends the matter: the event is lost, as it would be with Vonage.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import jwt

from local.vonage_simulator import payloads
from local.vonage_simulator.account import Account
from local.vonage_simulator.clock import Clock, timestamp
from local.vonage_simulator.faults import Faults, WebhookFault
from local.vonage_simulator.phones import Message

FIRST_WAIT, LAST_DOUBLED_WAIT, LATER_WAIT = 5, 640, 900
GIVEN_UP_AFTER = 24 * 3600


def retry_waits() -> Iterator[int]:
    """Seconds before each retry: 5, doubling to 640, then 900, as long as that stays within 24 hours."""
    wait, total = FIRST_WAIT, 0
    while total + wait <= GIVEN_UP_AFTER:
        yield wait
        total += wait
        wait = wait * 2 if wait < LAST_DOUBLED_WAIT else LATER_WAIT


def is_retried(answer: int | str) -> bool:
    """An answer is an HTTP status, or the words for why there was none."""
    return isinstance(answer, str) or answer == 429 or answer >= 500


@dataclass(frozen=True)
class Webhook:
    kind: str  # status or inbound
    url: str
    phone: str
    body: dict[str, Any]
    fault: WebhookFault
    application_id: str
    signed: bool = True


class Webhooks:
    def __init__(self, account: Account, clock: Clock, faults: Faults) -> None:
        self._account = account
        self._clock = clock
        self._faults = faults
        self._session: aiohttp.ClientSession | None = None
        self.attempts: list[dict[str, Any]] = []

    async def open(self) -> None:
        timeout = aiohttp.ClientTimeout(
            total=None,
            sock_connect=self._account.config.connect_timeout,
            sock_read=self._account.config.response_timeout,
        )
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def status(self, message: Message, phone: str, body: dict[str, Any]) -> None:
        """Send it, or hold it back until `complete`. An application that names no URL gets none."""
        url = message.body.get("webhook_url") or self._account.webhook_url(message.application_id, "status_url")
        if url is None:
            return
        fault = self._faults.take_webhook(phone)
        if fault.no_client_ref:
            body = {name: value for name, value in body.items() if name != "client_ref"}
        hook = Webhook("status", url, phone, body, fault, message.application_id)
        if self._account.switches.sms_api and message.body["channel"] == "sms":
            receipt = payloads.receipt_of_the_sms_api(message, body["status"], self._account.config.api_key)
            if receipt is None:
                return
            hook = replace(hook, body=receipt, signed=False)
        if hook.fault.shuffle:
            message.held.append(hook)
        else:
            self._send(hook)

    def inbound(self, message: Message, phone: str, body: dict[str, Any]) -> None:
        url = self._account.webhook_url(message.application_id, "inbound_url")
        if url is None:
            return
        hook = Webhook("inbound", url, phone, body, self._faults.take_webhook(phone), message.application_id)
        if self._account.switches.sms_api and message.body["channel"] == "sms":
            body = payloads.inbound_of_the_sms_api(message, self._account.config.api_key)
            hook = replace(hook, body=body, signed=False)
        self._send(hook)

    def complete(self, message: Message) -> None:
        """Nothing more is to come for this message: what is held back goes out, the last first."""
        held, message.held = message.held, []
        if held:
            self._clock.spawn(self._one_after_the_other(held[::-1]))

    def _send(self, hook: Webhook) -> None:
        for _ in range(hook.fault.duplicate):
            self._clock.spawn(self._deliver(hook))

    async def _one_after_the_other(self, hooks: list[Webhook]) -> None:
        for hook in hooks:
            for copy in range(hook.fault.duplicate):
                await self._clock.sleep(hook.fault.delay if copy == 0 else 0)
                answer = await self._attempt(hook, 1)
                self._clock.spawn(self._retry(hook, answer))

    async def _deliver(self, hook: Webhook) -> None:
        await self._clock.sleep(hook.fault.delay)
        await self._retry(hook, await self._attempt(hook, 1))

    async def _retry(self, hook: Webhook, answer: int | str) -> None:
        for number, wait in enumerate(retry_waits(), start=2):
            if not is_retried(answer):
                return
            await self._clock.sleep(wait)
            answer = await self._attempt(hook, number)

    async def _attempt(self, hook: Webhook, number: int) -> int | str:
        raw = json.dumps(hook.body).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "vonage-simulator"}
        signed = hook.signed and number > hook.fault.unsigned_first and not self._account.switches.unsigned
        if signed:
            headers["Authorization"] = f"Bearer {self._signature(raw, hook.application_id)}"
        entry: dict[str, Any] = {
            "at": timestamp(),
            "kind": hook.kind,
            "url": hook.url,
            "message_uuid": hook.body.get("message_uuid") or hook.body["messageId"],
            "attempt": number,
            "signed": signed,
            "answer": None,
            "body": hook.body,
        }
        self.attempts.append(entry)
        answer = await self._post(hook.url, raw, headers)
        entry["answer"] = answer
        return answer

    async def _post(self, url: str, raw: bytes, headers: dict[str, str]) -> int | str:
        assert self._session is not None
        try:
            async with self._session.post(url, data=raw, headers=headers, allow_redirects=False) as response:
                await response.read()
                return response.status
        except TimeoutError:
            return "timeout"
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            return f"no connection ({type(failure).__name__})"

    def _signature(self, raw: bytes, application_id: str) -> str:
        claims = {
            "iat": int(time.time()),
            "jti": str(uuid.uuid4()),
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(raw).hexdigest(),
            "api_key": self._account.config.api_key,
            "application_id": application_id,
        }
        return jwt.encode(claims, self._account.signature_secret, algorithm="HS256")
