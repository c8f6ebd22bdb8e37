"""The page with the phones: what is served, and that it stays on this machine."""

import re

import pytest

from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.server import PAGE
from tests.simulator.client import Client


def test_the_page_and_what_it_loads_are_served_from_here_alone(client: Client) -> None:
    page = client.http.get(client.url, timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    loaded = set(re.findall(r'(?:src|href)="(/[^"]+)"', page.text))
    assert loaded == {f"/page/{path.name}" for path in PAGE.iterdir()} - {"/page/index.html"}
    assert {client.http.get(client.url + path, timeout=5).status_code for path in loaded} == {200}


@pytest.mark.parametrize("name", sorted(path.name for path in PAGE.iterdir()))
def test_no_file_names_another_host(name: str) -> None:
    hosts = re.findall(r"(?:https?:)?//([a-z][\w.-]+\.\w+)", (PAGE / name).read_text(encoding="utf-8"))
    assert set(hosts) <= {"www.w3.org"}


@pytest.mark.parametrize("name", sorted(path.name for path in PAGE.glob("*.js")))
def test_no_script_writes_markup(name: str) -> None:
    script = (PAGE / name).read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def test_the_page_can_learn_where_the_webhooks_go(client: Client, config: SimulatorConfig) -> None:
    reported = {
        "status_url": config.status_url,
        "inbound_url": config.inbound_url,
        "speed": config.speed,
        "sends": False,
    }
    assert client.get("/about") == reported


def test_without_a_client_of_the_api_the_page_sends_nothing(client: Client) -> None:
    assert client.http.post(f"{client.url}/send", json={}, timeout=5).status_code == 404


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fserver.py", "%2e%2e/server.py"])
def test_nothing_else_is_served(client: Client, name: str) -> None:
    assert client.http.get(f"{client.url}/page/{name}", timeout=5).status_code == 404
