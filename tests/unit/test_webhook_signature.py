"""Every part of a webhook's token, forged one at a time."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from vonage_jwt import verify_signature  # type: ignore[import-untyped]

from getthrough.adapters.webhook_signature import CLOCK_SKEW, OLDEST, verify
from getthrough.domain.values.errors import ForgedWebhookError, UnsignedWebhookError
from tests.builders import webhook_token
from tests.secret import API_KEY, APPLICATION_ID, SIGNATURE_SECRET, Secret, make_secret

BODY = b'{"status": "delivered"}'
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = make_secret()


def token(secret: str = SIGNATURE_SECRET, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A good token of now, unless stated otherwise; a claim given as None is left out."""
    good = {"iat": int(NOW.timestamp()), "api_key": API_KEY, "application_id": APPLICATION_ID}
    return webhook_token(BODY, secret, header, **{**good, **claims})


def check(authorization: str | None, secret: Secret = SECRET, body: bytes = BODY) -> None:
    verify(authorization, body, secret, NOW)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(content: str) -> str:
    """Any content with a good signature, to show that what is signed is still looked at."""
    return jwt.api_jws.encode(content.encode(), SIGNATURE_SECRET, algorithm="HS256", headers={"typ": "JWT"})


HEADER = '{"alg":"HS256","typ":"JWT"}'
CLAIMS = json.dumps(
    {
        "iat": int(NOW.timestamp()),
        "jti": "1",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(BODY).hexdigest(),
        "api_key": API_KEY,
        "application_id": APPLICATION_ID,
    }
)
OTHER_ACCOUNTS = "the-secret-of-another-account-of-length"


def resigned(header: str | bytes, claims: str | bytes, digest: str = "sha256", pad: str = "") -> str:
    """A token of any two parts, with a good signature."""
    parts = [part.encode() if isinstance(part, str) else part for part in (header, claims)]
    content = f"{b64(parts[0])}.{b64(parts[1])}{pad}"
    return f"{content}.{b64(hmac.digest(SIGNATURE_SECRET.encode(), content.encode(), digest))}"


def resignatured(change: Callable[[bytes], bytes]) -> str:
    """A good token with another signature, made from its own."""
    content, _, signature = token().rpartition(".")
    return f"{content}.{b64(change(base64.urlsafe_b64decode(signature + '=')))}"


def altered(claim: str, value: object) -> str:
    return json.dumps({**json.loads(CLAIMS), claim: value})


def twice(claim: str) -> str:
    """All the good claims, and before them one of them with another value."""
    return f'{{"{claim}": "another", {CLAIMS[1:]}'


def standard() -> str:
    """A good token whose signature needs letters that only the standard alphabet has."""
    for number in range(1000):
        good = token(jti=str(number))
        content, _, signature = good.rpartition(".")
        if set(signature) & set("-_"):
            return f"{content}.{signature.replace('-', '+').replace('_', '/')}"
    raise AssertionError("no such token")


# Good ones


def test_what_the_forgers_below_start_from_is_good() -> None:
    check("Bearer " + resigned(HEADER, CLAIMS))
    check("Bearer " + resignatured(lambda signature: signature))


@pytest.mark.parametrize("header", [{"alg": "HS256"}, {"alg": "HS256", "typ": "JWT", "kid": "7"}])
def test_a_header_may_have_less_or_more(header: dict[str, Any]) -> None:
    check("Bearer " + token(header=header))


@pytest.mark.parametrize(
    ("jti", "reported"),
    [
        ("0a7c1b52-0d35-4c2e-9b5b-2b8c0a0e6f11", "0a7c1b52-0d35-4c2e-9b5b-2b8c0a0e6f11"),
        ("x" * 128, "x" * 128),
        ("x" * 129, None),
        ("", None),
        (None, None),
        (7, None),
        (["1"], None),
        ("\ud800", None),
        ("a\nb", None),
        ("é", None),
    ],
)
def test_the_tokens_id_is_reported_if_it_can_be_kept(jti: object, reported: str | None) -> None:
    assert verify(f"Bearer {token(jti=jti)}", BODY, SECRET, NOW) == reported


