"""One dispatch, watched: a lane for each step, with everything that happened as a point behind which is what came."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.visitor import cards, happenings, overflow, sign_in, state
from tests.running_stack import Stack, new_number

TEXT = {"message_type": "text", "text": "Your cupcakes are ready."}
HOUR = 3_600_000


def sms(to: str, **fields: Any) -> dict[str, Any]:
    return {"channel": "sms", "to": to, "from": "BAKERY", **TEXT, **fields}


def whatsapp(to: str, **fields: Any) -> dict[str, Any]:
    return {"channel": "whatsapp", "to": to, "from": "447700900001", **TEXT, **fields}


def reported(stack: Stack, message: dict[str, Any]) -> str:
    answer = stack.api("POST", "/v1/messages", message)
    assert answer.status_code == 202, answer.text
    uuid: str = answer.json()["workflow_id"]
    return uuid


def watch(page: Page, stack: Stack, dispatch_uuid: str) -> None:
    sign_in(page, stack)
    page.goto(f"{stack.api_url}/#/dispatches/{dispatch_uuid}")
    expect(cards(page).first).to_be_visible()


def points(page: Page, step: int) -> Locator:
    """What happened in a step of the open dispatch, counted from 1, as its lane shows it."""
    return cards(page).nth(step - 1).locator(".point:visible")


def names(page: Page, step: int) -> list[str]:
    """The points' names, without their times."""
    labels = [str(point.get_attribute("aria-label")) for point in points(page, step).all()]
    return [re.split(r" \d|, at ", label)[0] for label in labels]


def middle(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box
    return box["x"] + box["width"] / 2


def shown(locator: Locator) -> Any:
    """JSON that is on the screen."""
    return json.loads(locator.text_content() or "")


def test_a_late_delivery_is_a_point_after_the_lane_s_end_and_an_arrow_leads_to_the_fallback(
    page: Page, stack: Stack
) -> None:
    phone, other = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "airplane"})
    watch(page, stack, reported(stack, sms(phone, expiry_time=15, failover=[whatsapp(other)])))
    expect(points(page, 2)).to_have_count(4, timeout=60_000)
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "on"})
    expect(state(page, 1)).to_have_text("Delivered, late")

    assert names(page, 1) == ["Sent", "Accepted", "Submitted", "Time up", "Delivered"]
    assert names(page, 2) == ["Sent", "Accepted", "Submitted", "Delivered"]
    expect(points(page, 1).last).to_have_accessible_name(
        re.compile(r"^Delivered [\d.]+\ss after it was sent, at .*, late$")
    )
    expect(page.locator("#lanes-back .late")).to_have_count(1)
    expect(page.locator("#lanes-back .arrow")).to_have_count(1)
    expect(page.locator("#lanes-back .arrow.planned")).to_have_count(0)
    time_up, first = middle(points(page, 1).nth(3)), middle(points(page, 2).first)
    assert first >= time_up - 1, "the second lane begins where the first window ended"
    assert middle(points(page, 1).last) > middle(points(page, 2).last), "on one axis"
    expect(cards(page).nth(0).locator(".cost")).to_have_text("EUR 0.0333")
    expect(cards(page).nth(0)).to_contain_text("It was delivered after its window of 15 s. Vonage reported it late.")


def test_a_window_runs_down_and_shows_where_the_next_step_would_begin(page: Page, stack: Stack) -> None:
    phone = new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "airplane"})
    watch(page, stack, reported(stack, sms(phone, expiry_time=600, failover=[whatsapp(new_number())])))
    timer, left = cards(page).first.get_by_role("timer"), page.locator("#lanes-back .left")
    expect(points(page, 1)).to_have_count(3)
    expect(timer).to_have_text(re.compile(r"^9 min( \d+ s)? left$"))
    before, width = timer.text_content() or "", left.bounding_box()

    expect(timer).not_to_have_text(before)
    page.wait_for_timeout(3_000)

    shorter = left.bounding_box()
    assert width
    assert shorter
    assert shorter["width"] < width["width"], "it runs down"
    assert shorter["x"] + shorter["width"] == pytest.approx(width["x"] + width["width"], abs=1), "its end stays"
    arrow = page.locator("#lanes-back .head.planned").bounding_box()
    assert arrow
    assert arrow["x"] + arrow["width"] / 2 == pytest.approx(width["x"] + width["width"], abs=2)


def test_a_point_shows_its_raw_event_by_keyboard_and_gives_the_keyboard_back(page: Page, stack: Stack) -> None:
    uuid = reported(stack, sms(new_number()))
    dispatch = stack.wait_for_dispatch(uuid, lambda dispatch: dispatch["outcome"] == "succeeded")
    raw = next(entry["raw"] for entry in dispatch["timeline"] if entry.get("status") == "submitted")
    watch(page, stack, uuid)

    point = points(page, 1).filter(has=page.locator("svg")).nth(2)
    expect(point).to_have_accessible_name(re.compile("^Submitted"))
    point.press("Enter")
    evidence = page.get_by_role("group", name="Step 1: evidence")
    expect(evidence).to_contain_text("Passed to the carrier")
    assert shown(evidence.locator("pre")) == raw
    expect(point).to_have_attribute("aria-expanded", "true")
    point.press("Tab")
    page.keyboard.press("Space")
    expect(points(page, 1).nth(3)).to_have_attribute("aria-expanded", "true")
    expect(evidence).to_contain_text("Delivered")

    page.keyboard.press("Escape")
    expect(evidence).to_have_count(0)
    expect(points(page, 1).nth(3)).to_be_focused()


