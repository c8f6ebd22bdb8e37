"""The simulator's page with the phones, in a browser, on the whole system, used by a person who plays the customer."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.visitor import overflow, sign_in, visit
from tests.running_stack import Stack, new_number

TEXT = "Your cupcakes are ready."
SENDERS = {"sms": "Bakery", "whatsapp": "447700900001", "rcs": "Bakery", "messenger": "1234567890"}


@pytest.fixture
def phones(browser: Browser, stack: Stack, console: list[str]) -> Iterator[Page]:
    with visit(browser, stack.simulator_url, console) as page:
        yield page


def write_to(stack: Stack, channel: str, to: str, **fields: Any) -> str:
    """The bakery writes to a phone; the dispatch's id."""
    message = {"channel": channel, "message_type": "text", "text": TEXT, "to": to, "from": SENDERS[channel], **fields}
    answer = stack.api("POST", "/v1/messages", message)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["workflow_id"])


def status_once(stack: Stack, dispatch_uuid: str, wanted: str) -> None:
    stack.wait_for_dispatch(dispatch_uuid, lambda dispatch: dispatch["steps"][0]["status"] == wanted)


def conversation_once(page: Page, stack: Stack, number: str, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """What our side knows of an SMS phone, as soon as that holds."""
    while True:
        reported: dict[str, Any] = stack.api("GET", f"/v1/conversations/sms/{number}").json()
        if holds(reported):
            return reported
        page.wait_for_timeout(100)


def phone(page: Page, name: str) -> Locator:
    """A phone by its channel and number, such as "SMS 447700900100"."""
    return page.get_by_role("article", name=name, exact=True)


def bubbles(of: Locator) -> Locator:
    return of.get_by_role("log").get_by_role("listitem")


def switch(of: Locator, name: str) -> Locator:
    return of.get_by_role("switch", name=name)


def not_there(of: Locator) -> Locator:
    """The messages that have not arrived, under the phone."""
    return of.get_by_role("list", name="Not on the phone").get_by_role("listitem")


def test_in_airplane_mode_nothing_arrives_until_it_ends_and_then_all_of_it_does(phones: Page, stack: Stack) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {})
    sms = phone(phones, f"SMS {number}")
    switch(sms, "Airplane mode").click()
    expect(switch(sms, "Airplane mode")).to_be_checked()
    dispatch = write_to(stack, "sms", number)
    expect(not_there(sms)).to_have_text([f"Waits for this phoneBakery: {TEXT}In the console"])
    expect(bubbles(sms)).to_have_count(0)
    phones.wait_for_timeout(3_000)  # so that it is worth telling

    switch(sms, "Airplane mode").click()

    expect(switch(sms, "Airplane mode")).not_to_be_checked()
    expect(bubbles(sms)).to_have_text(
        [re.compile(rf"^{re.escape(TEXT)}[0-9:]{{8}} · arrived after \d+ sIn the console$")]
    )
    expect(not_there(sms)).to_have_count(0)
    status_once(stack, dispatch, "delivered")


def test_a_reply_reaches_the_one_who_wrote_and_a_quick_stop_opts_out(phones: Page, stack: Stack) -> None:
    number = new_number()
    write_to(stack, "sms", number)
    sms = phone(phones, f"SMS {number}")
    expect(bubbles(sms)).to_have_count(1)
    field = sms.get_by_role("textbox", name=f"Reply from SMS {number}")
    field.fill("See you at <b>six</b>")
    field.press("Enter")

    expect(bubbles(sms)).to_contain_text([TEXT, "See you at <b>six</b>"])
    expect(field).to_have_value("")
    reported = conversation_once(phones, stack, number, lambda reported: len(reported["messages"]) == 2)
    assert [(one["direction"], one["message"]["text"]) for one in reported["messages"][:1]] == [
        ("inbound", "See you at <b>six</b>")
    ]

    sms.get_by_role("button", name="STOP").click()
    expect(bubbles(sms)).to_contain_text([TEXT, "See you", "STOP"])
    reported = conversation_once(phones, stack, number, lambda reported: reported["opt_out"])
    assert (reported["opt_out"]["opted_out"], reported["opt_out"]["by"]) == (True, "customer")