def test_a_token_that_vonages_own_library_takes_passes() -> None:
    good = resigned(HEADER, CLAIMS.replace(str(int(NOW.timestamp())), str(int(NOW.timestamp()) - 60)))
    assert verify_signature(good, SIGNATURE_SECRET)
    check(f"Bearer {good}")


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_a_good_token_passes(scheme: str) -> None:
    check(scheme + token())


def test_a_token_of_another_library_passes() -> None:
    claims = {
        "iat": int(NOW.timestamp()),
        "jti": "1",
        "iss": "Vonage",
        "api_key": API_KEY,
        "payload_hash": hashlib.sha256(BODY).hexdigest(),
    }
    check("Bearer " + jwt.encode(claims, SIGNATURE_SECRET, algorithm="HS256"))


def test_an_application_id_may_be_missing() -> None:
    check("Bearer " + token(application_id=None))


def test_both_signature_secrets_pass_while_one_is_changed() -> None:
    changing = make_secret(signature_secrets=("a new secret that is long enough", SIGNATURE_SECRET))
    for key in changing.signature_secrets:
        check("Bearer " + token(secret=key), changing)


def test_the_body_is_hashed_as_it_came_byte_by_byte() -> None:
    body = b'{"text": "\xff not even UTF-8"}'
    given = webhook_token(body, SIGNATURE_SECRET, iat=int(NOW.timestamp()), api_key=API_KEY)
    check(f"Bearer {given}", body=body)


# No token at all


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer    ", "Basic YTpi", "Token x", "Bearer\tx", "x"]
)
def test_without_a_token_it_is_unsigned_and_should_come_again(authorization: str | None) -> None:
    with pytest.raises(UnsignedWebhookError):
        check(authorization)


# Forged ones

