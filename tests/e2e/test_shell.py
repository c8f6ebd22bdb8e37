"""What holds for all views of the page: navigation, the connection, signing in, and what was typed."""

import re
from base64 import b64encode

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.visitor import message, overflow, sign_in
from tests.running_stack import Stack, new_number

VIEWS = {
    "New message": "New message",
    "Messages": "Messages",
    "Inbox": "Inbox",
    "Planned": "Planned",
    "Customers": "Customers",
    "Problems": "Problems",
    "Activity": "Activity",
}
NOTE_WHAT_IS_ASKED = """() => {
  const fetch = globalThis.fetch;
  globalThis.asked = [];
  globalThis.fetch = (url, ...more) => {
    asked.push([url, performance.now()]);
    return fetch(url, ...more);
  };
}"""
"""What is asked from now on, each with its milliseconds: `asked`."""
UNAUTHORIZED = "Failed to load resource: the server responded with a status of 401 (Unauthorized)"


def go(page: Page, view: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()


def lost(page: Page) -> None:
    """No request gets through, though the computer believes that it is on line."""

    def abort(route: Route) -> None:
        route.abort("connectionreset")

    page.route("**/*", abort)


def refuse(page: Page) -> None:
    """The next requests of the views are refused, and signing in is not."""

    def unauthorized(route: Route) -> None:
        route.fulfill(status=401, json={"title": "Unauthorized", "detail": "No."})

    page.route("**/v1/schedules?*", unauthorized)
    go(page, "Planned")
    expect(page.get_by_role("alert")).to_have_text(re.compile("is no longer accepted. Sign in again"))
    page.unroute_all()


def type_drafts(page: Page, stack: Stack) -> None:
    """A message to one customer, and a list of many."""
    message(page).fill("Your cupcakes are ready.")
    page.goto(f"{stack.api_url}/#/batches/new")
    page.get_by_label("Recipients").fill("447700900001, Ann")


def test_each_view_opens_from_the_navigation_and_takes_the_keyboard_along(page: Page, stack: Stack) -> None:
    expect(page.get_by_role("navigation")).to_be_hidden()
    sign_in(page, stack)
    expect(page.get_by_role("heading", name=VIEWS["New message"])).to_be_focused()

    for view, heading in reversed(VIEWS.items()):
        go(page, view)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_focused()
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.get_by_role("navigation").locator("[aria-current]")).to_have_text(re.compile(f"^ *{view}"))

    page.go_back()
    expect(page.get_by_role("heading", name="Messages", level=1)).to_be_focused()
    page.goto(f"{stack.api_url}/#/no-such-view")
    expect(page.get_by_role("heading", name=VIEWS["New message"])).to_be_visible()


def test_what_the_navigation_of_a_phone_lacks_is_two_taps_away(page: Page, stack: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, stack)
    expect(page.get_by_role("heading", name=VIEWS["New message"])).to_be_focused()
    expect(page.get_by_role("link", name="Activity")).to_be_hidden()
    expect(page.get_by_role("button", name="Search")).to_be_hidden()

    go(page, "Problems")
    page.get_by_role("link", name="Activity: who changed what").click()
    expect(page.get_by_role("heading", name="Activity", level=1)).to_be_focused()
    go(page, "Messages")
    page.get_by_role("searchbox", name="Find").click()
    expect(page.get_by_role("searchbox", name="Find")).to_be_focused()


def test_a_view_named_by_the_address_is_shown_after_signing_in(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.api_url}/#/planned")
    sign_in(page, stack)

    expect(page.get_by_role("heading", name="Planned", level=1)).to_be_focused()
    expect(page).to_have_title(re.compile("Planned .* Getthrough console$"))