def test_the_sender_learns_that_a_message_was_read(phones: Page, stack: Stack) -> None:
    number = new_number()
    dispatch = write_to(stack, "whatsapp", number)
    whatsapp = phone(phones, f"WhatsApp {number}")
    whatsapp.get_by_role("button", name="Mark as read").press("Enter")

    expect(bubbles(whatsapp)).to_have_text([re.compile(r" · readIn the console$")])
    expect(whatsapp.get_by_role("button", name="Mark as read")).to_be_hidden()
    status_once(stack, dispatch, "read")


def test_a_blocked_sender_is_rejected_until_it_is_unblocked(phones: Page, stack: Stack) -> None:
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {})
    sms = phone(phones, f"SMS {number}")
    sms.get_by_text("More settings").click()
    sms.get_by_label("A block is reported as").select_option("1240")
    switch(sms, "Block sender").press("Space")
    expect(switch(sms, "Block sender")).to_be_checked()
    dispatch = write_to(stack, "sms", number)
    expect(not_there(sms)).to_have_text([f"Rejected (1240, opted out)Bakery: {TEXT}In the console"])
    status_once(stack, dispatch, "rejected")

    switch(sms, "Block sender").press("Space")
    expect(switch(sms, "Block sender")).not_to_be_checked()
    stack.api("DELETE", f"/v1/opt-outs/sms/{number}")  # what our side made of 1240
    write_to(stack, "sms", number, text="Still there?")
    expect(bubbles(sms)).to_contain_text(["Still there?"])


def test_two_channels_of_one_number_stand_side_by_side_and_share_a_switch(phones: Page, stack: Stack) -> None:
    number = new_number()
    for channel in ("whatsapp", "sms"):
        write_to(stack, channel, number)
    both = phones.get_by_role("region", name=number)
    expect(both.get_by_role("article")).to_have_count(2)
    for name in (f"WhatsApp {number}", f"SMS {number}"):
        expect(bubbles(both.get_by_role("article", name=name))).to_contain_text([TEXT])

    both.get_by_role("button", name="All into airplane mode").click()
    expect(both.get_by_role("switch", name="Airplane mode", checked=True)).to_have_count(2)
    switch(phone(phones, f"WhatsApp {number}"), "Airplane mode").click()
    expect(both.get_by_role("switch", name="Airplane mode", checked=True)).to_have_count(1)
    assert [one["mode"] for one in stack.simulator("GET", "/phones") if one["address"] == number] == ["on", "airplane"]


def test_what_is_typed_is_neither_lost_nor_sent_while_the_phone_is_away(phones: Page, stack: Stack) -> None:
    number = new_number()
    write_to(stack, "sms", number)
    sms = phone(phones, f"SMS {number}")
    field = sms.get_by_role("textbox", name=f"Reply from SMS {number}")
    field.fill("Half a sent")
    write_to(stack, "sms", number, text="Really ready!")
    expect(bubbles(sms)).to_contain_text([TEXT, "Really ready!"])
    expect(field).to_be_focused()
    switch(sms, "Airplane mode").click()
    expect(switch(sms, "Airplane mode")).to_be_checked()
    field.press("Enter")

    sentence = "This phone is in airplane mode. Switch it off to reply. Your text is kept."
    expect(sms.get_by_role("status")).to_have_text(sentence)
    expect(field).to_have_value("Half a sent")
    expect(bubbles(sms)).to_have_count(2)

    switch(sms, "Airplane mode").click()
    expect(sms.get_by_role("status")).to_be_empty()
    expect(field).to_have_value("Half a sent")