FORGED: list[tuple[str, Callable[[], str], str]] = [
    ("another secret", lambda: token(secret="not the signature secret, but long"), "signature"),
    ("an empty secret", lambda: token(secret=""), "signature"),
    ("no signature", lambda: token().rpartition(".")[0] + ".", "signature"),
    ("another account's secret", lambda: token(secret=OTHER_ACCOUNTS), "signature"),
    ("the application's id for a secret", lambda: token(secret=APPLICATION_ID), "signature"),
    ("a signature of nothing", lambda: f"{token().rpartition('.')[0]}.{b64(bytes(32))}", "signature"),
    ("a longer signature", lambda: resignatured(lambda signature: signature + b"\0"), "signature"),
    ("a signature in hex", lambda: resignatured(lambda signature: signature.hex().encode()), "signature"),
    ("a signature twice", lambda: resignatured(lambda signature: signature * 2), "signature"),
    ("a signature with SHA-512", lambda: resigned(HEADER, CLAIMS, "sha512"), "signature"),
    ("most of a signature", lambda: token()[:-3], "signature"),
    (
        "claims of another token",
        lambda: f"{token(jti='2').rpartition('.')[0]}.{token().rpartition('.')[2]}",
        "signature",
    ),
    ("alg none", lambda: f"{b64(json.dumps({'alg': 'none'}).encode())}.{token().split('.')[1]}.", "alg"),
    ("alg none, signed", lambda: token(header={"alg": "none"}), "alg"),
    ("alg HS512, signed", lambda: token(header={"alg": "HS512"}), "alg"),
    ("alg RS256, signed", lambda: token(header={"alg": "RS256"}), "alg"),
    ("alg in small letters", lambda: token(header={"alg": "hs256"}), "alg"),
    ("alg a list", lambda: token(header={"alg": ["HS256"]}), "alg"),
    ("alg nothing", lambda: token(header={"alg": None, "typ": "JWT"}), "alg"),
    ("alg twice", lambda: resigned('{"alg":"HS256","alg":"HS256"}', CLAIMS), "token"),
    ("alg twice, the good one last", lambda: resigned('{"alg":"none","alg":"HS256"}', CLAIMS), "token"),
    ("another typ", lambda: token(header={"alg": "HS256", "typ": "at+jwt"}), "typ"),
    ("typ nothing", lambda: token(header={"alg": "HS256", "typ": None}), "typ"),
    ("typ a list", lambda: token(header={"alg": "HS256", "typ": ["JWT"]}), "typ"),
    ("something that must be known", lambda: token(header={"alg": "HS256", "crit": ["b64"], "b64": False}), "typ"),
    ("header in UTF-16", lambda: resigned('{"alg":"HS256"}'.encode("utf-16"), CLAIMS), "token"),
    ("header after a BOM", lambda: resigned('\ufeff{"alg":"HS256"}', CLAIMS), "token"),
    ("header huge", lambda: token(header={"alg": "HS256", "typ": "JWT", "x": "x" * 4096}), "token"),
    ("no header", lambda: resigned("", CLAIMS), "token"),
    ("no alg", lambda: token(header={"typ": "JWT"}), "alg"),
    ("header no object", lambda: f"{b64(b'[]')}.{b64(b'{}')}.AAAA", "token"),
    ("header no JSON", lambda: f"{b64(b'{')}.{b64(b'{}')}.AAAA", "token"),
    ("header no UTF-8", lambda: f"{b64(bytes([255, 254, 253]))}.{b64(b'{}')}.AAAA", "token"),
    ("header nested deeply", lambda: f"{b64(b'[' * 2500)}.{b64(b'{}')}.AAAA", "token"),
    ("two parts", lambda: token().rpartition(".")[0], "token"),
    ("four parts", lambda: token() + ".AAAA", "token"),
    ("one word", lambda: "hello", "token"),
    ("longer than any token", lambda: token(jti="x" * 4096), "token"),
    ("padding", lambda: token() + "=", "token"),
    ("padding inside", lambda: token().replace(".", "=.", 1), "token"),
    ("standard base64", standard, "token"),
    ("a line break inside", lambda: token()[:-5] + "\n" + token()[-5:], "token"),
    ("two tokens", lambda: f"{token()}, Bearer {token()}", "token"),
    ("a good token after a bad one", lambda: f"{token(secret='another')} {token()}", "token"),
    ("a good token and a parameter", lambda: f"{token()}, realm=x", "token"),
    ("a letter outside base64url", lambda: token()[:-1] + "!", "token"),
    ("a space inside", lambda: token().replace(".", ". ", 1), "signature"),
    ("not ASCII", lambda: token() + "é", "token"),
    ("half a character", lambda: token().replace(".", ".\ud800", 1), "token"),
    ("claims no object", lambda: signed("[1]"), "claims"),
    ("claims no JSON", lambda: signed("{"), "claims"),
    ("claims nested deeply", lambda: signed("[" * 2000), "claims"),
    ("claims in UTF-16", lambda: resigned(HEADER, CLAIMS.encode("utf-16")), "claims"),
    ("no claims", lambda: resigned(HEADER, ""), "claims"),
    ("claims in padded base64", lambda: resigned(HEADER, CLAIMS + " ", pad="="), "claims"),
    *((f"{name} twice", lambda name=name: resigned(HEADER, twice(name)), "claims") for name in json.loads(CLAIMS)),
    ("another issuer", lambda: token(iss="vonage"), "iss"),
    ("no issuer", lambda: token(iss=None), "iss"),
    ("another account", lambda: token(api_key="00000000"), "api_key"),
    ("no account", lambda: token(api_key=None), "api_key"),
    ("account not a text", lambda: token(api_key=[API_KEY]), "api_key"),
    ("another application", lambda: token(application_id=APPLICATION_ID[:-1] + "6"), "application_id"),
    ("application not a text", lambda: token(application_id=1), "application_id"),
    ("hash of another body", lambda: token(payload_hash=hashlib.sha256(b"{}").hexdigest()), "payload_hash"),
    ("hash in capitals", lambda: token(payload_hash=hashlib.sha256(BODY).hexdigest().upper()), "payload_hash"),
    ("hash not ASCII", lambda: token(payload_hash="é"), "payload_hash"),
    ("no hash", lambda: token(payload_hash=None), "payload_hash"),
    ("no time", lambda: token(iat=None), "iat"),
    ("time as text", lambda: token(iat=str(int(NOW.timestamp()))), "iat"),
    ("time a truth", lambda: token(iat=True), "iat"),
    ("time not a number", lambda: token(iat=float("nan")), "iat"),
    ("time without end", lambda: token(iat=float("inf")), "iat"),
    ("time before time", lambda: token(iat=float("-inf")), "iat"),
    ("time below nothing", lambda: token(iat=-1), "iat"),
    ("time in milliseconds", lambda: token(iat=int(NOW.timestamp() * 1000)), "iat"),
    ("time huge", lambda: token(iat=10**300), "iat"),
    ("time too huge for a number", lambda: token(iat=10**2000), "iat"),
    ("time with more digits than Python reads", lambda: resigned(HEADER, '{"iat":' + "9" * 2900 + "}"), "iss"),
    ("time a list", lambda: token(iat=[int(NOW.timestamp())]), "iat"),
    ("time an object", lambda: token(iat={}), "iat"),
    *(
        (f"{claim} {kind}", lambda claim=claim, value=value: token(**{claim: value}), claim)
        for claim in ("iss", "api_key", "application_id", "payload_hash")
        for kind, value in (
            ("a number", 7),
            ("true", True),
            ("a list", []),
            ("an object", {}),
            ("empty", ""),
            ("huge", "x" * 2000),
            ("half a character", "\ud800"),
            ("nul", "\0"),
        )
    ),
    ("iss nothing", lambda: resigned(HEADER, altered("iss", None)), "iss"),
    ("api_key nothing", lambda: resigned(HEADER, altered("api_key", None)), "api_key"),
    ("application_id nothing", lambda: resigned(HEADER, altered("application_id", None)), "application_id"),
    ("payload_hash nothing", lambda: resigned(HEADER, altered("payload_hash", None)), "payload_hash"),
    ("iat nothing", lambda: resigned(HEADER, altered("iat", None)), "iat"),
    ("iss with a space", lambda: token(iss="Vonage "), "iss"),
    ("hash of the hash", lambda: token(payload_hash=hashlib.sha256(BODY).digest().hex()[:63]), "payload_hash"),
    ("MD5 of the body", lambda: token(payload_hash=hashlib.md5(BODY).hexdigest()), "payload_hash"),
]


