"""Managing clients: what is stored, what is refused before anything is called, and which secrets let them in."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.__main__ import main
from cli.client.records import MONEY, added, changed, every, removed, renewed
from cli.errors import OperatorError
from cli.secret.content import OPERATOR, SCOPES
from cli.secret.trail import changes
from getthrough.adapters import secrets
from getthrough.adapters.client_credentials import authenticate
from getthrough.domain.client.scopes import Client, Scope
from getthrough.domain.limit.limits import client_limits_of
from getthrough.domain.values.errors import UnauthenticatedError, UnavailableError
from tests.builders import basic
from tests.unit.cli import test_secret
from tests.unit.cli.aws import Session
from tests.unit.cli.test_secret import Account

SHOP = {"scopes": ["send"], "limits": {"messages_per_day": 500, "countries": "44,353"}}
SENDS_ONLY = Client("shop", frozenset({Scope.SEND}))
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HASHES = {"salt", "sha256"}


def stored(**overrides: Any) -> dict[str, Any]:
    """Without clients, unless a test names some."""
    return test_secret.stored(**{"clients": {}, **overrides})


def sign_in(content: dict[str, Any], made: str, name: str = "shop") -> Client:
    return authenticate(
        basic(name, made)["authorization"], secrets.parse(json.dumps(content), secrets.parse_clients), "GET /v1/me"
    )


def test_a_new_client_signs_in_with_its_secret_and_only_a_hash_of_it_is_stored() -> None:
    content, made = added(stored(), "shop", SHOP)

    record = content["clients"]["shop"]
    assert (record.keys(), {name: record[name] for name in SHOP}) == ({*SHOP, *HASHES}, SHOP)
    assert {**content, "clients": {}} == stored()
    assert made not in json.dumps(content)
    assert sign_in(content, made) == SENDS_ONLY
    assert secrets.parse_clients(content).limits_of("shop") == client_limits_of(SHOP["limits"])  # type: ignore[arg-type]


def test_the_command_lines_own_client_is_renewed_where_it_is_read_and_cannot_be_added() -> None:
    content, made = renewed(test_secret.stored(), OPERATOR, NOW)

    assert content["operator_secret"] == made
    assert sign_in(content, made, OPERATOR) == Client(OPERATOR, frozenset({Scope.ADMIN}))
    with pytest.raises(OperatorError, match="this tool's own"):
        added(stored(), OPERATOR, SHOP)


def test_a_change_keeps_what_is_not_named_also_fields_of_other_releases() -> None:
    record = {"salt": "00", "sha256": "11", "scopes": ["send"], "limits": {"messages_per_day": 5, "x": 1}, "y": [2]}

    content = changed(stored(clients={"shop": record}), "shop", {"limits": {"messages_per_minute": 9}})

    limits = {"messages_per_day": 5, "x": 1, "messages_per_minute": 9}
    assert content["clients"] == {"shop": {**record, "limits": limits}}


def test_a_budget_is_an_amount_with_its_currency_and_0_takes_it_away() -> None:
    content, _ = added(stored(), "shop", {"limits": {"spending_per_month": "50EUR", "spending_per_day": "5.50 EUR"}})
    limits = changed(content, "shop", {"limits": {"spending_per_day": "0"}})["clients"]["shop"]["limits"]

    assert limits == {"spending_per_month": "50EUR"}
    given = ("50EUR", "5.50 EUR", "50", "EUR", "50 euro")
    assert [text for text in given if MONEY.fullmatch(text)] == ["50EUR", "5.50 EUR"]


@pytest.mark.parametrize("off", [{"messages_per_day": 0}, {"messages_per_day": 7, "countries": "all"}])
def test_a_limit_is_taken_away(off: dict[str, Any]) -> None:
    content, _ = added(stored(), "shop", SHOP)
    limits = changed(content, "shop", {"limits": off})["clients"]["shop"]["limits"]

    assert limits == ({"countries": "44,353"} if off["messages_per_day"] == 0 else {"messages_per_day": 7})


def test_the_last_secret_is_valid_beside_the_new_one_until_its_time_and_the_one_before_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content, first = added(stored(), "shop", SHOP)
    content, second = renewed(content, "shop", NOW)
    content, third = renewed(content, "shop", NOW + timedelta(hours=24))

    def let_in(at: datetime) -> list[bool]:
        monkeypatch.setattr(time, "time", at.timestamp)
        return [_fits(content, made) for made in (first, second, third)]

    assert let_in(NOW + timedelta(hours=23, minutes=59)) == [False, True, True]
    assert let_in(NOW + timedelta(hours=24)) == [False, False, True]
    assert len({first, second, third}) == 3


def _fits(content: dict[str, Any], made: str) -> bool:
    try:
        return sign_in(content, made) == SENDS_ONLY
    except UnauthenticatedError:
        return False


def test_a_secret_that_may_be_in_other_hands_ends_at_once() -> None:
    content, first = added(stored(), "shop", SHOP)
    content, _ = renewed(content, "shop", NOW)
    content, third = renewed(content, "shop", None)

    assert "previous" not in content["clients"]["shop"]
    assert (_fits(content, first), _fits(content, third)) == (False, True)


def test_a_record_whose_previous_secret_cannot_be_read_lets_no_one_in() -> None:
    content, made = added(stored(), "shop", SHOP)
    content["clients"]["shop"]["previous"] = {"salt": "00", "sha256": "11", "valid_until": "tomorrow"}

    with pytest.raises(UnavailableError):
        sign_in(content, made)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.fixed_dictionaries(
                {},
                optional={
                    "scopes": st.lists(st.sampled_from(SCOPES), min_size=1, unique=True),
                    "limits": st.fixed_dictionaries(
                        {},
                        optional={
                            "messages_per_day": st.integers(0, 9),
                            "messages_per_minute": st.integers(0, 9),
                            "countries": st.sampled_from(["all", "", "44", "44,353"]),
                        },
                    ),
                },
            ),
        ),
        max_size=6,
    )
)
def test_the_functions_can_read_whatever_changes_make(changes: list[tuple[str, dict[str, Any]]]) -> None:
    content, made = stored(), dict[str, str]()
    for name, fields in changes:
        if name in content["clients"]:
            content = changed(content, name, fields)
        else:
            content, made[name] = added(content, name, {"scopes": ["send"], **fields})

    assert {name: sign_in(content, secret, name).name for name, secret in made.items()} == {name: name for name in made}


def test_removing_a_client_leaves_the_others() -> None:
    content, _ = added(added(stored(), "shop", {"scopes": ["send"]})[0], "second", SHOP)

    assert list(removed(content, "shop")["clients"]) == ["second"]


def test_what_a_removed_client_planned_keeps_its_limits_and_no_one_signs_in_as_it() -> None:
    content, made = added(stored(), "shop", {"scopes": ["send"], "limits": {"messages_per_day": 5}})

    after = removed(content, "shop")

    known = secrets.parse_clients(after)
    assert known.limits_of("shop").rows == secrets.parse_clients(content).limits_of("shop").rows != ()
    assert known.clients["shop"].scopes == frozenset()
    with pytest.raises(UnauthenticatedError):
        sign_in(after, made, "shop")
    assert [one["name"] for one in every(after)] == ["application"]
    with pytest.raises(OperatorError, match="the client 'shop' was removed"):
        removed(after, "shop")
    assert [*changes(content, after)] == [("client.remove", "shop")]


def test_a_name_that_was_removed_can_be_had_again_with_other_limits() -> None:
    content, _ = added(stored(), "shop", {"scopes": ["send"], "limits": {"messages_per_day": 5}})

    after, made = added(removed(content, "shop"), "shop", {"scopes": ["read"]})

    assert sign_in(after, made, "shop").scopes == {Scope.READ}
    assert secrets.parse_clients(after).limits_of("shop").rows == ()


def run(session: Session, content: dict[str, Any], *arguments: str) -> tuple[int, dict[str, Any]]:
    account = Account(session, content)
    code = main(["client", *arguments, "--stack", "shop"])
    return code, account.secret or {}


def test_the_secret_is_printed_once(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ["--scope", "send", "--per-day", "500", "--countries", "44, 353"]
    code, content = run(session, stored(), "add", "shop", *wanted)
    printed = capsys.readouterr().out.splitlines()
    made = printed[0].rpartition(" ")[2]

    assert (code, printed[1]) == (
        0,
        "client 'shop' was added: shop: send; messages_per_day: 500; countries: 44,353",
    )
    assert sign_in(content, made) == SENDS_ONLY

    for reading in (["list"], ["list", "--json"], ["show", "shop"], ["show", "shop", "--json"]):
        code, after = run(session, content, *reading)
        text = capsys.readouterr().out
        hidden = [made, *(content["clients"]["shop"][name] for name in HASHES)]
        assert (code, after, [each in text for each in hidden]) == (0, content, [False] * 3)


@pytest.mark.parametrize("arguments", [["add", "second", "--scope", "send"], ["secret", "shop"]])
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_secret_is_printed_before_it_is_stored(
    session: Session, capsys: pytest.CaptureFixture[str], arguments: list[str], as_json: list[str]
) -> None:
    account = Account(session, added(stored(), "shop", SHOP)[0])
    before, account.survives = account.secret, 0

    assert main(["client", *arguments, *as_json, "--stack", "shop"]) == 130

    assert "secret" in capsys.readouterr().out
    assert account.secret == before


def test_a_repetition_does_not_end_a_secret_that_is_in_use(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    content, in_use = added(stored(), "shop", SHOP)
    _, content = run(session, content, "secret", "shop")
    until = content["clients"]["shop"]["previous"]["valid_until"]
    capsys.readouterr()

    assert run(session, content, "secret", "shop") == (2, content)
    refused = capsys.readouterr()
    code, after = run(session, content, "secret", "shop", "--lost")
    made = capsys.readouterr().out.splitlines()[0].rpartition(" ")[2]

    sentence = f"getthrough: client 'shop' has two secrets until {until}, and a third would end the older one now"
    assert (refused.out, refused.err.startswith(sentence), code) == ("", True, 0)
    assert (_fits(after, in_use), _fits(after, made)) == (True, True)
    code, last = run(session, after, "secret", "shop", "--old-hours", "0")
    assert (code, _fits(last, in_use), _fits(last, made)) == (0, False, False)


def test_a_secret_before_the_last_one_that_is_not_valid_any_more_ends_at_the_next_one(session: Session) -> None:
    content, _ = added(stored(), "shop", SHOP)
    content, second = renewed(content, "shop", datetime.now(UTC) - timedelta(seconds=1))

    code, after = run(session, content, "secret", "shop")

    assert (code, _fits(after, second)) == (0, True)


def test_a_test_client_has_guests_or_none_until_it_is_no_test_client_any_more(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    def guests(content: dict[str, Any]) -> str | None:
        found: str | None = content["clients"]["shop"].get("limits", {}).get("guests")
        return found

    _, alone = run(session, stored(), "add", "shop", "--scope", "send", "--test")
    _, some = run(session, alone, "change", "shop", "--guests", "+353 87 1234567, +ann+test@x.example")
    _, kept = run(session, some, "change", "shop", "--per-day", "5")
    assert run(session, kept, "change", "shop", "--test") == (0, kept)
    _, ended = run(session, kept, "change", "shop", "--guests", "all")

    assert [*map(guests, (alone, some, kept, ended))] == ["simulated", *["353871234567,+ann+test@x.example"] * 2, None]
    assert secrets.parse_clients(some).limits_of("shop").guests == (
        ("phone", "353871234567"),
        ("email", "+ann+test@x.example"),
    )
    code, after = run(session, stored(), "add", "shop", "--scope", "send", "--guests", "ann")
    assert (code, after) == (2, stored())


def test_machines_get_json(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    _, content = run(session, stored(), "add", "shop", "--scope", "read", "--scope", "send", "--json")
    made = json.loads(capsys.readouterr().out)
    shop = {"name": "shop", "scopes": ["send", "read"], "limits": {}}
    assert made == {"client": shop, "dry_run": False, "secret": made["secret"]}

    _, content = run(session, content, "secret", "shop", "--json")
    again = json.loads(capsys.readouterr().out)
    until = content["clients"]["shop"]["previous"]["valid_until"]
    renewed_shop = shop | {"previous_secret_valid_until": until}
    assert again == {"client": renewed_shop, "dry_run": False, "secret": again["secret"]}
    assert timedelta(hours=23, minutes=59) < datetime.fromisoformat(until) - datetime.now(UTC) <= timedelta(hours=24)

    run(session, content, "list", "--json")
    application = {"name": "application", "scopes": ["send", "read"], "limits": {}}
    assert json.loads(capsys.readouterr().out) == [renewed_shop, application]

    _, content = run(session, content, "remove", "shop", "--json")
    assert json.loads(capsys.readouterr().out) == {"client": renewed_shop, "dry_run": False}
    assert content == stored()


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "second", "--scope", "send"],
        ["change", "shop", "--per-day", "7"],
        ["secret", "shop"],
        ["remove", "shop"],
    ],
)
def test_a_dry_run_changes_nothing_and_makes_no_secret(
    session: Session, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    content, _ = added(stored(), "shop", SHOP)

    code, after = run(session, content, *arguments, "--dry-run")

    printed = capsys.readouterr().out
    assert (code, after) == (0, content)
    assert (len(printed.splitlines()), "would be" in printed, "signs in" in printed) == (1, True, False)


def test_what_callers_with_a_token_may_do_is_changed_like_a_client(session: Session) -> None:
    _, content = run(session, stored(), "change", "application", "--scope", "read")

    assert content == stored(application_scopes=["read"])
    assert secrets.parse_clients(content).application_scopes == {Scope.READ}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "a:b", "--scope", "send"], "a client's name has 1 to 64 letters"),
        (["add", "application", "--scope", "send"], "'application' is the name of callers with a token"),
        (["add", "second"], "Missing option '--scope'"),
        (["add", "second", "--scope", "root"], "'root' is not one of"),
        (["add", "second", "--scope", "send", "--per-day", "-1"], "-1 is not in the range"),
        (["add", "second", "--scope", "send", "--per-minute", "many"], "'many' is not a valid integer"),
        (["add", "second", "--scope", "send", "--countries", "GB"], "'GB' are no calling codes"),
        (["add", "second", "--scope", "send", "--test", "--guests", "all"], "--guests all makes no test client"),
        (["change", "shop", "--test", "--guests", "all"], "--guests all makes no test client"),
        (["change", "shop"], "name a --scope or a limit"),
        (["change", "application", "--per-day", "5"], "'application' has scopes only"),
        (["secret", "application"], "'application' is the name of callers with a token"),
        (["remove", "getthrough:canary"], "a client's name has 1 to 64 letters"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_called(
    session: Session, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    session.answers.clear()

    assert main(["client", *arguments, "--stack", "shop"]) == 2

    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        ({}, ["list"], "the stack's secret is not filled yet"),
        ({}, ["add", "shop", "--scope", "send"], "the stack's secret is not filled yet"),
        (stored(clients={"shop": {}}), ["add", "shop", "--scope", "send"], "there is a client 'shop' already"),
        (stored(clients={"shop": {}}), ["remove", "shap"], "there is no client 'shap': name one of shop."),
        (stored(), ["add", "customer", "--scope", "operate"], "opt-outs say that they are by 'customer'"),
        (stored(), ["add", "vonage", "--scope", "operate"], "opt-outs say that they are by 'vonage'"),
        (stored(), ["change", "shop", "--per-day", "1"], "there is no client 'shop': name one of none."),
        (stored(), ["secret", "shop"], "there is no client 'shop': name one of none."),
        (stored(), ["show", "shop"], "there is no client 'shop': name one of none."),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    session: Session, capsys: pytest.CaptureFixture[str], content: dict[str, Any], arguments: list[str], sentence: str
) -> None:
    assert run(session, content, *arguments) == (2, content)

    assert capsys.readouterr().err.startswith(f"getthrough: {sentence}")
