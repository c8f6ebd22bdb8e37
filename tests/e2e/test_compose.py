"""The form: it sends its content once, at the chosen time, and never loses a draft."""
# ruff: noqa: RUF001 - characters that make an SMS dear

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.test_page import CUPCAKES, UNPROCESSABLE
from tests.e2e.visitor import add_fallback, contact, fill_contact, message, plan, send, sign_in, visit, window
from tests.integration.scenes import received
from tests.needs import need
from tests.running_stack import Stack, new_number

RESET = "Failed to load resource: net::ERR_CONNECTION_RESET"
ZONE = "Europe/London"


@pytest.fixture
def page(browser: Browser, stack: Stack, console: list[str]) -> Any:
    """The form, in London, after a sign-in."""
    with visit(browser, stack.api_url, console, timezone_id=ZONE) as page:
        sign_in(page, stack)
        yield page


def one_sms(page: Page, phone: str, text: str = CUPCAKES) -> None:
    message(page).fill(text)
    fill_contact(page, "First contact", "SMS", phone, "BAKERY")


def posted(page: Page) -> list[tuple[dict[str, Any], str]]:
    """What the page POSTs from now on, with its Idempotency-Key."""
    posts: list[tuple[dict[str, Any], str]] = []
    page.on(
        "request",
        lambda request: (
            posts.append((json.loads(request.post_data or ""), request.headers["idempotency-key"]))
            if request.method == "POST"
            else None
        ),
    )
    return posts


def details(page: Page, name: str) -> None:
    page.locator("summary").filter(has_text=name).click()


def choose_message_type(page: Page, group: str, name: str) -> None:
    contact(page, group).locator("summary").click()
    contact(page, group).get_by_label("Message type").select_option(label=name)


def bodies(stack: Stack, *addresses: str) -> list[dict[str, Any]]:
    """What the provider was given for these addresses, in order."""
    return [entry["body"] for entry in received(stack, *addresses)]


