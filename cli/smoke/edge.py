"""Checks of what anybody can reach: the console, unknown routes, the webhooks."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import jwt

from cli.api import CONNECTIONS, Answer, Api, NoAnswerError
from cli.smoke.finding import Finding, failed, passed

MOST_FILES = 500

_IMPORT = re.compile(r"""\b(?:from|import)[ ]?\(?[ ]?["'](\.{1,2}/[^"'\n]{1,200}|/[^"'\n]{1,200})["']""")
"""The address of a module in `import … from "./a.js"`, `import "./a.js"`, `import("./a.js")` and `export … from`."""


def console(api: Api) -> Finding:
    """Load the console as a browser does: what a file names is loaded at once, in parallel."""
    loaded: dict[str, int] = {}
    wanted = ["/"]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        while wanted and len(loaded) < MOST_FILES:
            answers = list(pool.map(lambda path: _load(api, path), wanted))
            loaded |= {path: status for path, (status, _) in zip(wanted, answers, strict=True)}
            named = {link for path, (_, text) in zip(wanted, answers, strict=True) for link in _links(path, text)}
            wanted = sorted(named - loaded.keys())
    broken = Counter(status for status in loaded.values() if status != 200)
    if broken:
        statuses = ", ".join(f"{count} with {status or 'no answer'}" for status, count in sorted(broken.items()))
        return failed(
            f"{broken.total()} of the console's {len(loaded)} files did not load ({statuses}).",
            "429 and 5xx mean too few concurrent invocations, or a function that fails: look at the check of the "
            "account's concurrency, and at the logs of the function that serves the console. 404 means a bundle "
            "without that file: build and deploy again.",
        )
    if len(loaded) < 2:
        return failed(
            "The console's address answers a page that loads nothing.",
            "Another program answers at that address: compare it with the stack's output ApiUrl.",
        )
    return passed(f"The console and its {len(loaded) - 1} files load in parallel.")


def _load(api: Api, path: str) -> tuple[int, str]:
    try:
        answer = api.call("GET", path, authenticated=False)
    except NoAnswerError:
        return 0, ""
    return answer.status, answer.text if answer.status == 200 else ""


def _links(path: str, text: str) -> Iterator[str]:
    """Paths on this origin that a page or a script loads."""
    found = _IMPORT.findall(text) if path.endswith(".js") else _loaded_by_page(text) if "<html" in text[:500] else []
    for link in found:
        absolute = urlsplit(urljoin(f"https://here{path}", urldefrag(link).url))
        if absolute.netloc == "here":
            yield absolute.path


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        wanted = given.get("href") if tag == "link" else given.get("src") if tag in ("script", "img") else None
        if wanted and not wanted.startswith("data:"):
            self.loads.append(wanted)


def _loaded_by_page(text: str) -> list[str]:
    page = _Page()
    page.feed(text)
    return page.loads


def unknown_route(api: Api) -> Finding:
    """A route that does not exist is answered by us, with problem details."""
    answer = api.call("GET", "/no-such-route", authenticated=False)
    if answer.status == 404 and _is_problem(answer):
        return passed("An unknown route is answered 404 with our problem details.")
    return failed(
        _wrong("An unknown route", answer, 404),
        "The API's $default route does not reach the function that serves the console: deploy again.",
    )


def _wrong(what: str, answer: Answer, wanted: int) -> str:
    kind = answer.content_type or "nothing"
    return f"{what} is answered {answer.status} as {kind}, not {wanted} with our problem details."


def _is_problem(answer: Answer) -> bool:
    body = answer.body
    is_ours = isinstance(body, dict) and {"type", "title", "detail", "instance"} <= body.keys()
    return answer.content_type == "application/problem+json" and is_ours


WEBHOOK = b'{"message_uuid":"00000000-0000-4000-8000-000000000000","status":"delivered"}'
"""Always the same bytes: what is kept of a forged webhook is kept once, however often this runs."""


UNSIGNED = b'{"status":"delivered"}'
"""It looks like no one's webhook, so that `getthrough doctor` does not take it for Vonage's."""


def unsigned_webhook(api: Api) -> Finding:
    answer = api.call("POST", "/status", UNSIGNED, authenticated=False)
    if answer.status == 503 and _is_problem(answer):
        return passed("A webhook without a signature is answered 503, so that Vonage sends it again, signed.")
    return failed(
        _wrong("A webhook without a signature", answer, 503),
        _accepted("unsigned") if answer.status < 300 else _LOGS,
    )


def forged_webhook(api: Api) -> Finding:
    claims = {
        "iss": "Vonage",
        "iat": int(time.time()),
        "api_key": "smoke",
        "payload_hash": hashlib.sha256(WEBHOOK).hexdigest(),
    }
    token = jwt.encode(claims, secrets.token_urlsafe(48), algorithm="HS256")
    answer = api.call("POST", "/status", WEBHOOK, headers={"authorization": f"Bearer {token}"}, authenticated=False)
    if answer.status == 401 and _is_problem(answer):
        return passed("A webhook with a forged signature is answered 401.")
    return failed(
        _wrong("A webhook with a forged signature", answer, 401),
        _accepted("forged") if answer.status < 300 else _LOGS,
    )


def _accepted(kind: str) -> str:
    return f"Take the stack out of use: it accepts {kind} webhooks, so anybody could report messages as delivered."


_LOGS = "Look at the logs of StatusFunction; with an empty secret it cannot verify anything."
