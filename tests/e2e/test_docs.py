"""GET /docs in a real browser: the viewer shows the description, from here alone, under the page's strict policy."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.described import operations
from tests.e2e.visitor import visit
from tests.running_stack import Stack


@pytest.fixture
def docs(browser: Browser, stack: Stack, console: list[str]) -> Iterator[Page]:
    with visit(browser, f"{stack.api_url}/docs", console) as page:
        yield page


def lightness(page: Page, selector: str, of: Literal["color", "backgroundColor"]) -> float:
    """Of an element's text or background, from 0 to 1; of what is behind a background that cannot be seen."""
    script = """([selector, of]) => {
      let element = document.querySelector(selector), shade;
      do {
        shade = getComputedStyle(element)[of].match(/[0-9.]+/g).map(Number);
        element = element.parentElement;
      } while (shade[3] === 0 && element);
      return (shade[0] * 0.2126 + shade[1] * 0.7152 + shade[2] * 0.0722) / 255;
    }"""
    return float(page.evaluate(script, [selector, of]))


def test_every_operation_is_shown(docs: Page) -> None:
    expect(docs.get_by_role("heading", name="Getthrough")).to_be_visible()
    expect(docs.locator("#viewer .opblock-tag-section .opblock")).to_have_count(len(operations()))


def test_an_example_can_be_sent_as_it_is(docs: Page, stack: Stack) -> None:
    docs.get_by_role("button", name="Authorize").first.click()
    dialog = docs.locator(".modal-ux")
    dialog.get_by_label("Username").fill(stack.client_name)
    dialog.get_by_label("Password").fill(stack.client_secret)
    dialog.get_by_role("button", name="Apply credentials").first.click()
    dialog.get_by_role("button", name="Close").last.click()

    operation = docs.locator("#operations-Messages-sendMessage")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table tr.response .response-col_status")).to_contain_text("202")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_the_light_and_in_the_dark(
    browser: Browser, stack: Stack, console: list[str], scheme: Literal["light", "dark"]
) -> None:
    with visit(browser, f"{stack.api_url}/docs", console, color_scheme=scheme) as page:
        page.locator("#operations-Messages-sendMessage .opblock-summary-control").click()
        expect(page.locator("#operations-Messages-sendMessage .headers td").first).to_be_visible()
        selectors = [".info p", ".opblock-summary-path", "#operations-Messages-sendMessage .headers td.header-col"]

        for selector in selectors:
            contrast = lightness(page, selector, "color") - lightness(page, selector, "backgroundColor")
            assert abs(contrast) > 0.4, selector
            assert (contrast > 0) == (scheme == "dark"), selector
