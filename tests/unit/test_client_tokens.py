"""RS256 tokens of the application's own key, and everything that is not one."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from getthrough.adapters.client_credentials import APPLICATION, authenticate
from getthrough.adapters.secrets import Clients
from getthrough.domain.client.scopes import SEND_AND_READ, Client
from getthrough.domain.values.errors import UnauthenticatedError, UnavailableError
from tests.secret import APPLICATION_ID, Secret, make_secret

HOUR, DAY = 3600, 24 * 3600


def signed_in(authorization: str | None, known: Clients, route: str = "POST /v1/messages") -> Client:
    return authenticate(authorization, known, route)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims of now; one given as None is left out, a time is in seconds from now."""
    now = int(time.time())
    times = {"iat": 0, "exp": 900}
    defaults = {"application_id": APPLICATION_ID, "jti": "1", **times}
    merged = {name: value for name, value in {**defaults, **changes}.items() if value is not None}
    moved = {"iat", "exp", "nbf"}
    return {name: now + value if name in moved and type(value) is int else value for name, value in merged.items()}


@pytest.fixture
def bearer(key: rsa.RSAPrivateKey) -> Any:
    def make(**changes: Any) -> str:
        return f"Bearer {jwt.encode(claims(**changes), key, algorithm='RS256')}"

    return make


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"exp": DAY},
        {"exp": None},
        {"exp": None, "iat": -15 * 60},
        {"iat": -HOUR, "exp": DAY - HOUR},
        {"iat": 30},
        {"nbf": 0},
        {"exp": -30},
        {"acl": {"paths": {"/**": {}}}},
        {"acl": {"paths": {"/*/users/**": {}, "/*/messages/**": {}}}},
        {"acl": {"paths": {"/v1/messages": {"methods": ["GET", "POST"]}}}},
        {"acl": {"paths": {"/v1/*": {}}}},
        {"acl": {"paths": {"/**/messages": {}}}},
        {"acl": {"paths": {"/**/**/messages/**": {}}}},
    ],
    ids=str,
)
def test_a_good_token_is_the_applications(bearer: Any, secret: Secret, changes: dict[str, Any]) -> None:
    assert signed_in(bearer(**changes), secret) == Client(APPLICATION, SEND_AND_READ)


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"exp": -120}, "ExpiredSignatureError"),
        ({"iat": 120}, "ImmatureSignatureError"),
        ({"nbf": 120}, "ImmatureSignatureError"),
        ({"exp": DAY + 1}, "more than 24 hours"),
        ({"iat": -HOUR, "exp": DAY}, "more than 24 hours"),
        ({"exp": None, "iat": -15 * 60 - 120}, "older than 15 minutes"),
        ({"exp": "soon"}, "DecodeError"),
        ({"iat": None}, "MissingRequiredClaimError"),
        ({"iat": "1"}, "iat, exp or nbf is not a time"),
        ({"iat": True}, "iat, exp or nbf is not a time"),
        ({"exp": "4102444800"}, "iat, exp or nbf is not a time"),
        ({"nbf": "1"}, "iat, exp or nbf is not a time"),
        ({"iat": "now"}, "InvalidIssuedAtError"),
        ({"jti": None}, "MissingRequiredClaimError"),
        ({"application_id": None}, "MissingRequiredClaimError"),
        ({"application_id": "00000000-2222-4333-8444-555555555555"}, "application_id is not this application's"),
        ({"application_id": [APPLICATION_ID]}, "application_id is not this application's"),
        ({"aud": "someone else"}, "InvalidAudienceError"),
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused_by_its_name(
    bearer: Any, secret: Secret, changes: dict[str, Any], reported: str
) -> None:
    with pytest.raises(UnauthenticatedError, match=reported):
        signed_in(bearer(**changes), secret)


CLIENT_SDK_PATHS = ("users", "conversations", "sessions", "devices", "image", "media", "applications", "push", "legs")
"""What Vonage's guide lets a user of an app call."""


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"sub": "alice"}, "a user's, not a client's"),
        ({"sub": ""}, "a user's, not a client's"),
        ({"sub": "alice", "acl": {"paths": {"/**": {}}}}, "a user's, not a client's"),
        ({"acl": {"paths": {f"/*/{name}/**": {} for name in CLIENT_SDK_PATHS}}}, "doesn't allow"),
        ({"acl": {"paths": {}}}, "doesn't allow"),
        ({"acl": {"paths": {"/v1/messages/x": {}, "/messages": {}, "/*": {}, "/v1/messages*": {}}}}, "doesn't allow"),
        ({"acl": {"paths": {"/v1/messages": {"methods": ["GET"]}}}}, "doesn't allow"),
        ({"acl": {"paths": {"/v1/messages": {"methods": "POST"}}}}, "doesn't allow"),
        ({"acl": {"paths": {"/v1/messages": {"filters": {"to": "447700900001"}}}}}, "doesn't allow"),
        ({"acl": {"paths": {"/**": {}, "/v1/messages": None}}}, "malformed"),
        ({"acl": {"paths": ["/**"]}}, "malformed"),
        ({"acl": {}}, "malformed"),
        ({"acl": ["/**"]}, "malformed"),
        ({"acl": "/**"}, "malformed"),
        ({"acl": 0}, "malformed"),
    ],
    ids=str,
)
def test_a_token_of_a_user_or_without_a_right_to_messages_is_refused(
    bearer: Any, secret: Secret, changes: dict[str, Any], reported: str
) -> None:
    with pytest.raises(UnauthenticatedError, match=reported):
        signed_in(bearer(**changes), secret)


