"""Conversations: what customers wrote and what became of the answers, and who wants to hear nothing any more."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.builders import webhook_token
from tests.e2e.visitor import overflow, sign_in
from tests.running_stack import Stack, new_number

OURS = "447700900001"
UNAVAILABLE = "Failed to load resource: the server responded with a status of 503 (Service Unavailable)"


def written(stack: Stack, phone: str, text: str, channel: str = "sms", **more: Any) -> None:
    """The customer writes from the phone, to the number that wrote last, or to `to`."""
    stack.simulator("POST", f"/phones/{channel}/{phone}/reply", {"text": text, **more})


def reported(stack: Stack, phone: str, text: str = "Your cupcakes are ready.", channel: str = "sms") -> str:
    """We write, and it arrives; returns the dispatch."""
    message = {"channel": channel, "message_type": "text", "to": phone, "from": OURS, "text": text}
    uuid: str = stack.api("POST", "/v1/messages", message).json()["workflow_id"]
    stack.wait_for_dispatch(uuid, lambda dispatch: dispatch["outcome"] == "succeeded")
    return uuid


def two_asked(stack: Stack) -> tuple[str, str]:
    """The telephones of two customers who were written to and then asked something, the first of them first."""
    phone, other = new_number(), new_number()
    for each in (phone, other):
        reported(stack, each)
        written(stack, each, "Can I come at five?")
    return phone, other


def visit_conversations(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("heading", name="Inbox", exact=True)).to_be_visible()


def customers(page: Page) -> Locator:
    return page.get_by_role("list", name="Customers who wrote").get_by_role("link")


def said(page: Page) -> Locator:
    """The texts of the open conversation, in the order of the screen."""
    return page.locator(".bubble .said")


def bubble(page: Page, text: str) -> Locator:
    return page.locator(".bubble").filter(has_text=text)


def answer(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Reply").fill(text)
    page.get_by_role("button", name="Reply").click()


def test_a_reply_from_a_phone_shows_by_itself_and_is_answered_from_the_number_it_was_written_to(
    page: Page, stack: Stack
) -> None:
    phone = new_number()
    uuid = reported(stack, phone)
    visit_conversations(page, stack)
    written(stack, phone, "Can I come at five?")
    customers(page).filter(has_text=phone).click()
    expect(page.get_by_role("heading", name=phone)).to_be_focused()
    expect(said(page)).to_have_text(["Your cupcakes are ready.", "Can I come at five?"])
    expect(bubble(page, "cupcakes").get_by_role("link")).to_have_attribute("href", f"#/dispatches/{uuid}")
    expect(page.locator("#reply-hint")).to_have_text(f"Sent by SMS from {OURS}")

    answer(page, "Yes, at five!")
    expect(said(page)).to_have_text(["Your cupcakes are ready.", "Can I come at five?", "Yes, at five!"])
    expect(bubble(page, "Yes, at five!").locator(".badge")).to_have_text("Delivered")
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    written(stack, phone, "Lovely")
    expect(said(page).last).to_have_text("Lovely")

    texts = [
        (message["direction"], message["text"])
        for message in stack.simulator("GET", f"/phones/sms/{phone}")["messages"]
    ]
    assert texts[-2:] == [("received", "Yes, at five!"), ("sent", "Lovely")]
    assert re.fullmatch(re.escape(stack.api_url) + "/#/inbox/[0-9a-f]{12}", page.url), "no number in the page's address"

    bubble(page, "cupcakes").get_by_role("link").click()
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    page.go_back()
    expect(said(page).last).to_have_text("Lovely")


def test_each_customer_is_listed_once_with_what_was_written_last(page: Page, stack: Stack) -> None:
    first, second = new_number(), new_number()
    visit_conversations(page, stack)
    for phone in (first, second):
        reported(stack, phone)
    for phone, text in ((first, "One"), (second, "Two"), (first, "Three")):
        written(stack, phone, text)
        expect(customers(page).first).to_contain_text(text)

    expect(customers(page).filter(has_text=first)).to_have_count(1)
    expect(customers(page).nth(0)).to_contain_text(first)
    expect(customers(page).nth(1)).to_contain_text(second)


def test_a_row_shows_what_we_answered_last_until_the_customer_writes_again(page: Page, stack: Stack) -> None:
    phone, other = two_asked(stack)
    visit_conversations(page, stack)
    row = customers(page).filter(has_text=phone)
    expect(row).to_be_visible()
    expect(customers(page).filter(has_text=other)).to_be_visible()
    reported(stack, other, "Yes, at six.")  # a colleague's answer
    page.reload()
    expect(customers(page).filter(has_text=other)).to_contain_text(re.compile(r"five\?\s*You: Yes, at six\.$"))
    expect(row).to_contain_text("Can I come at five?")
    expect(row).not_to_contain_text("You:")

    row.click()
    answer(page, "Yes, at five!")
    expect(row).to_contain_text(re.compile(r"five\?\s*You: Yes, at five!$"))
    written(stack, phone, "Lovely")
    expect(row).to_contain_text("Lovely")
    expect(row).not_to_contain_text("You:")


def test_stop_shows_as_opted_out_with_who_and_why_and_a_person_can_opt_in_again(page: Page, stack: Stack) -> None:
    phone = new_number()
    reported(stack, phone)
    written(stack, phone, "Who is this?")
    visit_conversations(page, stack)
    customers(page).filter(has_text=phone).click()
    expect(page.get_by_role("textbox", name="Reply")).to_be_visible()

    written(stack, phone, "STOP")
    state = page.locator("#opt-out-state")
    expect(state).to_contain_text("Opted out: nothing is sent to this contact. By the customer, ")
    expect(state).to_contain_text(": wrote “STOP”.")
    expect(page.get_by_role("textbox", name="Reply")).to_be_hidden()

    page.get_by_role("button", name="Opt in again").press("Enter")
    assert stack.api("GET", f"/v1/opt-outs/sms/{phone}").json()["opted_out"] is True, "it only asked so far"
    page.get_by_role("button", name="Did the customer agree?").press("Enter")
    expect(state).to_contain_text(f"Opted in again. By {stack.client_name}, ")
    expect(page.get_by_role("textbox", name="Reply")).to_be_visible()


def test_a_person_can_opt_a_customer_out_and_say_why(page: Page, stack: Stack) -> None:
    phone = new_number()
    reported(stack, phone)
    visit_conversations(page, stack)
    page.get_by_role("textbox", name="Customer").fill(f"+{phone[:2]} {phone[2:6]} {phone[6:]}")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name=phone)).to_be_visible()
    expect(said(page)).to_have_text(["Your cupcakes are ready."])

    page.get_by_text("Opt out …").click()
    page.get_by_label("Why").fill("Asked in the shop")
    page.get_by_role("button", name="Opt out", exact=True).click()

    expect(page.locator("#opt-out-state")).to_contain_text(
        re.compile(f"By {stack.client_name}, .*: Asked in the shop\\.")
    )
    found = stack.api("GET", f"/v1/opt-outs/sms/{phone}").json()
    assert (found["opted_out"], found["why"], found["by"]) == (True, "Asked in the shop", stack.client_name)


def test_an_answer_whose_fate_is_unknown_stays_typed_and_goes_out_once(
    page: Page, stack: Stack, console: list[str]
) -> None:
    phone = new_number()
    reported(stack, phone)
    visit_conversations(page, stack)
    page.get_by_role("textbox", name="Customer").fill(phone)
    page.get_by_role("button", name="Open", exact=True).click()
    keys: list[str | None] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        route.fetch()
        route.fulfill(status=503, json={"title": "Service Unavailable"})

    page.route("**/v1/messages", lose)
    answer(page, "Are you coming?")
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("The server could not answer (503).")
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Are you coming?")
    page.reload()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Are you coming?")
    page.unroute("**/v1/messages", lose)
    with page.expect_request("**/v1/messages") as again:
        page.get_by_role("button", name="Reply").click()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("")

    assert keys == [again.value.headers["idempotency-key"]]
    expect(said(page)).to_have_text(["Your cupcakes are ready.", "Are you coming?"])
    phone_has = [message["text"] for message in stack.simulator("GET", f"/phones/sms/{phone}")["messages"]]
    assert phone_has == ["Your cupcakes are ready.", "Are you coming?"]
    assert console == [UNAVAILABLE]
    console.clear()


def test_an_answer_still_under_way_leaves_what_is_typed_for_the_next_customer_alone(page: Page, stack: Stack) -> None:
    phone, other = two_asked(stack)
    visit_conversations(page, stack)
    customers(page).filter(has_text=phone).click()
    expect(said(page)).to_have_count(2)
    typed = page.get_by_role("textbox", name="Reply")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/messages", hold)
    answer(page, "Yes, at five!")

    customers(page).filter(has_text=other).click()
    expect(page.get_by_role("heading", name=other)).to_be_focused()
    typed.fill("No, at six.")
    (sent,) = held
    sent.continue_()

    expect(page.locator("#live")).to_have_text("Sent.")
    expect(typed).to_have_value("No, at six.")
    customers(page).filter(has_text=phone).click()
    expect(page.get_by_role("heading", name=phone)).to_be_focused()
    expect(typed).to_have_value("")


def test_other_content_and_quotes_are_shown_in_words_and_never_become_markup(page: Page, stack: Stack) -> None:
    phone = new_number()
    uuid = reported(stack, phone, "<b>Ready</b>", channel="whatsapp")
    ours = stack.dispatch(uuid)["steps"][0]["vonage_message_uuid"]
    written(stack, phone, "<img src=x onerror=alert(1)>", channel="whatsapp", context={"message_uuid": ours})
    place = {"message_type": "location", "location": {"lat": 51.5, "long": -0.1}, "to": OURS}
    stack.simulator("POST", f"/phones/whatsapp/{phone}/reply", place)
    visit_conversations(page, stack)
    customers(page).filter(has_text=phone).click()

    expect(said(page)).to_have_text(["<b>Ready</b>", "<img src=x onerror=alert(1)>", "51.5, -0.1"])
    expect(bubble(page, "onerror").locator(".quoted")).to_have_text("<b>Ready</b>")
    expect(bubble(page, "51.5")).to_contain_text("Location")
    assert page.locator("#bubbles img, #bubbles b").count() == 0


def test_a_customers_name_turns_no_number_beside_it_around(page: Page, stack: Stack) -> None:
    phone, name = new_number(), "Ann \u202e"
    body = {"channel": "whatsapp", "message_uuid": str(uuid4()), "to": OURS, "from": phone, "profile": {"name": name}}
    text = json.dumps({**body, "timestamp": datetime.now(UTC).isoformat(), "message_type": "text", "text": "Hello"})
    token = webhook_token(text.encode(), stack.signature_secret, api_key=stack.api_key)
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    assert stack.api("POST", "/inbound", data=text, headers=headers).status_code == 200
    visit_conversations(page, stack)
    customers(page).filter(has_text=phone).click()

    expect(page.get_by_role("heading", name=phone).locator("bdi")).to_have_text(name)


@pytest.mark.parametrize("kind", ["constructor", "toString", "__proto__"])
def test_a_kind_of_message_with_an_odd_name_is_shown_like_any_other(page: Page, stack: Stack, kind: str) -> None:
    phone = new_number()
    body = f'{{"channel": "sms", "message_uuid": "{uuid4()}", "to": "{OURS}", "from": "{phone}", '
    body += f'"timestamp": "{datetime.now(UTC).isoformat()}", "message_type": "{kind}", "text": "Hello"}}'
    token = webhook_token(body.encode(), stack.signature_secret, api_key=stack.api_key)
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    assert stack.api("POST", "/inbound", data=body, headers=headers).status_code == 200
    visit_conversations(page, stack)
    customers(page).filter(has_text=phone).click()

    expect(said(page)).to_have_text(["Hello"])


def test_older_messages_come_on_request(page: Page, stack: Stack) -> None:
    phone = new_number()
    reported(stack, phone)
    for number in range(32):
        written(stack, phone, f"Message {number}")
    while len(stack.api("GET", f"/v1/conversations/sms/{phone}?limit=100").json()["messages"]) < 33:
        page.wait_for_timeout(200)
    visit_conversations(page, stack)
    customers(page).filter(has_text=phone).click()
    expect(said(page)).to_have_count(30)
    expect(said(page).last).to_be_in_viewport()
    expect(said(page).first).not_to_be_in_viewport()

    # The list of customers has such a button too, as soon as other tests of this stack have filled its first page.
    load_more = page.get_by_role("log", name="Messages").get_by_role("button", name="Load more")
    load_more.click()

    expect(said(page)).to_have_count(33)
    expect(said(page).first).to_have_text("Your cupcakes are ready.")
    expect(load_more).to_be_hidden()


def test_an_empty_inbox_explains_where_messages_come_from(page: Page, stack: Stack) -> None:
    page.route("**/v1/conversations?*", lambda route: route.fulfill(json={"conversations": [], "cursor": None}))
    visit_conversations(page, stack)

    expect(page.get_by_text("No conversations yet.")).to_be_visible()
    expect(page.get_by_text(f"{stack.api_url}/inbound")).to_be_visible()


def test_a_conversation_fits_a_telephone_and_leads_back_to_the_list(page: Page, stack: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    phone = new_number()
    reported(stack, phone, "Cupcakes" * 40)
    written(stack, phone, "W" * 300)
    visit_conversations(page, stack)
    assert overflow(page) == 0
    customers(page).filter(has_text=phone).click()
    expect(said(page)).to_have_count(2)
    assert overflow(page) == 0
    expect(customers(page).first).to_be_hidden()

    page.get_by_role("link", name="All conversations").click()
    expect(customers(page).first).to_be_visible()
    expect(page.get_by_role("textbox", name="Reply")).to_be_hidden()


def test_a_customers_data_is_exported_whole_or_not_at_all(page: Page, stack: Stack) -> None:
    phone = new_number()
    reported(stack, phone)
    sign_in(page, stack)
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_role("searchbox", name="Customer").fill(phone)
    page.get_by_role("button", name="Open", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()
    lines = [json.loads(line) for line in saved.value.path().read_text().splitlines()]
    assert {"dispatches", "events", "notes"} <= {line["kind"] for line in lines}

    def go_on(route: Route) -> None:
        route.fulfill(body="", headers={"x-next-cursor": "WyJhIiwgImIiXQ"})

    page.route("**/export*", go_on)
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("alert")).to_contain_text("Export with the API")
