"""One variant in a fresh process, as an execution environment of Lambda runs it: started once, then invoked.

    python -m bench.handlers.process VARIANT WORK.jsonl RESULT.json [--record]

WORK has the work of each invocation, the first one's first. RESULT gets seconds of processor time, and what the
invocations answered; with `--record` also which calls to DynamoDB each of ours made.
"""

import importlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import certifi
import pytest


def main(variant: str, work: str, result: str, *flags: str) -> None:
    # Our gateway trusts what certifi ships. Here it trusts the benchmark's server too.
    trusted = str(Path(result).with_name("trusted.pem"))
    certifi.where = lambda: trusted
    invocations = [json.loads(line) for line in Path(work).read_text().splitlines()]
    before = time.process_time()
    invoke = importlib.import_module(f"bench.handlers.variants.{variant}").invoke
    init = time.process_time() - before
    calls = _recorded() if "--record" in flags else []
    seconds, answers, made = [], [], []
    for invocation in invocations:
        calls.clear()
        before = time.process_time()
        answer = invoke(invocation)
        seconds.append(time.process_time() - before)
        answers.append(answer)
        made.append(list(calls))
    first, *warm = seconds
    figures = {"init": init, "first": first, "warm": statistics.median(warm), "answers": answers, "calls": made}
    Path(result).write_text(json.dumps(figures))


def _recorded() -> list[tuple[str, Any]]:
    """Gets each call to DynamoDB that our handlers make from now on."""
    calls: list[tuple[str, Any]] = []

    def note(service: str, operation: str, parameters: dict[str, Any], call: Any) -> Any:
        if service == "dynamodb":
            calls.append((operation, parameters))
        return call(**parameters)

    importlib.import_module("tests.aws_calls").around_calls(pytest.MonkeyPatch(), note)
    return calls


if __name__ == "__main__":
    main(*sys.argv[1:])
