"""Wiring an application with `getthrough up`, killed at each write and run again, on the simulator's account side.

The stack is as AWS's API describes it; its secret is kept here.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from cli.__main__ import main
from cli.secret import parts
from cli.secret.content import hashed, public_key
from cli.up import command
from cli.vonage import application as app
from cli.vonage.account import VonageAccount
from local.vonage_simulator.config import SimulatorConfig
from local.vonage_simulator.server import SimulatorThread
from tests.simulator.receiver import API_KEY, API_SECRET, SIGNATURE_SECRET
from tests.unit.cli.aws import ACCOUNT, OUTPUTS, REGION, RefusedError, Session

Json = dict[str, Any]

LABELS = (*parts.PARTS, parts.OPERATOR)
NAME = f"Getthrough (shop, {REGION}, {ACCOUNT})"
STATUS, INBOUND = OUTPUTS["StatusUrl"], OUTPUTS["InboundUrl"]
CAPABILITIES: Json = {
    "voice": {
        "webhooks": {"answer_url": {"address": "https://v.example", "http_method": "GET", "socket_timeout": 3000}},
        "signed_callbacks": True,
        "region": "eu-west",
    },
    "rtc": {"webhooks": {"event_url": {"address": "https://r.example", "http_method": "POST"}}},
    "vbc": {},
    "verify": {"version": "v2", "webhooks": {"status_url": {"address": "https://y.example", "http_method": "POST"}}},
    "network_apis": {"network_application_id": "n-1", "redirect_uri": "https://n.example"},
    "of_next_year": [1, {"ü": None}],
    "messages": {
        "version": "v0.1",
        "authenticate_inbound_media": True,
        "webhooks": {
            "status_url": {"address": "https://old.example/status", "http_method": "POST", "note": "kept"},
            "inbound_url": {"address": "https://old.example/inbound", "http_method": "POST"},
        },
    },
}


class KilledError(BaseException):
    """The process ended here."""


@dataclass
class World:
    """The account at Vonage, and the stack's secret; `kill_at` counts writes, of the secret each part's: 2.0 before the
    third, 2.5 after it."""

    url: str
    http: requests.Session
    versions: dict[str, Json] = field(default_factory=dict)
    session: Session = field(default_factory=Session)
    writes: list[str] = field(default_factory=list)
    kill_at: float | None = None

    @property
    def secret(self) -> Json | None:
        """What all parts of the stack's secret hold."""
        return parts.whole({label: self.versions.get(label, {}) for label in LABELS}) or None

    def vonage(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, self.url + path, json=body, auth=(API_KEY, API_SECRET), timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def applications(self) -> list[Json]:
        found: list[Json] = self.vonage("GET", "/v2/applications?page_size=100")["_embedded"]["applications"]
        return found

    def write(self, name: str, do: Callable[[], Any]) -> Any:
        number = len(self.writes)
        if self.kill_at == number:
            raise KilledError
        self.writes.append(name)
        done = do()
        if self.kill_at == number + 0.5:
            raise KilledError
        return done

    def up(self, *arguments: str) -> int:
        self.writes.clear()
        return main(["up", "--stack", "shop", "--no-deploy", *arguments])


KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(8)]
"""More than one story needs. A new key takes long, and reading one does."""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """An account without an application, and a stack whose secret was never filled."""
    for name, value in {
        "VONAGE_API_KEY": API_KEY,
        "VONAGE_API_SECRET": API_SECRET,
        "VONAGE_SIGNATURE_SECRET": SIGNATURE_SECRET,
        "XDG_STATE_HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    config = SimulatorConfig("", "", SIGNATURE_SECRET, API_KEY, "", "", API_SECRET, ("447700900001",))
    session = Session()
    monkeypatch.setattr(boto3, "Session", lambda **_: session)
    monkeypatch.setattr(command, "_try", lambda *_: 0)
    keys = cycle(KEYS)
    monkeypatch.setattr(rsa, "generate_private_key", lambda **_: next(keys))
    with SimulatorThread(config) as simulator, requests.Session() as http:
        monkeypatch.setenv("VONAGE_ACCOUNT_URL", simulator.url)
        world = World(simulator.url, http, session=session)
        call = VonageAccount._call

        def counted(account: VonageAccount, method: str, url: str, **given: Any) -> Any:
            if method == "GET":
                return call(account, method, url, **given)
            return world.write(f"{method} {url.rsplit('/', 2)[1]}", lambda: call(account, method, url, **given))

        def get(asked: Any) -> Json:
            if asked["VersionStage"] not in world.versions:
                raise RefusedError("ResourceNotFoundException")
            return {"SecretString": json.dumps(world.versions[asked["VersionStage"]])}

        def put(asked: Any) -> Json:
            [label] = asked["VersionStages"]
            content = json.loads(asked["SecretString"])
            return world.write(label, lambda: world.versions.update({label: content})) or {}

        session.answers["secretsmanager", "GetSecretValue"] = get
        session.answers["secretsmanager", "PutSecretValue"] = put
        monkeypatch.setattr(VonageAccount, "_call", counted)
        yield world


def existing(world: World, **changed: Any) -> tuple[Json, str]:
    """An application that someone has used for years, and its private key."""
    key = app.new_private_key()
    body = {"name": "Shop", "keys": {"public_key": public_key(key)}, "capabilities": CAPABILITIES, **changed}
    made: Json = world.vonage("POST", "/v2/applications", {**body, "privacy": {"improve_ai": False}})
    return made, key


def complete(world: World, printed: str) -> None:
    """One application, with the stack's key and URLs; a whole secret; and the client's secret was shown last."""
    [application] = world.applications()
    secret = world.secret or {}
    assert parts.lacking({label: world.versions.get(label, {}) for label in LABELS}) == []
    assert secret["public_key"] == public_key(secret["private_key"])
    assert app.addresses(application) == app.Urls(STATUS, INBOUND)
    assert application["capabilities"]["messages"]["version"] == "v1"
    assert application["id"] == secret["application_id"]
    assert app.has_key(application, secret["private_key"])
    assert (secret["api_key"], secret["signature_secrets"]) == (API_KEY, [SIGNATURE_SECRET])
    shown = [line.rpartition(" ")[2] for line in printed.splitlines() if line.startswith("client 'shop' signs in")]
    entry = secret["clients"]["shop"]
    salted = bytes.fromhex(entry["salt"])
    assert entry["sha256"] == _hash(salted, shown[-1])
    signing = [line.rpartition(" ")[2] for line in printed.splitlines() if line.startswith("webhooks to your own")]
    assert secret["callback_secrets"] == [signing[-1]]
    assert "private_key" not in application["keys"]


def _hash(salt: bytes, secret: str) -> str:
    return hashlib.sha256(salt + secret.encode()).hexdigest()


def test_an_empty_account_gets_an_application_whose_key_only_the_secret_has(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.up() == 0

    printed = capsys.readouterr().out
    complete(world, printed)
    assert world.writes == WRITES
    assert (world.secret or {})["private_key"] not in printed


def test_a_second_run_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.up()
    before = world.applications(), world.secret
    capsys.readouterr()

    assert world.up() == 0

    assert (world.writes, (world.applications(), world.secret)) == ([], before)
    assert capsys.readouterr().out == ""


WRITES = [
    *("AWSCURRENT", "private-key", "clients"),
    "POST v2",
    *("private-key", "signature-secrets", "clients"),
    *("operator", "signature-secrets", "clients", "callback-secrets", "contact-key"),
    "operator",
    "PUT applications",
]
"""Of the first run. What is between two writes is said before the second."""


@pytest.mark.parametrize("moment", [*range(len(WRITES)), len(WRITES) - 0.5])
def test_a_run_that_was_killed_is_completed_by_the_next_one(
    world: World, moment: float, capsys: pytest.CaptureFixture[str]
) -> None:
    world.kill_at = moment
    with pytest.raises(KilledError):
        world.up()
    world.kill_at = None

    assert world.up() == 0

    complete(world, capsys.readouterr().out)


def test_a_run_that_is_killed_at_every_write_in_turn_ends_in_the_same_place(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.kill_at, runs = 0.5, 0
    while runs < len(WRITES):
        try:
            world.up()
        except KilledError:
            runs += 1
            continue
        break

    complete(world, capsys.readouterr().out)
    assert 9 < runs < len(WRITES), "each run got further"


def test_what_a_part_of_the_secret_lacks_is_there_after_the_next_run(world: World) -> None:
    world.up()
    before = json.loads(json.dumps(world.versions))
    del world.versions["signature-secrets"]["application_id"], world.versions["clients"]["public_key"]

    assert world.up() == 0

    assert (world.writes, world.versions) == (["signature-secrets", "clients"], before)


def test_everything_else_in_an_application_survives(world: World, tmp_path: Path) -> None:
    made, key = existing(world)
    (tmp_path / "private.key").write_text(key)

    assert world.up("--application", made["id"], "--private-key", str(tmp_path / "private.key")) == 0

    [found] = world.applications()
    wanted = json.loads(json.dumps(made))
    messages = wanted["capabilities"]["messages"]
    messages["version"] = "v1"
    messages["webhooks"]["status_url"]["address"] = STATUS
    messages["webhooks"]["inbound_url"]["address"] = INBOUND
    assert json.dumps(found) == json.dumps(wanted), "byte for byte, the order of the names too"
    [kept] = (tmp_path / "getthrough").glob("application-*.json")
    assert json.loads(kept.read_text()) == made
    assert kept.stat().st_mode & 0o077 == 0


def down(world: World) -> int:
    """`getthrough down`, on an account whose stack is gone once it is asked for."""
    answers = world.session.answers
    describe = answers["cloudformation", "DescribeStacks"]

    def delete(_: Any) -> Json:
        answers["cloudformation", "DescribeStacks"] = RefusedError("ValidationError")
        return {}

    answers["cloudformation", "DeleteStack"] = delete
    code = main(["down", "--stack", "shop"])
    answers["cloudformation", "DescribeStacks"] = describe
    return code


def test_an_application_survives_up_rotate_and_down_but_for_its_key(world: World, tmp_path: Path) -> None:
    made, key = existing(world)
    (tmp_path / "private.key").write_text(key)
    world.up("--application", made["id"], "--private-key", str(tmp_path / "private.key"))

    assert (rotated(world, "application-key"), down(world)) == (0, 0)

    [found] = world.applications()
    keys = {"keys": made["keys"]}
    assert found["keys"] != made["keys"]
    assert json.dumps({**found, **keys}) == json.dumps(made), "byte for byte, the order of the names too"
    writes: list[str] = list(world.writes)
    assert (down(world), world.writes) == (0, writes), "once"


def test_an_application_that_down_left_is_taken_again_although_its_key_is_gone(world: World) -> None:
    world.up()
    [before] = world.applications()
    assert down(world) == 0
    world.versions.clear()

    assert world.up() == 0

    [after] = world.applications()
    assert (after["id"], app.has_key(after, (world.secret or {})["private_key"])) == (before["id"], True)


def test_an_application_that_is_taken_again_is_kept_as_it_was(world: World, tmp_path: Path) -> None:
    made, _ = existing(world, name=NAME, capabilities={})

    assert world.up() == 0

    kept = [json.loads(path.read_text()) for path in (tmp_path / "getthrough").glob("application-*.json")]
    assert made["keys"] in [application["keys"] for application in kept]


def test_a_stack_of_the_same_name_elsewhere_keeps_its_application_and_key(world: World) -> None:
    made, key = existing(world, name=f"Getthrough (shop, us-east-1, {ACCOUNT})", capabilities={})

    assert world.up() == 0

    [other] = [application for application in world.applications() if application["id"] == made["id"]]
    assert (len(world.applications()), app.has_key(other, key)) == (2, True)


@pytest.mark.parametrize("arguments", [["up", "--no-deploy"], ["secret", "--private-key", "key", "--api-key", API_KEY]])
def test_where_the_table_has_items_no_new_key_is_made_to_find_opt_outs_with(
    world: World, arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, key = existing(world)
    (tmp_path / "key").write_text(key)
    world.session.answers["dynamodb", "Scan"] = {"Count": 1}
    given = [str(tmp_path / "key") if argument == "key" else argument for argument in arguments]
    given += ["--application-id", made["id"]] if "secret" in arguments else []

    assert main([*given, "--stack", "shop"]) == 2

    assert "with a new one, no opt-out in it would be found" in capsys.readouterr().err
    assert "contact_key" not in (world.secret or {})
    world.versions["contact-key"] = {"contact_key": "ab" * 32}
    assert main([*given, "--stack", "shop"]) == 0
    assert (world.secret or {})["contact_key"] == "ab" * 32


def test_what_was_before_the_first_run_comes_back_although_others_changed_it_between(
    world: World, tmp_path: Path
) -> None:
    made, key = existing(world)
    (tmp_path / "private.key").write_text(key)
    arguments = ["--application", made["id"], "--private-key", str(tmp_path / "private.key")]
    world.up(*arguments)
    swapped = app.wired(made, app.Urls(INBOUND, STATUS))
    world.vonage("PUT", f"/v2/applications/{made['id']}", swapped)
    world.up(*arguments)

    assert (world.secret or {})["wiring"]["messages"] == CAPABILITIES["messages"]


REFUSED: list[tuple[Callable[[World], list[str]], str]] = [
    (lambda w: ["--client", "shop"] if existing(w, name=NAME) else [], "with another key"),
    (lambda w: ["--application", existing(w)[0]["id"]], "has another key than the stack"),
    (lambda _: ["--application", "11111111-2222-4333-8444-555555555555"], "has no application 1111"),
    (lambda _: ["--number", "447700900555"], "has no number 447700900555"),
    (lambda _: ["--number", "my phone"], "is no number in digits"),
    (lambda _: ["--private-key", "nowhere.key"], "there is no key in nowhere.key"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_cannot_be_done_is_one_sentence(
    world: World, given: Callable[[World], list[str]], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.up(*given(world)) == 2

    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("VONAGE_API_SECRET", "wrong", "Vonage does not know this API key and secret"),
        ("VONAGE_API_SECRET", "", "VONAGE_API_SECRET is needed"),
        ("VONAGE_ACCOUNT_URL", "http://127.0.0.1:1", "Vonage did not answer"),
        ("VONAGE_API_KEY", "ABC", "an API key is 8 hexadecimal digits"),
    ],
)
def test_credentials_that_are_missing_or_wrong_are_one_sentence(
    world: World, capsys: pytest.CaptureFixture[str], variable: str, value: str, sentence: str
) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(variable, value)
        assert world.up() == 2

    assert sentence in capsys.readouterr().err


def test_a_number_is_linked_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.up("--number", "447700900001") == 0
    assert "the number 447700900001 is linked" in capsys.readouterr().out
    assert world.up("--number", "447700900001") == 0
    assert world.writes == []


def test_a_client_that_is_there_keeps_its_secret(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = {"shop": hashed("its secret")}
    world.versions["clients"] = {"clients": before}

    assert world.up("--client", "second") == 0

    clients = (world.secret or {})["clients"]
    assert (clients["shop"], sorted(clients)) == (before["shop"], ["getthrough-operator", "second", "shop"])
    assert "client 'shop'" not in capsys.readouterr().out


def rotated(world: World, *arguments: str) -> int:
    world.writes.clear()
    return main(["rotate", *arguments, "--stack", "shop"])


@pytest.mark.parametrize("moment", [None, 0, 0.5, 1, 1.5, 2, 3, 4, 4.5])
def test_a_new_application_key_is_in_both_places_wherever_the_change_was_killed(
    world: World, moment: float | None
) -> None:
    world.up()
    [before], old = world.applications(), (world.secret or {})["private_key"]
    world.kill_at = moment
    if moment is not None:
        with pytest.raises(KilledError):
            rotated(world, "application-key")
        world.kill_at = None
        if moment in (0, 0.5, 1):
            assert (world.secret or {})["private_key"] == old, "Vonage does not know another one yet"

    if moment != 4.5:  # killed after its last write, it was complete
        assert rotated(world, "application-key") == 0

    [after], secret = world.applications(), world.secret or {}
    assert app.has_key(after, secret["private_key"])
    assert secret["public_key"] == public_key(secret["private_key"])
    assert secret["private_key"] != old
    assert "next_private_key" not in secret
    assert {**after, "keys": before["keys"]} == before


def test_the_other_secrets_change_and_the_ones_before_them_stay_valid(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.up()
    before = world.secret or {}
    monkeypatch.setenv("VONAGE_SIGNATURE_SECRET", "a new one, which is long enough as well")

    for arguments in (["signature-secret"], ["signature-secret"], ["callback-secret"]):
        assert rotated(world, *arguments) == 0
        assert rotated(world, *arguments, "--dry-run") == 0

    after = world.secret or {}
    assert after["signature_secrets"] == ["a new one, which is long enough as well", SIGNATURE_SECRET]
    assert after["callback_secrets"][1:] == before["callback_secrets"]
    changed = {"signature_secrets", "callback_secrets"}
    assert {name: after[name] for name in after if name not in changed} == {
        name: before[name] for name in before if name not in changed
    }
    assert "nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["application-key", "signature-secret", "callback-secret"])
def test_who_only_asks_what_would_be_done_is_asked_for_no_secret(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    world.up()
    before = world.secret
    for name in ("VONAGE_API_KEY", "VONAGE_API_SECRET", "VONAGE_SIGNATURE_SECRET"):
        monkeypatch.delenv(name, raising=False)

    assert (rotated(world, what, "--dry-run"), world.secret) == (0, before)
