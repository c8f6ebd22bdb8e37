"""What a person does on the page, named as that person would name it."""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page

from tests.running_stack import Stack


@contextlib.contextmanager
def visit(browser: Browser, url: str, console: list[str], **options: Any) -> Iterator[Page]:
    """A page in a new browser context; fails if it asks another host, or logs an error.

    `console` is what it complained of: a test that provokes something takes it out.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", **options)
    page = context.new_page()
    asked: set[str] = set()
    page.on("console", lambda message: console.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: console.append(str(error)))
    page.on("request", lambda request: asked.add("{0.scheme}://{0.netloc}".format(urlsplit(request.url))))
    page.goto(url)
    yield page
    context.close()
    assert console == []
    assert asked == {"{0.scheme}://{0.netloc}".format(urlsplit(url))}


def sign_in(page: Page, stack: Stack, secret: str | None = None, name: str | None = None) -> None:
    page.get_by_label("Client name").fill(name or stack.client_name)
    page.get_by_label("Secret").fill(secret or stack.client_secret)
    page.get_by_role("button", name="Sign in").click()


def message(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


def contact(page: Page, name: str) -> Locator:
    """The fields of the "First contact", of "Fallback 1", ..."""
    return page.get_by_role("group", name=name, exact=True)


def fill_contact(page: Page, name: str, channel: str, to: str, sender: str) -> None:
    fields = contact(page, name)
    fields.get_by_label("Channel").select_option(label=channel)
    fields.get_by_label("To").fill(to)
    fields.get_by_label("From").fill(sender)


def window(page: Page, number: int) -> Locator:
    """The row between the contacts `number` and `number` + 1, counted from 1."""
    return page.get_by_role("group", name="When to use the fallback").nth(number - 1)


def add_fallback(page: Page) -> None:
    page.get_by_role("button", name="Add a fallback").click()


def send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def plan(page: Page) -> Locator:
    return page.locator("#plan")


def cards(page: Page) -> Locator:
    """The steps of the open dispatch."""
    return page.locator("#steps > li")


def state(page: Page, step: int) -> Locator:
    """Where a step of the open dispatch stands, counted from 1."""
    return cards(page).nth(step - 1).locator(".badge")


def happenings(page: Page) -> Locator:
    """The sentences under "What happened"."""
    return page.locator("#events p")


def let_time_pass(page: Page) -> None:
    """From the next load on, a test can let time pass (`page.clock`), and no request is given up. The clock has their
    timeouts too: one that is under way while time passes would end, and the page would take the connection for lost."""
    page.clock.install()
    page.add_init_script("AbortSignal.timeout = () => new AbortController().signal;")


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
