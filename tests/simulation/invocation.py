"""An invocation that stands still at each of its port calls, and goes on with the result that it is given.

To go on it is run again from the start, with the results that it had; to crash is to be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from getthrough.domain.dispatch.automatic import HELP, STARTED, STOPPED
from getthrough.domain.dispatch.automatic_answer import Answers
from getthrough.domain.dispatch.defaults import NONE
from getthrough.domain.limit.limits import NO_LIMITS
from getthrough.domain.ports import Clock, NewId
from getthrough.domain.values.errors import GetthroughError


class Call(NamedTuple):
    port: str
    method: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]


class Suspend(BaseException):
    """An invocation has come to a call whose result it does not have yet."""


@dataclass(eq=False)
class Invocation:
    """`kind` is api, timer, webhook, inbound, cancel, schedule, alter or tick; `about` is what it was invoked with. If
    one that is `unheard` ends well, its acknowledgement is lost, and its timer or webhook comes again."""

    kind: str
    about: Any
    began: datetime
    unheard: bool = False
    results: list[Any] = field(default_factory=list)
    call: Call | None = None


class _Port:
    def __init__(self, name: str, give: Callable[..., Any]) -> None:
        self._name, self._give = name, give

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda *arguments, **named: self._give(Call(self._name, method, arguments, named))


class Ports:
    """Every bundle of one invocation, with all the ports: they give it the results that it has, then stop it."""

    defaults = NONE
    limits = NO_LIMITS
    client_limits = staticmethod(lambda client_name: NO_LIMITS)
    service_windows = None
    messages_per_second = 30
    stop_phrases: frozenset[str] = frozenset()
    answers = Answers(dict.fromkeys((STOPPED, STARTED, HELP), "Your answer."), hash_of="/".join)

    def __init__(self, invocation: Invocation, clock: Clock, ids: NewId) -> None:
        self._invocation, self._clock, self._ids, self._given = invocation, clock, ids, 0

    def __getattr__(self, port: str) -> _Port:
        return _Port(port, self._give)

    def clock(self) -> datetime:
        moment: datetime = self._at_once(self._clock)
        return moment

    def new_id(self) -> str:
        identifier: str = self._at_once(self._ids)
        return identifier

    def _at_once(self, make: Callable[[], Any]) -> Any:
        if self._given == len(self._invocation.results):
            self._invocation.results.append(make())
        self._given += 1
        return self._invocation.results[self._given - 1]

    def _give(self, call: Call) -> Any:
        if self._given == len(self._invocation.results):
            self._invocation.call = call
            raise Suspend
        self._given += 1
        result = self._invocation.results[self._given - 1]
        if isinstance(result, GetthroughError):
            raise result.with_traceback(None)
        return result
