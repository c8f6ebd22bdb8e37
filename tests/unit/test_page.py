"""What the console function serves, and how."""

import gzip
import json
import posixpath
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from getthrough.handlers import _assets, console
from tests.builders import api_event
from tests.console_as_deployed import can_be_bundled, functions_as_deployed
from tests.described import DOCUMENT
from tests.unit.test_http import Context
from tools import bundle_console

CONTEXT: Any = Context()
WEB = Path(_assets.__file__).parent.parent / "web"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def get(route: str, name: str | None = None, **headers: str) -> dict[str, Any]:
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return console.handler(api_event(route, path={"file": name} if name else None, headers=named), CONTEXT)


def body(answer: dict[str, Any]) -> bytes:
    content = b64decode(answer["body"])
    return gzip.decompress(content) if answer["headers"].get("content-encoding") == "gzip" else content


@pytest.mark.parametrize(("route", "file"), [("GET /", "index.html"), ("GET /docs", "docs/docs.html")])
def test_a_page_is_its_file(route: str, file: str) -> None:
    answer = get(route)

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    assert body(answer) == (WEB / file).read_bytes()


@pytest.mark.parametrize("route", ["GET /", "GET /docs"])
def test_a_page_that_opened_one_of_ours_has_no_hold_on_it(route: str) -> None:
    assert get(route)["headers"]["cross-origin-opener-policy"] == "same-origin-allow-popups"


