"""What people come for, played with the keyboard alone: a search that answers why, a plan that is found again, a reply
that is noticed elsewhere, an opt-out with its proof, and a pasted list with mistakes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.visitor import message, sign_in
from tests.running_stack import Stack, new_number

CUPCAKES = "Your cupcakes are ready."


def sms(to: str, **more: Any) -> dict[str, Any]:
    return {"channel": "sms", "message_type": "text", "text": CUPCAKES, "to": to, "from": "447700900001", **more}


def sent(stack: Stack, body: dict[str, Any]) -> str:
    answer = stack.api("POST", "/v1/messages", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["workflow_id"])


def menu(page: Page, text: str) -> None:
    """The command menu, with what is typed into it."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search and commands")).to_be_focused()
    page.keyboard.type(text)


def test_why_a_number_got_nothing_is_two_steps_from_the_number(page: Page, stack: Stack) -> None:
    phone = new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "blocked"})
    stack.wait_for_dispatch(sent(stack, sms(phone)), lambda dispatch: dispatch["outcome"] == "exhausted")
    sign_in(page, stack)
    expect(page.get_by_role("heading", name="New message")).to_be_focused()

    menu(page, phone)
    page.keyboard.press("Enter")
    row = page.locator("#found [data-row]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(CUPCAKES)
    expect(row).to_contain_text("Rejected by the carrier")
    page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="The message was not delivered")).to_be_focused()
    expect(page.locator(".reason")).to_have_text(re.compile("^1280 Number blocked"))
    assert phone not in page.url


def test_what_is_planned_is_listed_and_found_by_its_number(page: Page, stack: Stack) -> None:
    phone = new_number()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    uuid = sent(stack, sms(phone, send_at=tomorrow))
    sign_in(page, stack)
    expect(page.get_by_role("heading", name="New message")).to_be_focused()

    page.get_by_role("link", name="Docs").focus()  # keys of the form's fields would be typed into them
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("#planned").get_by_role("link").filter(has_text=phone)).to_contain_text("Planned")

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find")).to_be_focused()
    expect(page.locator("#found [data-row]")).not_to_have_count(0)
    page.keyboard.type(phone)
    page.keyboard.press("Enter")
    row = page.locator("#found [data-row]")
    expect(row).to_have_count(1)
    expect(row).to_have_attribute("href", re.compile(uuid))
    expect(row).to_contain_text("Planned")


def test_a_reply_is_noticed_in_another_view_and_answered(page: Page, stack: Stack) -> None:
    phone = new_number()
    stack.wait_for_dispatch(sent(stack, sms(phone)), lambda dispatch: dispatch["outcome"] == "succeeded")
    page.evaluate("sessionStorage.setItem('getthrough.seen', JSON.stringify({ '': new Date().toISOString() }))")
    page.reload()  # what customers of other tests wrote is seen
    sign_in(page, stack)
    expect(page.get_by_role("heading", name="New message")).to_be_focused()
    expect(page).to_have_title("Getthrough console")

    stack.simulator("POST", f"/phones/sms/{phone}/reply", {"text": "Can I come at five?"})
    expect(page).to_have_title(re.compile(r"^\(\d+\) "), timeout=40_000)
    page.get_by_role("link", name="Docs").focus()
    page.keyboard.press("g")
    page.keyboard.press("i")
    row = page.get_by_role("list", name="Customers who wrote").get_by_role("link").filter(has_text=phone)
    expect(row).to_contain_text("New: ")
    row.press("Enter")
    expect(page.get_by_role("heading", name=phone)).to_be_focused()
    page.get_by_role("textbox", name="Reply").press_sequentially("Yes!")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bubble .said").last).to_have_text("Yes!")
    expect(row).not_to_contain_text("New: ")


def test_an_opt_out_is_seen_with_its_proof(page: Page, stack: Stack) -> None:
    phone = new_number()
    stack.wait_for_dispatch(sent(stack, sms(phone)), lambda dispatch: dispatch["outcome"] == "succeeded")
    stack.simulator("POST", f"/phones/sms/{phone}/reply", {"text": "STOP"})
    while not stack.api("GET", f"/v1/opt-outs/sms/{phone}").json().get("opted_out"):
        page.wait_for_timeout(200)
    sign_in(page, stack)
    expect(page.get_by_role("heading", name="New message")).to_be_focused()

    menu(page, phone)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1, name=phone)).to_be_visible()
    expect(page.locator("#consent")).to_contain_text("Opted out: nothing is sent to this contact.")
    expect(page.locator("#consents > li")).to_contain_text("by the customer: wrote “STOP”")
    page.goto(f"{stack.api_url}/#/customers")
    listed = page.locator("#opt-outs").get_by_role("link").filter(has_text=phone)
    expect(listed.locator(".snippet")).to_have_text("By the customer")  # and not the id of a message


def test_a_pasted_list_with_a_wrong_and_a_doubled_number_is_corrected_and_sent(page: Page, stack: Stack) -> None:
    numbers = [new_number() for _ in range(20)]
    lines = [*(f"{number}, Ann" for number in numbers), f"+{numbers[0]}, Ann", "12, Ben"]
    sign_in(page, stack)
    page.get_by_role("link", name="Many customers").press("Enter")
    expect(page.get_by_role("heading", name="Send to many")).to_be_visible()
    message(page).fill("Hello {{ name }}")
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    page.get_by_label("Recipients").fill("\n".join(lines))
    expect(page.locator("#batch-problems")).to_contain_text("Line 21 is the same as line 1: remove the duplicate.")
    expect(page.locator("#batch-problems")).to_contain_text("Line 22: “12” is not a phone number")

    page.get_by_role("button", name="Remove duplicates").press("Enter")
    kept = page.get_by_label("Recipients").input_value().split("\n")
    page.get_by_label("Recipients").fill("\n".join(kept[:-1]))
    expect(page.locator("#batch-problems")).to_be_empty()
    page.get_by_role("button", name="Review").press("Enter")
    expect(page.locator("#batch-size")).to_contain_text("20 SMS segments in all.")
    page.get_by_role("button", name="Send to all 20").press("Enter")

    expect(page.get_by_text("All 20 sent")).to_be_visible(timeout=40_000)
