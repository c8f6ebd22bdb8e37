"""TickFunction runs every five minutes."""

from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.system import utc_now
from getthrough.adapters.timers import SqsTimers
from getthrough.config import TickConfig
from getthrough.observability import Context, count, logger, observed
from getthrough.usecases.ports import Ticking
from getthrough.usecases.queue_due import queue_due


@cache
def _composed() -> Ticking:
    config = TickConfig.from_env()
    return Ticking(
        dispatches=DynamoDispatches(config.table_name),
        timers=SqsTimers(config.queue_url, utc_now),
        clock=utc_now,
        messages_per_second=config.messages_per_second,
    )


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Queue timers for what is overdue or due soon. After an error AWS invokes it again and an alarm goes off."""
    queued = queue_due(_composed(), lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()))
    if queued.timers:  # an unsent metric costs nothing
        count("TimersQueued", queued.timers)
        count("TickOverdue", queued.overdue, MetricUnit.Seconds)
        count("TickLeft", queued.left)
    logger.info("tick", extra=queued._asdict())
    return dict(queued._asdict())
