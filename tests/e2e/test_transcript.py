"""What a screen reader says in the main story, out of Chromium's accessibility tree: the whole of it, in its order."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.visitor import add_fallback, fill_contact, message, send, sign_in, state, window
from tests.running_stack import Stack, new_number

SPOKEN = {
    *("heading", "link", "button", "textbox", "searchbox", "combobox", "radio", "checkbox", "spinbutton"),
    *("StaticText", "timer", "image", "status", "alert", "DisclosureTriangle", "group", "region"),
}
"""Roles that are announced with their name."""

VARYING = (
    (re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d)?)?"), "TIME"),
    (re.compile(r"\+?\d+(\.\d)?\u00a0?\s?s\b"), "SECONDS"),
    (re.compile(r"(?:[A-Z][a-z]{2} )?\b\d{1,2} [A-Z][a-z]{2}\b(?: \d{4})?"), "DATE"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"), "ID"),
)

OVERTAKEN = re.compile(
    r"(TIME\nSECONDS\nStep\n(\d)\n)(Passed to .*\n.*)\nTIME\nSECONDS\nStep\n\2\n(Accepted by Vonage\.)", re.MULTILINE
)
"""The webhook of a message came before the response to its POST."""

HEARD = Path(__file__).with_name("transcript.txt")
"""Line by line what is heard: of the sign-in, of the form, and of the message that came late."""


def transcript(page: Page, root: str) -> list[str]:
    """Role and name of each announced element within `root`, with what differs from run to run in capitals."""
    session = page.context.new_cdp_session(page)
    found = session.send("Runtime.evaluate", {"expression": f"document.querySelector({root!r})"})
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    backend = session.send("DOM.describeNode", {"objectId": found["result"]["objectId"]})["node"]["backendNodeId"]
    session.detach()
    by_id = {node["nodeId"]: node for node in nodes}
    start = next(node for node in nodes if node.get("backendDOMNodeId") == backend)
    return [masked(line) for line in spoken(start, by_id)]


def spoken(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    role, name = node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "").strip()
    said = not node.get("ignored") and role in SPOKEN and name
    if said:
        chosen = f" = {node['value']['value']}" if role == "combobox" else ""
        yield name if role == "StaticText" else f"{role}: {name}{chosen}"
    if said and role in ("link", "button", "heading", "radio", "checkbox", "DisclosureTriangle"):
        return  # their name is their content
    for child in node.get("childIds", []):
        if child in by_id:
            yield from spoken(by_id[child], by_id)


def masked(line: str) -> str:
    for pattern, name in VARYING:
        line = pattern.sub(name, line)
    return line


def test_a_screen_reader_reads_the_whole_main_story_in_its_order(page: Page, stack: Stack) -> None:
    first, second = new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "airplane"})
    heard = ["# Signing in", *transcript(page, "main")]

    sign_in(page, stack)
    message(page).fill("Your cupcakes are ready!")
    fill_contact(page, "First contact", "SMS", first, "BAKERY")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "WhatsApp", second, "447700900000")
    window(page, 1).get_by_label("Window").fill("4")
    numbers = {first: "FIRST", second: "SECOND"}
    heard += ["", "# Writing", *named(transcript(page, "#compose"), numbers)]

    send(page)
    expect(state(page, 2)).to_have_text("Delivered")
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "on"})
    expect(state(page, 1)).to_have_text("Delivered, late")
    expect(page.get_by_text("The customer got 2 messages.")).to_be_visible()
    read = "\n".join(named(transcript(page, "#dispatch"), numbers))
    heard += ["", "# Reading what happened", *OVERTAKEN.sub(r"\1\4\n\1\3", read).splitlines()]
    assert heard == HEARD.read_text(encoding="utf-8").splitlines()


def named(lines: list[str], numbers: dict[str, str]) -> list[str]:
    for number, name in numbers.items():
        lines = [line.replace(number, name) for line in lines]
    return lines
