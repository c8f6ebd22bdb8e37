"""Who calls the API: client name and secret, or a token of the application's key."""

import base64
import hashlib

import pytest

from getthrough.adapters.client_credentials import authenticate
from getthrough.adapters.secrets import ClientRecord, Clients
from getthrough.domain.client.scopes import EVERY_SCOPE, SEND_AND_READ, Client
from getthrough.domain.values.errors import UnauthenticatedError
from tests.builders import basic
from tests.secret import CLIENT, CLIENT_SECRET, SALT, Secret, make_secret

SECRET = make_secret()


def signed_in(authorization: str | None, known: Clients, route: str = "POST /v1/messages") -> Client:
    return authenticate(authorization, known, route)


def basic_header(name: str, secret: str) -> str:
    return basic(name, secret)["authorization"]


def encoded(content: bytes) -> str:
    return "Basic " + base64.b64encode(content).decode()


def test_a_client_is_known_by_name_and_secret() -> None:
    assert signed_in(basic_header(CLIENT, CLIENT_SECRET), SECRET) == Client(CLIENT, EVERY_SCOPE)


@pytest.mark.parametrize("scheme", ["basic ", "BASIC ", "  Basic  "])
def test_the_scheme_is_read_as_http_has_it(scheme: str) -> None:
    credentials = basic_header(CLIENT, CLIENT_SECRET).removeprefix("Basic ")
    assert signed_in(scheme + credentials, SECRET).name == CLIENT


@pytest.mark.parametrize("given", ["a:b", ":", "with spaces", "\u00fcn\u00efc\u00f6de", "x" * 256])
def test_a_secret_may_hold_colons_and_any_letter(given: str) -> None:
    known = ClientRecord(SALT, hashlib.sha256(SALT + given.encode()).digest(), SEND_AND_READ)
    secret = make_secret(clients={"shop": known})
    assert signed_in(basic_header("shop", given), secret) == Client("shop", SEND_AND_READ)


@pytest.mark.parametrize(
    "header",
    [
        basic_header(CLIENT, "wrong"),
        basic_header(CLIENT, ""),
        basic_header(CLIENT, CLIENT_SECRET + " "),
        basic_header("stranger", CLIENT_SECRET),
        basic_header("", ""),
        basic_header("", CLIENT_SECRET),
        encoded(CLIENT.encode()),
        encoded(b"bakery\x00:" + CLIENT_SECRET.encode()),
    ],
)
def test_a_wrong_name_or_secret_is_refused_without_saying_which(header: str) -> None:
    with pytest.raises(UnauthenticatedError) as error:
        signed_in(header, SECRET)
    assert str(error.value) == "The client name or the secret is wrong."


def test_an_unknown_name_does_not_match_the_hash_of_no_one() -> None:
    """No one's hash is all zeros, which no secret has; and an empty table lets no one in."""
    with pytest.raises(UnauthenticatedError):
        signed_in(basic_header("", ""), make_secret(clients={}))


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic YQ", "Basic é", "Basic \ud800", encoded(b"\xff\xfe:x"), "Basic YTpi YTpi"]
)
def test_credentials_that_are_not_base64_of_a_text_are_refused(header: str) -> None:
    with pytest.raises(UnauthenticatedError):
        signed_in(header, SECRET)


@pytest.mark.parametrize("header", [None, "", "   ", "Digest abc", "token", "BasicYTpi"])
def test_without_credentials_the_answer_says_what_to_send(header: str | None) -> None:
    with pytest.raises(UnauthenticatedError, match=r"^Send Authorization: Basic .* or Bearer"):
        signed_in(header, SECRET)


@pytest.mark.parametrize("scheme", ["Basic", "Bearer"])
@pytest.mark.parametrize(("length", "too_long"), [(4096, False), (4097, True)])
def test_a_header_that_is_too_long_is_not_looked_at(scheme: str, length: int, too_long: bool, secret: Secret) -> None:
    with pytest.raises(UnauthenticatedError) as error:
        signed_in(f"{scheme} {'A' * length}", secret)
    assert (str(error.value) == "The Authorization header is too long.") is too_long
