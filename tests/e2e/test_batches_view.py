"""Batches on the page: a list that was pasted, on its way, and each recipient's dispatch."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_accessibility import violations
from tests.e2e.test_page import UNPROCESSABLE
from tests.e2e.visitor import message, overflow, sign_in
from tests.running_stack import Stack, new_number

BATCH = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e5fe"
HELLO = "Hello {{ name }}, your order is ready."
AFTER_A_FRAME = "new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 100)))"
SELECTED = "(list => list.value.slice(list.selectionStart, list.selectionEnd))(document.activeElement)"


def played(page: Page, **fields: Any) -> None:
    """A batch as the API tells of it, however far it is."""
    view = {
        "batch_uuid": BATCH,
        "schedule_uuid": None,
        "created_at": "2026-11-23T12:00:00.000Z",
        "state": "sending",
        "send_at": None,
        "cancelled_at": None,
        "estimated_end_at": None,
        "accepted": 1000,
        "sent": 400,
        "delivered": 300,
        "failed": 20,
        "cost": [{"currency": "EUR", "price": "10.6560"}],
        "rate": 10,
        "steps": [
            {"channel": "whatsapp", "message_type": "text", "text": HELLO},
            {"channel": "sms", "message_type": "text", "text": HELLO},
        ],
        **fields,
    }

    def answer(route: Route) -> None:
        path = route.request.url.split("?")[0]
        if path.endswith("/dispatches"):
            route.fulfill(json={"dispatches": [], "cursor": None})
        else:
            route.fulfill(json=view if path.endswith(BATCH) else {"batches": [view], "cursor": None})

    page.route("**/v1/batches**", answer)


def new_batch(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    page.get_by_role("link", name="Many customers").click()
    # Until then the message of one customer is there: what begins to fill it goes on waiting for it.
    expect(page.get_by_role("heading", name="Send to many")).to_be_visible()


def senders(page: Page, first: str, second: str) -> None:
    """Fill in the sender of the first channel, and that of the other one, which is tried if need be."""
    page.get_by_role("textbox", name="From", exact=True).fill(first)
    page.get_by_label("Try another channel if it isn").check()
    page.get_by_label("Sender").fill(second)


def send_to_all(page: Page) -> None:
    """Look at the review, then send."""
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Send to all").click()


def test_a_pasted_list_is_shown_as_the_first_will_read_it_sent_and_watched(page: Page, stack: Stack) -> None:
    numbers = [new_number() for _ in range(3)]
    new_batch(page, stack)
    message(page).fill(HELLO)
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    page.get_by_label("Recipients").fill("\n".join(f"{to}\t{name}" for to, name in zip(numbers, "ABC", strict=True)))
    page.get_by_label("Messages per second").fill("3")
    expect(page.locator("#batch-sample")).to_have_text("Hello A, your order is ready.")
    expect(page.locator("#batch-plan")).to_have_text("SMS to 3 recipients, all sent in about 1 s.")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", name="Review")).to_be_focused()
    expect(page.get_by_role("row").nth(1)).to_have_text(f"{numbers[0]}Hello A, your order is ready.")
    expect(page.locator("#batch-size")).to_contain_text("Starts at once. 3 SMS segments in all.")

    page.get_by_role("button", name="Send to all 3").click()

    expect(page).to_have_url(re.compile(r"#/batches/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="SMS to 3 recipients")).to_be_visible()
    expect(page.get_by_text("All 3 sent.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=re.compile("^3 delivered$"))).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "3")
    rows = page.locator("#batch-dispatches a")
    expect(rows).to_have_count(3)
    for row, to in zip(rows.all(), numbers, strict=True):
        expect(row).to_contain_text(to)
    texts = [
        stack.dispatch(row.get_attribute("href").split("/")[-1])["steps"][0]["content"]["text"]  # type: ignore[union-attr]
        for row in rows.all()
    ]
    assert texts == [f"Hello {name}, your order is ready." for name in "ABC"]

    page.get_by_role("link", name="All batches").click()
    expect(page.get_by_role("link", name="SMS to 3 recipients").first).to_be_visible()


def test_two_channels_and_columns_named_in_the_first_line(page: Page, stack: Stack, console: list[str]) -> None:
    new_batch(page, stack)
    message(page).fill("Dear {{ first_name }}, {{ order }} is ready.")
    senders(page, "BAKERY", "447700900100")
    page.get_by_label("Recipients").fill('phone,first name,order\n447700900001,Ann,"Six cupcakes, iced"\n')
    expect(page.locator("#batch-sample")).to_have_text("Dear Ann, Six cupcakes, iced is ready.")
    asked: list[Any] = []

    def take(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(status=503, json={"title": "Unavailable", "detail": "Not now."})

    page.route("**/v1/batches", take)
    send_to_all(page)
    expect(page.get_by_role("alert")).to_be_focused()

    text = {"message_type": "text", "text": "Dear {{ first_name }}, {{ order }} is ready."}
    assert asked == [
        {
            "message": {
                **text,
                "channel": "sms",
                "from": "BAKERY",
                "expiry_time": 600,
                "failover": [{**text, "channel": "whatsapp", "from": "447700900100"}],
            },
            "recipients": [{"to": "447700900001", "variables": {"first_name": "Ann", "order": "Six cupcakes, iced"}}],
            "rate": 10,
        }
    ]
    assert console == ["Failed to load resource: the server responded with a status of 503 (Service Unavailable)"]
    console.clear()


def test_recipients_without_a_variable_of_the_text_are_listed_before_anything_is_sent(page: Page, stack: Stack) -> None:
    new_batch(page, stack)
    message(page).fill(HELLO)
    page.get_by_label("Recipients").fill("447700900001, Ann\n447700900002\n447700900003, Cy, 3")
    expect(page.locator("#batch-problems")).to_have_text(
        "447700900002 has no “name”. Line 3 has 3 columns, but only 2 have a name."
    )

    page.get_by_role("button", name="Review").click()

    expect(page.get_by_role("alert")).to_have_text("Not sent. Check the list.")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("button", name="Go to line 3").click()
    expect(page.get_by_label("Recipients")).to_be_focused()
    assert page.evaluate(SELECTED) == "447700900003, Cy, 3"
    page.get_by_label("Recipients").fill("447700900001, Ann")
    expect(page.get_by_role("button", name="Go to line")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("#batch-problems")).to_be_hidden()


def test_a_message_without_a_sender_is_not_reviewed(page: Page, stack: Stack) -> None:
    new_batch(page, stack)
    message(page).fill(HELLO)
    page.get_by_label("Recipients").fill("447700900001, Ann")
    page.get_by_role("button", name="Review").click()

    expect(page.get_by_role("alert")).to_have_text("Not sent. Something is missing.")
    expect(page.locator("#batch-problems")).to_have_text("SMS has no sender.")
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()


def test_a_missing_column_is_listed_once_with_how_to_name_it(page: Page, stack: Stack) -> None:
    new_batch(page, stack)
    message(page).fill("{{ name }}: {{ order }} is ready.")
    page.get_by_label("Recipients").fill("447700900001, Ann, Bread\n447700900002, Ben, Rolls")
    page.get_by_label("Columns").fill("number, name, bread")
    faults = page.locator("#batch-problems")
    expect(faults).to_have_text("The text needs “order”, but no column has this name. Add it under Columns.")

    page.get_by_label("Columns").fill("number, name, order")
    expect(faults).to_be_hidden()


def test_what_is_wrong_stands_above_the_button_of_a_phone(page: Page, stack: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    new_batch(page, stack)
    message(page).fill(HELLO)
    page.get_by_label("Recipients").fill("\n".join(f"0770090000{last}, Ann" for last in range(9)))
    page.get_by_role("button", name="Review").click()

    expect(page.get_by_role("alert")).to_be_focused()
    for shown in (page.get_by_role("alert"), page.locator("#batch-problems")):
        expect(shown).to_be_in_viewport(ratio=1)
    expect(page.locator("#batch-problems")).to_have_text(re.compile("^Line 1: “07700900000” is not .*And 4 more", re.S))
    assert overflow(page) == 0


def test_the_api_s_violations_are_listed_by_recipient_and_the_draft_is_kept(
    page: Page, stack: Stack, console: list[str]
) -> None:
    new_batch(page, stack)
    message(page).fill("Hello {{ name | upper }}!")
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    page.get_by_label("Recipients").fill("phone, name\n447700900001, Ann\n\n447700900002")
    send_to_all(page)

    expect(page.get_by_role("alert")).to_have_text("Not sent. No recipient was messaged.")
    recipients = page.get_by_label("Recipients")
    expect(recipients).to_be_focused()
    expect(recipients).to_have_accessible_description(
        re.compile(r"447700900002: name is missing\. message\.text needs it\.$")
    )
    assert page.evaluate(SELECTED) == "447700900002"
    expect(recipients).to_have_value("phone, name\n447700900001, Ann\n\n447700900002")
    expect(page.locator("#batch-problems")).to_be_hidden()

    recipients.press("End")
    recipients.press_sequentially(", Ben")
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_hidden()
    assert console == [UNPROCESSABLE]
    console.clear()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_refused_batch_moves_the_focus_to_the_first_field_that_is_wrong(
    page: Page, stack: Stack, console: list[str], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    new_batch(page, stack)
    message(page).fill("Your order is ready.")
    senders(page, "A name that is too long", "447700900100")
    page.get_by_label("After (minutes)").fill("999999")
    page.get_by_label("Recipients").fill("447700900001, Ann")
    send_to_all(page)

    sender = page.get_by_role("textbox", name="From", exact=True)
    expect(sender).to_be_focused()
    expect(sender).to_have_accessible_description(re.compile("“from” must "))
    expect(page.locator("#batch-from-error")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("After (minutes)")).to_have_accessible_description(re.compile("^“expiry_time” must "))
    assert overflow(page) == 0
    assert violations(page) == []
    assert console == [UNPROCESSABLE]
    console.clear()


def test_what_is_wrong_at_no_field_is_listed_and_the_sentence_above_it_gets_the_focus(
    page: Page, stack: Stack, console: list[str]
) -> None:
    violation = {"name": "default_country", "reason": "is no country."}
    refused = {"title": "Invalid request", "invalid_parameters": [violation]}
    page.route("**/v1/batches", lambda route: route.fulfill(status=422, json=refused))
    new_batch(page, stack)
    message(page).fill("Your order is ready.")
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    page.get_by_label("Recipients").fill("447700900001, Ann")
    send_to_all(page)

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_accessible_description("default_country is no country.")
    assert console == [UNPROCESSABLE]
    console.clear()


def test_nothing_in_the_review_moves_under_the_pointer_when_the_price_is_known_late(page: Page, stack: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    day = {"date": "2026-11-30", "messages_sent": 4, "cost": [{"currency": "EUR", "price": "0.4"}]}
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    sign_in(page, stack)
    page.route("**/v1/days/*", hold)
    page.get_by_role("link", name="Many customers").click()
    expect(page.get_by_role("heading", name="Send to many")).to_be_visible()
    message(page).fill("Your order is ready.")
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    page.get_by_label("Recipients").fill("447700900001, Ann")
    page.get_by_role("button", name="Review").click()
    send = page.get_by_role("button", name="Send to all")
    expect(send).to_be_visible()
    before = send.bounding_box()

    page.evaluate(AFTER_A_FRAME)
    for route in asked:
        with page.expect_response(route.request.url):
            route.fulfill(json=day)
    page.evaluate(AFTER_A_FRAME)
    assert send.bounding_box() == before

    page.get_by_role("button", name="Back to editing").click()
    page.get_by_role("button", name="Review").click()
    expect(page.locator("#batch-size")).to_contain_text("About EUR 0.10, by what a message cost on average today.")


def test_a_batch_in_progress_shows_its_numbers_rate_end_and_cost(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    page.clock.install()
    played(page, estimated_end_at="2100-01-01T00:00:00.000Z")
    page.goto(f"{stack.api_url}/#/batches/{BATCH}")

    expect(page.get_by_role("heading", name="WhatsApp, then SMS to 1,000 recipients")).to_be_visible()
    expect(page.get_by_text("400 of 1,000 sent, up to 10 per second; finished in about")).to_be_visible()
    expect(page.locator(".batch-parts li")).to_have_text(
        ["300 delivered", "20 not delivered", "80 in progress", "600 still to send"]
    )
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuetext", "400 of 1000 sent")
    expect(page.get_by_text("EUR 10.656", exact=True)).to_be_visible()
    expect(page.get_by_role("blockquote")).to_have_text([HELLO])


def test_a_batch_is_done_only_once_all_of_it_is_counted(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    played(page, state="sent", accepted=3, sent=3, delivered=2, failed=0)
    page.goto(f"{stack.api_url}/#/batches/{BATCH}")
    expect(page.get_by_text("All 3 sent; 1 not delivered yet.")).to_be_visible()
    expect(page.locator(".batch-parts li")).to_have_text(["2 delivered", "1 in progress"])

    played(page, state="sent", accepted=3, sent=3, delivered=3, failed=0)
    expect(page.get_by_text("Done")).to_be_visible()
    expect(page.locator(".batch-parts li")).to_have_text(["3 delivered"])


def test_recipients_to_whom_nothing_was_sent_are_not_among_those_whom_nothing_reached(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    played(page, state="sent", accepted=5, sent=4, delivered=3, failed=2)
    page.goto(f"{stack.api_url}/#/batches/{BATCH}")
    expect(page.get_by_text("4 of 5 sent.", exact=True)).to_be_visible()
    expect(page.locator(".batch-parts li")).to_have_text(["3 delivered", "1 not delivered", "1 not sent"])

    played(page, state="sending", accepted=5, sent=1, delivered=1, failed=1)
    page.reload()
    expect(page.locator(".batch-parts li")).to_have_text(["1 delivered", "1 not sent", "3 still to send"])


def test_a_batch_is_cancelled_by_the_second_press(page: Page, stack: Stack) -> None:
    body = {
        "message": {"channel": "sms", "message_type": "text", "from": "BAKERY", "text": "Closed."},
        "recipients": [{"to": new_number()}],
        "send_at": "2027-08-02T09:00:00Z",
    }
    batch = stack.api("POST", "/v1/batches", body).json()
    path = f"/v1/batches/{batch['batch_uuid']}"
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/batches/{batch['batch_uuid']}")
    expect(page.get_by_text(re.compile(r"Starts 2 Aug"))).to_be_visible()

    page.get_by_role("button", name="Cancel this batch").click()
    assert stack.api("GET", path).json()["state"] == "waiting"
    page.get_by_role("button", name="Stop sending?").click()

    expect(page.get_by_text("Cancelled after 0 of 1 sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel this batch")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert stack.api("GET", path).json()["state"] == "cancelled"


def test_without_a_batch_the_view_says_what_one_is(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    page.route("**/v1/batches?*", lambda route: route.fulfill(json={"batches": [], "cursor": None}))
    page.get_by_role("link", name="Planned").click()

    expect(page.get_by_text("No batches yet. A batch sends one message to many recipients")).to_be_visible()


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_a_batch_fits_its_window(page: Page, stack: Stack, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, stack)
    played(page)
    page.goto(f"{stack.api_url}/#/batches")
    expect(page.get_by_role("link", name="WhatsApp, then SMS")).to_be_visible()
    assert overflow(page) == 0
    page.goto(f"{stack.api_url}/#/batches/{BATCH}")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert overflow(page) == 0
