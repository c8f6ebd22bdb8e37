"""`make screenshots`: the README's pictures, taken of the cupcake story in a real browser.

Starts a stack of its own on free ports. Into docs/images/ go compose.png, phones.png, timeline.png, windows.png, and
cupcakes.png: four moments of the story beside each other.
"""

import base64
import html
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from getthrough.adapters import table_keys
from local.stack import aws, launch
from local.stack.settings import StartError
from tools.browser import found

IMAGES = Path(os.environ.get("IMAGES") or Path(__file__).parents[1] / "docs" / "images")
ANY_FREE_PORTS = {"HTTP_PORT": "0", "SIMULATOR_PORT": "0", "AWS_PORT": "0"}
SENDER = "447700900100"
FIRST, SECOND, THIRD = "447700900001", "447700900002", "447700900003"
TEXT = "Your cupcakes are ready! See you until six."
WINDOW_SECONDS = 15
PATIENCE_MS = 30_000

ARRIVED = {
    "sms": [
        9,
        12,
        21,
        40,
        74,
        118,
        190,
        260,
        342,
        401,
        420,
        396,
        350,
        290,
        230,
        171,
        120,
        84,
        60,
        44,
        33,
        27,
        21,
        17,
        14,
    ],
    "whatsapp": [90, 160, 240, 330, 390, 370, 300, 230, 160, 110, 70, 44, 30, 20, 14, 9, 6, 4, 3, 2],
}
"""Messages of a week by the time they took, from half a second on: each count is of a time 41 % longer."""

STRIP = """<!doctype html><html lang="en"><style>
  body { margin: 0; font: 17px/1.4 system-ui, sans-serif; color: #1d2629; background: #fff; }
  ol { display: grid; grid-template-columns: repeat(4, 346px); gap: 26px; width: max-content; }
  ol { margin: 0; padding: 18px; list-style: none; }
  li { display: grid; gap: 14px; align-content: start; }
  p { margin: 0; display: grid; grid-template-columns: 34px 1fr; gap: 10px; min-height: 5.6em; }
  b { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 50%; }
  b { background: #0d6b62; color: #fff; }
  img { width: 100%; border: 1px solid #ddd7cd; border-radius: 14px; }
  .phone { width: 280px; justify-self: center; border: 0; }
</style><ol>MOMENTS</ol></html>"""


class Moment(NamedTuple):
    sentence: str
    image: bytes
    kind: str = "page"


def main() -> int:
    path = found()
    if path is None:
        print("No Chromium: install one (Debian: apt-get install chromium), or set CHROMIUM.", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            launch.launched({**os.environ, **ANY_FREE_PORTS}, Path(folder)) as stack,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--headless=new"])
            tell(browser, stack)
            browser.close()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    for image in sorted(IMAGES.glob("*.png")):
        print(f"{image.relative_to(IMAGES.parents[1])}: {image.stat().st_size // 1000} KB")
    return 0


def tell(browser: Browser, stack: Mapping[str, Any]) -> None:
    """The story, with a picture of each moment."""
    for channel, number, mode in (("sms", FIRST, "airplane"), ("whatsapp", SECOND, "on")):
        url = f"{stack['simulator_url']}/phones/{channel}/{number}"
        requests.put(url, json={"mode": mode}, timeout=10).raise_for_status()
    page, narrow = signed_in(browser, stack, 1280, 1000), signed_in(browser, stack, 390, 900)
    phones = window(browser, stack["simulator_url"], 1420, 900)
    first = phones.get_by_role("article", name=f"SMS {FIRST}")
    second = phones.get_by_role("article", name=f"WhatsApp {SECOND}")
    moments: list[Moment] = []

    write(narrow)
    moments.append(Moment("The bakery writes, and says who is tried next if it does not arrive.", narrow.screenshot()))
    write(page)
    page.screenshot(path=IMAGES / "compose.png", full_page=True)
    page.get_by_role("button", name="Send", exact=True).click()

    expect(first.get_by_text("Waits for this phone")).to_be_visible(timeout=PATIENCE_MS)
    moments.append(Moment("The first phone is in airplane mode: the SMS waits for it.", first.screenshot(), "phone"))
    invite(stack)
    expect(second.get_by_role("log").get_by_text(TEXT)).to_be_visible(timeout=PATIENCE_MS)
    caption = f"After {WINDOW_SECONDS} seconds the second phone rings: a WhatsApp message."
    moments.append(Moment(caption, second.screenshot(), "phone"))
    second.get_by_role("textbox").fill("Lovely, I am on my way")
    second.get_by_role("button", name="Send").click()
    expect(second.get_by_role("log").get_by_text("Lovely")).to_be_visible(timeout=PATIENCE_MS)
    phones.evaluate("scrollTo(0, 0)")
    phones.screenshot(path=IMAGES / "phones.png")

    page.wait_for_timeout(4_000)
    first.get_by_role("switch", name="Airplane mode").click()
    expect(page.get_by_text("The customer got 2 messages.")).to_be_visible(timeout=PATIENCE_MS)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=IMAGES / "timeline.png")
    narrow.goto(page.url)
    expect(narrow.get_by_text("The customer got 2 messages.")).to_be_visible(timeout=PATIENCE_MS)
    narrow.get_by_role("heading", name="Step by step").evaluate("heading => heading.scrollIntoView()")
    back = "The first phone is back. The timeline says what came when, and what came late."
    moments.append(Moment(back, narrow.screenshot()))
    stick_together(browser, moments)
    choose_window(page, stack)


