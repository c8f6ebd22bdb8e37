"""Filling the secret: what is stored, what is refused, and that a client's secret is only kept as a hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cli import doctor
from cli.__main__ import main
from cli.doctor import Case
from cli.errors import OperatorError
from cli.secret import parts
from cli.secret.content import OPERATOR, Changes, InvalidSecretError, changed, hashed, public_key
from cli.smoke.finding import failed
from cli.stack import deployed
from getthrough.adapters import callback_signature, secrets
from getthrough.adapters.secrets import SHORTEST_KEY
from tests.builders import NOON
from tests.secret import CONTACT_KEY
from tests.unit.cli.aws import RefusedError, Session

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PKCS1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
PKCS8 = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
ELLIPTIC = (
    ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
)
CALLBACK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
APPLICATION, ANOTHER = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"

THE_OPERATOR = {**hashed("the operator's"), "scopes": ["admin"]}

FIRST = Changes(application_id=APPLICATION, private_key=PKCS1, api_key="abcd1234", signature_secret="first")


def stored(**overrides: Any) -> dict[str, Any]:
    return {
        "application_id": APPLICATION,
        "private_key": PKCS8,
        "public_key": public_key(PKCS8),
        "api_key": "abcd1234",
        "signature_secrets": ["first"],
        "callback_secrets": [CALLBACK],
        "contact_key": CONTACT_KEY.hex(),
        "operator_secret": "the operator's",
        "clients": {OPERATOR: THE_OPERATOR},
    } | overrides


class Account:
    """A stack whose secret's versions are kept here by their labels. The process ends after `survives` writes."""

    def __init__(self, session: Session, secret: dict[str, Any] | None) -> None:
        self.versions: dict[str, dict[str, Any]] = {}
        self.written: list[str] = []
        self.survives = 99
        session.answers["secretsmanager", "GetSecretValue"] = self._get
        session.answers["secretsmanager", "PutSecretValue"] = self._put
        if secret is not None:
            parts.write(session.client("secretsmanager"), "any", {}, secret)

    @property
    def secret(self) -> dict[str, Any] | None:
        """All parts in one."""
        named = [part for label, part in self.versions.items() if not label.startswith("AWS")]
        return {name: value for part in named for name, value in part.items()} or None

    def _get(self, asked: Any) -> dict[str, str]:
        if asked["VersionStage"] not in self.versions:
            raise RefusedError("ResourceNotFoundException")
        return {"SecretString": json.dumps(self.versions[asked["VersionStage"]])}

    def _put(self, asked: Any) -> dict[str, str]:
        if self.survives == 0:
            raise KeyboardInterrupt
        self.survives -= 1
        [label] = asked["VersionStages"]
        if label == "AWSCURRENT" and label in self.versions:
            self.versions["AWSPREVIOUS"] = self.versions[label]
        self.versions[label] = json.loads(asked["SecretString"])
        self.written.append(label)
        return {}


def test_an_empty_secret_is_filled_with_everything() -> None:
    secret, generated = changed({}, FIRST)
    [made] = secret["callback_secrets"]
    kept = {name: secret[name] for name in ("contact_key", "operator_secret", "clients")}
    contact_key = secret["contact_key"]
    whole = {**secret, "public_key": public_key(PKCS8)}
    assert (whole, generated) == (stored(callback_secrets=[made], **kept), {})
    assert len(bytes.fromhex(contact_key)) == SHORTEST_KEY
    assert callback_signature.headers("evt_1", b"{}", [made], NOON)


@pytest.mark.parametrize("none", [{"callback_secrets": []}, {}])
def test_a_stack_that_has_no_callback_secret_gets_one_with_any_change(none: dict[str, Any]) -> None:
    without = {name: value for name, value in stored().items() if name != "callback_secrets"}
    secret, _ = changed(without | none, Changes(api_key="00ff00ff"))
    assert len(secret["callback_secrets"]) == 1


def test_what_is_not_named_keeps_its_value() -> None:
    assert changed(stored(), Changes(api_key="00ff00ff")) == (stored(api_key="00ff00ff"), {})


