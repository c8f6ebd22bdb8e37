"""A real browser on the real local stack. A visit fails that leaves an error in the console or asks another host."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.visitor import visit
from tests.running_stack import Stack
from tools.browser import found

ARGUMENTS = [
    *("--no-sandbox", "--headless=new", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = found()
    if path is None:
        reason = "no Chromium: install one, or name yours with CHROMIUM=/path/to/chrome"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(shared_stack: Stack) -> Stack:
    return shared_stack


@pytest.fixture
def console() -> list[str]:
    """What the page complained of. A test that provokes something takes it out; the rest is a failure."""
    return []


@pytest.fixture
def page(browser: Browser, stack: Stack, console: list[str]) -> Iterator[Page]:
    """The console, opened, without a sign-in."""
    with visit(browser, stack.api_url, console) as page:
        yield page
