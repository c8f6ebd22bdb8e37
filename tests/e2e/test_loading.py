"""How the deployed console loads: in few requests, which a new AWS account can serve at once."""

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.console_as_deployed import can_be_bundled
from tests.e2e.visitor import message, sign_in
from tests.running_stack import Stack

pytestmark = pytest.mark.skipif(not can_be_bundled(), reason="no esbuild: `make test` installs it where Node.js is")

PLACES = 10
"""The concurrency of a new AWS account. API Gateway answers 503 to what exceeds it."""


def test_the_console_loads_whole_where_ten_requests_run_at_once(page: Page, stack: Stack) -> None:
    # A route sees a request before the browser queues it, as it does for HTTP/1.1 but not for the HTTP/2 of AWS.
    running: set[Request] = set()
    most = 0

    def front(route: Route) -> None:
        nonlocal most
        most = max(most, len(running) + 1)
        if len(running) == PLACES:
            route.fulfill(status=503, json={"message": "Service Unavailable"})
            return
        running.add(route.request)
        route.continue_()

    def done(request: Request) -> None:
        running.discard(request)

    page.on("requestfinished", done)
    page.on("requestfailed", done)
    page.route("**/*", front)

    page.reload()
    sign_in(page, stack)

    expect(message(page)).to_be_visible()
    expect(page.locator("#newest-empty:visible, #rows > li").first).to_be_visible()
    assert 0 < most <= PLACES


def test_the_next_visit_takes_script_and_stylesheet_out_of_the_browsers_own_store(page: Page) -> None:
    page.reload(wait_until="networkidle")
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(({name, transferSize}) => [name, transferSize])"
    )

    transferred = {re.sub(r".*/assets/|-[A-Z0-9]{8}", "", url): size for url, size in loaded}
    assert {name: size > 0 for name, size in transferred.items()} == {
        "favicon.svg": True,
        "console.css": False,
        "console-part.js": False,
        "console.js": False,
    }
