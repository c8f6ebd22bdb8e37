"""The secret: what is accepted, what an error tells and does not tell, and how long it is kept."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from getthrough.adapters import secrets
from getthrough.adapters.secrets import ClientRecord, Part, parse_signature_secrets
from getthrough.domain.values.errors import UnavailableError
from tests.secret import (
    API_KEY,
    APPLICATION_ID,
    CLIENT,
    CLIENT_HASH,
    SALT,
    SIGNATURE_SECRET,
    Secret,
    make_secret,
    secret_document,
    secret_text,
)


class StubSecretsManager:
    """Answers with what is in `answers`: a text, of version 1, 2, ..., or an error."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    def call(self, operation: str, *, SecretId: str, VersionStage: str) -> dict[str, str]:
        assert operation == "GetSecretValue"
        self.asked.append((SecretId, VersionStage))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"SecretString": answer, "VersionId": f"version-{len(self.asked)}"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that passes for the cache: change its only element."""
    now = [1000.0]

    class Time:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(secrets, "time", Time)
    return now


def secrets_manager(monkeypatch: pytest.MonkeyPatch, *answers: str | Exception) -> StubSecretsManager:
    stub = StubSecretsManager(*answers)
    monkeypatch.setattr(secrets, "client", lambda _, **__: stub)
    return stub


def parse(text: str) -> Secret:
    """All parts of a text that has the fields of all, as no function reads it."""
    every = [reader("any")._parse for reader in secrets.READERS]
    return Secret(**{name: value for part in every for name, value in vars(secrets.parse(text, part)).items()})


def part() -> Part[secrets.SignatureSecrets]:
    return Part("the-secret", "signature-secrets", parse_signature_secrets)


def aws_error(code: str = "InternalServiceError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a message that no one needs"}}, "GetSecretValue")


# What it holds


def test_a_secret_is_read_with_everything_in_it() -> None:
    parsed = parse(secret_text(private_key="PEM", signature_secrets=["new", "old"]))
    assert parsed == make_secret(private_key="PEM", signature_secrets=("new", "old"))
    assert parsed.clients == {CLIENT: ClientRecord(SALT, CLIENT_HASH)}


def test_fields_that_are_not_known_are_ignored() -> None:
    assert parse(secret_text(private_key="no key needed here", comment="hello")) == make_secret()


@pytest.mark.parametrize("given", [None, []])
def test_there_may_be_no_callback_secret(given: list[str] | None) -> None:
    assert parse(secret_text(callback_secrets=given)).callback_secrets == ()


def test_there_may_be_several_callback_secrets() -> None:
    assert parse(secret_text(callback_secrets=["whsec_new", "whsec_old"])).callback_secrets == (
        "whsec_new",
        "whsec_old",
    )


def test_there_may_be_no_client() -> None:
    assert parse(secret_text(clients={})).clients == {}


@pytest.mark.parametrize("field", list(secret_document()))
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(UnavailableError) as error:
        parse(secret_text(**{field: None}))
    assert str(error.value) == f"secret: {field} is missing"


@pytest.mark.parametrize("field", ["salt", "sha256"])
def test_a_missing_field_of_a_client_is_named(field: str) -> None:
    entry = {name: value for name, value in {"salt": "00", "sha256": "00"}.items() if name != field}
    with pytest.raises(UnavailableError, match=f"^secret: {field} is missing$"):
        parse(secret_text(clients={"shop": entry}))


def test_a_limit_of_a_client_that_is_0_is_named() -> None:
    entry = {"salt": "00", "sha256": "00", "limits": {"messages_per_day": 0}}
    with pytest.raises(UnavailableError, match=r"^secret: a client's limit messages_per_day is no whole"):
        parse(secret_text(clients={"shop": entry}))


TELLTALE = "c0ffee-telltale"


@pytest.mark.parametrize(
    "text",
    [
        TELLTALE,
        f'["{TELLTALE}"]',
        f'"{TELLTALE}"',
        secret_text(application_id=[TELLTALE]),
        secret_text(application_id=""),
        secret_text(private_key={TELLTALE: 1}),
        secret_text(api_key=12345678),
        secret_text(signature_secrets=TELLTALE),
        secret_text(signature_secrets=[]),
        secret_text(signature_secrets=[TELLTALE, ""]),
        secret_text(signature_secrets=[TELLTALE, None]),
        secret_text(signature_secrets={TELLTALE: TELLTALE}),
        secret_text(contact_key=TELLTALE),
        secret_text(contact_key="00" * 31),
        secret_text(clients=[TELLTALE]),
        secret_text(clients={"shop": TELLTALE}),
        secret_text(clients={"shop": {"salt": TELLTALE, "sha256": "00"}}),
        secret_text(clients={"shop": {"salt": "00", "sha256": 1}}),
    ],
)
def test_a_secret_of_another_form_cannot_be_used_and_the_error_tells_nothing_of_it(text: str) -> None:
    with pytest.raises(UnavailableError) as error:
        parse(text)
    assert str(error.value).startswith("secret: not of the documented form")
    assert TELLTALE not in str(error.value)
    assert error.value.__cause__ is None


def test_nothing_of_a_secret_is_in_its_repr() -> None:
    text = secret_text(private_key="PRIVATE")
    shown = repr([secrets.parse(text, reader("any")._parse) for reader in secrets.READERS])
    for hidden in (APPLICATION_ID, "PRIVATE", API_KEY, SIGNATURE_SECRET, CLIENT, CLIENT_HASH.hex()):
        assert hidden not in shown


# How long it is kept


def test_it_is_read_when_first_needed_and_then_kept(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    stub = secrets_manager(monkeypatch, secret_text())
    secret = part()
    assert stub.asked == []
    first = secret.get()
    clock[0] += secrets.FRESH_SECONDS
    assert secret.get() is first
    assert stub.asked == [("the-secret", "signature-secrets")]


def test_it_is_read_again_when_it_is_no_longer_fresh(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    secrets_manager(monkeypatch, secret_text(), secret_text(api_key="new"))
    secret = part()
    old = secret.get()
    clock[0] += secrets.FRESH_SECONDS + 0.1
    assert (old.api_key, secret.get().api_key) == (API_KEY, "new")


@pytest.mark.parametrize(("age", "reads"), [(30, 1), (30.1, 2)])
def test_who_asks_for_a_younger_one_gets_it(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], age: float, reads: int
) -> None:
    stub = secrets_manager(monkeypatch, secret_text(), secret_text())
    secret = part()
    secret.get()
    clock[0] += age
    secret.get(max_age=30)
    assert len(stub.asked) == reads


def test_a_reload_reads_it_at_once_and_keeps_what_it_read(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    stub = secrets_manager(monkeypatch, secret_text(), secret_text(api_key="new"))
    secret = part()
    secret.get()
    assert secret.reload().api_key == "new"
    assert secret.get().api_key == "new"
    assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("failure", "reported"),
    [
        (aws_error(), "secretsmanager: InternalServiceError"),
        (aws_error("AccessDeniedException"), "secretsmanager: AccessDeniedException"),
        (EndpointConnectionError(endpoint_url="https://x.invalid"), "secretsmanager: EndpointConnectionError"),
        ("{}", "secret: application_id is missing"),
    ],
)
def test_a_failure_is_reported_by_its_code_and_never_kept(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], failure: Any, reported: str
) -> None:
    secrets_manager(monkeypatch, failure, secret_text())
    secret = part()
    with pytest.raises(UnavailableError) as error:
        secret.get()
    assert str(error.value) == reported
    assert secret.get() == parse_signature_secrets(secret_document())


def test_a_reload_that_fails_keeps_the_secret_that_was_there(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    secrets_manager(monkeypatch, secret_text(), aws_error())
    secret = part()
    first = secret.get()
    with pytest.raises(UnavailableError):
        secret.reload()
    assert secret.get() is first
