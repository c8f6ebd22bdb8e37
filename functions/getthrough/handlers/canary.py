"""CanaryFunction runs on a schedule, if the stack has a number to send to."""

from functools import cache
from typing import Any

from getthrough.config import CanaryConfig
from getthrough.domain.dispatch.canary import CANARY
from getthrough.domain.dispatch.canary_request import canary_request
from getthrough.handlers._sending import report, sending
from getthrough.observability import Context, count, logger, observed
from getthrough.usecases.ports import Sending
from getthrough.usecases.retrying import Origin
from getthrough.usecases.send_dispatch import send_dispatch
from getthrough.usecases.send_step import Sent


@cache
def _composed() -> Sending:
    return sending(CanaryConfig.from_env())


@observed
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Send one message. The schedule's time is its key, so a schedule that fires twice sends once."""
    config = CanaryConfig.from_env()
    result = send_dispatch(
        _composed(), canary_request(config.canary_to, config.canary_from), Origin(CANARY, event["time"])
    )
    if isinstance(result, Sent):
        count("CanarySent")
        report(result)
    logger.info("canary", extra={"dispatch_uuid": result.dispatch.dispatch_uuid})
    return {"dispatch_uuid": result.dispatch.dispatch_uuid}
