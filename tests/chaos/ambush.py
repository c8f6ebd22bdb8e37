"""Kill a function's worker at a chosen call of AWS, or while it does something else.

A worker is known by its connection: the process at the other end of it, found in /proc, is the one that is killed.
"""

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web
from boto3.dynamodb.types import TypeDeserializer

from tests.chaos.aws_proxy import Forward, hang_up, operation

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Call:
    """One call of AWS by a function, named by its place in the protocol.

    `arm` (SendMessageBatch); `claim`, `record` and `close` (the dispatch's item with a claim, its answer, its end);
    `note` (the claim in its contact's conversation) and `look` (whether the contact has opted out); `rearm` (what is
    armed after a record); `refer` (the reference by the provider's id); `revoke` (what came of taking a message back);
    `event` and `inbound` (what a webhook brings), `apply` (the dispatch's item with it), `trigger` (what is armed
    then), `opt_out` (a contact's consent), `complete` (all of it is done; its `item` is what the webhook brought);
    `read` is any other, such as an entry that lists the dispatch for a contact. `step` is that of the last attempt.
    """

    pid: int
    function: str
    place: str
    item: Mapping[str, Any]

    @property
    def step(self) -> int | None:
        return len(self.item["attempts"]) - 1 if self.item.get("attempts") else None

    @property
    def dispatch_uuid(self) -> str:
        """The dispatch that the item belongs to."""
        return str(self.item["pk"]).removeprefix("DISPATCH#")


@dataclass
class Trap:
    """Kill the first worker that makes such a call: before it is carried out, or after it."""

    wanted: Callable[[Call], bool]
    carried_out: bool
    sprung: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float = 15) -> None:
        assert self.sprung.wait(seconds), "the call at which to kill never came"


class Ambush:
    """What an aws_proxy does between the functions and AWS. `calls` are those that were carried out."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._trap: Trap | None = None
        self._pids: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()  # per connection

    def kill_at(
        self, function: str, place: str, *, carried_out: bool, step: int | None = None, words: str = ""
    ) -> Trap:
        """Set the one trap: at this function's next call of that place (and step), with these words in its item."""

        def wanted(call: Call) -> bool:
            return (
                (call.function, call.place) == (function, place)
                and step in {None, call.step}
                and words in str(call.item)
            )

        self._trap = Trap(wanted, carried_out)
        return self._trap

    def kill_claimer(self, step: int) -> None:
        """Kill the worker that claimed this step, whatever it is doing now."""
        pid = next(call.pid for call in self.calls if (call.place, call.step) == ("claim", step))
        os.kill(pid, signal.SIGKILL)

    def claimed(self) -> list[str]:
        """The dispatches of all claims, in order."""
        return [call.dispatch_uuid for call in self.calls if call.place == "claim"]

    def clear(self) -> None:
        self._trap = None
        self.calls.clear()

    async def __call__(self, request: web.Request, body: bytes, forward: Forward) -> web.Response:
        call = self._call(request, body)
        trap = self._trap if self._trap and self._trap.wanted(call) else None
        if trap and not trap.carried_out:
            return self._spring(trap, call, request)
        answer = await forward()
        if answer.status == 200:  # a claim whose condition did not hold was none
            self.calls.append(call)
            if trap and trap is self._trap:
                return self._spring(trap, call, request)
        return answer

    def _spring(self, trap: Trap, call: Call, request: web.Request) -> web.Response:
        self._trap = None
        os.kill(call.pid, signal.SIGKILL)
        trap.sprung.set()
        return hang_up(request)

    def _call(self, request: web.Request, body: bytes) -> Call:
        pid = self._pid(request)
        function = _function(pid)
        assert function is not None
        item: Mapping[str, Any] = {name: _deserialize(value) for name, value in _written(json.loads(body)).items()}
        earlier = [call for call in self.calls if call.pid == pid and call.place != "read"]
        place = _place(function, operation(request), item, earlier[-1].place if earlier else None)
        if place == "complete":
            item = next((call.item for call in reversed(earlier) if call.place in {"event", "inbound"}), {})
        return Call(pid, function, place, item)

    def _pid(self, request: web.Request) -> int:
        connection = request.transport
        assert connection is not None
        if connection not in self._pids:
            ends = connection.get_extra_info("peername")[1], connection.get_extra_info("sockname")[1]
            self._pids[connection] = _worker_with_connection(*ends)
        return self._pids[connection]


def _written(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The item that a call puts, by itself or in a transaction; empty for other calls."""
    puts = [body, *(part.get("Put", {}) for part in body.get("TransactItems", []))]
    return next((put["Item"] for put in puts if "Item" in put), {})


def _place(function: str, operation: str, item: Mapping[str, Any], earlier: str | None) -> str:
    brought_by_a_webhook = function in {"StatusFunction", "InboundFunction"}
    if operation == "SendMessageBatch":
        return "trigger" if brought_by_a_webhook else "rearm" if earlier == "record" else "arm"
    if operation == "UpdateItem":
        return "complete"
    if not item:
        return "look" if earlier == "note" else "read"
    if item["sk"] != "DISPATCH":
        return _PLACES.get(str(item["sk"]).partition("#")[0], "read")
    if brought_by_a_webhook:
        return "apply"
    if "closed" in item:
        return "close"
    if earlier in {"refer", "event"}:
        return "revoke" if any("revocation" in attempt for attempt in item["attempts"]) else "apply"
    return "record" if "answer" in item["attempts"][-1] else "claim"


_PLACES = {
    "REFERENCE": "refer",
    "EVENT": "event",
    "RECEIVED": "inbound",
    "CONTACT": "opt_out",
    "SENT": "note",
    "QUARANTINE": "quarantine",
}


def _worker_with_connection(port: int, to_port: int) -> int:
    """The worker with a connection between these ports. The first alone may be that of another connection, too."""
    ends = [f"0100007F:{port:04X}", f"0100007F:{to_port:04X}"]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1:3] == ends}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone meanwhile, or another user's
            if _function(int(folder.name)) and any(
                os.readlink(descriptor) in sockets for descriptor in (folder / "fd").iterdir()
            ):
                return int(folder.name)
    raise LookupError(f"no worker is connected from port {port}")


def _function(pid: int) -> str | None:
    """The function whose worker the process is. It works in a folder of its function's name."""
    folder = Path(os.readlink(f"/proc/{pid}/cwd")).parent.name
    return folder.removeprefix("ministack-lambda-").split("-")[0] if folder.startswith("ministack-lambda-") else None