def test_what_an_rcs_message_suggests_can_be_tapped(phones: Page, stack: Stack) -> None:
    number = new_number()
    suggestion = {"type": "reply", "text": "Until tomorrow", "postback_data": "keep"}
    write_to(stack, "rcs", number, suggestions=[suggestion])
    rcs = phone(phones, f"RCS {number}")
    rcs.get_by_role("button", name="Until tomorrow").click()

    expect(bubbles(rcs)).to_contain_text([TEXT, "Until tomorrow"])
    answer = stack.simulator("GET", f"/phones/rcs/{number}")["messages"][-1]
    assert answer["content"] == {"reply": {"id": "keep", "title": "Until tomorrow"}}


def test_a_phone_is_added_by_its_number_as_people_write_it(phones: Page, stack: Stack) -> None:
    number = new_number()
    phones.get_by_role("button", name="Add a phone").press("Enter")
    form = phones.get_by_role("form", name="Add a phone")
    expect(form.get_by_label("Number")).to_be_focused()
    form.get_by_label("Channel").select_option("Viber")
    form.get_by_label("Number").fill("07700")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_label("Number")).to_have_accessible_description(
        "A number has its country code and 7 to 15 digits, such as 447700900001."
    )
    expect(form.get_by_label("Number")).to_be_focused()

    form.get_by_label("Number").fill(f"+{number[:2]} (0){number[2:6]} {number[6:9]}-{number[9:]}")
    form.get_by_label("Number").press("Enter")
    expect(phone(phones, f"Viber {number}")).to_be_visible()
    expect(form.get_by_role("status")).to_have_text(f"Viber {number} was added.")
    assert stack.simulator("GET", f"/phones/viber_service/{number}")["messages"] == []


def test_faults_at_vonage_are_chosen_and_shown_in_words(phones: Page, stack: Stack) -> None:
    phones.get_by_role("button", name="Faults").click()
    panel = phones.get_by_role("region", name="Faults at Vonage")
    panel.get_by_label("When a message is sent").select_option("the response is 429: too many requests")
    panel.get_by_label("how many times").fill("2")
    panel.get_by_role("button", name="Add").click()
    panel.get_by_label("Webhooks").select_option("arrive three times each")
    expect(panel.get_by_role("listitem")).to_have_text(["The next 2 messages: the response is 429: too many requests."])
    expect(phones.get_by_role("button", name="Faults (2)")).to_be_visible()
    answer = {"status": 429, "accept": False, "times": 2}
    assert stack.simulator("GET", "/faults") == {"answers": [answer], "webhooks": {"duplicate": 3}}

    panel.get_by_role("button", name="Stop all faults").click()
    expect(panel.get_by_role("listitem")).to_have_count(0)
    expect(panel.get_by_label("Webhooks")).to_have_value("0")
    assert stack.simulator("GET", "/faults") == {"answers": []}


