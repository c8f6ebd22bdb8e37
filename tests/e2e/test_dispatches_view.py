"""The view Dispatches: what a person finds by what it typed, and the picture of a day, on the whole system."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.visitor import overflow, sign_in, visit
from tests.running_stack import Stack, new_number, running_stack

CUPCAKES = "Your cupcakes are ready."
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (Not Found)"
TODAY_PICTURE = {
    "time_zone": "UTC",
    "complete": True,
    "dispatches": 217,
    "succeeded": 189,
    "exhausted": 14,
    "stopped": 2,
    "cancelled": 0,
    "open": 12,
    "planned": 3,
    "messages_sent": 251,
    "failed_over": 37,
    "late": 6,
    "cost": [{"currency": "EUR", "price": "7.99200000"}, {"currency": "USD", "price": "1"}],
    "channels": [
        {"channel": "sms", "sent": 203, "delivered": 180, "failed": 12, "median_seconds": 1.43, "p95_seconds": 42.2},
        {"channel": "rcs", "sent": 48, "delivered": 44, "failed": 1, "median_seconds": 131.0, "p95_seconds": 7301},
        {"channel": "email", "sent": 2, "delivered": 0, "failed": 0, "median_seconds": None, "p95_seconds": None},
    ],
}


def sms(to: str, **more: Any) -> dict[str, Any]:
    return {"channel": "sms", "message_type": "text", "text": CUPCAKES, "to": to, "from": "BAKERY", **more}


def sent(stack: Stack, body: dict[str, Any]) -> str:
    answer = stack.api("POST", "/v1/messages", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["workflow_id"])


def open_view(page: Page, stack: Stack) -> None:
    sign_in(page, stack)
    page.get_by_role("navigation").get_by_role("link", name="Messages").click()
    expect(page.get_by_role("heading", name="Messages", exact=True)).to_be_focused()


def find(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Find").fill(text)
    page.get_by_role("searchbox", name="Find").press("Enter")


def rows(page: Page) -> Locator:
    return page.locator("#found > li")


def reported(page: Page) -> Locator:
    """What the list shows, in words."""
    return page.locator("#found-words")


def filtered(page: Page, label: str) -> Locator:
    return page.get_by_role("search").get_by_label(label)


def day(page: Page) -> Locator:
    return page.locator("#day")


def shows(page: Page, *dispatch_uuids: str) -> None:
    """Wait until the list has these and no others, in this order."""
    expect(rows(page)).to_have_count(len(dispatch_uuids))
    for row, dispatch_uuid in enumerate(dispatch_uuids):
        leads_to(rows(page).nth(row), dispatch_uuid)


def leads_to(row: Locator, dispatch_uuid: str) -> None:
    expect(row.get_by_role("link")).to_have_attribute("href", re.compile(rf"^#/dispatches/{dispatch_uuid}(\?|$)"))


def test_a_number_is_found_on_every_channel_however_it_is_typed_and_never_stands_in_the_address(
    page: Page, stack: Stack
) -> None:
    phone, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/whatsapp/{other}", {"mode": "blocked"})
    whatsapp = {"channel": "whatsapp", "message_type": "text", "text": CUPCAKES, "from": "447700900100"}
    first = sent(stack, sms(phone))
    second = sent(stack, {**whatsapp, "to": other, "failover": [sms(phone)]})
    third = sent(stack, {**whatsapp, "to": phone})
    sent(stack, sms(other))
    stack.wait_for_dispatch(second, lambda dispatch: dispatch["outcome"] == "succeeded")
    open_view(page, stack)

    for typed in (f"+{phone[:2]} {phone[2:6]} {phone[6:]}", f"00{phone[:2]} (0){phone[2:6]}-{phone[6:]}", phone):
        find(page, typed)
        expect(reported(page)).to_have_text(f"Messages to {phone} on any channel, newest first")
        expect(rows(page)).to_have_count(3)
        shows(page, third, second, first)
        expect(rows(page).nth(1)).to_contain_text(f"WhatsApp {other} → SMS {phone}")

    filtered(page, "Channel").select_option(label="WhatsApp")
    expect(reported(page)).to_have_text(f"Messages to {phone} on WhatsApp, newest first")
    expect(rows(page)).to_have_count(1)
    shows(page, third)
    assert phone not in page.url

    page.get_by_role("searchbox", name="Find").fill("not searched yet")
    page.reload()
    expect(page.get_by_role("searchbox", name="Find")).to_have_value("not searched yet")
    expect(reported(page)).to_have_text(f"Messages to {phone} on WhatsApp, newest first")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_number_without_its_country_code_and_one_without_messages_have_their_own_words(
    page: Page, stack: Stack
) -> None:
    phone = new_number()
    open_view(page, stack)

    find(page, f"0{phone[2:6]} {phone[6:]}")
    expect(page.get_by_role("searchbox")).to_have_accessible_description(
        re.compile(r"^Enter the number with its country code, such as \+44 7700 900001\.")
    )
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(rows(page)).to_have_count(0)

    find(page, f"+{phone}")
    expect(page.locator("#found-empty")).to_have_text(
        re.compile(f"^Nothing was sent or planned for {phone}. Check the number and its country code.")
    )
    expect(page.get_by_role("searchbox")).to_have_accessible_description(re.compile("^A phone number"))


def test_an_id_opens_its_dispatch_whether_it_is_the_dispatch_s_a_message_s_or_vonage_s(
    page: Page, stack: Stack
) -> None:
    phone = new_number()
    uuid = sent(stack, sms(phone))
    step = stack.wait_for_dispatch(uuid, lambda dispatch: dispatch["outcome"] == "succeeded")["steps"][0]
    open_view(page, stack)
    for typed in (f" {uuid.upper()} ", step["message_uuid"], step["vonage_message_uuid"]):
        find(page, typed)
        expect(page.get_by_role("heading", name=f"SMS to {phone} was delivered")).to_be_focused()
        assert page.url == f"{stack.api_url}/#/dispatches/{uuid}"
        page.go_back()
        expect(page.get_by_role("searchbox", name="Find")).to_have_value("")
        expect(reported(page)).to_have_text("Messages, newest first")


def test_an_unknown_id_has_its_own_words(page: Page, stack: Stack, console: list[str]) -> None:
    open_view(page, stack)
    expect(reported(page)).to_have_text("Messages, newest first", timeout=10_000)  # at once, not at the next look
    find(page, "00000000-0000-4000-8000-000000000000")

    expect(page.get_by_role("searchbox")).to_have_accessible_description(
        re.compile("^No message has this ID. Check that it is complete, or search by the customer.s number")
    )
    assert page.url == f"{stack.api_url}/#/dispatches"
    assert console == [NOT_FOUND, NOT_FOUND]
    console.clear()


def test_the_client_s_own_reference_is_found_among_the_newest(page: Page, stack: Stack) -> None:
    phone = new_number()
    uuid = sent(stack, sms(phone, client_ref=f"order {phone}/7"))
    open_view(page, stack)

    find(page, f"ORDER {phone}")  # a part of it is enough
    expect(rows(page)).to_have_count(1)
    shows(page, uuid)
    expect(rows(page)).to_contain_text(f"order {phone}/7")

    digits = sent(stack, sms(phone, client_ref=f"9{phone}"))
    find(page, f"9{phone}")
    expect(reported(page)).to_have_text(f"Messages to 9{phone} on any channel, newest first")
    page.get_by_role("button", name="Search by reference instead").click()
    expect(reported(page)).to_have_text(f"Messages with the reference “9{phone}”, newest first")
    expect(rows(page)).to_have_count(1)
    shows(page, digits)

    find(page, f"order {phone}/8")
    expect(page.locator("#found-empty")).to_contain_text(f"has the reference “order {phone}/8”")


def test_an_outcome_is_shown_alone_and_what_ends_leaves_those_under_way(page: Page, stack: Stack) -> None:
    phone, blocked = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "airplane"})
    stack.simulator("PUT", f"/phones/sms/{blocked}", {"mode": "blocked"})
    waiting, failed = sent(stack, sms(phone)), sent(stack, sms(blocked))
    stack.wait_for_dispatch(failed, lambda dispatch: dispatch["outcome"] == "exhausted")
    open_view(page, stack)

    filtered(page, "Outcome").select_option(label="Not delivered")
    expect(reported(page)).to_have_text("Not delivered: messages, newest first")
    expect(rows(page).first).to_contain_text(blocked)
    assert set(rows(page).locator(".badge:not(.tone-late)").all_inner_texts()) == {"Not delivered"}

    filtered(page, "Outcome").select_option(label="In progress")
    row = rows(page).get_by_role("link").and_(page.locator(f'[href^="#/dispatches/{waiting}"]'))
    expect(row).to_contain_text("In progress")
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "on"})
    expect(row).to_have_count(0)


def test_older_ones_of_a_contact_come_on_request(page: Page, stack: Stack) -> None:
    phone = new_number()
    uuids = [sent(stack, sms(phone)) for _ in range(23)]
    open_view(page, stack)
    filtered(page, "Channel").select_option(label="SMS")
    find(page, phone)
    expect(rows(page)).to_have_count(20)

    page.get_by_role("button", name="Load more").click()

    expect(rows(page)).to_have_count(23)
    expect(rows(page).nth(20).get_by_role("link")).to_be_focused()
    shows(page, *reversed(uuids))
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()


def test_older_ones_that_do_not_come_are_asked_for_by_the_button_again(
    page: Page, stack: Stack, console: list[str]
) -> None:
    phone = new_number()
    for _ in range(21):
        sent(stack, sms(phone))
    open_view(page, stack)
    filtered(page, "Channel").select_option(label="SMS")
    find(page, phone)
    expect(rows(page)).to_have_count(20)
    page.route("**/v1/dispatches?*cursor=*", lambda route: route.fulfill(status=502, json={}), times=1)

    page.get_by_role("button", name="Load more").click()

    expect(page.get_by_text("The server could not answer (502). Wait a moment, then try again.")).to_be_visible()
    page.get_by_role("button", name="Load more").click()
    expect(rows(page)).to_have_count(21)
    assert console == ["Failed to load resource: the server responded with a status of 502 (Bad Gateway)"]
    console.clear()


def test_the_list_does_not_move_while_it_is_read(page: Page, stack: Stack) -> None:
    phone, later = new_number(), new_number()
    sent(stack, sms(phone))
    open_view(page, stack)
    expect(rows(page).first).to_contain_text(phone)
    rows(page).first.hover()

    newest = sent(stack, sms(later))

    news = page.get_by_role("button", name="Show 1 new")
    expect(news).to_be_visible()
    expect(rows(page).first).to_contain_text(phone)
    news.click()
    expect(rows(page).first).to_contain_text(later)
    expect(rows(page).first.get_by_role("link")).to_be_focused()
    leads_to(rows(page).first, newest)
    expect(page.locator("#found-news")).to_be_hidden()


def test_the_numbers_of_a_day_are_those_of_what_was_sent(browser: Browser, console: list[str], tmp_path: Path) -> None:
    # There it is mostly another day than at UTC. The day doesn't end meanwhile: not where it has just begun.
    zone = "Pacific/Kiritimati" if datetime.now(UTC).hour == 10 else "Pacific/Apia"
    with running_stack(tmp_path) as stack, visit(browser, stack.api_url, console, timezone_id=zone) as page:
        open_view(page, stack)
        expect(page.locator("#found-empty")).to_contain_text("No messages yet. Send a message here, or through the API")
        expect(day(page)).to_contain_text("and it is counted here within a minute.")

        good, late, blocked, airplane = (new_number() for _ in range(4))
        stack.simulator("PUT", f"/phones/sms/{late}", {"mode": "airplane"})
        stack.simulator("PUT", f"/phones/sms/{airplane}", {"mode": "airplane"})
        stack.simulator("PUT", f"/phones/sms/{blocked}", {"mode": "blocked"})
        whatsapp = {"channel": "whatsapp", "message_type": "text", "text": CUPCAKES, "from": "447700900100"}
        ended = [sent(stack, body) for body in (sms(good), sms(good), {**whatsapp, "to": good}, sms(blocked))]
        slow = sent(stack, {**sms(late), "expiry_time": 1, "failover": [{**whatsapp, "to": late}]})
        waiting = sent(stack, sms(airplane))
        for uuid in (*ended, slow):
            stack.wait_for_dispatch(uuid, lambda dispatch: dispatch["outcome"] is not None)
        stack.simulator("PUT", f"/phones/sms/{late}", {"mode": "on"})
        stack.wait_for_dispatch(slow, lambda dispatch: dispatch["late"])
        stack.wait_for_dispatch(waiting, lambda dispatch: dispatch["usage"] != [])
        usages = [usage for uuid in (*ended, slow, waiting) for usage in stack.dispatch(uuid)["usage"]]
        page.reload()

        expect(day(page).locator(".total")).to_have_text("6 messages")
        expect(day(page).get_by_role("list").get_by_role("button")).to_have_text(
            ["4 delivered", "1 not delivered", "1 in progress"]
        )
        facts = day(page).locator("dl > div")
        expect(facts.nth(0)).to_have_text("Steps sent7")
        expect(facts.nth(1)).to_have_text("Used a fallback1")
        expect(facts.nth(2)).to_have_text("Delivered late1")
        expect(facts.nth(3)).to_have_text(re.compile(r"^CostEUR \d\.\d\d+$"))
        assert Decimal(facts.nth(3).inner_text().split("EUR ")[1]) == sum(Decimal(usage["price"]) for usage in usages)
        day(page).get_by_role("button", name="Cost and times by channel").click()
        table = day(page).get_by_role("row")
        expect(table.nth(1)).to_have_text(re.compile(r"^SMS531[\d.]+\xa0s[\d.]+\xa0s$"))
        expect(table.nth(2)).to_have_text(re.compile(r"^WhatsApp220[\d.]+\xa0s[\d.]+\xa0s$"))

        day(page).get_by_role("button", name="1 not delivered").click()
        expect(reported(page)).to_have_text("Not delivered: messages from today, newest first")
        expect(rows(page)).to_have_count(1)
        shows(page, ended[3])


CLICK_ON_THE_NEXT_DAY = """button => {
  const TheDayBefore = Date;
  globalThis.Date = class extends TheDayBefore {
    constructor(...moment) {
      super(...(moment.length ? moment : [TheDayBefore.now() + 86_400_000]));
    }
  };
  button.click();
}"""
"""In one step, or the view could show the new day already."""


def test_a_button_leads_to_what_is_counted_above_it_although_midnight_has_passed(page: Page, stack: Stack) -> None:
    page.route("**/v1/days/*", lambda route: route.fulfill(json=TODAY_PICTURE))
    page.clock.set_fixed_time(datetime(2026, 11, 30, 12, tzinfo=UTC))
    open_view(page, stack)
    expect(day(page).locator(".total")).to_have_text("217 messages")

    day(page).get_by_role("button", name="14 not delivered").evaluate(CLICK_ON_THE_NEXT_DAY)

    expect(page).to_have_url(re.compile("from=2026-11-30&to=2026-11-30"))


def test_arrows_move_between_days(page: Page, stack: Stack) -> None:
    asked: list[str] = []

    def picture(route: Route) -> None:
        asked.append(route.request.url.partition("/v1/days/")[2])
        nothing = {"dispatches": 0, "cost": [], "channels": []}
        third = len({url[:10] for url in asked}) == 3
        route.fulfill(json={**TODAY_PICTURE, "date": asked[-1][:10], **(nothing if third else {})})

    page.route("**/v1/days/*", picture)
    open_view(page, stack)
    today = date.fromisoformat(page.evaluate("new Date().toLocaleDateString('sv')"))

    expect(day(page).get_by_role("heading")).to_have_text("Today")
    expect(day(page).get_by_role("list").get_by_role("button")).to_have_text(
        ["189 delivered", "14 not delivered", "9 in progress", "3 planned", "2 opted out"]
    )
    expect(day(page).locator("dd")).to_have_text(["251", "37", "6", "EUR 7.992 + USD 1.00"])
    day(page).get_by_role("button", name="Cost and times by channel").click()
    expect(day(page).get_by_role("row")).to_have_text(
        [
            re.compile("^Channel"),
            "SMS203180121.4\xa0s42\xa0s",
            "RCS484412\xa0min2\xa0h",
            re.compile("^email200\u2013\u2013$", re.IGNORECASE),
        ]
    )
    expect(day(page).get_by_role("button", name="The day after")).to_have_attribute("aria-disabled", "true")
    expect(day(page).locator("#day-notice")).to_be_hidden()

    day(page).get_by_role("button", name="The day before").click()
    expect(day(page).get_by_role("heading")).to_have_text("Yesterday")
    expect(reported(page)).to_have_text("Messages from yesterday, newest first")
    yesterday = today.fromordinal(today.toordinal() - 1).isoformat()
    assert page.url.endswith(f"?from={yesterday}&to={yesterday}")

    day(page).get_by_label("Day", exact=True).fill("2024-02-29")
    expect(day(page).get_by_role("heading")).to_have_text("Thursday, 29 February 2024")
    expect(day(page)).to_contain_text("Old messages are deleted after a while.")
    expect(page.locator("#found-empty")).to_have_text("No matching message. Choose another outcome, or any day.")
    # The navigation's count of problems asks for the first two as well.
    assert list(dict.fromkeys(url[:10] for url in asked)) == [
        today.isoformat(),
        (today.fromordinal(today.toordinal() - 1)).isoformat(),
        "2024-02-29",
    ]
    assert {url[10:] for url in asked} == {
        f"?time_zone={page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone')}"
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view_fits_a_telephone_of_390_pixels(page: Page, stack: Stack, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.route("**/v1/days/*", lambda route: route.fulfill(json={**TODAY_PICTURE, "date": "2026-11-23"}))
    phone = new_number()
    sent(stack, sms(phone, client_ref="A-very-long-reference-without-any-space-in-it" * 2, failover=[sms(phone)] * 9))
    open_view(page, stack)
    expect(rows(page).first).to_contain_text(phone)
    expect(day(page).get_by_role("table")).to_be_hidden()
    day(page).get_by_role("button", name="Cost and times by channel").click()
    expect(day(page).get_by_role("table")).to_be_visible()
    assert overflow(page) == 0
    find(page, phone)
    expect(rows(page)).to_have_count(1)
    expect(day(page)).to_be_hidden()
    assert overflow(page) == 0
