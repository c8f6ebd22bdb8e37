"""The common part of the functions that clients call: authenticate the caller and read the request."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple

from getthrough.config import ApiConfig
from getthrough.domain.client.scopes import Client, permit
from getthrough.domain.values import strict_json
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.handlers._audit import audited
from getthrough.handlers._http import (
    MAX_BODY,
    Event,
    Handler,
    Response,
    answers_problems,
    body_bytes,
    codec_of,
    header,
    parse_json,
    refuse_cross_site,
)
from getthrough.handlers._sign_in import sign_in
from getthrough.observability import Context


class ClientRequest(NamedTuple):
    """A request of an authenticated client. `instance` is its id in the logs."""

    event: Event
    instance: str
    client: Client
    body: bytes
    codec: str

    @property
    def client_name(self) -> str:
        return self.client.name

    @property
    def route(self) -> str:
        """Method and path as in the template: `GET /v1/dispatches/{dispatch_uuid}`."""
        return str(self.event["routeKey"])

    @property
    def path(self) -> Mapping[str, str]:
        """The path parameters."""
        return self.event.get("pathParameters") or {}

    @property
    def query(self) -> Mapping[str, str]:
        return self.event.get("queryStringParameters") or {}

    def header(self, name: str) -> str | None:
        return header(self.event, name)

    def json(self, most_values: int = strict_json.MAX_VALUES) -> Any:
        return parse_json(self.body, most_values, self.codec)

    def fields(self, *known: str) -> tuple[Mapping[str, Any], list[Violation]]:
        """The fields of a body that may be empty, and a violation for each that is not known."""
        fields = self.json() if self.body else {}
        if not isinstance(fields, dict):
            raise InvalidRequestError(Violation("body", "must be a JSON object."))
        return fields, [Violation(name, "is not a field of this request.") for name in fields if name not in known]


def for_clients(
    config: type[ApiConfig], longest_body: int = MAX_BODY
) -> Callable[[Callable[[ClientRequest], Response]], Handler]:
    """Make a handler for routes that only clients may call. 401 without valid credentials, 403 for a client without
    the route's scope and for a request from a page of another site, 413 if the body is too long, 415 if it isn't
    JSON."""

    def decorate(handle: Callable[[ClientRequest], Response]) -> Handler:
        @answers_problems
        @wraps(handle)
        def handler(event: Event, context: Context) -> Response:
            refuse_cross_site(event)
            body = body_bytes(event, longest_body)
            settings = config.from_env()
            client = sign_in(event, settings)
            permit(client, event["routeKey"])
            changes = event["routeKey"].startswith(("POST ", "PUT ", "PATCH "))
            codec = codec_of(event) if body and changes else "utf-8"
            return audited(ClientRequest(event, context.aws_request_id, client, body, codec), settings, handle)

        return handler

    return decorate