def test_an_empty_page_teaches_with_a_story_that_ticks_itself_off(phones: Page, stack: Stack) -> None:
    phones.get_by_role("button", name="Forget all").click()
    phones.get_by_role("dialog", name="Forget all phones?").get_by_role("button", name="Forget all").click()
    story = phones.get_by_role("region", name="Example: the cupcakes")
    expect(story).to_be_visible()
    expect(phones.get_by_role("article")).to_have_count(0)
    steps = story.get_by_role("listitem")
    current = story.locator("[aria-current=step]")
    expect(current).to_contain_text("The first is in airplane mode.")
    expect(story.get_by_role("link", name="the console")).to_have_attribute("href", stack.api_url)

    story.get_by_role("button", name="Set up both phones").click()
    first, second = phone(phones, "SMS 447700900001"), phone(phones, "SMS 447700900002")
    expect(switch(first, "Airplane mode")).to_be_checked()
    expect(current).to_contain_text("Send a message to the first")
    story.get_by_text("As curl").click()
    body = re.search(r"-d '(.*)'", story.get_by_role("region", name="The request").inner_text(), re.S)
    assert body is not None
    asked: list[Any] = []

    def sooner(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.continue_(post_data=json.dumps({**asked[-1], "expiry_time": 2}))

    phones.route("**/send", sooner)
    story.get_by_role("button", name="Send it").click()
    expect(bubbles(second)).to_contain_text(["Your cupcakes are ready!"])
    expect(current).to_contain_text("Switch airplane mode off")

    assert asked == [json.loads(body.group(1))]

    switch(first, "Airplane mode").click()
    expect(bubbles(first)).to_contain_text(["Your cupcakes are ready!"])
    link = bubbles(second).get_by_role("link", name="In the console").get_attribute("href") or ""
    base, _, dispatch_uuid = link.rpartition("/")
    assert base == f"{stack.api_url}/#/dispatches"
    assert len(stack.dispatch(dispatch_uuid)["steps"]) == 2
    expect(current).to_have_count(0)
    expect(steps).to_have_count(4)
    expect(story.get_by_role("button", name="Play it again")).to_be_visible()


def test_every_message_leads_to_the_same_tab_with_the_console(phones: Page, stack: Stack) -> None:
    number = new_number()
    write_to(stack, "sms", number)
    link = bubbles(phone(phones, f"SMS {number}")).get_by_role("link", name="In the console")
    with phones.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("heading", name="Sign in")).to_be_visible()

    link.click()
    with phones.context.expect_page() as another:
        phones.evaluate("open('about:blank')")
    assert phones.context.pages == [phones, opened.value, another.value]


def test_a_step_in_the_console_leads_to_its_phone(phones: Page, page: Page, stack: Stack) -> None:
    number = new_number()
    sent = write_to(
        stack,
        "sms",
        number,
        failover=[{"channel": "sms", "message_type": "text", "text": TEXT, "to": number, "from": "Bakery"}],
    )
    status_once(stack, sent, "delivered")
    sign_in(page, stack)
    page.evaluate("fragment => { location.hash = fragment; }", f"#/dispatches/{sent}")

    link = page.locator("#steps").get_by_role("link", name="Simulated phone")
    expect(link).to_have_count(1)  # the second step was not sent
    href = link.get_attribute("href") or ""
    assert href == f"{stack.simulator_url}/#{sent[:-2]}01"
    phones.goto(href)
    expect(phone(phones, f"SMS {number}").get_by_role("log")).to_be_focused()
    expect(phones.get_by_role("article")).to_have_count(1)


def test_a_console_whose_edge_names_no_phones_offers_none(page: Page, stack: Stack) -> None:
    def deployed(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={k: v for k, v in answer.headers.items() if k != "server-timing"})

    sent = write_to(stack, "sms", new_number())
    page.route(re.compile("/$"), deployed)
    page.reload()
    sign_in(page, stack)
    page.evaluate("fragment => { location.hash = fragment; }", f"#/dispatches/{sent}")
    expect(page.locator("#steps .badge")).to_have_text("Delivered")
    expect(page.get_by_role("link", name="Simulated phone")).to_have_count(0)


def test_a_narrow_window_scrolls_the_request_of_the_story_and_breaks_no_word(phones: Page) -> None:
    phones.set_viewport_size({"width": 390, "height": 844})
    phones.get_by_role("button", name="Forget all").click()
    phones.get_by_role("dialog", name="Forget all phones?").get_by_role("button", name="Forget all").click()
    request = phones.get_by_role("region", name="The request")
    phones.get_by_text("As curl").click()

    expect(request).to_contain_text("curl http")
    expect(request).to_be_visible()
    assert (
        request.locator("code").evaluate("code => new Set([...code.getClientRects()].map(({ top }) => top)).size") == 2
    )
    assert request.evaluate("pre => pre.scrollWidth > pre.clientWidth")
    assert overflow(phones) == 0


