"""axe-core on every view, in the light and in the dark, on a telephone and on a large screen: it finds nothing."""

import functools
import itertools
from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_lighthouse import AUDITS
from tests.e2e.test_windows_view import count
from tests.e2e.visitor import add_fallback, fill_contact, message, sign_in, visit
from tests.needs import node_packages
from tests.running_stack import Stack, new_number

SCHEMES: dict[Literal["light", "dark"], list[str]] = {"light": [], "dark": ["color-contrast", "link-in-text-block"]}
"""In the dark only colours are others, and these are the rules about colours."""
COLOURS_HAVE_CHANGED = """async () => {
    await new Promise(requestAnimationFrame);
    const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.all(transitions.map((one) => one.finished.catch(() => {})));
}"""
SIZES = [(390, 844), (1440, 900)]
# Swagger UI's own markup: links inside the button that opens an operation, and headings h1, h3.
NOT_OURS = {"docs": {"nested-interactive", "heading-order"}}


class Scene(NamedTuple):
    """What there is to be seen: a dispatch that failed over and one whose window runs, and who was written to."""

    stack: Stack
    failed_over: str
    waiting: str
    number: str


@functools.cache
def axe() -> str:
    """Its script."""
    return (node_packages(AUDITS) / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scene:
    """Something in every list."""
    first, second, silent = new_number(), new_number(), new_number()
    stack.simulator("PUT", f"/phones/sms/{first}", {"mode": "blocked"})
    stack.simulator("PUT", f"/phones/sms/{silent}", {"mode": "airplane"})
    text = {"channel": "sms", "message_type": "text", "text": "Your cupcakes are ready!", "from": "Bakery"}

    def accepted(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = stack.api("POST", path, body)
        assert answer.status_code in {201, 202}, answer.text
        reported: dict[str, Any] = answer.json()
        return reported

    fallback = {**text, "channel": "whatsapp", "from": "447700900001", "to": second}
    failed_over = accepted("/v1/messages", {**text, "to": first, "failover": [fallback]})["workflow_id"]
    waiting = accepted("/v1/messages", {**text, "to": silent, "expiry_time": 600, "failover": [fallback]})
    stack.wait_for_dispatch(failed_over, lambda dispatch: dispatch["outcome"] is not None)
    stack.simulator("POST", f"/phones/whatsapp/{second}/reply", {"text": "Lovely!"})
    daily = {"cron": "0 9 * * *", "time_zone": "Europe/London"}
    accepted("/v1/schedules", {"message": {**text, "to": second}, **daily})
    recipients = [{"to": new_number(), "variables": {"name": name}} for name in ("Ann", "Bob")]
    accepted("/v1/batches", {"message": {**text, "text": "Hello {{ name }}"}, "recipients": recipients})
    return Scene(stack, failed_over, waiting["workflow_id"], second)


def signing_in(page: Page, scene: Scene) -> None:
    page.goto(scene.stack.api_url)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def sending(page: Page, scene: Scene) -> None:
    signed_in(page, scene, "")
    message(page).fill("Your cupcakes are ready! 🧁")
    fill_contact(page, "First contact", "SMS", "447700900001", "Bakery")
    add_fallback(page)
    fill_contact(page, "Fallback 1", "WhatsApp", "447700900002", "447700900001")
    page.get_by_role("radio", name="Repeat").check()


def a_dispatch(page: Page, scene: Scene) -> None:
    signed_in(page, scene, f"#/dispatches/{scene.failed_over}")
    expect(page.get_by_role("heading", name="was delivered")).to_be_visible()


def a_dispatch_under_way(page: Page, scene: Scene) -> None:
    signed_in(page, scene, f"#/dispatches/{scene.waiting}")
    expect(page.get_by_role("heading", name="is on its way")).to_be_visible()


def dispatches(page: Page, scene: Scene) -> None:
    listed(page, scene, "Messages", "#/dispatches")


def conversations(page: Page, scene: Scene) -> None:
    listed(page, scene, "Inbox", "#/inbox")
    # Not the scene's own customer: other tests of this stack may have pushed them off the first page of the list.
    page.get_by_role("list", name="Customers who wrote").get_by_role("link").first.click()
    expect(page.get_by_role("log", name="Messages").get_by_role("listitem")).not_to_have_count(0)


def planned(page: Page, scene: Scene) -> None:
    """Schedules and batches."""
    listed(page, scene, "Planned", "#/planned")


def a_customer(page: Page, scene: Scene) -> None:
    listed(page, scene, "Customers", "#/customers")
    page.get_by_role("searchbox", name="Customer").fill(scene.number)
    page.get_by_role("searchbox", name="Customer").press("Enter")
    expect(page.locator("#customer-messages a")).not_to_have_count(0)
    expect(page.locator("#consent")).to_be_visible()


def problems(page: Page, scene: Scene) -> None:
    listed(page, scene, "Problems", "#/problems")
    expect(page.locator("#dead-letters > li")).not_to_have_count(0)


def activity(page: Page, scene: Scene) -> None:
    listed(page, scene, "Activity", "#/activity")
    expect(page.locator("#activity-rows > li")).not_to_have_count(0)


def windows(page: Page, scene: Scene) -> None:
    for channel in ("sms", "whatsapp"):
        count(scene.stack, channel, "354", {"a12": 30, "c20": 12})
    listed(page, scene, "Windows", "#/windows?channel=sms&country=354")
    expect(page.get_by_role("slider", name="Window")).to_be_visible()


def settings(page: Page, scene: Scene) -> None:
    version = scene.stack.api("GET", "/v1/settings").json()["version"]
    plan = {"name": "SMS, then WhatsApp", "steps": [{"channel": "sms", "expiry_time": 120}, {"channel": "whatsapp"}]}
    saved = {"version": version, "senders": [{"channel": "sms", "from": "Bakery"}], "plans": [plan]}
    assert scene.stack.api("PUT", "/v1/settings", saved).status_code == 200
    listed(page, scene, "Settings", "#/settings")
    expect(page.locator("#saved-plan-list li")).to_have_count(1)
    assert scene.stack.api("PUT", "/v1/settings", {"version": version + 1}).status_code == 200


def the_command_menu(page: Page, scene: Scene) -> None:
    listed(page, scene, "Messages", "#/dispatches")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("listbox", name="Commands").get_by_role("option", name="Planned")).to_be_visible()


def a_batch(page: Page, scene: Scene) -> None:
    listed(page, scene, "Batches", "#/batches")
    page.get_by_role("main").get_by_role("link", name="SMS to 2 recipients").first.click()
    expect(page.get_by_role("heading", name="Batch", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#batch-dispatches a")).not_to_have_count(0)


def a_new_batch(page: Page, scene: Scene) -> None:
    listed(page, scene, "Send to many", "#/batches/new")
    page.get_by_role("textbox", name="From", exact=True).fill("BAKERY")
    page.get_by_label("Try another channel if it isn").check()
    page.get_by_label("Sender").fill("447700900100")
    page.get_by_label("Recipients").fill("447700900001, Ann, 3")
    expect(page.get_by_text("Line 1 has 3 columns")).to_be_visible()
    page.get_by_label("Recipients").fill("447700900001, Ann")
    message(page).fill("Hello {{ name }}")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("button", name="Send me a test")).to_be_visible()


def a_lost_connection(page: Page, scene: Scene) -> None:
    listed(page, scene, "Planned", "#/planned")
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_role("button", name="Try now")).to_be_visible()


def phones(page: Page, scene: Scene) -> None:
    page.goto(scene.stack.simulator_url)
    for name in ("Add a phone", "Faults", "Example"):
        page.get_by_role("button", name=name).click()
    page.get_by_role("searchbox", name="Find a phone").fill(scene.number)
    expect(page.get_by_role("article", name=f"WhatsApp {scene.number}").get_by_role("listitem")).not_to_have_count(0)


def docs(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.stack.api_url}/docs")
    expect(page.get_by_role("heading", name="Getthrough")).to_be_visible()


def signed_in(page: Page, scene: Scene, place: str) -> None:
    page.goto(scene.stack.api_url)
    sign_in(page, scene.stack)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto(f"{scene.stack.api_url}/{place}")


def listed(page: Page, scene: Scene, name: str, place: str) -> None:
    """A view, with what it lists."""
    signed_in(page, scene, place)
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.wait_for_load_state("networkidle")


VIEWS = [
    *(signing_in, sending, a_dispatch, a_dispatch_under_way),
    *(dispatches, conversations, planned, a_batch, a_new_batch),
    *(a_customer, problems, activity, windows, settings, the_command_menu, a_lost_connection, phones, docs),
]


def violations(page: Page, passed_over: Collection[str] = (), rules: Collection[str] = ()) -> list[str]:
    """Each as "rule: element: what to do". Without rules all are tried."""
    page.evaluate(axe())
    options = {"resultTypes": ["violations"], **({"runOnly": [*rules]} if rules else {})}
    found = page.evaluate("(options) => axe.run(options).then((result) => result.violations)", options)
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for rule in found
        if rule["id"] not in passed_over
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_axe_finds_nothing_in_the_light_and_in_the_dark(
    browser: Browser, scene: Scene, console: list[str], view: Callable[[Page, Scene], None]
) -> None:
    url = scene.stack.simulator_url if view is phones else scene.stack.api_url
    with visit(browser, url, console) as page:
        view(page, scene)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found = []
        for (scheme, rules), (width, height) in itertools.product(SCHEMES.items(), SIZES):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(COLOURS_HAVE_CHANGED)
            ours = violations(page, NOT_OURS.get(view.__name__, ()), rules)
            found += [f"{scheme}, {width}: {one}" for one in ours]
    assert found == []
