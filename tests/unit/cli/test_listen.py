"""Passing webhooks on from the relay: killed anywhere and started again, it loses none and keeps what was not final."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from botocore.exceptions import EndpointConnectionError

from cli.__main__ import main
from cli.errors import OperatorError
from cli.listen.passing import OFFLINE_SECONDS, Listening, is_final
from cli.listen.relay import AGAIN_SECONDS, LEASE_SECONDS, Webhook

VISIBLE_AGAIN = 60
URL = "http://127.0.0.1:8080"


class KilledError(BaseException):
    """The process ends here, as with kill -9."""


@dataclass
class World:
    """A queue with its lease, and the local stack, which knows copies. Each call may be the last one of a process."""

    waiting: dict[str, float] = field(default_factory=dict)
    seconds: float = 1_000_000.0
    owner: tuple[str, float] | None = None
    recorded: list[str] = field(default_factory=list)
    answers: dict[str, list[int | None]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    api_url: str | None = URL
    dies_at: int | None = None
    offline: bool = False
    calls: Iterator[int] = field(default_factory=count)

    def step(self) -> None:
        if self.dies_at is not None and next(self.calls) >= self.dies_at:
            raise KilledError
        if self.offline:
            raise EndpointConnectionError(endpoint_url="https://sqs")

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def post(self, api_url: str, webhook: Webhook) -> int | None:
        self.step()
        name = webhook.body.decode()
        answers = self.answers.get(name, [200])
        status = answers.pop(0) if len(answers) > 1 else answers[0]
        if status == 200:
            self.recorded.append(name)
        self.step()
        return status


@dataclass
class Queue:
    """One listener's view of the relay."""

    world: World
    me: str

    def hold(self, now: float) -> None:
        self.world.step()
        owner = self.world.owner
        if owner and owner[0] != self.me and owner[1] >= now:
            raise OperatorError("someone already listens")
        self.world.owner = (self.me, now + LEASE_SECONDS)

    def receive(self) -> list[Webhook]:
        self.world.step()
        self.world.seconds += 1
        found = [name for name, at in self.world.waiting.items() if at <= self.world.seconds][:10]
        for name in found:
            self.world.waiting[name] = self.world.seconds + VISIBLE_AGAIN
        self.world.step()
        return [Webhook("status", {}, name.encode(), name) for name in found]

    def done(self, webhook: Webhook) -> None:
        self.world.step()
        del self.world.waiting[webhook.receipt]
        self.world.step()

    def later(self, webhook: Webhook) -> None:
        self.world.step()
        self.world.waiting[webhook.receipt] = self.world.seconds + AGAIN_SECONDS


def listener(world: World, me: str = "me") -> Listening:
    return Listening(
        Queue(world, me),
        lambda: world.api_url,
        world.post,
        world.said.append,
        now=lambda: world.seconds,
        wait=world.wait,
    )


def rounds(listening: Listening, world: World, most: int = 200) -> None:
    for _ in range(most):
        if not world.waiting:
            return
        listening.round()
        world.wait(1)


CALLS = 33
"""So many calls it takes to pass these on, each of which may be the last one."""

NAMES = [f"webhook {number}" for number in range(3)]


@pytest.mark.parametrize("dies_at", range(CALLS))
def test_a_listener_that_is_killed_anywhere_and_started_again_loses_nothing(dies_at: int) -> None:
    world = World(waiting=dict.fromkeys(NAMES, 0.0), dies_at=dies_at, answers={NAMES[1]: [503, None, 200]})

    with pytest.raises(KilledError):
        rounds(listener(world, "the first"), world)
    world.dies_at = None
    world.wait(LEASE_SECONDS + 1)
    rounds(listener(world, "the second"), world)

    assert (set(world.recorded), world.waiting) == (set(NAMES), {})
    assert len(world.recorded) <= len(NAMES) + 1, "only the one that was under way is posted a second time"


def test_the_points_at_which_it_is_killed_are_all_there_are() -> None:
    world = World(waiting=dict.fromkeys(NAMES, 0.0), dies_at=10_000, answers={NAMES[1]: [503, None, 200]})

    rounds(listener(world), world)

    assert next(world.calls) == CALLS


@pytest.mark.parametrize(
    ("status", "final"),
    [(200, True), (401, True), (404, True), (429, False), (500, False), (503, False), (None, False)],
)
def test_a_webhook_stays_until_the_stack_answers_what_vonage_would_not_repeat(status: int | None, final: bool) -> None:
    world = World(waiting={"one": 0.0}, answers={"one": [status]})

    listener(world).round()

    assert is_final(status) == final
    assert world.waiting == ({} if final else {"one": world.seconds + AGAIN_SECONDS})
    shown = "no answer" if status is None else status
    assert world.said[-1].startswith(f"POST /status  {shown}")


def test_a_forged_webhook_is_said_to_be_one() -> None:
    world = World(waiting={"one": 0.0}, answers={"one": [401]})

    listener(world).round()

    assert world.said[-1] == "POST /status  401  not signed with the local stack's signature secret and application"


def test_a_second_listener_is_refused_and_may_begin_once_the_first_is_gone() -> None:
    world = World()
    first, second = listener(world, "first"), listener(world, "second")
    first.round()

    with pytest.raises(OperatorError, match="someone already listens"):
        second.round()
    world.wait(LEASE_SECONDS + 1)
    second.round()
    with pytest.raises(OperatorError, match="someone already listens"):
        first.round()


def test_one_that_posts_for_long_keeps_its_lease() -> None:
    world = World(waiting={f"webhook {number}": 0.0 for number in range(10)})
    slow = listener(world)
    post: Callable[[str, Webhook], int | None] = world.post

    def slowly(api_url: str, webhook: Webhook) -> int | None:
        world.wait(17)
        return post(api_url, webhook)

    slow.post = slowly
    slow.round()

    assert world.owner is not None
    assert world.owner[1] > world.seconds, "it would have ended in the middle"


def test_webhooks_wait_while_no_local_stack_runs_and_while_there_is_no_network() -> None:
    world = World(waiting={"one": 0.0}, api_url=None)
    listening = listener(world)

    for _ in range(2):
        listening.round()
    world.api_url, world.offline = URL, True
    for _ in range(2):
        listening.round()
    assert world.waiting == {"one": 0.0}
    world.offline = False
    listening.round()

    assert world.recorded == ["one"]
    assert world.said == [
        "No local stack runs; the webhooks wait in AWS.",
        "AWS does not answer; the webhooks wait there.",
        f"Webhooks go to {URL}.",
        "POST /status  200",
    ]
    assert world.seconds >= 1_000_000 + 4 * OFFLINE_SECONDS


def test_what_was_typed_is_checked_before_anything_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", "--forward", "localhost:8001"]) == 2
    assert "--forward is no URL" in capsys.readouterr().err


def test_time_goes_by_this_computers_clock() -> None:
    assert Listening(Queue(World(), "me"), lambda: None, lambda *_: None, print).now is time.time