def test_the_previous_signature_secret_stays_valid_beside_the_new_one_and_the_one_before_goes() -> None:
    second, _ = changed(stored(), Changes(signature_secret="second"))
    third, _ = changed(second, Changes(signature_secret="third"))
    again, _ = changed(third, Changes(signature_secret="third"))
    assert second["signature_secrets"] == ["second", "first"]
    assert third["signature_secrets"] == ["third", "second"]
    assert again == third


def test_a_new_callback_secret_signs_beside_the_previous_one_and_the_one_before_goes() -> None:
    secret, each = stored(), []
    for _ in range(3):
        secret, _ = changed(secret, Changes(new_callback_secret=True))
        each.append(secret["callback_secrets"][0])
    assert secret["callback_secrets"] == [each[2], each[1]]
    assert len(set(each)) == 3
    assert secrets.parse_callback_secrets(secret).callback_secrets == (each[2], each[1])
    assert callback_signature.headers("evt_1", b"{}", each, NOON)["webhook-signature"].count("v1,") == 3


def test_a_new_clients_secret_is_returned_once_and_stored_as_a_salted_hash() -> None:
    secret, generated = changed(stored(), Changes(new_clients=("shop",)))
    assert list(generated) == ["shop"]
    entry = secret["clients"]["shop"]
    assert entry == {
        "scopes": ["send", "read", "operate", "admin"],
        "salt": entry["salt"],
        "sha256": hashlib.sha256(bytes.fromhex(entry["salt"]) + generated["shop"].encode()).hexdigest(),
    }
    assert generated["shop"] not in str(secret)


def test_two_clients_get_different_secrets_and_salts() -> None:
    secret, generated = changed(stored(), Changes(new_clients=("one", "two")))
    assert generated["one"] != generated["two"]
    assert secret["clients"]["one"]["salt"] != secret["clients"]["two"]["salt"]


def _is(record: Mapping[str, Any], client_secret: str) -> bool:
    return bool(record["sha256"] == hashlib.sha256(bytes.fromhex(record["salt"]) + client_secret.encode()).hexdigest())


def test_the_tools_own_client_may_do_everything_and_is_made_again_when_it_is_missing() -> None:
    made, generated = changed({}, FIRST)
    again, _ = changed({name: made[name] for name in made if name != "operator_secret"}, Changes())

    for secret in (made, again):
        record = secret["clients"][OPERATOR]
        assert (record["scopes"], _is(record, secret["operator_secret"])) == (["admin"], True)
    assert (generated, again["operator_secret"] == made["operator_secret"]) == ({}, False)


@pytest.mark.parametrize(
    ("current", "changes", "complaint"),
    [
        ({}, Changes(api_key="abcd1234"), "application_id, private_key, signature_secrets"),
        (stored(), Changes(application_id="mine"), "UUID"),
        (stored(), Changes(api_key="ABCD1234"), "8 hexadecimal digits"),
        (stored(), Changes(private_key="hello"), "no unencrypted PEM"),
        (stored(), Changes(private_key=ELLIPTIC), "no RSA key"),
        (stored(), Changes(new_clients=("a:b",)), "a:b"),
        (stored(), Changes(new_clients=(OPERATOR,)), "this tool's own"),
        (stored(), Changes(new_clients=("application",)), "is the name of callers with a token"),
        (stored(), Changes(new_clients=("customer",)), "opt-outs say that they are by 'customer'"),
        (stored(clients={"shop": {}}), Changes(new_clients=("shop",)), "already: `getthrough client secret shop`"),
    ],
)
def test_what_cannot_be_right_is_refused(current: dict[str, Any], changes: Changes, complaint: str) -> None:
    with pytest.raises(InvalidSecretError, match=complaint):
        changed(current, changes)


