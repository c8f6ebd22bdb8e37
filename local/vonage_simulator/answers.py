"""Vonage's responses, status and body, as the API reference and its gateway give them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ERRORS = "https://developer.vonage.com/api-errors"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, Any] | str

    @property
    def content_type(self) -> str:
        return "text/html" if isinstance(self.body, str) else "application/json"

    @property
    def text(self) -> str:
        return self.body if isinstance(self.body, str) else json.dumps(self.body)


@dataclass(frozen=True)
class Invalid:
    """One wrong field: `failover[0].text`, `must be at most 1000 characters long.`"""

    name: str
    reason: str


def problem(status: int, type_: str, title: str, detail: str, invalid: Sequence[Invalid] = ()) -> Answer:
    body: dict[str, Any] = {
        "type": f"{ERRORS}{type_}",
        "title": title,
        "detail": detail,
        "instance": uuid.uuid4().hex,
    }
    if invalid:
        body["invalid_parameters"] = [{"name": item.name, "reason": item.reason} for item in invalid]
    return Answer(status, body)


# type, title, detail; the first misspelling is Vonage's own
_PROBLEMS = {
    401: (
        "/#unathorized",
        "You did not provide correct credentials.",
        "Check that you're using the correct credentials, and that your account has this feature enabled",
    ),
    402: (
        "/#low-balance",
        "Low balance",
        "This request could not be performed due to your account balance being low.",
    ),
    403: ("#forbidden", "Forbidden", "Your account does not have permission to perform this action."),
    404: ("#not-found", "Not Found", "There is no message with this id."),
    429: ("/messages#1000", "Rate Limit Hit", "Please wait, then retry your request"),
    500: (
        "/messages#1000",
        "Internal error",
        "There was an error processing your request in the Platform.",
    ),
}
# What stands before the API answers these; Vonage publishes no body for them, so they come as a proxy's page:
# a client that expects JSON from every error shows it here.
_PROXY = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}

STATUSES = frozenset(_PROBLEMS) | frozenset(_PROXY) | {422}


def standard(status: int) -> Answer:
    """The usual body of an error status."""
    if status in _PROXY:
        line = f"{status} {_PROXY[status]}"
        return Answer(status, f"<html><head><title>{line}</title></head><body><h1>{line}</h1></body></html>")
    if status == 422:
        return invalid_params([Invalid("to", "is not accepted by this simulator's fault.")])
    return problem(status, *_PROBLEMS[status])


def wrong_application() -> Answer:
    return problem(
        401,
        "/#unprovisioned",
        "The credentials provided do not have access to the requested product",
        "Check your API key is correct and has been whitelisted",
    )


def invalid_json(reason: str) -> Answer:
    return problem(422, "#invalid-json", "The request body did not contain valid JSON", reason)


def unsupported_operation() -> Answer:
    body = {
        "type": "",  # published so
        "title": "Operation not supported",
        "detail": "This operation is not supported for this channel.",
        "instance": uuid.uuid4().hex,
    }
    return Answer(422, body)


def invalid_channel() -> Answer:
    return problem(422, "/messages#1100", "Unsupported channel", "The specified channel is not supported.")


def invalid_message_type() -> Answer:
    detail = "The `message_type` parameter is invalid for the given channel."
    return problem(422, "/messages#1140", "Invalid message type", detail)


def invalid_sender() -> Answer:
    detail = "The `from` parameter is invalid for the given channel."
    return problem(422, "/messages#1120", "Invalid sender", detail)


def invalid_recipient() -> Answer:
    detail = "The `to` parameter is invalid for the given channel."
    return problem(422, "/messages#110", "Invalid recipient", detail)


def invalid_client_ref() -> Answer:
    detail = "The client reference can be a string of up to 100 characters."
    return problem(422, "/messages#1060", "Invalid client reference", detail)


def invalid_channel_params(invalid: Sequence[Invalid]) -> Answer:
    detail = "The value of one or more parameters is invalid."
    return problem(422, "/messages#1110", "Invalid channel parameters", detail, invalid)


def invalid_params(invalid: Sequence[Invalid]) -> Answer:
    detail = "The value of one or more parameters is invalid."
    return problem(422, "/messages#1150", "Invalid params", detail, invalid)
