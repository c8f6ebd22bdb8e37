"""The page, in a browser, on the whole system: what a bakery's owner and a developer get to see."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.visitor import (
    add_fallback,
    cards,
    contact,
    fill_contact,
    happenings,
    let_time_pass,
    message,
    overflow,
    plan,
    send,
    sign_in,
    state,
    window,
)
from tests.running_stack import Stack, new_number

UNAUTHORIZED = "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
UNPROCESSABLE = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
CUPCAKES = "Your cupcakes are ready."


@pytest.mark.main_story
def test_the_cupcakes_get_through_by_the_fallback_and_the_late_sms_shows_by_itself(page: Page, stack: Stack) -> None:
    phone, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "airplane"})
    sign_in(page, stack)
    message(page).fill(CUPCAKES)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "WhatsApp", other, "447700900001")
    window(page, 1).get_by_label("Window").fill("6")
    expect(plan(page)).to_have_text(f"First SMS to {phone}; if that is not delivered within 6 s, WhatsApp to {other}.")
    send(page)

    expect(page.get_by_role("heading", name=f"SMS to {phone} is on its way")).to_be_focused()
    expect(cards(page).first.get_by_role("timer")).to_have_text(re.compile(r"^([1-6] s left|time is up)$"))
    expect(state(page, 2)).to_have_text("Not sent yet")

    expect(page.get_by_role("heading", name=f"WhatsApp to {other} was delivered")).to_be_visible()
    expect(state(page, 1)).to_have_text("Not delivered in time")
    expect(state(page, 2)).to_have_text("Delivered")
    expect(happenings(page)).to_have_text(
        [
            "Accepted and stored.",
            f"Step 1 SMS to {phone} sent.",
            re.compile("^Step 1 (Accepted by Vonage|Passed to the carrier, cost EUR 0.0333)"),  # in either order
            re.compile("^Step 1 (Accepted by Vonage|Passed to the carrier, cost EUR 0.0333)"),
            "Step 1 Not delivered within 6 seconds.",
            f"Step 2 WhatsApp to {other} sent, because the window of step 1 ended.",
            re.compile("^Step 2 (Accepted by Vonage|Passed to WhatsApp)"),
            re.compile("^Step 2 (Accepted by Vonage|Passed to WhatsApp)"),
            "Step 2 Delivered.",
            "Step 2 Finished: step 2 was delivered.",
        ]
    )

    page.get_by_text("Webhook").first.click()
    cards(page).first.get_by_text("Details").click()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "on"})

    expect(happenings(page).last).to_have_text("Step 1 Delivered. late")
    expect(state(page, 1)).to_have_text("Delivered, late")
    expect(page.get_by_text("The customer got 2 messages.")).to_be_visible()
    newest = page.get_by_role("region", name="Messages").get_by_role("listitem").first
    expect(newest).to_contain_text("late")
    expect(newest).to_contain_text("2 of 2 steps tried")
    # What was opened stays open when more comes in.
    expect(page.locator("#events pre").first).to_contain_text('"status": "submitted"')
    expect(cards(page).first.get_by_text("Message ID", exact=True)).to_be_visible()
    page.get_by_text("Webhook").last.click()
    expect(page.locator("#events pre").last).to_contain_text('"status": "delivered"')


def test_a_rejected_message_says_why_in_the_provider_s_words(page: Page, stack: Stack) -> None:
    phone = new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "blocked"})
    sign_in(page, stack)
    message(page).fill(CUPCAKES)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")
    send(page)

    expect(page.get_by_role("heading", name="The message was not delivered")).to_be_visible()
    expect(state(page, 1)).to_have_text("Rejected")
    expect(happenings(page).filter(has_text="Rejected. 1280: ")).to_be_visible()


def test_what_a_customer_does_is_shown_in_words(page: Page, stack: Stack) -> None:
    phone, other = new_number(), new_number()
    written = f"+{phone[:2]} {phone[2:6]} {phone[6:]}"
    text = {"message_type": "text", "text": CUPCAKES, "from": "447700900001"}
    question = {"channel": "whatsapp", "to": written, **text, "condition_status": "replied", "expiry_time": 600}
    fallback = {"channel": "sms", "to": other, **text}
    uuids = []
    for _ in range(2):
        uuids.append(stack.api("POST", "/v1/messages", {**question, "failover": [fallback]}).json()["workflow_id"])
        stack.wait_for_dispatch(uuids[-1], lambda dispatch: dispatch["steps"][0]["status"] == "delivered")
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/dispatches/{uuids[0]}")
    expect(page.get_by_role("heading", name=f"WhatsApp to {phone} was delivered, but not answered yet")).to_be_visible()
    expect(state(page, 1)).to_have_text("Delivered, not answered yet")
    expect(happenings(page).nth(1)).to_have_text(f"Step 1 Number “{written}” read as +{phone}.")

    stack.simulator("POST", f"/phones/whatsapp/{phone}/reply", {"text": "Lovely", "context": quoted(stack, uuids[0])})
    expect(page.get_by_role("heading", name=f"WhatsApp to {phone} was answered")).to_be_visible()
    expect(state(page, 1)).to_have_text("Answered")
    expect(happenings(page).filter(has_text="The customer replied.")).to_be_visible()

    stack.simulator("POST", f"/phones/whatsapp/{phone}/reply", {"text": "STOP"})
    page.goto(f"{stack.api_url}/#/dispatches/{uuids[1]}")
    expect(state(page, 1)).to_have_text("Opted out")
    expect(happenings(page).filter(has_text="The customer opted out. Getthrough stops waiting.")).to_be_visible()
    expect(happenings(page).filter(has_text=f"SMS to {other}")).to_have_count(0)


def quoted(stack: Stack, dispatch_uuid: str) -> dict[str, str]:
    return {"message_uuid": stack.dispatch(dispatch_uuid)["steps"][0]["vonage_message_uuid"]}


def test_a_revoked_message_is_shown_as_revoked(page: Page, stack: Stack) -> None:
    phone, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/rcs/{phone}", {"mode": "airplane"})
    text = {"message_type": "text", "text": CUPCAKES, "from": "Bakery"}
    body = {
        "channel": "rcs",
        "to": phone,
        **text,
        "expiry_time": 1,
        "failover": [{"channel": "sms", "to": other, **text}],
    }
    answer = stack.api("POST", "/v1/messages", body).json()
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/dispatches/{answer['workflow_id']}")

    expect(page.get_by_role("heading", name=f"SMS to {other} was delivered")).to_be_visible()
    reported = "Step 1 Vonage revoked it."
    expect(happenings(page).filter(has_text=reported)).to_be_visible()


def test_a_wrong_secret_is_refused_with_a_sentence(page: Page, stack: Stack, console: list[str]) -> None:
    sign_in(page, stack, secret="not the secret")

    expect(page.get_by_role("alert")).to_have_text(
        "The client name or the secret is wrong. Check both, then try again."
    )
    expect(page.get_by_label("Client name")).to_have_value(stack.client_name)
    expect(page.get_by_label("Secret")).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    assert console == [UNAUTHORIZED]
    console.clear()

    sign_in(page, stack)
    expect(page.get_by_role("heading", name="New message")).to_be_focused()


def test_each_violation_is_shown_at_its_field_and_the_draft_is_kept(
    page: Page, stack: Stack, console: list[str]
) -> None:
    phone = new_number()
    sign_in(page, stack)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "Viber", "07700 900001", "")
    window(page, 1).get_by_label("Window").fill("0")
    send(page)

    expect(page.get_by_role("alert")).to_have_text("Not sent. Check the 4 marked fields.")
    expect(message(page)).to_have_accessible_description("Enter a message.")
    expect(message(page)).to_be_focused()
    fallback = contact(page, "Fallback 1")
    expect(fallback.get_by_label("To")).to_have_accessible_description(
        re.compile("To must be a phone number with its country code")
    )
    expect(fallback.get_by_label("From")).to_have_accessible_description(re.compile("Enter a sender.$"))
    expect(window(page, 1).get_by_label("Window")).to_have_accessible_description(
        "Window must be a whole number from 1 to 604800, or auto."
    )
    expect(contact(page, "First contact").get_by_label("To")).to_have_value(phone)
    expect(fallback.get_by_label("To")).to_have_value("07700 900001")
    assert console == [UNPROCESSABLE]
    console.clear()

    message(page).fill(CUPCAKES)
    expect(message(page)).to_have_accessible_description("24 characters · 1 SMS segment, room for 136 more")


def test_a_lost_connection_keeps_what_was_typed_and_says_what_to_do_next(
    page: Page, stack: Stack, console: list[str]
) -> None:
    phone = new_number()
    sign_in(page, stack)
    message(page).fill(CUPCAKES)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")

    def lose(route: Route) -> None:
        route.abort("connectionreset")

    page.route("**/v1/messages", lose)
    send(page)

    expect(page.get_by_role("alert")).to_have_text(
        "No answer from the server. Press the button again. The message is sent only once."
    )
    expect(message(page)).to_have_value(CUPCAKES)
    expect(contact(page, "First contact").get_by_label("To")).to_have_value(phone)
    assert console == ["Failed to load resource: net::ERR_CONNECTION_RESET"]
    console.clear()

    page.unroute("**/v1/messages", lose)
    send(page)
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()


def test_a_fallback_may_have_its_own_text_and_data_never_becomes_markup(page: Page, stack: Stack) -> None:
    phone, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "blocked"})
    stack.simulator("PUT", f"/phones/rcs/{other}", {"reads": 0.2})
    sign_in(page, stack)
    message(page).fill("<b>Ready</b><img src=x onerror=alert(1)>")
    fill_contact(page, "First contact", "SMS", f"+{phone[:2]} {phone[2:6]} {phone[6:]}", "BAKERY")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "RCS", other, "Bakery")
    contact(page, "Fallback 1").get_by_text("own text").click()
    contact(page, "Fallback 1").get_by_label("Different text for this contact").check()
    contact(page, "Fallback 1").get_by_label("Text for this contact", exact=True).fill("<i>Still</i> ready")
    send(page)

    expect(page.get_by_role("heading", name=re.compile(f"RCS to {other} was"))).to_be_visible()
    expect(cards(page).locator("blockquote")).to_have_text(
        ["<b>Ready</b><img src=x onerror=alert(1)>", "<i>Still</i> ready"]
    )
    expect(state(page, 2)).to_have_text("Read")
    assert page.locator("#steps b, #steps i, #steps img").count() == 0


def test_a_text_too_long_for_one_channel_opens_a_text_of_its_own_for_that_contact(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    message(page).fill("cupcakes " * 100)
    fill_contact(page, "First contact", "SMS", new_number(), "BAKERY")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "Messenger", "1234567890", "9876543210")
    send(page)

    instead = contact(page, "Fallback 1").get_by_label("Text for this contact", exact=True)
    expect(instead).to_be_focused()
    expect(instead).to_have_value("cupcakes " * 100)
    expect(instead).to_have_accessible_description(
        "900 characters Text for this contact must have 1 to 640 characters."
    )
    expect(message(page)).not_to_have_attribute("aria-invalid", "true")
    assert console == [UNPROCESSABLE]
    console.clear()


def test_contacts_are_added_moved_and_removed_with_the_keyboard_alone(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    fill_contact(page, "First contact", "SMS", "447700900001", "BAKERY")
    page.get_by_role("button", name="Add a fallback").press("Enter")
    expect(contact(page, "Fallback 1").get_by_label("Channel")).to_be_focused()
    fill_contact(page, "Fallback 1", "WhatsApp", "447700900002", "447700900100")
    window(page, 1).get_by_label("Unit").select_option("minutes")

    contact(page, "Fallback 1").get_by_role("button", name="Move up").press("Enter")
    window(page, 1).get_by_label("Condition").select_option("read")
    expect(plan(page)).to_have_text(
        "First WhatsApp to 447700900002; if that is not read within 1 min, SMS to 447700900001."
    )
    expect(contact(page, "First contact").get_by_role("button", name="Move down")).to_be_focused()

    contact(page, "First contact").get_by_role("button", name="Remove").press("Enter")
    expect(plan(page)).to_have_text("SMS to 447700900001.")
    expect(page.get_by_role("button", name="Add a fallback")).to_be_focused()

    for _ in range(9):
        add_fallback(page)
    expect(page.get_by_text("You can add up to 10 contacts.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a fallback")).to_be_hidden()


def test_the_session_lives_in_the_tab_and_signing_out_forgets_all_of_it(page: Page, stack: Stack) -> None:
    phone = new_number()
    sign_in(page, stack)
    message(page).fill(CUPCAKES)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")
    send(page)
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    assert re.fullmatch(re.escape(stack.api_url) + r"/#/dispatches/[0-9a-f-]{34}00", page.url)

    page.reload()
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    page.get_by_role("link", name="Skip to the content").press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(phone)).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


def test_signing_out_ends_the_session_of_a_tab_that_shows_another_page(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    elsewhere = page.context.new_page()
    elsewhere.goto(stack.api_url)
    expect(elsewhere.get_by_role("button", name="Sign out")).to_be_visible()
    elsewhere.get_by_role("link", name="Docs").click()
    expect(elsewhere.get_by_role("button", name="Authorize")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    elsewhere.wait_for_function("() => sessionStorage.length === 0")
    elsewhere.go_back()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert stack.client_secret not in page.evaluate("JSON.stringify(localStorage)")

    sign_in(elsewhere, stack)
    expect(elsewhere.get_by_role("button", name="Sign out")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_tab_that_slept_while_someone_signed_out_is_signed_out_when_it_wakes(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    kept = page.evaluate("({ ...sessionStorage })")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    page.evaluate("kept => Object.assign(sessionStorage, kept)", kept)
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_function("() => sessionStorage.length === 0")


def test_a_page_that_comes_back_from_the_browsers_memory_is_signed_out_too(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    message(page).fill(CUPCAKES)
    page.evaluate("localStorage.setItem('getthrough.signed-out', '1')")  # while it was no page

    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_secret_that_is_no_longer_accepted_leads_back_to_signing_in_and_keeps_what_was_typed(
    page: Page, stack: Stack, console: list[str]
) -> None:
    sign_in(page, stack)
    message(page).fill(CUPCAKES)

    def refuse(route: Route) -> None:
        route.fulfill(status=401, json={"title": "Unauthorized", "detail": "No."})

    page.route("**/v1/messages", refuse)
    send(page)
    expect(page.get_by_role("alert")).to_have_text(
        f"The secret of {stack.client_name} is no longer accepted. Sign in again. Your drafts are kept."
    )
    kept = page.evaluate("({...sessionStorage})")
    assert kept.keys() - {"getthrough.seen"} == {"getthrough.client", "getthrough.draft.compose"}
    assert json.loads(kept["getthrough.client"]).keys() == {"name", "after"}
    assert stack.client_secret not in json.dumps(kept)
    assert console == [UNAUTHORIZED]
    console.clear()

    sign_in(page, stack)
    expect(message(page)).to_have_value(CUPCAKES)


def test_looking_again_costs_little_once_nothing_changes(page: Page, stack: Stack) -> None:
    phone = new_number()
    sms = {"channel": "sms", "message_type": "text", "text": CUPCAKES, "to": phone, "from": "BAKERY"}
    uuid = stack.api("POST", "/v1/messages", sms).json()["workflow_id"]
    statuses = {"submitted", "delivered"}  # whichever comes first
    stack.wait_for_dispatch(uuid, lambda one: statuses <= {entry.get("status") for entry in one["timeline"]})
    let_time_pass(page)
    page.goto(f"{stack.api_url}/#/dispatches/{uuid}")
    page.reload()
    sign_in(page, stack)
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 10"))
    asked: list[str] = []
    answers: list[int] = []
    page.on("request", lambda request: asked.append(request.url) if uuid in request.url else None)
    page.on("response", lambda answer: answers.append(answer.status) if uuid in answer.url else None)

    for _ in range(30):  # seconds, with a look every two at first, and every ten at last
        page.clock.run_for(1_000)
        while len(answers) < len(asked):
            page.wait_for_timeout(50)

    assert set(answers) == {304}
    assert len(answers) <= 16


def test_older_dispatches_come_on_request(page: Page, stack: Stack) -> None:
    oldest, phone = new_number(), new_number()
    for to in (oldest, *[phone] * 20):
        sms = {"channel": "sms", "message_type": "text", "text": CUPCAKES, "to": to, "from": "BAKERY"}
        assert stack.api("POST", "/v1/messages", sms).status_code == 202
    sign_in(page, stack)
    rows = page.get_by_role("complementary").get_by_role("link")
    expect(rows).to_have_count(20)
    expect(rows.filter(has_text=phone)).to_have_count(20)

    page.get_by_role("button", name="Load more").click()

    expect(rows.nth(20)).to_contain_text(oldest)
    expect(rows.nth(20)).to_be_focused()
    all_of_them = stack.api("GET", "/v1/dispatches?limit=100").json()["dispatches"]
    shown = [row.get_attribute("href") for row in rows.all()]
    assert shown == [f"#/dispatches/{dispatch['dispatch_uuid']}" for dispatch in all_of_them[:40]]
    expect(page.get_by_role("button", name="Load more")).to_be_visible(visible=len(all_of_them) > 40)
    rows.nth(20).click()
    expect(page.get_by_role("heading", name=f"SMS to {oldest} was delivered")).to_be_focused()


def test_a_missing_dispatch_has_its_own_words(page: Page, stack: Stack, console: list[str]) -> None:
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/dispatches/00000000-0000-4000-8000-000000000000")

    expect(page.get_by_role("status").filter(has_text="This message was not found.")).to_be_visible()
    assert set(console) == {"Failed to load resource: the server responded with a status of 404 (Not Found)"}
    page.goto("about:blank")
    console.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_a_telephone_of_390_pixels(page: Page, stack: Stack, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) == 0
    phone = new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "blocked"})
    sign_in(page, stack)
    message(page).fill("Cupcakes" * 40)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "Messenger", "1" * 50, "2" * 50)
    assert overflow(page) == 0
    send(page)
    expect(page.get_by_role("heading", name="Messenger to")).to_contain_text("was delivered")
    page.get_by_text("Webhook").first.click()
    page.get_by_text("Details").first.click()
    assert overflow(page) == 0
