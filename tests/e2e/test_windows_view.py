"""The policy lab's view in a browser: arrivals as a curve, the window as a line, and what moving it changes."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from getthrough.adapters import table_keys
from tests.e2e.visitor import contact, overflow, sign_in, window
from tests.running_stack import Stack

SMS = {"a12": 700, "a16": 100, "a32": 100, "o0": 60, "f0": 40}
"""Of 1,000 messages 700 arrived within 4 s, 100 within 8 s and 100 within 128 s; 60 never did and 40 failed."""
WHATSAPP = {"a8": 90, "o0": 10}
CUT = {"a12": 30, "c20": 12}
"""All that had not arrived after 16 s was cut short there."""
TODAY = datetime.now(UTC).date()
MONDAY = TODAY - timedelta(days=TODAY.weekday())


def count(stack: Stack, channel: str, country: str, counts: dict[str, int]) -> None:
    """Put counts into the table, as the stream does."""
    key = table_keys.arrivals(channel, country, "Bakery", f"{MONDAY}")
    begins = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC)
    listed = table_keys.newest(table_keys.ARRIVALS, begins, key["pk"])
    item = {name: {"S": value} for name, value in {**key, **listed}.items()}
    numbers = {name: {"N": f"{number}"} for name, number in counts.items()}
    stack.aws("dynamodb").put_item(TableName=stack.table_name, Item={**item, **numbers})


@pytest.fixture
def windows(page: Page, stack: Stack) -> Page:
    """The view, with the messages to Iceland: no other test sends there."""
    count(stack, "sms", "354", SMS)
    count(stack, "whatsapp", "354", WHATSAPP)
    count(stack, "sms", "298", CUT)
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/windows?channel=sms&country=354")
    expect(page.get_by_role("heading", name="SMS to +354")).to_be_visible()
    return page


def figures(page: Page) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator("#lab-figures tbody tr").all()]


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Window")


def test_the_line_moves_by_keyboard_and_says_what_it_changes(windows: Page) -> None:
    expect(slider(windows)).to_have_attribute("aria-valuetext", "30 seconds")
    slider(windows).focus()
    for _ in range(5):
        windows.keyboard.press("ArrowRight")
    expect(slider(windows)).to_have_attribute("aria-valuetext", "3 minutes")
    windows.get_by_label("Price of a fallback").fill("0.05")

    assert figures(windows) == [
        ["Arrive in time", "80.0%", "90.0%"],
        ["Get the fallback", "20.0%", "10.0%"],
        ["Get it needlessly: the first message would still arrive", "10.0%", "0.0%"],
        ["Reached by one of the two", "98.0%", "99.0%"],
        ["95% of those are reached within", "32 seconds", "3 min 2 s"],
        ["Fallbacks for 1,000 messages", "200", "100"],
        ["What those cost", "10.00", "5.00"],
    ]


def test_the_line_is_dragged_and_its_window_goes_into_the_form(windows: Page) -> None:
    line, plot = windows.locator(".lab-line"), windows.locator(".lab-plot").bounding_box()
    at = line.bounding_box()
    assert plot
    assert at
    windows.mouse.move(at["x"], at["y"] + 50)
    windows.mouse.down()
    windows.mouse.move(plot["x"] + plot["width"] * 14 / 29, at["y"] + 50, steps=5)
    windows.mouse.up()
    expect(slider(windows)).to_have_attribute("aria-valuetext", "5 minutes")
    windows.get_by_role("button", name="Use 5 minutes").click()

    expect(windows.get_by_role("heading", name="New message")).to_be_visible()
    channels = [
        contact(windows, name).get_by_label("Channel").input_value() for name in ("First contact", "Fallback 1")
    ]
    row = window(windows, 1)
    assert (channels, row.get_by_label("Window").input_value(), row.get_by_label("Unit").input_value()) == (
        ["sms", "whatsapp"],
        "5",
        "60",
    )


def test_few_messages_that_were_cut_short_say_what_they_cannot(windows: Page) -> None:
    windows.get_by_role("link", name="SMS to +298").click()

    expect(windows.locator("#lab-doubts p")).to_have_text(
        [
            "Only 30 messages have arrived. These figures are useful from about 50 on.",
            "By chance alone, the shares may be off by 11.5%.",
            "Most messages ended with their time to live: what arrives after 16 seconds is not known. Of all messages, "
            "28.6% may arrive then, or none. Send some with a longer “ttl” to learn more.",
            "So this window is longer than anything that was watched.",
        ]
    )
    assert figures(windows)[0] == ["Arrive in time", "71.4% to 100.0%", "71.4% to 100.0%"]
    for width in (390, 1440):
        windows.set_viewport_size({"width": width, "height": 900})
        assert overflow(windows) == 0


def test_the_form_leads_to_the_windows(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    page.get_by_role("button", name="Add a fallback").click()
    page.get_by_role("link", name="How long?").click()
    expect(page.get_by_role("heading", level=1, name="Windows")).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1, name="Windows")).to_be_focused()
