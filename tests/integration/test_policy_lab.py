"""Traffic with a better window in it leads the policy lab there, and what that window does is what was forecast."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.builders import FROM
from tests.integration.scenes import over, send, sms
from tests.running_stack import Stack, new_number

ROOT = Path(__file__).parents[2]
QUICK, SLOW = 4, 3
"""So many customers get an SMS at once, and so many after five seconds."""

SECONDS, TOO_SHORT, LONGER, LONG_ENOUGH = 5, 2, 3, 30


def forecast(stack: Stack, since: datetime, window: int) -> dict[str, Any]:
    """What the lab says to another window for the dispatches since then."""
    environ = {
        **os.environ,
        "AWS_ENDPOINT_URL": stack.aws_endpoint,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PYTHONPATH": f"{ROOT / 'functions'}{os.pathsep}{ROOT}",
    }
    policy = json.dumps({"windows": {"*": window}})
    options = ["--table", stack.table_name, "--since", since.isoformat(), "--policy", policy, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "tools.lab", *options], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def play(stack: Stack, window: int) -> datetime:
    """Send to every customer with this window, until nothing more can happen. When that began."""
    since = datetime.now(UTC)
    sent = []
    for delay in [0.3] * QUICK + [SECONDS] * SLOW:
        first, second = new_number(), new_number()
        stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "on", "delay": delay})
        sent.append(send(stack, sms(first, expiry_time=window, **{"from": FROM}, failover=[sms(second)])))
    for dispatch_uuid in sent:
        stack.wait_for_dispatch(
            dispatch_uuid,
            lambda now: over(now) and all(step["arrived_at"] or not step["claimed_at"] for step in now["steps"]),
        )
    return since


def customers_with_two(figures: dict[str, Any]) -> int:
    value: float = figures["doubles"]["value"]
    return round(value * (QUICK + SLOW))


def test_a_better_window_is_found_and_does_what_was_forecast(stack: Stack) -> None:
    since = play(stack, TOO_SHORT)

    forecasts = {window: forecast(stack, since, window) for window in (LONGER, LONG_ENOUGH)}

    assert customers_with_two(forecasts[LONGER]["today"]) >= SLOW
    assert customers_with_two(forecasts[LONGER]["policy"]) >= SLOW
    assert customers_with_two(forecasts[LONG_ENOUGH]["policy"]) == 0

    realised = forecast(stack, play(stack, LONG_ENOUGH), TOO_SHORT)["today"]
    for name in ("reached", "failed_over", "doubles"):
        said = forecasts[LONG_ENOUGH]["policy"][name]
        assert said["low"] <= realised[name]["value"] <= said["high"], name
    assert (realised["reached"]["value"], realised["doubles"]["value"]) == (1, 0)
