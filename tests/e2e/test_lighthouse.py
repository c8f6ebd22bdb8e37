"""What Lighthouse finds on both pages on the running stack: accessibility, best practices, and how much they load."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ARGUMENTS
from tests.needs import node_packages
from tests.running_stack import Stack, new_number
from tools.browser import found

AUDITS = Path(__file__).with_name("audits")
ENOUGH = {"accessibility": 100, "best-practices": 95}
MOST_FILES = {"signing in": 6, "signed in": 6, "phones": 14}
MOST_BYTES = {"signing in": 71_000, "signed in": 71_000, "phones": 80_000}
"""What a first visit may fetch: on a slow telephone network (1.6 Mbit/s) so many bytes take less than half a second."""

MOST_SHIFT = 0.1
"""How far a page's parts may move while it loads: what Web Vitals calls good."""


def judged(url: str, sign_in: dict[str, str] | None = None) -> dict[str, Any]:
    """What Lighthouse says: `marks` from 0 to 100, the `faults` that cost some, and `counts` of what is loaded."""
    given = {"chromium": found(), "arguments": ARGUMENTS, "url": url, "signIn": sign_in}
    command, folder = ["node", "lighthouse.mjs"], node_packages(AUDITS)
    script = subprocess.run(command, cwd=folder, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert script.returncode == 0, script.stderr
    reported: dict[str, Any] = json.loads(script.stdout)
    return reported


@pytest.mark.usefixtures("browser")  # skipped where there is none
@pytest.mark.timeout(400)  # it waits for each page to come to rest, which takes long beside other work
@pytest.mark.parametrize("name", ["signing in", "signed in", "phones"])
def test_lighthouse_finds_next_to_nothing_to_do_better(stack: Stack, name: str) -> None:
    message = {"channel": "sms", "message_type": "text", "text": "Ready!", "to": new_number(), "from": "Bakery"}
    assert stack.api("POST", "/v1/messages", message).status_code == 202
    session = {"name": stack.client_name, "secret": stack.client_secret}
    reported = judged(
        stack.simulator_url if name == "phones" else stack.api_url, session if name == "signed in" else None
    )

    poor = {category: mark for category, mark in reported["marks"].items() if mark < ENOUGH[category]}
    assert poor == {}, reported["faults"]
    counts = reported["counts"]
    assert (0 < counts["files"] <= MOST_FILES[name], 0 < counts["bytes"] <= MOST_BYTES[name]) == (True, True), counts
    assert counts["shift"] <= MOST_SHIFT
