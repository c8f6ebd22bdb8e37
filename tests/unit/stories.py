"""What happens to a dispatch, one line for each thing: claimed, answered, reported."""

from functools import reduce
from typing import Any

from getthrough.domain.dispatch import failover
from getthrough.domain.dispatch.dispatch import Answer, AnswerKind, Dispatch
from getthrough.domain.dispatch.failover import Send
from getthrough.domain.event.webhook import StatusEvent
from tests.builders import at

ACCEPTED, REFUSED = AnswerKind.ACCEPTED, AnswerKind.REFUSED
UNAVAILABLE, UNKNOWN = AnswerKind.UNAVAILABLE, AnswerKind.UNKNOWN


def claimed(dispatch: Dispatch, seconds: float = 0, claim_id: str = "claim") -> Dispatch:
    """Claim what the kernel wants to send at that moment."""
    send = failover.decide(dispatch, at(seconds))
    assert isinstance(send, Send), send
    return failover.claim(dispatch, send, claim_id=claim_id, now=at(seconds))


def answered(dispatch: Dispatch, kind: AnswerKind = ACCEPTED, seconds: float = 0, **fields: Any) -> Dispatch:
    """Record the provider's answer to the last claim."""
    step = len(dispatch.attempts) - 1
    claim_id = dispatch.attempts[step].claim_id
    return failover.record_answer(dispatch, step, Answer(kind=kind, **fields), claim_id=claim_id, now=at(seconds))


def sent(dispatch: Dispatch, kind: AnswerKind = ACCEPTED, seconds: float = 0, **fields: Any) -> Dispatch:
    """Claimed, and answered in no time."""
    return answered(claimed(dispatch, seconds), kind, seconds, **fields)


def reported(dispatch: Dispatch, *events: StatusEvent) -> Dispatch:
    return reduce(failover.apply, events, dispatch)
