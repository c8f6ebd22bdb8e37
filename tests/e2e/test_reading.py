"""Reading the console as people do: zoomed to 200 %, in a second tab, back to where one was, from right to left."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.visitor import fill_contact, message, overflow, send, sign_in, visit
from tests.running_stack import Stack, new_number

VIEWS = {
    "#/": "New message",
    "#/batches/new": "Send to many",
    "#/dispatches": "Messages",
    "#/inbox": "Inbox",
    "#/planned": "Planned",
    "#/customers": "Customers",
    "#/problems": "Problems",
    "#/activity": "Activity",
    "#/windows": "Windows",
    "#/settings": "Settings",
}

CUT = """[...document.querySelectorAll('a, button, input, select, textarea, h1, h2, summary')]
    .filter((one) => one.checkVisibility() && !one.closest('.unseen, .skip, .chips, pre'))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, { left, right }]) => left < -1 || right > innerWidth + 1)
    .map(([one]) => `${one.tagName} ${one.textContent || one.id}`)"""
"""What reaches beyond the window. The chips of a search scroll on their own."""

TAKEN = """row => {
  let taken;
  const note = event => {
    taken = event.defaultPrevented;
    event.preventDefault();
  };
  addEventListener("click", note, { once: true });
  row.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true }));
  return taken;
}"""
"""Whether the page itself takes a click with Ctrl. The windowless Chromium 150 of Debian often crashes in a tab that a
click has opened, so this click opens none."""


def sms(to: str, text: str) -> dict[str, str]:
    return {"channel": "sms", "message_type": "text", "text": text, "to": to, "from": "Bakery"}


def test_at_200_percent_nothing_scrolls_sideways_and_nothing_is_cut(
    browser: Browser, stack: Stack, console: list[str]
) -> None:
    sent = stack.api("POST", "/v1/messages", sms(new_number(), "Your cupcakes are ready."))
    with visit(browser, stack.api_url, console, device_scale_factor=2) as page:
        page.set_viewport_size({"width": 640, "height": 450})  # a window of 1280 pixels
        sign_in(page, stack)
        for place, heading in VIEWS.items():
            page.goto(f"{stack.api_url}/{place}")
            expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
            page.wait_for_load_state("networkidle")
            assert (place, overflow(page), page.evaluate(CUT)) == (place, 0, [])
        page.goto(f"{stack.api_url}/#/dispatches/{sent.json()['workflow_id']}")
        expect(page.get_by_role("heading", level=1, name="was delivered")).to_be_visible()
        assert (overflow(page), page.evaluate(CUT)) == (0, [])


@pytest.fixture
def many(page: Page, stack: Stack) -> Page:
    """The messages to one number, so many that there are two pages of them."""
    number = new_number()
    for count in range(24):
        assert stack.api("POST", "/v1/messages", sms(number, f"Tray {count}")).status_code == 202
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/dispatches")
    page.get_by_role("searchbox", name="Find").fill(number)
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#found [data-row]")).to_have_count(20)
    page.get_by_role("button", name="Load more").click()
    expect(page.locator("#found [data-row]")).to_have_count(24)
    return page


def test_back_restores_the_rows_and_where_one_was(many: Page) -> None:
    many.locator("#found [data-row]").last.scroll_into_view_if_needed()
    many.locator("#found [data-row]").last.click()
    expect(many.get_by_role("heading", level=1)).to_contain_text("SMS to")
    many.go_back()
    expect(many.locator("#found [data-row]")).to_have_count(24)


def test_a_row_opened_in_a_new_tab_needs_no_second_sign_in(many: Page) -> None:
    row = many.locator("#found [data-row]").first
    assert row.evaluate(TAKEN) is False, "the browser opens a tab"
    new_tab = many.context.new_page()
    new_tab.goto(row.evaluate("row => row.href"))
    expect(new_tab.get_by_role("heading", level=1)).to_contain_text("SMS to")
    expect(new_tab.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_banner_goes_when_the_last_mistake_is_corrected(page: Page, stack: Stack, console: list[str]) -> None:
    sign_in(page, stack)
    message(page).fill("Your cupcakes are ready.")
    fill_contact(page, "First contact", "SMS", "12", "Bakery")
    send(page)
    expect(page.locator("#compose-error")).to_contain_text("Not sent.")
    page.get_by_role("group", name="First contact").get_by_label("To").fill(new_number())
    expect(page.locator("#compose-error")).to_be_hidden()
    assert [re.sub(r".*status of ", "", line) for line in console] == ["422 (Unprocessable Entity)"]
    console.clear()


def test_a_text_from_right_to_left_is_read_in_its_order(page: Page, stack: Stack) -> None:
    sent = stack.api("POST", "/v1/messages", sms(new_number(), "הכל מוכן!"))
    sign_in(page, stack)
    message(page).fill("הכל מוכן!")
    assert message(page).evaluate("area => getComputedStyle(area).direction") == "rtl"
    page.goto(f"{stack.api_url}/#/dispatches/{sent.json()['workflow_id']}")
    quoted = page.locator("#steps").get_by_text("הכל מוכן!")
    expect(quoted).to_be_visible()
    assert quoted.evaluate("text => getComputedStyle(text).direction") == "rtl"


def test_the_time_zone_is_named_under_every_view(browser: Browser, stack: Stack, console: list[str]) -> None:
    with visit(browser, stack.api_url, console, timezone_id="America/New_York") as page:
        sign_in(page, stack)
        for place in VIEWS:
            page.goto(f"{stack.api_url}/{place}")
            expect(page.get_by_text("All times are New York time, as on this computer.")).to_be_visible()
