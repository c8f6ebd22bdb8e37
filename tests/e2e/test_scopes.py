"""The page as clients see it who may not do everything. A request that is refused would be an error in the browser's
console, and a visit fails with one: so the page asks for nothing that the client may not have."""

from playwright.sync_api import Page, expect

from tests.e2e.visitor import fill_contact, message, send, sign_in
from tests.running_stack import Stack, new_number


def views(page: Page) -> list[str]:
    """The names of the navigation's entries, without how many are new."""
    links = page.get_by_role("navigation", name="Views").get_by_role("link")
    return [link.inner_text().partition(",")[0].strip() for link in links.all()]


def test_a_client_that_may_only_send_sends_and_is_offered_nothing_else(page: Page, stack: Stack) -> None:
    sign_in(page, stack, name=f"{stack.client_name}-send")
    expect(page.get_by_role("heading", name="New message")).to_be_focused()
    expect(page.locator("#scopes")).to_have_text("may send")
    assert page.locator(".client").evaluate("client => client.scrollWidth - client.clientWidth") == 0, "it is not cut"
    assert views(page) == ["New message"]
    expect(page.get_by_role("complementary")).to_be_hidden()
    expect(page.get_by_text("Repeat", exact=True)).to_be_hidden()

    message(page).fill("Cupcakes")
    fill_contact(page, "First contact", "SMS", new_number(), "BAKERY")
    send(page)
    expect(page.locator("#compose-sent")).to_contain_text("Accepted. Its ID is ")

    page.goto(f"{stack.api_url}/#/settings")
    expect(page.get_by_text("A client with the scope “admin” can change them.")).to_be_visible()
    expect(page.get_by_text("Keep one where you write a message")).to_be_hidden()
    page.goto(f"{stack.api_url}/#/inbox")
    expect(page.get_by_role("heading", name="Not for this client")).to_be_focused()
    expect(page.get_by_text("“Inbox” needs a client with the scope “read”.")).to_be_visible()


def test_a_client_that_may_only_read_sees_everything_and_can_change_nothing(page: Page, stack: Stack) -> None:
    to = new_number()
    sms = {"channel": "sms", "message_type": "text", "text": "Cupcakes", "to": to, "from": "BAKERY"}
    in_an_hour = {"message": sms, "cron": "0 9 * * *", "time_zone": "UTC"}
    uuid = stack.api("POST", "/v1/messages", {**sms, "expiry_time": 3600}).json()["workflow_id"]
    assert stack.api("POST", "/v1/schedules", in_an_hour).status_code == 201

    sign_in(page, stack, name=f"{stack.client_name}-read")
    expect(page.get_by_role("heading", name="Messages", level=1)).to_be_focused()
    assert views(page) == ["Messages", "Inbox", "Planned", "Customers", "Problems"]

    page.goto(f"{stack.api_url}/#/dispatches/{uuid}")
    expect(page.get_by_role("heading", name="Events")).to_be_visible()
    expect(page.get_by_role("button", name="Stop this message")).to_be_hidden()
    page.goto(f"{stack.api_url}/#/schedules")
    expect(page.locator("#schedules-rows > li").first).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    page.goto(f"{stack.api_url}/#/batches")
    expect(page.get_by_role("heading", name="Batches")).to_be_visible()
    expect(page.get_by_role("link", name="New batch")).to_have_count(0)
    page.goto(f"{stack.api_url}/#/inbox")
    page.get_by_role("textbox", name="Customer").fill(to)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("log").get_by_text("Cupcakes", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Reply")).to_be_hidden()
    expect(page.get_by_text("To reply, you need a client with the scope “send”.")).to_be_visible()
    expect(page.get_by_text("Opt out …")).to_be_hidden()