def test_a_missing_simulator_is_reported_until_it_is_back(phones: Page, stack: Stack, console: list[str]) -> None:
    number = new_number()
    write_to(stack, "sms", number)
    sms = phone(phones, f"SMS {number}")
    sms.get_by_role("textbox").fill("Typed before")

    def lose(route: Route) -> None:
        route.abort("connectionrefused")

    phones.route("**/phones", lose)
    expect(phones.get_by_role("alert")).to_contain_text("The simulator does not answer. Is “make run” still running?")
    phones.unroute("**/phones", lose)
    expect(phones.get_by_role("alert")).to_be_hidden()
    expect(sms.get_by_role("textbox")).to_have_value("Typed before")
    assert set(console) == {"Failed to load resource: net::ERR_CONNECTION_REFUSED"}
    console.clear()


def test_a_page_of_another_site_cannot_send_as_the_local_client(stack: Stack) -> None:
    url, body = f"{stack.simulator_url}/send", {"channel": "sms"}
    for site in ("cross-site", "same-site"):
        assert stack.http.post(url, json=body, headers={"sec-fetch-site": site}, timeout=30).status_code == 403
    assert stack.http.post(url, json=body, timeout=30).status_code == 502  # the API refuses it


def test_fifty_phones_fit_the_newest_first_and_any_is_found(phones: Page, stack: Stack) -> None:
    phones.get_by_role("button", name="Forget all").click()
    phones.get_by_role("dialog", name="Forget all phones?").get_by_role("button", name="Forget all").click()
    phones.mouse.move(0, 0)
    expect(phones.locator("#phones > .number")).to_have_count(0)  # else the first new one may be forgotten too
    numbers = [new_number() for _ in range(50)]
    for number in numbers:
        stack.simulator("PUT", f"/phones/sms/{number}", {})
    expect(phones.locator("#phones > .number")).to_have_count(50)
    phones.evaluate("document.activeElement.blur()")
    write_to(stack, "sms", numbers[7], text="Only here")

    expect(phones.locator("#phones > .number h2").first).to_have_text(numbers[7])
    expect(phones.get_by_role("article")).to_have_count(6)
    assert phones.evaluate("document.documentElement.scrollHeight") < 4_500

    search = phones.get_by_role("searchbox", name="Find a phone")
    search.fill(f"+{numbers[3]}")
    expect(phones.get_by_role("article")).to_have_count(1)
    expect(phone(phones, f"SMS {numbers[3]}")).to_be_visible()
    search.fill("only here")
    expect(phone(phones, f"SMS {numbers[7]}")).to_be_visible()
    search.fill("nothing like that")
    expect(phones.get_by_text("No phone has this number, channel or text.")).to_be_visible()
    search.fill("")
    line = phones.locator("#phones > .number").filter(has_text=numbers[3])
    line.get_by_role("button", name="Show").click()
    expect(phone(phones, f"SMS {numbers[3]}")).to_be_visible()


@pytest.mark.parametrize("width", [390, 768])
def test_it_fits_a_narrow_window(phones: Page, stack: Stack, width: int) -> None:
    phones.set_viewport_size({"width": width, "height": 844})
    number = new_number()
    stack.simulator("PUT", "/phones/email/a.very.long.name.without.any.space.in.it.at.all@example.com", {})
    stack.simulator("PUT", f"/phones/messenger/{'1' * 50}", {})
    write_to(stack, "sms", number, text="Cupcakes" * 40)
    write_to(stack, "whatsapp", number)
    for name in ("Add a phone", "Faults"):
        phones.get_by_role("button", name=name).click()
    # Phones of other tests may get messages meanwhile, and the newest six are shown whole.
    phones.get_by_role("searchbox", name="Find a phone").fill(number)
    sms = phone(phones, f"SMS {number}")
    sms.get_by_text("More settings").click()
    expect(bubbles(sms)).to_have_count(1)
    assert overflow(phones) == 0
