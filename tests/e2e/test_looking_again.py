"""Views that stay current ask again, with what they know, and ask no more once they are left or the page is hidden."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.visitor import let_time_pass, sign_in
from tests.running_stack import Stack, new_number

LONG_ENOUGH = 200_000
"""Milliseconds after which every view has looked again."""

A_MOMENT = 200
"""Milliseconds between two looks at what was asked."""

A_FRAME = 100
"""Milliseconds after which a view that was left has ended its effects: Preact does it after the next frame."""

VIEWS = {
    "#/dispatches?from=2026-03-02&to=2026-03-02": {r"/v1/days/2026-03-02\?": True},
    "#/dispatches/SENT": {"/v1/dispatches/SENT$": True},
    "#/schedules": {r"/v1/schedules\?": False},
    "#/batches/BATCH": {"/v1/batches/BATCH$": False, r"/v1/batches/BATCH/dispatches\?": False},
}
"""What each view asks again, and whether the API answers it with an ETag."""

ABOUT_PROBLEMS = re.compile(r"/v1/(quarantine|dead-letters|health|limits|dispatches)\b")


@pytest.fixture
def still(page: Page, stack: Stack) -> Page:
    """The console, signed in, whose time a test can let pass."""
    let_time_pass(page)
    page.reload()
    sign_in(page, stack)
    expect(page.locator("#sign-out")).to_be_visible()
    return page


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_asks_again_with_what_it_knows_until_it_is_left(still: Page, stack: Stack, view: str) -> None:
    body = {"channel": "sms", "message_type": "text", "text": "Ready!", "from": "Bakery"}
    sent = stack.api("POST", "/v1/messages", {**body, "to": new_number()}).json()["workflow_id"]
    many = {"message": body, "recipients": [{"to": new_number()}], "rate": 10}
    batch = stack.api("POST", "/v1/batches", many, headers={"idempotency-key": sent}).json()["batch_uuid"]
    named = [text.replace("SENT", sent).replace("BATCH", batch) for text in (view, *VIEWS[view])]
    fragment, wanted = named[0], dict(zip(named[1:], VIEWS[view].values(), strict=True))
    begun: dict[str, list[Request]] = {pattern: [] for pattern in wanted}
    asked: dict[str, list[Request]] = {pattern: [] for pattern in wanted}

    def note(place: dict[str, list[Request]], request: Request) -> None:
        for pattern in wanted:
            if re.search(pattern, request.url):
                place[pattern].append(request)

    def pass_time_until(count: int) -> None:
        while any(len(found) < count for found in asked.values()):
            if asked == begun:
                still.clock.fast_forward(LONG_ENOUGH)
            still.wait_for_timeout(A_MOMENT)

    still.on("request", lambda request: note(begun, request))
    still.on("response", lambda response: note(asked, response.request))
    still.evaluate("fragment => { location.hash = fragment; }", fragment)
    pass_time_until(2)
    known = {some: [bool(one.headers.get("if-none-match")) for one in found[:2]] for some, found in asked.items()}
    assert known == {pattern: [False, with_etag] for pattern, with_etag in wanted.items()}

    still.evaluate("location.hash = '#/settings'")
    expect(still.get_by_role("heading", name="Settings")).to_be_visible()
    still.clock.run_for(A_FRAME)
    before = {pattern: len(found) for pattern, found in begun.items()}
    with still.expect_response("**/v1/conversations?*"):  # the header goes on counting what is new
        still.clock.fast_forward(LONG_ENOUGH)
    still.clock.fast_forward(LONG_ENOUGH)
    assert {pattern: len(found) for pattern, found in begun.items()} == before


def pass_time_until(page: Page, done: Callable[[], bool]) -> None:
    while not done():
        page.clock.fast_forward(LONG_ENOUGH)
        page.wait_for_timeout(A_MOMENT)


def hide(page: Page, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
          Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def quarantined(number: int) -> dict[str, Any]:
    what = {"id": f"2036-11-30T00:00:0{number}.000Z 1", "reason": f"reason {number}", "route": "/status"}
    return {**what, "received_at": f"2036-11-30T00:00:0{number}.000Z", "size": 2, "whole": True}


def test_a_new_problem_appears_without_a_reload_and_a_hidden_page_rests(still: Page) -> None:
    down = dict.fromkeys(("since", "arrived", "failed")) | {"channel": "sms", "country_code": "44", "state": "down"}
    webhooks: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    asked: Counter[str] = Counter()
    problems = still.locator("#problems")

    def note(request: Request) -> None:
        if found := ABOUT_PROBLEMS.search(request.url):
            asked[found[1]] += 1
        if "/v1/conversations?" in request.url:
            asked["header"] += 1

    def looks_of_the_header(more: int) -> Counter[str]:
        """What is asked until the header has looked so often: it counts what is new in a hidden page too."""
        wanted = asked["header"] + more
        pass_time_until(still, lambda: asked["header"] >= wanted)
        return Counter({name: count for name, count in asked.items() if name != "header"})

    still.on("request", note)
    still.route("**/v1/quarantine?*", lambda route: route.fulfill(json={"webhooks": webhooks, "cursor": None}))
    still.route("**/v1/health", lambda route: route.fulfill(json={"channels": channels}))
    still.evaluate("location.hash = '#/problems'")
    expect(problems).to_contain_text("No webhook is in quarantine.")
    expect(problems).to_contain_text("No channel is down, and none fails often.")
    parts = ("quarantine", "dead-letters", "health", "limits", "dispatches")
    pass_time_until(still, lambda: all(asked[part] >= 2 for part in parts))

    webhooks.append(quarantined(1))
    channels.append(down)
    pass_time_until(still, lambda: all(name in problems.inner_text() for name in ("reason 1", "SMS to +44")))

    hide(still, True)
    before = looks_of_the_header(2)  # with what was under way when it was hidden, as the first one may have been
    webhooks.append(quarantined(2))
    assert looks_of_the_header(3) == before
    assert "reason 2" not in problems.inner_text()

    hide(still, False)
    expect(problems).to_contain_text("reason 2")
