"""Tokens for the provider: what they say, and that a key is parsed once."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from getthrough.adapters import tokens
from getthrough.adapters.rsa_key import load_private_key
from getthrough.adapters.tokens import Tokens
from getthrough.domain.values.errors import UnavailableError
from tests.secret import APPLICATION_ID, Secret, make_secret


class StubSecret:
    """The secret as it is now; `newer` is what a reload finds."""

    def __init__(self, current: Secret, newer: Secret | None = None) -> None:
        self.current, self.newer = current, newer

    def get(self) -> Secret:
        return self.current

    def reload(self) -> Secret:
        self.current = self.newer or self.current
        return self.current


def tokens_of(secret: Any) -> Tokens:
    return Tokens(secret)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every key that was parsed."""
    keys: list[str] = []

    def load(pem: str) -> rsa.RSAPrivateKey:
        keys.append(pem)
        return load_private_key(pem)

    monkeypatch.setattr(tokens, "load_private_key", load)
    return keys


def test_a_token_says_who_we_are_for_five_minutes(pem: str, key: rsa.RSAPrivateKey) -> None:
    before = int(time.time())
    token = tokens_of(StubSecret(make_secret(private_key=pem))).mint()
    claims = jwt.decode(token, key.public_key(), algorithms=["RS256"])
    assert before <= claims["iat"] <= time.time()
    assert claims == {
        "application_id": APPLICATION_ID,
        "iat": claims["iat"],
        "exp": claims["iat"] + 300,
        "jti": claims["jti"],
    }
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}


def test_no_two_tokens_are_the_same(pem: str) -> None:
    minter = tokens_of(StubSecret(make_secret(private_key=pem)))
    assert len({minter.mint() for _ in range(5)}) == 5


def test_the_key_is_parsed_once_for_all_tokens(pem: str, parsed: list[str]) -> None:
    minter = tokens_of(StubSecret(make_secret(private_key=pem)))
    for _ in range(5):
        minter.mint()
    minter.mint_after_reload()
    assert parsed == [pem]


def test_a_new_version_of_the_secret_brings_its_key(
    pem: str, strangers_key: rsa.RSAPrivateKey, parsed: list[str]
) -> None:
    new = strangers_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    secret = StubSecret(make_secret(private_key=pem), make_secret(private_key=new))
    minter = tokens_of(secret)
    minter.mint()
    for token in (minter.mint_after_reload(), minter.mint()):
        jwt.decode(token, strangers_key.public_key(), algorithms=["RS256"])
    assert parsed == [pem, new]


def test_a_key_that_cannot_be_used_is_not_kept(pem: str) -> None:
    secret = StubSecret(make_secret(private_key="broken"), make_secret(private_key=pem))
    minter = tokens_of(secret)
    with pytest.raises(UnavailableError):
        minter.mint()
    assert minter.mint_after_reload()


def elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def encrypted(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode()


def mixed_up(one: rsa.RSAPrivateKey, other: rsa.RSAPrivateKey) -> str:
    """A well-formed key whose private half does not belong to its public half."""
    numbers = one.private_numbers()
    wrong = rsa.RSAPrivateNumbers(
        p=numbers.p,
        q=numbers.q,
        d=other.private_numbers().d,
        dmp1=other.private_numbers().dmp1,
        dmq1=numbers.dmq1,
        iqmp=numbers.iqmp,
        public_numbers=numbers.public_numbers,
    )
    key = wrong.private_key(unsafe_skip_rsa_key_validation=True)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_may_be_written_in_both_usual_forms(key: rsa.RSAPrivateKey, form: PrivateFormat) -> None:
    loaded = load_private_key(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())
    assert loaded.private_numbers() == key.private_numbers()


@pytest.mark.parametrize("wrong", ["", "hello", "a public key", "a half", "elliptic", "encrypted", "mixed up"])
def test_a_key_that_does_not_work_is_refused_without_a_word_of_it(
    key: rsa.RSAPrivateKey, strangers_key: rsa.RSAPrivateKey, pem: str, wrong: str
) -> None:
    text = {
        "a half": pem[: len(pem) // 2],
        "elliptic": elliptic(),
        "encrypted": encrypted(key),
        "mixed up": mixed_up(key, strangers_key),
    }.get(wrong, wrong)
    with pytest.raises(UnavailableError, match=r"^secret: private_key is not") as error:
        load_private_key(text)
    assert text.strip() not in str(error.value) or not text
