"""The view "Problems" in a browser: what was not delivered, which channels are down, limits, and the quarantine."""

import re
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.visitor import sign_in
from tests.running_stack import Stack

MIDNIGHT = "2036-11-30T00:00:00.000Z"
DAY: dict[str, Any] = {"client": None, "per": "stack", "period": "day", "resets_at": MIDNIGHT}
LIMITS = [
    {**DAY, "limit": "spending_per_day", "most": "50 EUR", "used": "41.5"},
    {**DAY, "limit": "client_messages_per_day", "client": "shop", "per": "client", "most": "500", "used": "12"},
    {**DAY, "limit": "messages_per_number", "per": "number", "period": "hour", "most": "20", "used": None},
]
CHANNELS = [
    {"channel": "whatsapp", "country_code": "44", "state": "down", "since": MIDNIGHT, "arrived": 0, "failed": 0},
    {"channel": "sms", "country_code": "353", "state": "up", "since": None, "arrived": 2, "failed": 5},
]

FIGURES = {
    **dict.fromkeys(
        ("succeeded", "cancelled", "stopped", "open", "planned", "messages_sent", "failed_over", "late"), 0
    ),
    "cost": [],
    "channels": [],
}


def test_what_is_spent_and_which_channel_is_down_stand_among_the_problems(page: Page, stack: Stack) -> None:
    page.route("**/v1/limits", lambda route: route.fulfill(json={"limits": LIMITS}))
    page.route("**/v1/health", lambda route: route.fulfill(json={"channels": CHANNELS}))
    sign_in(page, stack)
    page.get_by_role("link", name="Problems").click()

    expect(page.locator("#limits li b")).to_have_text(
        ["Spending in a day", "Messages in a day", "Messages to one customer in an hour"]
    )
    expect(page.locator("#limits li")).to_contain_text(
        ["of all clientsEUR 41.50 of EUR 50.00 free again", "of shop12 of 500 free again", "of all clientsat most 20"]
    )
    expect(page.locator("#health .badge")).to_have_text(["Down", "Most fail"])
    expect(page.locator("#health li")).to_contain_text(
        ["WhatsApp to +44 Nearly all messages failed. Since", "SMS to +353 2 arrived and 5 failed lately."]
    )


def test_without_limits_and_outages_it_says_so(page: Page, stack: Stack) -> None:
    page.route("**/v1/limits", lambda route: route.fulfill(json={"limits": []}))
    page.route("**/v1/health", lambda route: route.fulfill(json={"channels": []}))
    sign_in(page, stack)
    page.get_by_role("link", name="Problems").click()

    expect(page.get_by_text("No limit is set.")).to_be_visible()
    expect(page.get_by_text("No channel is down, and none fails often.")).to_be_visible()


def test_webhooks_to_a_receiver_that_is_down_are_seen_before_they_are_given_up(page: Page, stack: Stack) -> None:
    none: dict[str, Any] = {"messages": 0, "shown": []}
    queues = [{"queue": "timers", "waiting": None, **none}, {"queue": "callbacks", "waiting": 1200, **none}]
    page.route("**/v1/dead-letters", lambda route: route.fulfill(json={"queues": queues}))
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/problems")

    expect(page.locator("#dead-letters p")).to_have_text(
        [
            "Timers: none",
            "Webhooks to your systems: none",
            "1,200 failed and are tried again, for a day. Is the receiver down?",
        ]
    )


def test_a_webhook_that_is_still_forged_is_released_only_by_someone_who_vouches_for_it(
    page: Page, stack: Stack, console: list[str]
) -> None:
    """The first release checks its token again. What came of it is in view, however far down the webhook is."""
    forged = {"id": "0" * 64, "reason": "forged: signature", "route": "POST /inbound", "received_at": MIDNIGHT}
    detail = "The token is still not Vonage's."
    asked: list[str] = []

    def release(route: Route) -> None:
        asked.append(route.request.url.partition("/release")[2])
        route.fulfill(status=200 if asked[1:] else 409, json={"title": "Conflict", "detail": detail})

    held = {"webhooks": [{**forged, "size": 2, "whole": True}], "cursor": None}
    page.route("**/v1/quarantine?*", lambda route: route.fulfill(json=held))
    page.route("**/v1/quarantine/*/release*", release)
    page.set_viewport_size({"width": 390, "height": 500})
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/problems")
    webhook = page.locator("#quarantine > li")
    webhook.get_by_role("button", name="Release").click()
    webhook.get_by_role("button", name="Check it again, and process it?").click()
    expect(page.get_by_role("alert")).to_contain_text(detail)
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(webhook).to_be_in_viewport()

    webhook.get_by_role("button", name="Release anyway").click()
    webhook.get_by_role("button", name="Process it as if Vonage had signed it?").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert asked == ["", "?force=true"]
    assert console == ["Failed to load resource: the server responded with a status of 409 (Conflict)"]
    console.clear()


def entry(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Views").get_by_role("link", name="Problems")


def test_messages_that_were_not_delivered_count_until_someone_looks_at_them(page: Page, stack: Stack) -> None:
    exhausted: dict[str, int] = {}
    page.route("**/v1/quarantine?*", lambda route: route.fulfill(json={"webhooks": [], "cursor": None}))
    page.route("**/v1/dead-letters", lambda route: route.fulfill(json={"queues": []}))

    def answer(route: Route) -> None:
        day = route.request.url.split("/")[-1].split("?")[0]
        failed = exhausted.get(day, 0)
        route.fulfill(json={**FIGURES, "date": day, "dispatches": failed, "exhausted": failed})

    page.route("**/v1/days/*", answer)
    today = date.fromisoformat(page.evaluate("new Date().toLocaleDateString('sv')"))
    yesterday = today - timedelta(days=1)
    exhausted |= {str(today): 3, str(yesterday): 1}
    sign_in(page, stack)
    expect(entry(page)).to_have_accessible_name("Problems , 4 new")

    entry(page).click()
    failures = page.locator("#failures")
    expect(failures).to_have_text("4 messages since yesterday were not delivered")
    expect(entry(page)).to_have_accessible_name("Problems")
    page.reload()
    expect(failures).to_be_visible()
    expect(entry(page)).to_have_accessible_name("Problems")
    failures.get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"#/dispatches.outcome=exhausted&from={yesterday}$"))
    expect(page.get_by_role("main").get_by_text("Not delivered: messages since yesterday, newest")).to_be_visible()

    exhausted[str(today)] = 5
    page.reload()
    expect(entry(page)).to_have_accessible_name("Problems , 2 new")
    exhausted.clear()
    entry(page).click()
    expect(failures).to_have_count(0)
    expect(entry(page)).to_have_accessible_name("Problems")