def test_a_message_for_a_time_waits_for_it_and_can_be_taken_back(page: Page, stack: Stack) -> None:
    phone = new_number()
    at = (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%dT09:00")
    one_sms(page, phone)
    page.get_by_role("radio", name="Later").check()
    expect(page.get_by_label("Date and time")).to_have_value(re.compile(r":00$"))
    expect(page.get_by_label("Date and time")).to_have_accessible_description("London time (this computer)")
    expect(plan(page)).to_have_text(re.compile(rf", \d\d:00: SMS|^\d\d:00: SMS to {phone}\.$"))
    page.get_by_label("Date and time").fill(at)
    expect(plan(page)).to_have_text(re.compile(rf"^\w+ \d+ \w+, 09:00: SMS to {phone}\.$"))
    posts = posted(page)
    page.get_by_role("button", name="Send at this time").click()

    expect(page).to_have_url(re.compile("#/dispatches/"))
    uuid = page.url.split("/")[-1]
    assert [(body["send_at"], body["time_zone"]) for body, _ in posts] == [(at, ZONE)]
    assert stack.dispatch(uuid)["send_at"].startswith(at[:10])
    assert stack.api("DELETE", f"/v1/dispatches/{uuid}").json()["steps_stopped"] == [0]
    expect(page.get_by_role("heading", name="Cancelled before it was sent")).to_be_visible()
    assert bodies(stack, phone) == []


def test_what_repeats_becomes_a_schedule(page: Page, stack: Stack) -> None:
    phone = new_number()
    one_sms(page, phone)
    page.get_by_role("radio", name="Repeat").check()
    page.get_by_label("How often").select_option("Each week on …")
    for day in ("Monday", "Friday"):
        page.get_by_role("group", name="Weekday").get_by_label(day).check()
    page.get_by_label("Time", exact=True).fill("07:30")
    page.get_by_label("Most runs").fill("3")
    expect(plan(page)).to_have_text(f"Every Monday and Friday at 07:30 ({ZONE}), 3 times: SMS to {phone}.")
    page.get_by_role("button", name="Create the schedule").click()

    expect(page).to_have_url(re.compile(r"#/schedules/[0-9a-f-]{36}$"))
    schedule = stack.api("GET", f"/v1/schedules/{page.url.split('/')[-1]}").json()
    reported = {name: schedule[name] for name in ("state", "cron", "time_zone", "max_runs", "steps")}
    assert reported == {
        "state": "active",
        "cron": "30 7 * * MON,FRI",
        "time_zone": ZONE,
        "max_runs": 3,
        "steps": [{"channel": "sms", "to": phone, "message_type": "text", "text": CUPCAKES}],
    }
    stack.api("DELETE", f"/v1/schedules/{schedule['schedule_uuid']}").raise_for_status()


def test_wrong_times_are_reported_at_their_fields(page: Page, stack: Stack, console: list[str]) -> None:
    one_sms(page, new_number())
    page.get_by_role("radio", name="Later").check()
    page.get_by_label("Date and time").fill("2020-01-01T09:00")
    expect(page.get_by_role("status").filter(has_text="This time has passed. Choose a later one.")).to_be_visible()
    details(page, "Quiet hours")
    page.get_by_label("Don’t disturb").check()
    page.get_by_label("Time zone").fill("Atlantis")
    details(page, "Quiet hours")
    details(page, "More")
    page.get_by_label("Reference").fill("x" * 101)
    details(page, "More")
    page.get_by_role("button", name="Send at this time").click()

    expect(page.get_by_role("alert")).to_have_text("Not sent. Check the 2 marked fields.")
    expect(page.get_by_label("Time zone")).to_be_focused()
    expect(page.get_by_label("Time zone")).to_have_accessible_description(
        re.compile("Time zone must be a name of the tz database")
    )
    expect(page.get_by_label("Reference")).to_have_accessible_description(
        re.compile("Reference must have 1 to 100 characters.$")
    )
    page.get_by_label("Time zone").fill(ZONE)
    page.get_by_label("Reference").fill("4711")
    page.get_by_role("button", name="Send at this time").click()
    expect(page.get_by_label("Date and time")).to_be_focused()
    expect(page.get_by_label("Date and time")).to_have_accessible_description(
        "London time (this computer) Date and time is in the past."
    )
    page.get_by_label("Date and time").fill("")
    page.get_by_role("button", name="Send at this time").click()
    expect(page.get_by_label("Date and time")).to_have_accessible_description(re.compile("Enter a date and time.$"))

    page.get_by_role("radio", name="Repeat").check()
    page.get_by_label("How often").select_option("Each week on …")
    page.get_by_role("button", name="Create the schedule").click()
    days = page.get_by_role("group", name="Weekday")
    expect(days).to_have_accessible_description("Choose at least one.")
    expect(days.get_by_label("Monday")).to_be_focused()
    days.get_by_label("Monday").check()
    expect(days).to_have_accessible_description("")

    page.get_by_label("How often").select_option("Cron expression")
    page.get_by_label("Cron expression").fill("0 9 30 2 *")
    message(page).fill("")
    page.get_by_role("button", name="Create the schedule").click()
    expect(page.get_by_role("alert")).to_have_text("Not sent. Check the 2 marked fields.")
    expect(message(page)).to_have_accessible_description("Enter a message.")
    expect(page.get_by_label("Cron expression")).to_have_accessible_description(
        re.compile(r"Cron expression must be a cron expression of five fields, .*\. Bad day-of-month\.$")
    )
    assert console == [UNPROCESSABLE] * 5
    console.clear()


def test_wrong_values_of_a_channel_s_fields_are_reported_there(page: Page, stack: Stack, console: list[str]) -> None:
    message(page).fill(CUPCAKES)
    fill_contact(page, "First contact", "WhatsApp", new_number(), "447700900001")
    choose_message_type(page, "First contact", "Picture")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "Email", "ann@example.com", "shop@example.com")
    details(page, "More")
    page.get_by_label("Window of the last message").fill("0")
    send(page)

    expect(page.get_by_role("alert")).to_have_text("Not sent. Check the 3 marked fields.")
    expect(page.get_by_label("Picture URL")).to_have_accessible_description("Enter the picture’s URL.")
    expect(page.get_by_label("Subject")).to_have_accessible_description("Enter a subject.")
    expect(page.get_by_label("Window of the last message")).to_have_accessible_description(
        "Window of the last message must be a whole number from 1 to 604800, or auto."
    )
    page.get_by_label("Picture URL").fill("cupcakes.jpg")
    send(page)
    expect(page.get_by_label("Picture URL")).to_have_accessible_description("Picture URL must be an http or https URL.")
    assert console == [UNPROCESSABLE] * 2
    console.clear()