def test_off_line_one_banner_says_so_and_everything_goes_on_by_itself(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    expect(page.get_by_role("heading", name="Newest messages")).to_be_visible()
    page.wait_for_load_state("networkidle")
    message(page).fill("Cupcakes")
    banner = page.get_by_text("No connection to the server.")

    page.context.set_offline(True)
    expect(banner).to_be_visible()
    go(page, "Planned")  # its module is here already
    expect(page.get_by_text("Waiting for the connection.").first).to_be_visible()
    go(page, "New message")
    to = new_number()
    sms = {"channel": "sms", "message_type": "text", "text": "Cupcakes", "to": to, "from": "BAKERY"}
    assert stack.api("POST", "/v1/messages", sms).status_code == 202
    page.context.set_offline(False)

    expect(banner).to_be_hidden()
    expect(page.get_by_role("complementary").get_by_role("link").first).to_contain_text(to)
    expect(message(page)).to_have_value("Cupcakes")
    assert {text for text in console if "ERR_INTERNET_DISCONNECTED" not in text} == set()
    console.clear()


def test_a_server_that_cannot_be_reached_is_asked_again_soon_and_by_one_request_only(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    go(page, "Planned")
    expect(page.locator("#schedules-empty:visible, #schedules-rows > li").first).to_be_visible()
    page.evaluate(NOTE_WHAT_IS_ASKED)

    lost(page)
    page.goto(f"{stack.api_url}/#/batches")
    expect(page.get_by_text("No connection to the server.")).to_be_visible()
    expect(page.get_by_text("Waiting for the connection.").first).to_be_visible()
    page.wait_for_function("() => asked.filter(([url]) => url === '/assets/favicon.svg').length > 1")
    asked = page.evaluate("asked")
    checks = [url for url, _ in asked].index("/assets/favicon.svg")
    assert checks > 0, "a request of a view finds out"
    assert {url for url, _ in asked[checks:]} == {"/assets/favicon.svg"}
    (_, lost_at), (_, first), (_, second) = asked[checks - 1 : checks + 2]
    assert first - lost_at >= 990
    assert second - first >= 1_990

    page.unroute_all()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("No connection to the server.")).to_be_hidden()
    expect(page.get_by_text("Waiting for the connection.").first).to_be_hidden()
    expect(page.get_by_role("link", name="New batch")).to_be_visible()
    assert set(console) == {"Failed to load resource: net::ERR_CONNECTION_RESET"}
    console.clear()


def test_what_was_typed_survives_a_reload_and_a_refused_secret_but_not_signing_out(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    type_drafts(page, stack)
    page.reload()
    expect(page.get_by_label("Recipients")).to_have_value("447700900001, Ann")

    refuse(page)
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "Ann" in kept
    assert stack.client_secret not in kept
    sign_in(page, stack)
    expect(page.get_by_role("heading", name="Planned", level=1)).to_be_focused()
    page.goto(f"{stack.api_url}/#/batches/new")
    expect(page.get_by_label("Recipients")).to_have_value("447700900001, Ann")
    go(page, "New message")
    expect(message(page)).to_have_value("Your cupcakes are ready.")
    assert console == [UNAUTHORIZED]
    console.clear()

    # An answer that comes while the page goes makes the form keep its draft once more.
    page.evaluate("addEventListener('pagehide', () => { sessionStorage.setItem('getthrough.draft.compose', '{}'); })")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("JSON.stringify(sessionStorage)") == "{}"


def test_another_client_that_signs_in_where_a_secret_was_refused_finds_nothing_of_the_one_before(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    type_drafts(page, stack)
    refuse(page)

    sign_in(page, stack, name=f"{stack.client_name}-send")
    expect(page.locator("#scopes")).to_have_text("may send")
    page.goto(f"{stack.api_url}/#/")
    expect(message(page)).to_have_value("")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "Ann" not in kept
    assert "cupcakes" not in kept
    assert console == [UNAUTHORIZED]
    console.clear()


def test_a_sign_out_ends_what_a_tab_kept_whose_secret_was_refused_also_if_it_slept(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    message(page).fill("Your cupcakes are ready.")
    refuse(page)
    assert "cupcakes" in page.evaluate("JSON.stringify(sessionStorage)")

    page.evaluate("localStorage.setItem('getthrough.signed-out', '1')")  # another tab's, which this one did not hear
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    assert console == [UNAUTHORIZED]
    console.clear()


def test_what_a_tab_keeps_for_a_reload_does_not_tell_the_secret(page: Page, stack: Stack) -> None:
    """Browsers write it to the disk."""
    sign_in(page, stack)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    stored = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert stack.client_secret not in stored
    assert b64encode(stack.client_secret.encode()).decode() not in stored
    page.reload()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    page.evaluate("window.name = ''")  # as in a tab that the browser opens again later
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, stack)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("window.name") == ""


def test_who_signs_out_while_a_sign_in_waits_for_its_answer_is_signed_out(page: Page, stack: Stack) -> None:
    def slowly(route: Route) -> None:
        page.evaluate("localStorage.setItem('getthrough.signed-out', '1')")
        route.continue_()

    page.route("**/v1/me", slowly)
    with page.expect_event("load"):
        sign_in(page, stack)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1440])
def test_no_view_is_wider_than_the_window(page: Page, stack: Stack, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, stack)
    links = page.get_by_role("navigation", name="Views").get_by_role("link")
    expect(links.first).to_be_visible()
    assert [link.inner_text() for link in links.all() if link.evaluate("a => a.scrollWidth > a.clientWidth")] == []
    for view, heading in VIEWS.items():
        if view == "Activity":  # on a phone "Problems" leads there
            page.goto(f"{stack.api_url}/#/activity")
        else:
            go(page, view)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert (view, overflow(page)) == (view, 0)
    page.goto(f"{stack.api_url}/#/batches/new")
    expect(page.get_by_label("Recipients")).to_be_visible()
    assert overflow(page) == 0