def choose_window(page: Page, stack: Mapping[str, Any]) -> None:
    """The policy lab's view, of a week with some thousand messages."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    for channel, counts in ARRIVED.items():
        key = table_keys.arrivals(channel, "44", "Bakery", f"{monday:%Y-%m-%d}")
        item = {**key, **table_keys.newest(table_keys.ARRIVALS, monday, key["pk"])}
        numbers = {f"a{2 * bucket}": count for bucket, count in enumerate(counts)} | {"o0": 95, "f0": 40}
        aws.client("dynamodb", stack["aws_endpoint"]).put_item(
            TableName=stack["table_name"],
            Item={name: {"S": value} for name, value in item.items()}
            | {name: {"N": f"{number}"} for name, number in numbers.items()},
        )
    page.goto(f"{stack['api_url']}/#/windows?channel=sms&country=44")
    page.get_by_role("slider", name="Window").press("ArrowRight")
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=IMAGES / "windows.png", full_page=True)


def write(page: Page) -> None:
    page.get_by_role("textbox", name="Message").fill(TEXT)
    page.get_by_role("button", name="Add a fallback").click()
    for group, channel, number, sender in (
        ("First contact", "SMS", FIRST, "Bakery"),
        ("Fallback 1", "WhatsApp", SECOND, SENDER),
    ):
        fields = page.get_by_role("group", name=group, exact=True)
        fields.get_by_label("Channel").select_option(label=channel)
        fields.get_by_label("To").fill(number)
        fields.get_by_label("From").fill(sender)
    page.get_by_label("Window", exact=True).first.fill(str(WINDOW_SECONDS))
    page.get_by_role("heading", level=1).click()  # no field has the focus
    page.evaluate("scrollTo(0, 0)")


def invite(stack: Mapping[str, Any]) -> None:
    """Another customer gets a question, on a third phone."""
    answers = [
        {"type": "reply", "text": text, "postback_data": text.lower()} for text in ("Yes, please", "No, thank you")
    ]
    body = {"channel": "rcs", "message_type": "text", "from": "Bakery", "to": THIRD, "suggestions": answers}
    requests.post(
        f"{stack['api_url']}/v1/messages",
        json={**body, "text": "Shall we keep your lemon cake until tomorrow?"},
        auth=(stack["client_name"], stack["client_secret"]),
        timeout=10,
    ).raise_for_status()


def window(browser: Browser, url: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light", locale="en-GB")
    page.goto(url)
    return page


def signed_in(browser: Browser, stack: Mapping[str, Any], width: int, height: int) -> Page:
    page = window(browser, stack["api_url"], width, height)
    page.get_by_label("Client name").fill(stack["client_name"])
    page.get_by_label("Secret").fill(stack["client_secret"])
    page.get_by_role("button", name="Sign in").click()
    return page


def stick_together(browser: Browser, moments: list[Moment]) -> None:
    """One picture of all moments, each under its sentence."""
    page = window(browser, "about:blank", 1600, 1000)
    items = (
        f"<li><p><b>{number}</b><span>{html.escape(moment.sentence)}</span></p>"
        f'<img class="{moment.kind}" src="data:image/png;base64,{base64.b64encode(moment.image).decode()}" alt=""></li>'
        for number, moment in enumerate(moments, 1)
    )
    page.set_content(STRIP.replace("MOMENTS", "".join(items)))
    page.locator("ol").screenshot(path=IMAGES / "cupcakes.png")


if __name__ == "__main__":
    sys.exit(main())