@pytest.mark.parametrize(("forged", "part"), [case[1:] for case in FORGED], ids=[case[0] for case in FORGED])
def test_a_forged_token_is_described_by_the_part_that_is_wrong(forged: Callable[[], str], part: str) -> None:
    with pytest.raises(ForgedWebhookError) as error:
        check(f"Bearer {forged()}")
    assert str(error.value) == part


def test_every_single_byte_of_a_body_counts() -> None:
    authorization = f"Bearer {token()}"
    for place in range(len(BODY)):
        for other in (BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :], BODY[:place] + BODY[place + 1 :]):
            with pytest.raises(ForgedWebhookError, match="payload_hash"):
                check(authorization, body=other)


@pytest.mark.parametrize("body", [b"", BODY + b" ", b'{"status":"delivered"}'])
def test_a_good_token_is_good_for_its_own_body_only(body: bytes) -> None:
    with pytest.raises(ForgedWebhookError, match="payload_hash"):
        check(f"Bearer {token()}", body=body)


def test_every_single_letter_of_a_token_counts() -> None:
    good = token()
    for place in range(len(good)):
        changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        with pytest.raises(ForgedWebhookError):
            check(f"Bearer {changed}")


def test_a_part_that_decodes_to_the_same_bytes_in_another_spelling_is_refused() -> None:
    good = token()  # 32 bytes end in 43 letters, of which the last carries two bits of nothing
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = letters[letters.index(good[-1]) ^ 1]
    with pytest.raises(ForgedWebhookError, match="token"):
        check(f"Bearer {good[:-1]}{other}")


# How old


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (timedelta(0), True),
        (timedelta(hours=24), True),
        (OLDEST, True),
        (OLDEST + timedelta(milliseconds=1), False),
        (OLDEST + timedelta(seconds=1), False),
        (-CLOCK_SKEW, True),
        (-CLOCK_SKEW - timedelta(milliseconds=1), False),
        (-CLOCK_SKEW - timedelta(seconds=1), False),
    ],
)
def test_a_token_is_good_for_a_day_of_retries(age: timedelta, good: bool) -> None:
    authorization = f"Bearer {token(iat=(NOW - age).timestamp())}"
    if good:
        check(authorization)
        return
    with pytest.raises(ForgedWebhookError, match="iat"):
        check(authorization)