@pytest.mark.parametrize("path", ["/inbound/", "/status/", "/Inbound", "//status", "/INBOUND/"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_webhook_at_a_wrong_path_comes_again_and_is_counted(
    method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(console, "count", counted.append)
    event = {**api_event(f"{method} {path}", body="{}"), "routeKey": "$default"}
    assert console.handler(event, CONTEXT)["statusCode"] == 503
    assert counted == ["WebhookMisdirected"]


@pytest.mark.parametrize("path", ["/status", "/inbound/"])
def test_a_method_that_vonage_does_not_use_is_no_webhook(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(console, "count", counted.append)
    event = {**api_event(f"DELETE {path}"), "routeKey": "$default"}
    assert console.handler(event, CONTEXT)["statusCode"] == 404
    assert counted == []


def test_the_description_is_served_as_json() -> None:
    answer = get("GET /openapi.json", accept_encoding="gzip, br")

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(body(answer)) == DOCUMENT


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("swagger-ui-bundle.min.js", "text/javascript", b"SwaggerUIBundle"),
        ("swagger-ui.min.css", "text/css", b".swagger-ui"),
        ("docs/docs.js", "text/javascript", b"/openapi.json"),
    ],
)
def test_the_viewer_comes_from_here(name: str, kind: str, words: bytes) -> None:
    answer = get("GET /assets/{file+}", name)

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert words in body(answer)


@pytest.mark.parametrize("file", ["docs/docs.html", "index.html"])
def test_a_page_asks_only_for_what_is_served(file: str) -> None:
    asked = {line.split('"')[0] for line in (WEB / file).read_text().split('"/assets/')[1:]}

    assert asked
    assert {name for name in asked if get("GET /assets/{file+}", name)["statusCode"] != 200} == set()


PAGE = sorted(
    path.relative_to(WEB).as_posix()
    for path in WEB.rglob("*")
    if path.is_file() and path.parent.name != "docs" and path.suffix != ".json"
)
SCRIPTS = [name for name in PAGE if name.endswith(".js")]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_asks_only_for_what_is_served(script: str) -> None:
    named = re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', (WEB / script).read_text())
    asked = {posixpath.normpath(posixpath.join(posixpath.dirname(script), name)) for name in named}

    assert {name for name in asked if get("GET /assets/{file+}", name)["statusCode"] != 200} == set()


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The console as it is deployed, in place of the one that is served here."""
    if not can_be_bundled():
        pytest.skip("no esbuild: `make test` installs it where Node.js is")
    web = functions_as_deployed(tmp_path) / bundle_console.WEB
    monkeypatch.setattr(_assets, "_WEB", web)
    caches = (_assets._files, _assets._encoded)
    for cache in caches:
        cache.cache_clear()
    yield web
    for cache in caches:
        cache.cache_clear()


def test_the_deployed_console_is_a_few_files_that_browsers_keep(deployed: Path) -> None:
    page = body(get("GET /")).decode()
    asked = re.findall(r'(?:href|src)="/assets/([^"]+)"', page)
    assert [re.sub(r"-[A-Z0-9]{8}", "", name) for name in asked] == [
        "favicon.svg",
        "console.css",
        "console-part.js",
        "console.js",
    ]
    (later,) = re.findall(r'import\("\./([^"]+)"\)', body(get("GET /assets/{file+}", asked[3])).decode())
    answers = [get("GET /assets/{file+}", name) for name in (*asked, later)]
    assert [(answer["statusCode"], answer["headers"]["cache-control"]) for answer in answers] == [
        (200, "no-cache"),
        *[(200, "public, max-age=31536000, immutable")] * 4,
    ]
    assert get("GET /")["headers"]["cache-control"] == "no-cache"
    kept = {path.relative_to(deployed).as_posix() for path in deployed.rglob("*") if path.is_file()}
    others = {"docs/docs.css", "docs/docs.html", "docs/docs.js", "index.html", "openapi.json", "vendor/LICENSES.txt"}
    assert kept == {*asked, later, *others}


@pytest.mark.usefixtures("deployed")
def test_opening_the_deployed_console_takes_less_than_70_kb_over_the_wire() -> None:
    page = get("GET /", accept_encoding="gzip")
    names = set(re.findall(r'"/assets/([^"]+)"', body(page).decode()))
    answers = [page, *(get("GET /assets/{file+}", name, accept_encoding="gzip") for name in names)]

    assert 40_000 < sum(len(b64decode(answer["body"])) for answer in answers) < 70_000


@pytest.mark.parametrize(
    ("route", "pictures"),
    [("GET /", "'self' data: https:"), ("GET /docs", "'self' data:"), ("GET /openapi.json", "'self' data:")],
)
def test_nothing_may_be_loaded_from_elsewhere_but_the_pictures_of_the_form(route: str, pictures: str) -> None:
    policy = get(route)["headers"]["content-security-policy"]
    assert policy == CONTENT_SECURITY_POLICY.format(pictures=pictures)


@pytest.mark.parametrize("route", ["GET /", "GET /docs", "GET /openapi.json"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_what_is_known_already_is_304_without_a_body(route: str, encoding: str) -> None:
    first = get(route, accept_encoding=encoding)
    again = get(route, accept_encoding=encoding, if_none_match=first["headers"]["etag"])

    assert again == {"statusCode": 304, "headers": first["headers"]}
    assert get(route, accept_encoding=encoding, if_none_match='"other"') == first


def test_a_compressed_file_is_another_one() -> None:
    plain, zipped = get("GET /openapi.json"), get("GET /openapi.json", accept_encoding="gzip")

    assert plain["headers"]["etag"] != zipped["headers"]["etag"]
    assert "content-encoding" not in plain["headers"]
    assert body(plain) == body(zipped)
    assert len(zipped["body"]) < len(plain["body"]) / 5


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "../config.py",
        "..%2Fconfig.py",
        "/etc/passwd",
        "oauth2.py",
        "html.py",
        "app.js",
        "shell/../index.html",
    ],
)
def test_no_other_name_reaches_a_file(name: str) -> None:
    answer = get("GET /assets/{file+}", name)

    assert (answer["statusCode"], json.loads(answer["body"])["title"]) == (404, "Not Found")


@pytest.mark.parametrize("route", ["$default", "GET /assets/{file+}"])
def test_an_unknown_route_is_a_problem_that_says_where_to_look(route: str) -> None:
    answer = get(route)

    assert answer["statusCode"] == 404
    assert "GET /openapi.json" in json.loads(answer["body"])["detail"]
