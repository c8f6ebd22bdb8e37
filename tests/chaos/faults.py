"""Three in ten calls of AWS go wrong: they are throttled, answered with a 500, refused because of another write at the
same moment, or their connection is reset, before they were carried out or after it.
"""

import json
import random
from collections import Counter
from typing import Any

from aiohttp import web

from tests.chaos.aws_proxy import Forward, hang_up, operation

SHARES = {"throttled": 0.09, "broken": 0.05, "conflict": 0.03, "reset": 0.05, "answer lost": 0.08}
THROTTLED = {
    "DynamoDB_20120810": "ProvisionedThroughputExceededException",
    "AmazonSQS": "RequestThrottled",
    "secretsmanager": "ThrottlingException",
    "AWSEvents": "ThrottlingException",
}
CONFLICTS: dict[str, dict[str, Any]] = {
    "PutItem": {"__type": "TransactionConflictException", "message": "Transaction is ongoing for the item"},
    "TransactWriteItems": {
        "__type": "TransactionCanceledException",
        "message": "Transaction cancelled [TransactionConflict, None]",
        "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
    },
}


class Faults:
    """What an aws_proxy does between the functions and AWS, while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: Counter[str] = Counter()
        self._dice = random.Random(4)

    async def __call__(self, request: web.Request, body: bytes, forward: Forward) -> web.Response:
        if not self.on:
            return await forward()
        fault = self._dice.choices([*SHARES, "none"], [*SHARES.values(), 1 - sum(SHARES.values())])[0]
        self.seen[fault] += 1
        service = request.headers["X-Amz-Target"].partition(".")[0]
        match fault:
            case "none":
                return await forward()
            case "reset":
                return hang_up(request)
            case "answer lost":
                await forward()
                return hang_up(request)
            case "conflict" if operation(request) in CONFLICTS:
                return _error(400, CONFLICTS[operation(request)])
            case "throttled":
                return _error(400, {"__type": THROTTLED[service], "message": "Rate exceeded"})
            case _:
                return _error(500, {"__type": "InternalServerError", "message": "Internal server error"})


def _error(status: int, content: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=json.dumps(content).encode(), content_type="application/x-amz-json-1.0")
