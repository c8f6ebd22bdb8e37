"""A page that stays open holds what it held before: no element, no listener and no timer is left behind by views that
were left, or by looking again. Counts are compared, and no times: a slow machine only takes longer."""

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.visitor import let_time_pass, sign_in
from tests.running_stack import Stack, new_number

FEW, MANY = 3, 13
"""After how many rounds through the views is counted. What is made once and kept is there after a few."""

LONG_ENOUGH = 200_000
"""Milliseconds after which every view has looked again."""

A_MOMENT = 50
"""Milliseconds between two looks at what is under way."""

COUNT_TIMERS = """
window.timers = new Set();
for (const [begin, end, once] of [["setTimeout", "clearTimeout", true], ["setInterval", "clearInterval", false]]) {
  const [set, clear] = [window[begin], window[end]];
  window[begin] = (act, wait) => {
    const id = set(() => {
      if (once) timers.delete(id);
      act();
    }, wait);
    timers.add(id);
    return id;
  };
  window[end] = (id) => {
    timers.delete(id);
    clear(id);
  };
}
"""
"""Keeps the timers that are to fire. No protocol of the browser tells."""


class Held:
    """What the browser holds for a page."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: set[Request] = set()
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Request) -> None:
        self._open.add(request)

    def _end(self, request: Request) -> None:
        self._open.discard(request)

    def come_to_rest(self) -> None:
        """Waits until everything that was asked for is answered and shown."""
        while self._open:
            self._page.wait_for_timeout(A_MOMENT)
        self._page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def counted(self) -> dict[str, int]:
        """What is left once the browser has taken away what is of no more use."""
        self._session.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: int(one["value"]) for one in self._session.send("Performance.getMetrics")["metrics"]}
        timers = self._page.evaluate("timers.size")
        return {"elements": metrics["Nodes"], "listeners": metrics["JSEventListeners"], "timers": timers}


@pytest.mark.timeout(900)  # a hundred views, each of which looks twice
def test_views_that_were_left_and_looks_again_leave_nothing_behind(page: Page, stack: Stack) -> None:
    message = {"channel": "sms", "message_type": "text", "text": "Ready!", "from": "Bakery", "to": new_number()}
    sent = stack.api("POST", "/v1/messages", message).json()["workflow_id"]
    stack.wait_for_dispatch(sent, lambda dispatch: dispatch["outcome"] is not None)
    # what the header counts must not change meanwhile
    page.route("**/v1/quarantine?*", lambda route: route.fulfill(json={"webhooks": [], "cursor": None}))
    page.route("**/v1/dead-letters", lambda route: route.fulfill(json={"queues": []}))
    let_time_pass(page)
    page.add_init_script(COUNT_TIMERS)
    page.reload()
    held = Held(page)
    sign_in(page, stack)
    after = {}

    for number in range(1, MANY + 1):
        for view in ["#/", "#/dispatches", f"#/dispatches/{sent}", "#/inbox", "#/planned", "#/problems", "#/settings"]:
            page.evaluate("fragment => { location.hash = fragment; }", view)
            expect(page.locator("main section:not([hidden]) h1").first).to_be_visible()
            held.come_to_rest()
            page.clock.fast_forward(LONG_ENOUGH)
            held.come_to_rest()
        after[number] = held.counted()

    assert after[MANY] == after[FEW]
