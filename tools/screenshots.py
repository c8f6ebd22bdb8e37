"""Takes the README's picture: the cupcake story on the running local stack, in a real browser.

`make run` in one terminal, `.venv/bin/python -m tools.screenshots` in another: docs/images/*.png are made anew.
"""

import json
import os
from pathlib import Path

import requests
from playwright.sync_api import expect, sync_playwright

from tools.browser import found

IMAGES = Path(__file__).parents[1] / "docs" / "images"
FIRST, SECOND = "447700900001", "447700900002"
TEXT = "Your cupcakes are ready!"


def main() -> None:
    stack = json.loads(Path(os.environ.get("LOCAL_DIR", ".local"), "stack.json").read_text())
    IMAGES.mkdir(parents=True, exist_ok=True)
    requests.put(f"{stack['twin_url']}/phones/sms/{FIRST}", json={"mode": "airplane"}, timeout=10).raise_for_status()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=["--no-sandbox", "--headless=new"])
        page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme="light", locale="en-GB")
        page.goto(stack["api_url"])
        page.get_by_label("Client name").fill(stack["client_name"])
        page.get_by_label("Secret").fill(stack["client_secret"])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("textbox", name="Message").fill(TEXT)
        page.get_by_role("button", name="Add a fallback contact").click()
        for group, number in (("First contact", FIRST), ("Fallback 1", SECOND)):
            fields = page.get_by_role("group", name=group, exact=True)
            fields.get_by_label("Channel").select_option(label="SMS")
            fields.get_by_label("To").fill(number)
            fields.get_by_label("From").fill("Bakery")
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator("#events p").filter(has_text="Handed to Vonage").first).to_be_visible(timeout=10_000)
        page.wait_for_timeout(22_000)
        requests.put(f"{stack['twin_url']}/phones/sms/{FIRST}", json={"mode": "on"}, timeout=10).raise_for_status()
        page.wait_for_timeout(12_000)
        page.screenshot(path=IMAGES / "timeline.png", full_page=True)
        page.goto(stack["twin_url"])
        page.wait_for_timeout(2_000)
        page.screenshot(path=IMAGES / "phones.png")
        browser.close()


if __name__ == "__main__":
    main()