def test_the_functions_can_read_what_was_stored() -> None:
    secret, generated = changed({}, replace(FIRST, new_clients=("shop",)))
    secret["public_key"] = public_key(PKCS8)
    held = {label: {name: secret[name] for name in names if name in secret} for label, names in parts.PARTS.items()}
    read = {reader("any")._label: reader("any")._parse(held[reader("any")._label]) for reader in secrets.READERS}

    assert list(read) == list(parts.PARTS)
    assert read["private-key"] == secrets.PrivateKey(application_id=APPLICATION, private_key=PKCS8)
    shop = secrets.parse_clients(held["clients"]).clients["shop"]
    assert hashlib.sha256(shop.salt + generated["shop"].encode()).digest() == shop.sha256


def test_only_the_parts_whose_fields_change_are_written(session: Session) -> None:
    account = Account(session, stored())
    account.written.clear()

    parts.write(session.client("secretsmanager"), "any", stored(), stored(api_key="00ff00ff"))

    assert (account.written, account.secret) == (["signature-secrets"], stored(api_key="00ff00ff"))


def test_what_another_operator_changed_meanwhile_stays(session: Session) -> None:
    account = Account(session, stored())
    secrets_manager, another = session.client("secretsmanager"), stored(signature_secrets=["another's", "first"])
    parts.write(secrets_manager, "any", stored(), another)

    parts.write(secrets_manager, "any", stored(), stored(api_key="00ff00ff"))

    assert account.secret == {**another, "api_key": "00ff00ff"}, "in the same part"


def test_what_two_operators_change_at_once_is_the_firsts_and_the_other_is_refused(session: Session) -> None:
    account = Account(session, stored())
    secrets_manager, theirs = session.client("secretsmanager"), stored(signature_secrets=["another's", "first"])
    parts.write(secrets_manager, "any", stored(), theirs)
    account.written.clear()
    ours = stored(signature_secrets=["ours", "first"], callback_secrets=["ours"])

    with pytest.raises(OperatorError, match="someone else changed signature_secrets of the stack's secret meanwhile"):
        parts.write(secrets_manager, "any", stored(), ours)

    assert (account.secret, account.written) == (theirs, [])


def test_a_secret_from_before_there_were_parts_is_parted_and_stays_nowhere_in_one(session: Session) -> None:
    note = {"parts": f"Each part of this secret has a staging label of its own: {', '.join(parts.PARTS)}."}
    secrets_manager = session.client("secretsmanager")
    for survived in (0, 3, 6, 7):  # 7: between the two notes
        account = Account(session, None)
        account.versions["AWSCURRENT"] = stored()
        account.survives = survived
        assert parts.whole(parts.read(secrets_manager, "any")) == stored()
        with pytest.raises(KeyboardInterrupt):
            parts.write(secrets_manager, "any", stored(), stored())
        account.survives = 99
        parts.write(secrets_manager, "any", stored(), stored())

        assert account.secret == stored()
        assert (account.versions["AWSCURRENT"], account.versions["AWSPREVIOUS"]) == (note, note)


def test_a_write_that_is_killed_anywhere_is_completed_by_the_same_again(session: Session) -> None:
    another = stored(application_id=ANOTHER, private_key="another", public_key="its half")
    secrets_manager = session.client("secretsmanager")
    for before in (None, stored()):
        for survived in range(3):
            account = Account(session, before)
            account.survives = survived
            with pytest.raises(KeyboardInterrupt):
                parts.write(secrets_manager, "any", before or {}, another)
            account.survives = 99
            found = parts.whole(parts.read(secrets_manager, "any"))
            parts.write(secrets_manager, "any", found, another)
            assert (account.secret, parts.lacking(parts.read(secrets_manager, "any"))) == (another, [])


def test_a_part_that_a_killed_write_left_behind_follows_with_the_next_change_of_anything(session: Session) -> None:
    account = Account(session, stored())
    account.survives = 1
    secrets_manager = session.client("secretsmanager")
    with pytest.raises(KeyboardInterrupt):
        parts.write(secrets_manager, "any", stored(), stored(application_id=ANOTHER))
    held = parts.read(secrets_manager, "any")
    account.survives = 99

    parts.write(secrets_manager, "any", parts.whole(held), parts.whole(held))

    assert parts.lacking(held) == ["application_id (signature-secrets)", "application_id (clients)"]
    assert account.secret == stored(application_id=ANOTHER)
    assert parts.lacking(parts.read(secrets_manager, "any")) == []


