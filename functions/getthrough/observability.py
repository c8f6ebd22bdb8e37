"""Logs and metrics, for handlers only. Logs hold ids, statuses, codes and durations, never personal data.

Metrics (namespace Getthrough): DispatchAccepted, DispatchReplayed, StepSent, StepOptedOut, ServiceWindowClosed and
ChannelSkipped (not sent), ChannelDown, ChannelUp,
DispatchSucceeded, DispatchExhausted, DispatchStopped and DispatchCancelled (these four count published ends, because
many functions can end a dispatch; a late success counts as a second end), DoubleMessage, AccountRefused,
AnswerNotRecorded, WebhookUnsigned, WebhookForged (may be Vonage's), WebhookFromStranger (cannot be Vonage's),
WebhookMisdirected (to a wrong path), WebhookMalformed (signed, but can't be parsed), WebhookUnreadable (rejected before
its signature was checked), StatusDuplicate, StatusUnmatched, StatusUnknown, InboundStored,
InboundDuplicate, OptedOut, OptedIn, TimerLateness (seconds), TimersQueued, TickOverdue (seconds), TickLeft (timers left
because time ran out), EventPublished, EventUnreadable, CallbackDelivered, CallbackFailed (will be retried),
CallbackWaiting, CallbackHeld (its host does not answer), CallbackGivenUp, CallbackRefused, CallbackGone,
CallbackErased, QuarantineReleased, DeadLettersReleased, LimitReached, ErasureAsked, ErasureDone,
LoginRefused (a wrong secret for a client that exists), LoginByStranger (any other), ScheduleCreated, ScheduleRun
(dispatches or batches created), BatchAccepted, BatchDispatches (created), SlotGiven (a message of a batch had to wait),
TallyUnreadable, ArrivalsNotCounted, RecipientUnsendable, CanarySent, CanaryArrived (seconds until the webhook that
reported it).
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
    """The part of Lambda's context that handlers use."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int: ...


_OF_THE_LOG_GROUP = ("function_name", "function_arn", "function_memory_size")
"""What the log group says already. CloudWatch charges for each byte, and these were a third of them."""

LambdaHandler = Callable[[dict[str, Any], Context], Any]


def observed(handler: LambdaHandler) -> LambdaHandler:
    """Add the request id to a handler's log lines, and publish its metrics even if it fails."""

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handler)
    def wrapper(event: dict[str, Any], context: Context) -> Any:
        logger.remove_keys(_OF_THE_LOG_GROUP)
        try:
            return handler(event, context)
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return wrapper


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    metrics.add_metric(name=name, unit=unit, value=value)


def describe(error: BaseException) -> dict[str, Any]:
    """An error for the log: its class and where it was raised, but not its message, which may quote the input."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return {
        "error": type(error).__name__,
        "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