def test_why_a_message_did_not_arrive_stands_in_its_lane(page: Page, stack: Stack) -> None:
    blocked, silent = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{blocked}", {"mode": "blocked"})
    stack.simulator("PUT", f"/phones/sms/{silent}", {"mode": "airplane"})
    watch(page, stack, reported(stack, sms(blocked, failover=[sms(silent, expiry_time=1)])))

    expect(page.get_by_role("heading", name="None of the messages were delivered")).to_be_visible()
    lanes = cards(page)
    expect(lanes.nth(0).locator(".why")).to_have_text(
        re.compile(r"^1280 Number blocked .*\. This number can.t be reached on this channel. Another one may work\.$")
    )
    expect(lanes.nth(1).locator(".why")).to_have_text(
        "The carrier received it, but did not report it delivered within 1 s. The phone may be off."
    )
    points(page, 1).last.click()
    expect(page.get_by_role("link", name="documentation of this code")).to_have_attribute(
        "href", re.compile("^https://developer.vonage.com/.*1280")
    )


def test_a_scheduled_dispatch_waits_visibly_and_can_be_stopped(page: Page, stack: Stack) -> None:
    body = sms(new_number(), failover=[whatsapp(new_number())])
    page.clock.install()
    later = page.evaluate(f"new Date(Date.now() + 72 * {HOUR}).toISOString()")
    watch(page, stack, reported(stack, {**body, "send_at": later}))
    expect(page.get_by_role("heading", name=re.compile("will be sent later$"))).to_be_visible()
    expect(cards(page).first.get_by_role("timer")).to_have_text(re.compile(r"^7[12] h( \d+ min)? to wait$"))
    expect(page.locator("#lanes-back .held")).to_have_count(1)
    expect(page.get_by_role("button", name="Evidence for Vonage")).to_have_count(0)  # of what Vonage does not know

    page.get_by_role("button", name="Stop this message").press("Enter")
    page.get_by_role("button", name="Really stop it?").press("Enter")
    page.clock.run_for(2_000)

    expect(page.get_by_role("heading", name="Cancelled before it was sent")).to_be_visible()
    expect(page.get_by_role("button", name="Stop this message")).to_be_hidden()
    expect(cards(page).nth(1)).to_contain_text("Cancelled before it was sent.")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_ten_steps_fit_and_no_two_points_touch(page: Page, stack: Stack, width: int) -> None:
    """Points without room are merged into the next one, whose evidence shows them."""
    page.set_viewport_size({"width": width, "height": 900})
    blocked = [new_number() for _ in range(9)]
    for phone in blocked:
        stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "blocked"})
    first, *others = [*(sms(phone) for phone in blocked), sms(new_number())]
    uuid = reported(stack, {**first, "failover": others})
    dispatch = stack.wait_for_dispatch(uuid, lambda dispatch: dispatch["outcome"] == "succeeded", seconds=60)
    events = [entry for entry in dispatch["timeline"] if entry["step"] == 0]
    watch(page, stack, uuid)
    expect(cards(page)).to_have_count(10)

    # The picture is laid out in the frame after its cards.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert overflow(page) == 0
    # Ten steps at unlucky moments need a finger more than a phone has. Then the picture scrolls, and the page does not.
    frame = page.locator("#lanes-frame")
    assert frame.evaluate("frame => frame.scrollWidth - frame.clientWidth") < (24 if width == 390 else 1)
    for lane in range(1, 11):
        places = [middle(point) for point in points(page, lane).all()]
        assert all(right - left >= 24 for left, right in pairwise(places)), (lane, places)
    evidence = page.get_by_role("group", name="Step 1: evidence")
    found = 0
    for point in points(page, 1).all():
        point.click()
        expect(point).to_have_attribute("aria-expanded", "true")
        found += evidence.locator("pre").count()
    assert found == len(events)


def test_what_is_pressed_stays_open_while_more_comes_in(page: Page, stack: Stack) -> None:
    phone = new_number()
    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "airplane"})
    watch(page, stack, reported(stack, sms(phone, expiry_time=600)))
    expect(points(page, 1)).to_have_count(3)
    points(page, 1).nth(2).press("Enter")
    evidence = page.get_by_role("group", name="Step 1: evidence")
    expect(evidence).to_be_visible()

    stack.simulator("PUT", f"/phones/sms/{phone}", {"mode": "on"})

    expect(points(page, 1)).to_have_count(4)
    expect(happenings(page).filter(has_text="Step 1 Delivered.")).to_be_visible()
    expect(evidence).to_contain_text("Passed to the carrier")
    expect(points(page, 1).nth(2)).to_be_focused()
