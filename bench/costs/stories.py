"""What is counted: a plain SMS, a failover, and a recipient of a batch, each with its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.costs.stack import Stack, counted_stack
from bench.costs.used import Invocation, Used, of_one, sum_of
from tests.builders import FIRST, message

DELIVERED: Mapping[float, str] = {1: "submitted", 6: "delivered"}
LATE: Mapping[float, str] = {1: "submitted", 620: "delivered"}
"""After the fallback was sent."""


def plain_sms(stack: Stack) -> None:
    stack.gateway.story = lambda _: DELIVERED
    stack.post("/v1/messages", message(), "SendFunction")


def plain_sms_that_is_heard_of(stack: Stack) -> None:
    """Something listens to the bus."""
    stack.listen()
    plain_sms(stack)


def two_steps(stack: Stack) -> None:
    """The first message misses its window of ten minutes, and arrives after its fallback. Two ticks see the window."""
    stack.gateway.story = lambda number: LATE if number == 1 else DELIVERED
    stack.post("/v1/messages", message(expiry_time=600, failover=[message()]), "SendFunction")
    stack.ticks(2)


def batch_of(recipients: int) -> Callable[[Stack], None]:
    """With a rate of its own, below the account's."""

    def story(stack: Stack) -> None:
        stack.gateway.story = lambda _: DELIVERED
        people = [{"to": str(int(FIRST) + number), "variables": {"name": "Ann"}} for number in range(recipients)]
        body = {"message": message(to=None, text="Hello {{ name }}"), "recipients": people, "rate": 10}
        stack.post("/v1/batches", body, "BatchesFunction")

    return story


def invocations_of(story: Callable[[Stack], None]) -> list[Invocation]:
    """Of a story that comes when the functions are warm."""
    with counted_stack() as stack:
        plain_sms(stack)
        stack.run()
        batch_of(1)(stack)
        stack.run()
        stack.invocations.clear()
        stack.gateway.sent.clear()
        stack.after(60, lambda: story(stack))
        stack.run()
        return stack.invocations


def used_by(story: Callable[[Stack], None]) -> Used:
    return sum_of(invocations_of(story))


def used_by_a_recipient(fewer: int = 1, more: int = 21) -> Used:
    return of_one(used_by(batch_of(fewer)), used_by(batch_of(more)), more - fewer)
