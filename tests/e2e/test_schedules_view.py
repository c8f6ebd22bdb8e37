"""The schedules on the page: what runs when, what it says and to whom; paused, resumed, cancelled."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.visitor import message, sign_in, visit
from tests.running_stack import Stack, new_number


def scheduled(stack: Stack, **fields: Any) -> dict[str, Any]:
    """A new schedule with a message of its own."""
    text = {"channel": "sms", "message_type": "text", "from": "BAKERY", "to": new_number(), "text": "Fresh bread!"}
    body = {"message": text, "time_zone": "Europe/London", **fields}
    answer = stack.api("POST", "/v1/schedules", body)
    assert answer.status_code == 201, answer.text
    schedule: dict[str, Any] = answer.json()
    return schedule


def card(page: Page, schedule: dict[str, Any]) -> Locator:
    return page.get_by_role("listitem").filter(has_text=schedule["steps"][0]["to"])


def state(stack: Stack, schedule: dict[str, Any]) -> Any:
    return stack.api("GET", f"/v1/schedules/{schedule['schedule_uuid']}").json()["state"]


@pytest.fixture
def reader(browser: Browser, stack: Stack, console: list[str]) -> Any:
    """A reader in Berlin."""
    with visit(browser, stack.api_url, console, timezone_id="Europe/Berlin") as page:
        sign_in(page, stack)
        page.get_by_role("link", name="Planned").click()
        yield page


def test_a_schedule_says_when_it_runs_by_the_reader_s_clocks_and_its_own(reader: Page, stack: Stack) -> None:
    weekly = scheduled(stack, cron="30 7 * * SAT", max_runs=10)
    reader.reload()

    shown = card(reader, weekly)
    expect(shown.get_by_role("heading")).to_have_text("Every Saturday at 07:30")
    expect(shown).to_contain_text("Active")
    expect(shown).to_contain_text(f"SMS to {weekly['steps'][0]['to']}")
    expect(shown).to_contain_text("Fresh bread!")
    expect(shown.get_by_role("time")).to_have_count(1)
    expect(shown.get_by_role("time")).to_have_attribute("datetime", weekly["next_runs"][0])
    expect(shown.get_by_role("time")).to_contain_text("08:30")
    expect(shown).to_contain_text("(07:30 London time)")
    expect(shown).to_contain_text("London time. Ran 0 of 10 times.")
    shown.get_by_text("Later runs").click()
    expect(shown.get_by_role("time")).to_have_count(5)


def test_a_schedule_is_paused_and_resumed_and_the_keyboard_stays(reader: Page, stack: Stack) -> None:
    daily = scheduled(stack, cron="0 9 * * *")
    reader.reload()
    shown = card(reader, daily)

    shown.get_by_role("button", name="Pause").press("Enter")
    expect(shown).to_contain_text("Nothing is sent until you resume it.")
    expect(shown).to_contain_text("Paused")
    assert state(stack, daily) == "paused"

    expect(shown.get_by_role("button", name="Resume")).to_be_focused()
    reader.keyboard.press("Enter")
    expect(shown).to_contain_text("Active")
    assert state(stack, daily) == "active"


def test_what_is_sent_once_is_cancelled_by_the_second_press(reader: Page, stack: Stack) -> None:
    once = scheduled(stack, send_at="2027-08-02T09:00")
    reader.reload()
    shown = card(reader, once)
    expect(shown.get_by_role("heading")).to_have_text("Once, Mon, 2 Aug 2027, 10:00")

    shown.get_by_role("button", name="Cancel").click()
    assert state(stack, once) == "active"
    shown.get_by_role("button", name="Cancel for good?").click()

    expect(reader.get_by_role("list", name="Planned", exact=True).get_by_text(once["steps"][0]["to"])).to_have_count(0)
    expect(reader.get_by_role("heading", name="Planned", level=1)).to_be_focused()
    assert state(stack, once) == "cancelled"
    reader.get_by_text("past schedule").click()
    expect(card(reader, once)).to_contain_text("Cancelled")
    expect(card(reader, once).get_by_role("button")).to_have_count(0)


def test_a_double_click_on_cancel_asks_and_cancels_nothing(reader: Page, stack: Stack) -> None:
    daily = scheduled(stack, cron="* * 1 1 *")
    reader.reload()

    card(reader, daily).get_by_role("button", name="Cancel").dblclick()

    expect(card(reader, daily).get_by_role("button", name="Cancel for good?")).to_be_visible()
    expect(card(reader, daily)).to_contain_text("Active")
    assert state(stack, daily) == "active"


def test_another_one_is_planned_where_messages_are_sent(reader: Page) -> None:
    reader.get_by_role("link", name="Plan a message").click()

    expect(reader).to_have_url(re.compile("#/$"))
    expect(message(reader)).to_be_visible()


def test_the_schedule_that_the_address_names_is_pointed_at(reader: Page, stack: Stack) -> None:
    named = scheduled(stack, cron="15 6 * * *")
    reader.goto(f"{stack.api_url}/#/schedules/{named['schedule_uuid']}")

    expect(reader.get_by_role("heading", name="Every day at 06:15")).to_be_focused()
    expect(card(reader, named)).to_have_attribute("aria-current", "true")


def test_a_missing_schedule_has_its_own_words(reader: Page, stack: Stack, console: list[str]) -> None:
    reader.goto(f"{stack.api_url}/#/schedules/00000000-0000-4000-8000-0000000000ff")

    expect(reader.get_by_role("status").filter(has_text="This schedule was not found.")).to_be_visible()
    assert set(console) == {"Failed to load resource: the server responded with a status of 404 (Not Found)"}
    reader.goto("about:blank")
    console.clear()


def test_a_change_that_fails_says_so_and_changes_nothing(reader: Page, stack: Stack, console: list[str]) -> None:
    daily = scheduled(stack, cron="0 10 * * *")
    reader.reload()
    reader.route("**/v1/schedules/*", lambda route: route.fulfill(status=503, json={"title": "Unavailable"}))

    card(reader, daily).get_by_role("button", name="Pause").click()

    expect(reader.get_by_role("alert")).to_have_text(
        "The server could not answer (503). Wait a moment, then try again."
    )
    expect(card(reader, daily).get_by_role("button", name="Pause")).to_be_visible()
    assert state(stack, daily) == "active"
    assert console == ["Failed to load resource: the server responded with a status of 503 (Service Unavailable)"]
    console.clear()


def test_without_a_schedule_the_view_says_how_to_make_one(reader: Page) -> None:
    reader.route("**/v1/schedules?*", lambda route: route.fulfill(json={"schedules": [], "cursor": None}))
    reader.reload()

    expect(reader.get_by_text("Nothing is repeated. In New message, choose “Repeat” under “When”")).to_be_visible()
