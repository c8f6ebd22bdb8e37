"""Who may speak with the local ports, by the headers that a browser cannot forge."""

import contextlib
from typing import Any

import pytest

from local.visitors import no_pages, refusal

HERE = "127.0.0.1:8080"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": HERE},
        {"host": "localhost:8080"},
        {"host": "[::1]:8080"},
        {"host": "127.0.0.2:4566"},
        {"host": "host.docker.internal:4566"},
        {"host": HERE, "origin": f"http://{HERE}", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"},
        {"host": HERE, "sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_programs_and_a_ports_own_pages_may(method: str, headers: dict[str, str]) -> None:
    assert refusal(method, headers, shows_pages=False) is None
    assert refusal(method, headers, shows_pages=True) is None


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "is not this computer"),
        ({"host": ""}, "is not this computer"),
        ({"host": "rebound.example:8080"}, "is not this computer"),
        ({"host": "127.0.0.1.example"}, "is not this computer"),
        ({"host": "localhost.example:8080"}, "is not this computer"),
        ({"host": "rebound.example@127.0.0.1.example"}, "is not this computer"),
        ({"host": "[127.0.0.1"}, "is not this computer"),
        ({"host": "0.0.0.0:8080"}, "is not this computer"),
        ({"host": "[::ffff:127.0.0.1]:8080"}, "is not this computer"),
        ({"host": "172.17.0.1:4566"}, "is not this computer"),
        ({"host": HERE, "origin": "http://evil.example"}, "A page of 'http://evil.example'"),
        ({"host": HERE, "origin": "http://127.0.0.1:9999"}, "A page of 'http://127.0.0.1:9999'"),
        ({"host": HERE, "origin": "null"}, "A page of 'null'"),
        ({"host": HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "another site"),
        ({"host": HERE, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, "another site"),
    ],
    ids=str,
)
@pytest.mark.parametrize("shows_pages", [False, True])
def test_other_names_and_other_pages_may_not(headers: dict[str, str], why: str, shows_pages: bool) -> None:
    assert why in (refusal("GET", headers, shows_pages=shows_pages) or "")
    assert why in (refusal("POST", headers, shows_pages=shows_pages) or "")


def test_a_link_of_another_site_opens_a_page_and_does_nothing_else() -> None:
    clicked = {"host": HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}

    assert refusal("GET", clicked, shows_pages=True) is None
    assert refusal("POST", clicked, shows_pages=True) is not None
    assert refusal("GET", clicked, shows_pages=False) is not None


def test_a_browser_is_refused_where_a_get_can_change_something() -> None:
    """It sends no `Sec-Fetch-Site` to an address that it does not trust."""
    browser = {"host": "host.docker.internal:4566", "user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}

    assert refusal("GET", browser, shows_pages=False) == "A browser must not use this port."
    assert refusal("GET", browser, shows_pages=True) is None


def answers(kind: str, path: str, *headers: tuple[bytes, bytes]) -> list[dict[str, Any]]:
    """What a guarded application sends that would share everything."""
    sent: list[dict[str, Any]] = []

    async def shares_everything(scope: Any, receive: Any, send: Any) -> None:
        shared = [(b"Access-Control-Allow-Origin", b"*"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": shared})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": kind, "path": path, "headers": list(headers), **({"method": "GET"} if kind == "http" else {})}
    with contextlib.suppress(StopIteration):  # it waits for nothing, so it needs no loop
        no_pages(shares_everything)(scope, None, send).__await__().__next__()
    return sent


def test_the_emulator_shares_its_answers_with_no_other_origin() -> None:
    plain = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}

    assert answers("http", "/", (b"Host", HERE.encode())) == [plain]


def test_the_emulator_opens_by_no_link_but_what_is_behind_the_api_does() -> None:
    clicked = ((b"host", HERE.encode()), (b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"navigate"))

    assert answers("http", "/", *clicked)[0]["status"] == 403
    assert answers("http", "/_aws/execute-api/1/$default/", *clicked)[0]["status"] == 200
    assert answers("websocket", "/", (b"host", b"rebound.example")) == [{"type": "websocket.close", "code": 1008}]
