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
    aws = importlib.import_module("getthrough.adapters.aws")
    calls: list[tuple[str, Any]] = []
    for client in (aws.client("dynamodb"), aws.client("dynamodb", one_try=True)):
        client.meta.events.register(
            "provide-client-params.dynamodb", lambda params, model, **_: calls.append((model.name, dict(params)))
        )
    return calls


if __name__ == "__main__":
    main(*sys.argv[1:])