def test_each_channel_has_its_own_messages(page: Page, stack: Stack) -> None:
    """To phones that take none: a picture with a text of its own, a template, an email."""
    phone = new_number()
    for channel, address in (("whatsapp", phone), ("viber_service", phone)):
        stack.simulator("PUT", f"/phones/{channel}/{address}", {"mode": "blocked"})
    message(page).fill(CUPCAKES)
    fill_contact(page, "First contact", "Viber", phone, "12345")
    choose_message_type(page, "First contact", "Picture")
    page.get_by_label("Picture URL").fill("https://bakery.example/cupcakes.jpg")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "WhatsApp", phone, "447700900001")
    choose_message_type(page, "Fallback 1", "Template")
    fallback = contact(page, "Fallback 1")
    expect(fallback.get_by_text("the message above is not sent with it")).to_be_visible()
    expect(fallback.get_by_label("Different text for this contact")).to_be_hidden()
    fallback.get_by_label("Template name").fill("order_ready")
    fallback.get_by_label("Language").fill("en_GB")
    fallback.get_by_label("Values").fill("Ann\n12 cupcakes")
    add_fallback(page)
    fill_contact(page, "Fallback 2", "Email", f"{phone}@example.com", "Bakery <shop@example.com>")
    contact(page, "Fallback 2").get_by_label("Subject").fill("Your order")
    expect(plan(page)).to_have_text(re.compile(r"^First Viber picture to .*, WhatsApp template to .*, Email to "))
    send(page)

    expect(page.get_by_role("heading", name=f"Email to {phone}@example.com was delivered")).to_be_visible()
    sent = bodies(stack, phone, f"{phone}@example.com")
    own = ("message_type", "text", "image", "template", "whatsapp", "email")
    assert [{name: body[name] for name in own if name in body} for body in sent] == [
        {"message_type": "image", "image": {"url": "https://bakery.example/cupcakes.jpg", "caption": CUPCAKES}},
        {
            "message_type": "template",
            "template": {"name": "order_ready", "parameters": ["Ann", "12 cupcakes"]},
            "whatsapp": {"locale": "en_GB"},
        },
        {"message_type": "text", "text": CUPCAKES, "email": {"subject": "Your order"}},
    ]


def test_the_characters_that_make_an_sms_dear_are_named_and_can_be_replaced(page: Page) -> None:
    message(page).fill("Your cupcakes are ready – it’s 12 of them. " + "Do come before six. " * 6)
    expect(page.get_by_text("163 characters · 3 SMS segments, room for 38 more")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="SMS alphabet")).to_have_text(
        "“–” and “’” are not in the SMS alphabet: 3 segments instead of 2."
    )
    page.get_by_role("button", name="Use plain characters").click()
    expect(message(page)).to_be_focused()
    expect(message(page)).to_have_value(re.compile("ready - it's 12"))
    expect(page.get_by_text("163 characters · 2 SMS segments, room for 143 more")).to_be_visible()
    expect(page.get_by_role("button", name="Use plain characters")).to_be_hidden()

    message(page).fill("Cupcakes hazır 🧁")
    expect(page.get_by_role("status").filter(has_text="SMS alphabet")).to_have_text(
        "“ı” and “🧁” are not in the SMS alphabet, so a segment holds 70 characters, not 160."
    )
    expect(page.get_by_role("button", name="Use plain characters")).to_be_hidden()
    contact(page, "First contact").get_by_label("Channel").select_option(label="WhatsApp")
    expect(page.get_by_text("16 characters", exact=True)).to_be_visible()
    expect(page.get_by_text("SMS alphabet")).to_have_count(0)

    message(page).fill("x" * 641)
    contact(page, "First contact").get_by_label("Channel").select_option(label="Messenger")
    expect(page.get_by_role("status").filter(has_text="Too long")).to_have_text("Too long for Messenger (640).")


def test_a_picture_is_fetched_only_on_request(browser: Browser, stack: Stack, console: list[str]) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    asked: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        asked.append(route.request.all_headers())
        svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>'
        route.fulfill(body=svg, content_type="image/svg+xml") if "yes" in route.request.url else route.abort()

    page.route("https://pictures.example/**", answer)
    page.goto(stack.api_url)
    sign_in(page, stack)
    fill_contact(page, "First contact", "WhatsApp", new_number(), "447700900001")
    choose_message_type(page, "First contact", "Picture")
    address = page.get_by_label("Picture URL")
    address.fill("https://pictures.example/yes.svg")
    page.wait_for_timeout(300)
    assert asked == []

    page.get_by_role("button", name="Preview").click()
    picture = page.get_by_role("img", name="The picture as it will be sent")
    expect(picture).to_have_js_property("naturalWidth", 40)
    assert [("referer" in headers, "cookie" in headers) for headers in asked] == [(False, False)]
    address.fill("https://pictures.example/no.svg")
    expect(picture).to_have_count(0)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("The picture could not be loaded")).to_be_visible()
    address.fill("http://pictures.example/yes.svg")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Only pictures with an https URL can be shown here.")).to_be_visible()
    assert len(asked) == 2
    context.close()