MESSAGES_ONLY: dict[str, Any] = {"/*/messages/**": {}}
DISPATCHES = "GET /v1/dispatches/{dispatch_uuid}"


@pytest.mark.parametrize(
    ("paths", "route", "allowed"),
    [
        (MESSAGES_ONLY, "GET /v1/messages/{message_uuid}", True),
        (MESSAGES_ONLY, "PATCH /v1/messages/{message_uuid}", True),
        (MESSAGES_ONLY, DISPATCHES, False),
        (MESSAGES_ONLY, "GET /v1/contacts/{channel}/{address}", False),
        (MESSAGES_ONLY, "POST /v0.1/dispatch", False),
        ({"/v1/dispatches/*": {"methods": ["GET"]}}, DISPATCHES, True),
        ({"/v1/dispatches/*": {"methods": ["GET"]}}, "DELETE /v1/dispatches/{dispatch_uuid}", False),
        ({"/v1/dispatches": {}}, DISPATCHES, False),
        ({"/**": {}}, DISPATCHES, True),
    ],
    ids=str,
)
def test_a_token_with_an_acl_is_for_its_routes_only(
    bearer: Any, secret: Secret, paths: dict[str, Any], route: str, allowed: bool
) -> None:
    token = bearer(acl={"paths": paths})
    if allowed:
        assert signed_in(token, secret, route).name == APPLICATION
        return
    with pytest.raises(UnauthenticatedError) as refused:
        signed_in(token, secret, route)
    assert str(refused.value) == f"The token's acl is malformed or doesn't allow {route}."


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_a_strangers_key_is_refused(secret: Secret, strangers_key: rsa.RSAPrivateKey) -> None:
    token = jwt.encode(claims(), strangers_key, algorithm="RS256")
    with pytest.raises(UnauthenticatedError, match="InvalidSignatureError"):
        signed_in(f"Bearer {token}", secret)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_of_the_right_key_is_refused(secret: Secret, key: rsa.RSAPrivateKey, algorithm: str) -> None:
    token = jwt.encode(claims(), key, algorithm=algorithm)
    with pytest.raises(UnauthenticatedError, match="InvalidAlgorithmError"):
        signed_in(f"Bearer {token}", secret)


def test_the_public_key_is_no_shared_secret(secret: Secret, key: rsa.RSAPrivateKey) -> None:
    """The oldest trick: HS256, signed with the public key, which is no secret."""
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signed.encode(), public)
    token = f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    with pytest.raises(UnauthenticatedError, match="InvalidAlgorithmError"):
        signed_in(f"Bearer {token}", secret)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_a_token_without_an_algorithm_is_refused(secret: Secret, algorithm: str, signature: str) -> None:
    token = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}.{signature}"
    with pytest.raises(UnauthenticatedError):
        signed_in(f"Bearer {token}", secret)


def test_claims_under_another_tokens_signature_are_refused(bearer: Any, secret: Secret) -> None:
    header, _, signature = bearer().removeprefix("Bearer ").split(".")
    with pytest.raises(UnauthenticatedError, match="InvalidSignatureError"):
        signed_in(f"Bearer {header}.{part(claims(jti='2'))}.{signature}", secret)


@pytest.mark.parametrize("token", ["", "hello", "a.b", "a.b.c", "....", "é.é.é", f"{part({})}.{part({})}.AAAA"])
def test_what_is_no_token_is_refused(secret: Secret, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        signed_in(f"Bearer {token}", secret)


def test_a_signed_text_that_is_no_object_is_refused(secret: Secret, key: rsa.RSAPrivateKey) -> None:
    token = jwt.api_jws.encode(b"[1]", key, algorithm="RS256")
    with pytest.raises(UnauthenticatedError, match="DecodeError"):
        signed_in(f"Bearer {token}", secret)


def test_a_key_of_ours_that_does_not_work_is_our_trouble_not_the_clients(bearer: Any) -> None:
    with pytest.raises(UnavailableError):
        signed_in(bearer(), make_secret(public_key="broken"))
