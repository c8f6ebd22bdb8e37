"""Pass webhooks on: from the relay to the local stack, and the local stack's events to a receiver.

A webhook leaves the queue only once the local stack has answered for good. Whatever stops this in between, the webhook
comes again; a copy changes nothing, since the stack knows copies.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import requests
from botocore.exceptions import ConnectionError, HTTPClientError

from cli.listen.relay import LEASE_SECONDS, Webhook

POST_SECONDS = (3, 15)
OFFLINE_SECONDS = 5

Post = Callable[[str, Webhook], int | None]
"""Posts a webhook to the stack at this URL; the answer's status, or None if there was none."""


class Queue(Protocol):
    """What `listen` needs of a relay."""

    def hold(self, now: float) -> None: ...
    def receive(self) -> list[Webhook]: ...
    def done(self, webhook: Webhook) -> None: ...
    def later(self, webhook: Webhook) -> None: ...


@dataclass
class Listening:
    """What a listener knows from one round to the next. `api_url` finds the local stack, or None while none runs."""

    queue: Queue
    api_url: Callable[[], str | None]
    post: Post
    say: Callable[[str], None]
    now: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep
    held_at: float = 0.0
    said: str = ""

    def round(self) -> None:
        """Pass on what waits. OperatorError if someone else listens now. Without a network nothing is lost."""
        try:
            self.hold()
            if (api_url := self.api_url()) is None:
                self._say_once("No local stack runs; the webhooks wait in AWS.")
                self.wait(OFFLINE_SECONDS)
                return
            webhooks = self.queue.receive()
            self._say_once(f"Webhooks go to {api_url}.")
            for webhook in webhooks:
                self.hold()
                self._pass_on(api_url, webhook)
        except (ConnectionError, HTTPClientError):
            self._say_once("AWS does not answer; the webhooks wait there.")
            self.wait(OFFLINE_SECONDS)

    def hold(self) -> None:
        """OperatorError while someone else listens."""
        now = self.now()
        # Also after the computer slept: then another one may have begun to listen.
        if now - self.held_at > LEASE_SECONDS / 4:
            self.queue.hold(now)
            self.held_at = now

    def _say_once(self, words: str) -> None:
        """What stays as it is, is not said again."""
        if words != self.said:
            self.say(words)
        self.said = words

    def _pass_on(self, api_url: str, webhook: Webhook) -> None:
        status = self.post(api_url, webhook)
        if is_final(status):
            self.queue.done(webhook)
        else:
            self.queue.later(webhook)
        self.say(f"POST /{webhook.kind}  {'no answer' if status is None else status}{_comment(status)}")


def is_final(status: int | None) -> bool:
    """What Vonage would not send again."""
    return status is not None and status < 500 and status != 429


def _comment(status: int | None) -> str:
    if status == 401:
        return "  not signed with the local stack's signature secret and application"
    return "" if is_final(status) else "  it is tried again"


def poster() -> Post:
    """Posts with the headers and the bytes that Vonage sent."""
    session = requests.Session()
    session.trust_env = False

    def post(api_url: str, webhook: Webhook) -> int | None:
        try:
            response = session.post(
                f"{api_url}/{webhook.kind}",
                data=webhook.body,
                headers=dict(webhook.headers),
                timeout=POST_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:
            return None
        return int(response.status_code)

    return post
