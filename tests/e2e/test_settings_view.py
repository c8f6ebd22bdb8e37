"""What all users share, in a browser: a plan that one keeps and another one uses, senders, and the usual country."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.visitor import add_fallback, contact, fill_contact, message, plan, send, sign_in, visit, window
from tests.running_stack import Stack


@pytest.fixture
def settings(page: Page, stack: Stack) -> Iterator[Page]:
    """The console, signed in. What other tests find afterwards is empty again."""
    sign_in(page, stack)
    yield page
    version = stack.api("GET", "/v1/settings").json()["version"]
    assert stack.api("PUT", "/v1/settings", {"version": version}).status_code == 200


def test_a_plan_that_one_user_keeps_is_offered_to_the_next_one(
    settings: Page, browser: Browser, stack: Stack, console: list[str]
) -> None:
    fill_contact(settings, "First contact", "SMS", "447700900001", "Bakery")
    add_fallback(settings)
    fill_contact(settings, "Fallback 1", "WhatsApp", "447700900001", "447700900100")
    window(settings, 1).get_by_label("Window").fill("120")
    settings.get_by_text("Keep this plan for next time").click()
    settings.get_by_label("Name of the plan").fill("SMS, then WhatsApp")
    settings.get_by_role("button", name="Keep", exact=True).click()
    expect(settings.get_by_text("Kept as “SMS, then WhatsApp”, for all users.")).to_be_visible()

    with visit(browser, stack.api_url, console) as other:
        sign_in(other, stack)
        expect(contact(other, "First contact").get_by_label("From")).to_have_value("Bakery")
        message(other).fill("Your cupcakes are ready.")
        contact(other, "First contact").get_by_label("To").fill("447700900002")
        other.get_by_label("Use a saved plan").select_option("SMS, then WhatsApp")
        expect(plan(other)).to_have_text(
            "First SMS to 447700900002; if that is not delivered within 2 min, WhatsApp to 447700900002."
        )
        expect(message(other)).to_have_value("Your cupcakes are ready.")
        expect(contact(other, "Fallback 1").get_by_label("From")).to_have_value("447700900100")


def test_senders_and_the_country_are_saved_and_then_a_number_needs_no_country_code(
    settings: Page, console: list[str]
) -> None:
    settings.get_by_role("link", name="Settings").click()
    expect(settings.get_by_role("heading", level=1, name="Settings")).to_be_focused()
    settings.get_by_label("Country").fill("UK")
    settings.get_by_role("button", name="Save the country").click()
    expect(settings.get_by_role("alert")).to_contain_text(
        "must be a country with phone numbers of its own, such as GB."
    )
    console.clear()  # the refused change
    settings.get_by_label("Country").fill("gb")
    expect(settings.get_by_text("United Kingdom: numbers such as 07700 900001 need no country code.")).to_be_visible()
    # Another change before this one is stored would meet its version: 409, which a browser logs, and then once more.
    with settings.expect_response(lambda response: response.request.method == "PUT" and response.ok):
        settings.get_by_role("button", name="Save the country").click()
    expect(settings.get_by_text("Changed by bakery")).to_be_visible()
    settings.locator("#sender-from").fill("The Corner Bakery")
    settings.get_by_role("button", name="Add the sender").click()
    expect(settings.get_by_role("alert")).to_contain_text("The sender must be a phone number, a short code, or a name")
    console.clear()  # the refused change
    settings.locator("#sender-from").fill("Bakery")
    settings.get_by_role("button", name="Add the sender").click()
    expect(settings.locator("#saved-senders li")).to_have_text(["Bakery SMSRemove Bakery"])

    settings.get_by_role("link", name="New message").click()
    expect(contact(settings, "First contact").get_by_label("From")).to_have_value("Bakery")
    message(settings).fill("Your cupcakes are ready.")
    contact(settings, "First contact").get_by_label("To").fill("07700 900099")
    send(settings)
    expect(settings.locator("#dispatch")).to_contain_text("447700900099")

    settings.get_by_role("link", name="Messages", exact=True).click()
    asked: list[str] = []
    settings.on("request", lambda request: asked.append(request.url) if "address=" in request.url else None)
    settings.get_by_role("searchbox", name="Find").fill("07700 900099")
    settings.get_by_role("button", name="Find").click()
    expect(settings.locator("#found > li")).to_have_count(1)
    expect(settings.locator("#found-words")).to_have_text("Messages to 447700900099 on any channel, newest first")
    assert {url.partition("?")[2] for url in asked} == {"channel=sms&address=447700900099&limit=20"}
    settings.get_by_role("link", name="Customers").click()
    settings.get_by_role("searchbox", name="Customer").fill("07700 900099")
    settings.get_by_role("button", name="Open").click()
    expect(settings.get_by_role("heading", level=1, name="447700900099")).to_be_visible()


def test_who_may_only_send_can_use_settings_and_not_change_them(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.evaluate("document.body.dataset.may = 'send read'")
    page.goto(f"{stack.api_url}/#/settings")
    expect(page.get_by_text("A client with the scope “admin” can change them.")).to_be_visible()
    expect(page.get_by_text("None: numbers need a country code.")).to_be_visible()
    expect(page.locator("#settings").get_by_role("button")).to_have_count(0)
