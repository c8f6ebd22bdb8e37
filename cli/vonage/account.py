"""The operator's account at Vonage over HTTP: the Application API v2, numbers, balance and settings.

All of it is authenticated by the account's API key and secret, which come from the environment or a prompt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from getpass import getpass
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from cli.errors import OperatorError
from cli.secret.content import api_key as checked_key
from cli.vonage.application import Application

API, REST = "https://api.nexmo.com", "https://rest.nexmo.com"
SECONDS = 20
PER_PAGE = 100


class VonageAccount:
    """Every method raises OperatorError with a sentence if Vonage does not do it."""

    def __init__(self, api_key: str, api_secret: str, environ: Mapping[str, str] = os.environ) -> None:
        self.api_key = checked_key(api_key)
        self._auth = HTTPBasicAuth(api_key, api_secret)
        one_host = environ.get("VONAGE_ACCOUNT_URL", "").rstrip("/")
        self._api, self._rest = one_host or API, one_host or REST

    def application(self, application_id: str) -> Application | None:
        """None if this account has none of this id."""
        found = self._call("GET", f"{self._api}/v2/applications/{application_id}", missing_is_none=True)
        return None if found is None else dict(found)

    def applications(self) -> Iterator[Application]:
        page = 1
        while True:
            found = self._call("GET", f"{self._api}/v2/applications", params={"page_size": PER_PAGE, "page": page})
            yield from found.get("_embedded", {}).get("applications", [])
            if page >= found.get("total_pages", 1):
                return
            page += 1

    def create(self, application: Application) -> Application:
        return dict(self._call("POST", f"{self._api}/v2/applications", json=application))

    def replace(self, application_id: str, application: Application) -> None:
        """Write the whole application: what is not in it is gone."""
        self._call("PUT", f"{self._api}/v2/applications/{application_id}", json=application)

    def balance(self) -> float:
        """In euros."""
        return float(self._call("GET", f"{self._rest}/account/get-balance")["value"])

    def messages_per_second(self) -> int | None:
        """What the account may send; None where Vonage does not tell. Without fields the call changes nothing."""
        found = self._call("POST", f"{self._rest}/account/settings").get("max-outbound-request")
        return int(found) if isinstance(found, int | str) and str(found).isdecimal() else None

    def link(self, number: str, application_id: str) -> bool:
        """Link a number of the account to an application; False if it was linked to it before."""
        found = self._call("GET", f"{self._rest}/account/numbers", params={"pattern": number, "search_pattern": 1})
        rented = next((one for one in found.get("numbers", []) if one["msisdn"] == number), None)
        if rented is None:
            raise OperatorError(f"your Vonage account has no number {number}: rent it first, or name another.")
        if rented.get("app_id") == application_id:
            return False
        form = {"country": rented["country"], "msisdn": number, "app_id": application_id}
        self._call("POST", f"{self._rest}/number/update", data=form)
        return True

    def _call(self, method: str, url: str, *, missing_is_none: bool = False, **given: Any) -> Any:
        what = f"{method} {url.split('/', 3)[3]}"
        try:
            answer = requests.request(
                method, url, auth=self._auth, timeout=(5, SECONDS), allow_redirects=False, **given
            )
        except requests.RequestException as error:
            raise OperatorError(
                f"Vonage did not answer {what} ({type(error).__name__}): check the network and run this again."
            ) from None
        if answer.status_code == 404 and missing_is_none:
            return None
        if answer.status_code == 401:
            raise OperatorError(
                "Vonage does not know this API key and secret: copy both from the top of Vonage's dashboard."
            )
        if answer.status_code >= 300:
            raise OperatorError(f"Vonage refused {what} ({answer.status_code}): {_words(answer)}.")
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise OperatorError(f"Vonage's response to {what} is no JSON: run this again in a minute.") from None


def _words(answer: requests.Response) -> str:
    try:
        problem = answer.json()
        invalid = (f" {one['name']} {one['reason']}" for one in problem.get("invalid_parameters", []))
        said = problem.get("detail") or problem.get("error-code-label") or problem.get("title")
        return f"{said}{''.join(invalid)}"[:300].rstrip(".")
    except (ValueError, AttributeError, KeyError, TypeError):
        return "it gave no reason"


def from_operator(
    api_key: str | None = None, environ: Mapping[str, str] = os.environ, ask: Callable[[str], str] | None = None
) -> VonageAccount:
    """The account of VONAGE_API_KEY and VONAGE_API_SECRET, or of what is typed at a prompt. `api_key` is the one that
    the stack's secret holds, which need not be asked for."""
    key = (
        environ.get("VONAGE_API_KEY")
        or api_key
        or needed("VONAGE_API_KEY", "Vonage API key (at the top of Vonage's dashboard): ", ask)
    )
    secret = environ.get("VONAGE_API_SECRET") or needed(
        "VONAGE_API_SECRET", "Vonage API secret (at the top of Vonage's dashboard): ", ask
    )
    return VonageAccount(key, secret, environ)


def needed(variable: str, question: str, ask: Callable[[str], str] | None = None) -> str:
    """What a person types, unseen; OperatorError where no one can."""
    if ask is None and not sys.stdin.isatty():
        raise OperatorError(f"{variable} is needed, and there is no terminal to ask at: set it in the environment.")
    return (ask or getpass)(question).strip()
