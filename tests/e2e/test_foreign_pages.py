"""What a page of another site can do with the local stack while a developer's browser shows it: nothing."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import ARGUMENTS
from tests.running_stack import Stack, new_number
from tools.browser import found

FOREIGN, REBOUND = "foreign.example", "rebound.example"
TO_HERE = f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1,MAP {REBOUND} 127.0.0.1"

ASK = """async ([url, init]) => {
  try {
    const answer = await fetch(url, init);
    return {status: answer.status, text: await answer.text()};
  } catch (error) {
    return {status: 0, text: String(error)};
  }
}"""


@pytest.fixture(scope="module")
def foreign_url() -> Iterator[str]:
    """A site of a stranger, with an empty page."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Cats</title>")

        def log_message(self, *_: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{FOREIGN}:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="module")
def deceived(browser: Browser) -> Iterator[Browser]:
    """A browser for which two names of strangers lead to this computer."""
    with browser.browser_type.launch(executable_path=found(), args=[*ARGUMENTS, TO_HERE]) as deceived:
        yield deceived


@pytest.fixture
def foreign_page(deceived: Browser, foreign_url: str) -> Iterator[Page]:
    """A visit to that site."""
    page = deceived.new_page()
    page.goto(foreign_url)
    yield page
    page.close()


def ask(page: Page, url: str, **init: Any) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(ASK, [url, init])
    return answer


def test_it_does_not_read_the_private_key_from_the_emulator(foreign_page: Page, stack: Stack) -> None:
    """With everything that the emulator asks for: its credentials are known to all."""
    body = json.dumps({"SecretId": stack.secret_id})
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", stack.aws_endpoint + "/", headers, body)
    SigV4Auth(Credentials("test", "test"), "secretsmanager", stack.region).add_auth(request)
    signed = {name: value for name, value in request.headers.items() if name.lower() != "host"}

    answer = ask(foreign_page, stack.aws_endpoint + "/", method="POST", headers=signed, body=body)

    assert answer == {"status": 0, "text": "TypeError: Failed to fetch"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_of_any_port_can_be_read_by_it(foreign_page: Page, stack: Stack, method: str) -> None:
    for url in (stack.aws_endpoint, stack.api_url, stack.simulator_url):
        assert ask(foreign_page, f"{url}/phones", method=method)["status"] == 0


def test_it_cannot_write_from_a_customers_phone(foreign_page: Page, stack: Stack) -> None:
    """`no-cors` sends without asking first; a phone takes JSON, whatever it is called."""
    number = new_number()
    stack.simulator("PUT", f"/phones/sms/{number}", {"mode": "on"})
    reply = {"method": "POST", "mode": "no-cors", "body": json.dumps({"text": "STOP", "to": "Bakery"})}

    ask(foreign_page, f"{stack.simulator_url}/phones/sms/{number}/reply", **reply)

    assert stack.simulator("GET", f"/phones/sms/{number}")["messages"] == []


def test_it_cannot_send_a_message(foreign_page: Page, stack: Stack) -> None:
    number = new_number()
    message = {"channel": "sms", "message_type": "text", "to": number, "from": "Bakery", "text": "Hello"}

    ask(foreign_page, f"{stack.api_url}/v1/messages", method="POST", mode="no-cors", body=json.dumps(message))

    assert stack.simulator("GET", f"/requests?to={number}") == []


@pytest.mark.parametrize("port", ["aws_endpoint", "api_url", "simulator_url"])
def test_a_strangers_name_for_this_computer_opens_no_port(deceived: Browser, stack: Stack, port: str) -> None:
    url = f"http://{REBOUND}:{urlsplit(getattr(stack, port)).port}/"
    opened = deceived.new_page()

    answer = opened.goto(url)

    assert answer is not None
    assert (answer.status, "rebound.example" in answer.text()) == (403, True)
    assert ask(opened, f"{url}phones")["status"] == 403
    opened.close()


@pytest.mark.parametrize("port", ["api_url", "simulator_url"])
def test_a_link_of_it_opens_the_console_and_the_phones(foreign_page: Page, stack: Stack, port: str) -> None:
    foreign_page.set_content(f'<a href="{getattr(stack, port)}/">here</a>')
    with foreign_page.expect_navigation() as navigation:
        foreign_page.get_by_role("link").click()
    assert navigation.value is not None
    assert navigation.value.status == 200