def test_the_curl_line_sends_the_same(page: Page, stack: Stack) -> None:
    need("curl", packages="curl")
    phone, other = new_number(), new_number()
    one_sms(page, phone, "It's \"ready\" – $HOME `now` \\ 'cause")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "WhatsApp", other, "447700900001")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    details(page, "The same as")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.", exact=True).first).to_be_visible()
    line = page.evaluate("navigator.clipboard.readText()")
    assert stack.client_secret not in line
    posts = posted(page)

    credentials = {"CLIENT": stack.client_name, "SECRET": stack.client_secret, "PATH": "/usr/bin:/bin"}
    command = ["bash", "-c", line.replace("curl ", "curl -sS ", 1)]
    ran = subprocess.run(command, env=credentials, capture_output=True, text=True, check=True)
    send(page)

    expect(page).to_have_url(f"{stack.api_url}/#/dispatches/{json.loads(ran.stdout)['workflow_id']}")
    ((sent, key),) = posts
    assert f"idempotency-key: {key}" in line
    written = line.split("  -d '")[1].removesuffix("'").replace("'\\''", "'")
    assert json.loads(written) == sent
    assert [body["text"] for body in bodies(stack, phone)] == ["It's \"ready\" – $HOME `now` \\ 'cause"]


def test_contacts_are_reordered_by_drag(page: Page) -> None:
    numbers = ["447700900001", "447700900002", "447700900003"]
    message(page).fill(CUPCAKES)
    for index, number in enumerate(numbers):
        if index:
            add_fallback(page)
        fill_contact(page, f"Fallback {index}" if index else "First contact", "SMS", number, "BAKERY")
    window(page, 1).get_by_label("Window").fill("7")

    drag(page, 2, to=0)
    expect(plan(page)).to_have_text(
        f"First SMS to {numbers[2]}; if that is not delivered within 30 s, SMS to {numbers[0]}; "
        f"if that is not delivered within 7 s, SMS to {numbers[1]}."
    )
    expect(page.locator("#live")).to_have_text("Now number 1 of 3.")
    drag(page, 0, to=1)
    expect(plan(page)).to_have_text(re.compile(rf"^First SMS to {numbers[0]};.*SMS to {numbers[2]}; "))
    drag(page, 0, to=0)
    expect(plan(page)).to_have_text(re.compile(rf"^First SMS to {numbers[0]};.*SMS to {numbers[2]}; "))


def drag(page: Page, index: int, *, to: int) -> None:
    """Take a contact by its handle and put it where another one is."""
    grips = page.locator(".grip")
    grips.nth(index).scroll_into_view_if_needed()
    start, end = grips.nth(index).bounding_box(), grips.nth(to).bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 10, (start["y"] + end["y"]) / 2, steps=5)
    page.mouse.move(start["x"] + 10, end["y"] + 10, steps=5)
    page.wait_for_timeout(300)
    page.mouse.up()