_unused: Any = None


def test_a_part_that_is_not_stored_is_lacking_although_another_has_its_fields(session: Session) -> None:
    account = Account(session, stored())
    account.versions["AWSCURRENT"] = stored()
    del account.versions["clients"]

    case = Case(deployed("shop", region=None, profile=None), _unused, _unused, NOON)

    assert case.secret == stored()
    assert doctor.secret(case) == failed(
        "The stack's secret lacks application_id (clients), public_key (clients), clients (clients).",
        "Run `getthrough up`: it fills the secret.",
    )


@pytest.mark.parametrize("text", ["no JSON", '["a list"]'])
def test_a_part_that_is_no_json_object_is_one_sentence(session: Session, text: str) -> None:
    session.answers["secretsmanager", "GetSecretValue"] = {"SecretString": text}

    with pytest.raises(OperatorError, match="the part private-key of the stack's secret is no JSON: look at it first"):
        parts.read(session.client("secretsmanager"), "any")


def test_a_callback_secret_that_is_made_is_printed_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account(session, stored(callback_secrets=[]))
    monkeypatch.delenv("VONAGE_SIGNATURE_SECRET", raising=False)

    printed, newest = [], []
    for change in (["--api-key", "00ff00ff"], ["--api-key", "abcd1234"], ["--callback-secret"]):
        assert main(["secret", *change]) == 0
        printed.append(capsys.readouterr().out.splitlines()[:-1])
        newest.append(f"Webhooks to your own systems are signed with: {(account.secret or {})['callback_secrets'][0]}")

    assert printed == [[newest[0]], [], [newest[2]]]
    assert newest[0] == newest[1] != newest[2]


def test_an_empty_secret_is_filled_from_a_file_and_the_environment(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    account = Account(session, None)
    monkeypatch.setenv("VONAGE_SIGNATURE_SECRET", "first")
    (tmp_path / "private.key").write_text(PKCS1)
    given = ["--application-id", APPLICATION, "--private-key", str(tmp_path / "private.key"), "--api-key", "abcd1234"]

    assert main(["secret", *given, "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert account.secret is not None
    made = {name: account.secret[name] for name in ("contact_key", "operator_secret", "clients")}
    assert account.secret == stored(callback_secrets=[printed["callback_secret"]], **made)
    assert list(account.secret["clients"]) == [OPERATOR]


def test_new_secrets_are_printed_before_they_are_stored(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account(session, stored())
    account.survives = 0

    assert main(["secret", "--callback-secret"]) == 130

    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("Webhooks to your own systems are signed with: whsec_")
    assert account.secret == stored()


def test_a_dry_run_names_what_would_change_and_shows_no_secret(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account(session, stored())

    assert main(["secret", "--api-key", "00ff00ff", "--callback-secret", "--dry-run"]) == 0

    secret_id = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop"
    assert capsys.readouterr().out == f"Would change api_key, callback_secrets in {secret_id}.\n"
    assert account.secret == stored()


@pytest.fixture
def _no_signature_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VONAGE_SIGNATURE_SECRET", raising=False)


@pytest.mark.usefixtures("_no_signature_secret")
@pytest.mark.parametrize(
    ("secret", "arguments", "sentence"),
    [
        (stored(), ["--private-key", "nowhere.key"], "there is no key in nowhere.key: name the file that"),
        (stored(), ["--signature-secret"], "the signature secret is needed: set VONAGE_SIGNATURE_SECRET."),
        (None, [], "the signature secret is needed: set VONAGE_SIGNATURE_SECRET."),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    session: Session,
    capsys: pytest.CaptureFixture[str],
    secret: dict[str, Any] | None,
    arguments: list[str],
    sentence: str,
) -> None:
    account = Account(session, secret)

    assert main(["secret", *arguments]) == 2

    printed = capsys.readouterr()
    assert (printed.out, printed.err.startswith(f"getthrough: {sentence}")) == ("", True)
    assert account.secret == secret
