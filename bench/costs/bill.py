"""What AWS charges for a million of something: counts, list prices, and a stated assumption about time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.costs.stack import TEMPLATE
from bench.costs.used import Used, What, amount

PRICES: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("prices.toml").read_text())


class Line(NamedTuple):
    """So many of something for each dispatch, and the dollars for a million dispatches."""

    service: str
    many: float
    unit: str
    dollars: float


def bill(used: Used) -> list[Line]:
    return [
        _line("API Gateway", amount(used, What.REQUESTS), "requests", "api_request"),
        _line("Lambda", amount(used, What.INVOCATIONS), "invocations", "invocation"),
        _line("Lambda, time", gigabyte_seconds(used), "GB-seconds", "gigabyte_second"),
        _line("DynamoDB, writes", amount(used, What.WRITE_UNITS), "write units", "write_unit"),
        _line("DynamoDB, reads", amount(used, What.READ_UNITS), "read units", "read_unit"),
        _line("SQS", amount(used, What.QUEUE), "requests", "queue_request"),
        _line("EventBridge", amount(used, What.EVENTS), "events", "event"),
        _line("CloudWatch Logs", amount(used, What.LOG_BYTES), "bytes", "log_byte"),
    ]


def _line(service: str, many: float, unit: str, price: str) -> Line:
    return Line(service, many, unit, many * PRICES["aws"][price]["per_million"])


def total(used: Used) -> float:
    return sum(line.dollars for line in bill(used))


def gigabyte_seconds(used: Used) -> float:
    return sum(_gigabytes(function) * _seconds(used, function) for function in {function for function, _ in used})


def _seconds(used: Used, function: str) -> float:
    assumed = PRICES["assumed"]
    milliseconds = {
        What.CALLS: assumed["milliseconds_for_each_call_to_aws"],
        What.POSTS: assumed["milliseconds_for_each_post_to_vonage"],
        What.INVOCATIONS: assumed["milliseconds_besides"],
    }
    return sum(amount(used, what, function) * float(many) for what, many in milliseconds.items()) / 1000


def _gigabytes(function: str) -> float:
    of_all = TEMPLATE["Globals"]["Function"]["MemorySize"]
    return float(TEMPLATE["Resources"][function]["Properties"].get("MemorySize", of_all)) / 1024