def test_contacts_are_reordered_with_a_finger_and_the_page_scrolls_along(
    browser: Browser, stack: Stack, console: list[str]
) -> None:
    with visit(browser, stack.api_url, console, has_touch=True, is_mobile=True) as page:
        page.set_viewport_size({"width": 390, "height": 700})
        sign_in(page, stack)
        for index in range(3):
            if index:
                add_fallback(page)
            fill_contact(
                page, f"Fallback {index}" if index else "First contact", "SMS", f"44770090000{index}", "BAKERY"
            )
        grip = page.locator(".grip").last
        grip.scroll_into_view_if_needed()
        box = grip.bounding_box()
        assert box is not None
        finger = page.context.new_cdp_session(page)

        def touch(kind: str, y: float) -> None:
            at = [] if kind == "touchEnd" else [{"x": box["x"] + 15, "y": y}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        touch("touchStart", box["y"] + 15)
        for y in range(int(box["y"]), 20, -40):
            touch("touchMove", y)
        touch("touchMove", 20)
        expect(page.locator("#contacts > li").first).to_have_class("dragged")
        touch("touchEnd", 20)
        expect(plan(page)).to_have_text(
            re.compile("^First SMS to 447700900002;.* SMS to 447700900000;.* 447700900001.$")
        )


def test_a_reload_keeps_all_that_was_typed(page: Page, stack: Stack) -> None:
    phone = new_number()
    one_sms(page, phone)
    choose = contact(page, "First contact").get_by_label("Channel")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "Viber", phone, "12345")
    choose_message_type(page, "Fallback 1", "File")
    page.get_by_label("File URL").fill("https://bakery.example/menu.pdf")
    page.get_by_label("File name").fill("menu.pdf")
    expect(page.get_by_text("8 of 25 characters")).to_be_visible()
    window(page, 1).get_by_label("Window").fill("10")
    window(page, 1).get_by_label("Unit").select_option("minutes")
    window(page, 1).get_by_label("Condition").select_option("answered")
    page.get_by_role("radio", name="Repeat").check()
    page.get_by_label("How often").select_option("Each month on …")
    page.get_by_label("Day of the month").select_option("the last day")
    details(page, "Quiet hours")
    page.get_by_label("Don’t disturb").check()
    page.get_by_role("group", name="Nights starting on").get_by_label("Sunday").uncheck()
    contact(page, "First contact").locator("summary").click()
    contact(page, "First contact").get_by_label("Urgent").check()
    reported = plan(page).inner_text()
    facts = page.locator("#plan-facts").inner_text()
    assert reported == (
        f"On the last day of each month at 09:00 ({ZONE}): first SMS to {phone}; "
        f"if that is not answered within 10 min, Viber file to {phone}."
    )
    details(page, "The same as")
    expect(page.locator("#curl-text")).not_to_be_empty()
    line = page.locator("#curl-text").inner_text()

    page.reload()

    expect(message(page)).to_have_value(CUPCAKES)
    expect(plan(page)).to_have_text(reported)
    assert page.locator("#plan-facts").inner_text() == facts
    details(page, "The same as")
    expect(page.locator("#curl-text")).not_to_be_empty()
    without_key = re.compile("idempotency-key: [0-9a-f]+")
    assert without_key.sub("", page.locator("#curl-text").inner_text()) == without_key.sub("", line)
    expect(choose).to_have_value("sms")
    assert stack.client_secret not in page.evaluate("sessionStorage.getItem('getthrough.draft.compose')")


def test_what_another_channel_cannot_say_is_back_when_it_can(page: Page) -> None:
    fill_contact(page, "First contact", "WhatsApp", "447700900001", "447700900100")
    choose_message_type(page, "First contact", "Picture")
    page.get_by_label("Picture URL").fill("https://bakery.example/cupcakes.jpg")
    channel = contact(page, "First contact").get_by_label("Channel")
    channel.select_option(label="SMS")
    expect(page.get_by_label("Picture URL")).to_have_count(0)
    channel.select_option(label="RCS")
    contact(page, "First contact").get_by_label("Message type").select_option(label="Picture")
    expect(page.get_by_label("Picture URL")).to_have_value("https://bakery.example/cupcakes.jpg")


def test_a_lost_answer_is_asked_for_again_under_the_same_key_even_after_a_reload(
    page: Page, stack: Stack, console: list[str]
) -> None:
    phone = new_number()
    one_sms(page, phone)
    posts = posted(page)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/v1/messages", lose_the_answer)
    send(page)
    expect(page.get_by_role("alert")).to_have_text(
        "No answer from the server. Press the button again. The message is sent only once."
    )
    page.unroute("**/v1/messages", lose_the_answer)
    console.remove(RESET)
    page.reload()
    send(page)

    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    (first, key), (second, again) = posts
    assert (second, again) == (first, key)
    assert len(bodies(stack, phone)) == 1


def test_enter_in_a_field_leads_to_the_button_and_sends_nothing_yet(page: Page) -> None:
    one_sms(page, "447700900001")
    posts = posted(page)
    contact(page, "First contact").get_by_label("To").press("Enter")
    button = page.get_by_role("button", name="Send", exact=True)
    expect(button).to_be_focused()
    expect(button).to_have_accessible_description(re.compile("^SMS to 447700900001. We stop waiting "))
    assert posts == []


def test_pressing_twice_sends_once_and_the_plan_stays_for_the_next_customer(page: Page, stack: Stack) -> None:
    phone, other = new_number(), new_number()
    one_sms(page, phone)
    posts = posted(page)
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_visible()
    page.get_by_role("link", name="New message").click()
    expect(contact(page, "First contact").get_by_label("To")).to_have_value("")
    contact(page, "First contact").get_by_label("To").fill(other)
    send(page)

    expect(page.get_by_role("heading", name=f"SMS to {other} was delivered")).to_be_visible()
    assert [(body["to"], body["text"]) for body, _ in posts] == [(phone, CUPCAKES), (other, CUPCAKES)]
    assert len({key for _, key in posts}) == 2
    assert len(bodies(stack, phone)) == 1
