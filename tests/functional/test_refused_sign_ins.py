"""Refused sign-ins: counted, logged without what was tried, slowed down from where they come."""

import json
import time
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from getthrough.domain.client.attempts import FREE_TRIES
from getthrough.handlers import _sign_in, query
from tests.builders import api_event, basic
from tests.functional.aws_in_memory import CONTEXT, Aws, aws_in_memory, forget
from tests.secret import APPLICATION_ID, CLIENT, CLIENT_SECRET, secret_document, store_secret

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with aws_in_memory(monkeypatch) as stack:
        yield stack


def sign_in(name: str, secret: str, source: str = HERE) -> tuple[int, str]:
    event = api_event("GET /v1/me", headers=basic(name, secret))
    event["requestContext"]["http"]["sourceIp"] = source
    answer = query.handler(event, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"]).get("detail", "")


def test_who_tries_secrets_waits_and_the_client_itself_does_not(stack: Aws) -> None:
    wrong = (401, "The client name or the secret is wrong.")
    assert [sign_in(CLIENT, f"guess {number}") for number in range(FREE_TRIES)] == [wrong] * FREE_TRIES

    waiting = (401, "Too many wrong secrets came from there. Try again in 1 seconds.")
    assert sign_in(CLIENT, "another guess") == waiting
    assert sign_in(CLIENT, CLIENT_SECRET) == waiting, "or the answer would tell a right guess from a wrong one"
    assert sign_in(CLIENT, CLIENT_SECRET, ELSEWHERE)[0] == 200


def test_a_program_with_a_wrong_key_keeps_no_other_from_signing_in_with_the_right_one(stack: Aws) -> None:
    ours, theirs = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    public_key = ours.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    store_secret(stack.secret_id, public_key=public_key)
    forget()

    def signed_by(key: rsa.RSAPrivateKey) -> int:
        claims = {"application_id": APPLICATION_ID, "iat": int(time.time()), "jti": "1"}
        token = jwt.encode(claims, key, algorithm="RS256")
        event = api_event("GET /v1/me", headers={"authorization": f"Bearer {token}"})
        return int(query.handler(event, CONTEXT)["statusCode"])

    assert [signed_by(theirs) for _ in range(2 * FREE_TRIES)] == [401] * 2 * FREE_TRIES
    assert signed_by(ours) == 200


def test_another_address_of_the_same_network_of_ipv6_is_no_other_place(stack: Aws) -> None:
    for number in range(FREE_TRIES):
        sign_in(CLIENT, "a guess", f"2001:db8:0:1:0:0:0:{number}")

    assert sign_in(CLIENT, "a guess", "2001:db8:0:1:ffff:0:0:9")[1].startswith("Too many")
    assert sign_in(CLIENT, CLIENT_SECRET, "2001:db8:0:2:0:0:0:1")[0] == 200


@pytest.mark.parametrize(
    ("name", "counted"),
    [(CLIENT, ("LoginRefused", CLIENT)), ("pasted-secret", ("LoginByStranger", "unknown"))],
)
def test_a_refusal_is_counted_and_logged_without_what_was_tried(
    stack: Aws,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    name: str,
    counted: tuple[str, str],
) -> None:
    metric, logged = counted
    sign_in(name, "what was tried")

    [refusal] = [record.__dict__ for record in caplog.records if record.message == "sign-in refused"]
    printed = capsys.readouterr().out
    emitted = [json.loads(line).get(metric) for line in printed.splitlines() if metric in line]
    assert (refusal["client"], emitted) == (logged, [[1.0]])
    assert not any(text in f"{printed}{refusal}" for text in ("what was tried", "pasted-secret", HERE))


def test_a_client_that_was_just_added_can_sign_in(stack: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sign_in, "FRESH_SECONDS", 0.0)
    assert sign_in("second", CLIENT_SECRET)[0] == 401

    known = secret_document()["clients"]
    store_secret(stack.secret_id, clients={**known, "second": known[CLIENT]})

    assert sign_in("second", CLIENT_SECRET)[0] == 200
