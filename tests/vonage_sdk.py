"""Vonage's official Python SDK, pointed at a server on this machine."""

from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from vonage import Auth, HttpClientOptions, Vonage  # type: ignore[import-untyped]


class PlainHttp(HTTPAdapter):
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        assert request.url is not None
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def vonage_sdk(url: str, auth: Auth, timeout: int = 30) -> Vonage:
    """The SDK as everyone makes it, with another host. It speaks only https: its transport alone is bent to http."""
    sdk = Vonage(auth, HttpClientOptions(api_host=url.removeprefix("http://"), timeout=timeout))
    sdk.http_client._session.mount("https://", PlainHttp())
    return sdk
