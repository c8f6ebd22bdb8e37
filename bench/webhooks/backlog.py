"""The webhooks of a day, as Vonage sends them when it could not for a while: with copies, and in no order.

Half of them come at about the same time as others of the same customer, so that they meet in different processes.
Some are not Vonage's. Vonage failed to sign others, and therefore sends them again.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import StrEnum
from random import Random
from typing import Any, NamedTuple

from bench.webhooks.day import Day, Json, identifier
from getthrough.adapters.system import utc_now
from getthrough.adapters.webhook_signature import OLDEST
from tests.builders import webhook_token
from tests.secret import API_KEY, APPLICATION_ID, SIGNATURE_SECRET

NEW_SIGNATURE_SECRET = "the-secret-that-signs-all-webhooks-from-now-on"
FORGERS_SECRET = "someone-else-s-secret-of-some-length"

FORGED, UNSIGNED = 0.05, 0.01
"""Shares of all webhooks."""

MEANWHILE = 60.0
"""Seconds that pass between adding a signature secret and using it: another window of the operator's browser."""


class Kind(StrEnum):
    GENUINE = "genuine"
    FORGED = "forged"
    UNSIGNED = "unsigned"


class Webhook(NamedTuple):
    """One POST. An unsigned one is answered 503; `signed_later` is what it carries when it comes again."""

    kind: Kind
    path: str
    body: bytes
    authorization: str | None
    signed_later: str | None = None


class _Event(NamedTuple):
    path: str
    body: bytes
    customer: str


class Stretch(NamedTuple):
    """A part of the backlog, what the secret holds meanwhile, and how many seconds passed since the part before."""

    webhooks: Sequence[Webhook]
    signature_secrets: tuple[str, ...] = (SIGNATURE_SECRET,)
    seconds_passed: float = 0


def backlog(day: Day, seed: int, *, rotate: bool = False) -> list[Stretch]:
    """All webhooks of a day. With `rotate` the signature secret is changed on the way: after a third of them the new
    one is added to the secret, and after another third Vonage signs with it."""
    dice = Random(f"{seed}")
    events = [_Event("/status", _json(payload), payload["to"]) for payload in day.statuses]
    events += [_Event("/inbound", _json(payload), payload["from"]) for payload in day.messages]
    copies = [event for event in events for _ in range(_copies(dice))]
    forgeries = [None] * round(len(copies) * FORGED / (1 - FORGED))
    together = defaultdict[str, float](dice.random)

    def place(event: _Event | None) -> float:
        if event is None or dice.random() < 0.5:
            return dice.random()
        return together[event.customer] + dice.random() / 100

    order = sorted([*copies, *forgeries], key=place)
    vonage, old, new = _Vonage(dice, events), SIGNATURE_SECRET, NEW_SIGNATURE_SECRET
    plan: list[tuple[str, tuple[str, ...], float]] = [(old, (old,), 0)]
    if rotate:
        plan += [(old, (new, old), 0), (new, (new, old), MEANWHILE)]
    length = -(-len(order) // len(plan))
    return [
        Stretch([vonage.sends(event, key) for event in order[number * length :][:length]], secrets, seconds)
        for number, (key, secrets, seconds) in enumerate(plan)
    ]


class _Vonage:
    """Signs webhooks, forged ones too. A copy is signed again, or is the first one replayed."""

    def __init__(self, dice: Random, events: Sequence[_Event]) -> None:
        self._dice, self._events = dice, events
        self._tokens: dict[bytes, str] = {}

    def sends(self, event: _Event | None, key: str) -> Webhook:
        if event is None:
            return self._forged(key)
        path, body, _ = event
        replayed = self._tokens.get(body) if self._dice.random() < 0.3 else None
        authorization = replayed or _bearer(body, key, self._dice)
        self._tokens.setdefault(body, authorization)
        if self._dice.random() < UNSIGNED / (1 - FORGED):
            return Webhook(Kind.UNSIGNED, path, body, None, signed_later=authorization)
        return Webhook(Kind.GENUINE, path, body, authorization)

    def _forged(self, key: str) -> Webhook:
        """What would change something if it were believed: a message read for a fortune, or a customer who stops."""
        path, body, _ = self._dice.choice(self._events)
        payload = json.loads(body)
        lie = {"status": "read", "usage": {"price": "999", "currency": "EUR"}, "text": "STOP"}
        false = _json({**payload, **lie, "forgery": identifier(self._dice)})
        return Webhook(Kind.FORGED, path, false, self._dice.choice(_FORGERIES)(false, body, key, self._dice))


def _bearer(body: bytes, key: str, dice: Random, header: Json | None = None, **claims: Any) -> str:
    signed = {"jti": identifier(dice), "api_key": API_KEY, "application_id": APPLICATION_ID, **claims}
    return "Bearer " + webhook_token(body, key, header, **signed)


_FORGERIES: Sequence[Callable[[bytes, bytes, str, Random], str]] = (
    lambda false, _, key, dice: _bearer(false, FORGERS_SECRET, dice),
    lambda _, true, key, dice: _bearer(true, key, dice),
    lambda false, _, key, dice: _bearer(false, key, dice, header={"alg": "none", "typ": "JWT"}),
    lambda false, _, key, dice: _bearer(false, key, dice, iss="Someone"),
    lambda false, _, key, dice: _bearer(false, key, dice, api_key="other"),
    lambda false, _, key, dice: _bearer(false, key, dice, application_id=identifier(dice)),
    lambda false, _, key, dice: _bearer(false, key, dice, iat=int((utc_now() - OLDEST).timestamp()) - 60),
)
"""Tokens for a false body, of someone who knows a true one: another secret; the true one's token; and claims that
Vonage's would not have, as if someone had the secret too. All go to quarantine, because the tokens
claim our account and fit the body, or are signed."""


def _copies(dice: Random) -> int:
    """Most webhooks come once, some often, and one in a hundred a hundred times."""
    chance = dice.random()
    if chance < 0.6:
        return 1
    if chance < 0.9:
        return dice.randint(2, 3)
    return dice.randint(4, 10) if chance < 0.99 else 100


def _json(payload: Json) -> bytes:
    return json.dumps(payload).encode()
