"""Logs and metrics, for handlers only. Nothing personal is logged: ids, statuses, codes and durations are enough.

Metrics (namespace Getthrough): DispatchAccepted, DispatchReplayed, StepSent, StepOptedOut (it was not sent),
DispatchSucceeded, DispatchExhausted, DispatchStopped and DispatchCancelled (all four where it is published that a
dispatch ended, since many functions can end one; a late success is a second end), DoubleMessage, AccountRefused,
AnswerNotRecorded, WebhookUnsigned, WebhookForged, WebhookMalformed (signed, not understood), WebhookUnreadable (not
even looked at), StatusDuplicate, StatusUnmatched, StatusUnknown, InboundStored, InboundDuplicate, OptedOut, OptedIn,
TimerLateness (seconds), TimersQueued, TickOverdue (seconds),
TickLeft (what it had no time for), EventPublished, EventUnreadable, CallbackDelivered, CallbackFailed (it is tried
again), CallbackWaiting, CallbackGivenUp, CallbackRefused, CallbackGone, QuarantineReleased, DeadLettersReleased,
ScheduleCreated, ScheduleRun (dispatches or batches made), BatchAccepted, BatchDispatches (made), SlotGiven (a message
of a batch had to wait), TallyUnreadable, RecipientUnsendable.
"""

import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Protocol

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


class Context(Protocol):
    """What a handler uses of the context that Lambda gives it."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


LambdaHandler = Callable[[dict[str, Any], Context], Any]


def observed(handler: LambdaHandler) -> LambdaHandler:
    """Give a handler's log lines their request id, and publish what it counted, also when it fails."""

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handler)
    def wrapper(event: dict[str, Any], context: Context) -> Any:
        try:
            return handler(event, context)
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return wrapper


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    metrics.add_metric(name=name, unit=unit, value=value)


def describe(error: BaseException) -> dict[str, Any]:
    """An error for the log: its class and where it arose, but not its message, which may quote what it choked on."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return {
        "error": type(error).__name__,
        "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
