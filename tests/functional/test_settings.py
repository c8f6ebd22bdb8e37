"""What all users share when they write messages, through the functions: read, replaced, and never lost to another."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from getthrough.domain.message.field_rules import MAIL_SENDER, RCS_SENDER, SMS_SENDER
from getthrough.handlers import query, recover
from tests.builders import api_event
from tests.described import violations_of_answer
from tests.functional.aws_in_memory import CONTEXT, Aws
from tests.functional.recovery_in_memory import CREDENTIALS, recovery_in_memory
from tests.secret import CLIENT

SENDERS = [{"channel": "sms", "from": "Bakery"}, {"channel": "email", "from": "Bakery <shop@example.com>"}]
PLANS = [
    {
        "name": "SMS, then WhatsApp",
        "steps": [
            {"channel": "sms", "from": "Bakery", "expiry_time": 120, "condition_status": "delivered"},
            {"channel": "whatsapp", "expiry_time": 90},
        ],
    }
]
NONE: dict[str, Any] = {
    "version": 0,
    "default_country": None,
    "calling_code": None,
    "national_prefix": None,
    "senders": [],
    "plans": [],
    "changed_at": None,
    "changed_by": None,
}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with recovery_in_memory(monkeypatch) as in_memory:
        yield in_memory.aws


def checked(route: str, answer: dict[str, Any]) -> None:
    """The answer is one that the API's document describes."""
    assert (
        violations_of_answer(route, answer["statusCode"], CaseInsensitiveDict(answer["headers"]), answer["body"]) == []
    )


def read() -> Any:
    answer = query.handler(api_event("GET /v1/settings", headers=CREDENTIALS), CONTEXT)
    checked("GET /v1/settings", answer)
    return json.loads(answer["body"])


def change(**body: Any) -> tuple[int, Any]:
    event = api_event("PUT /v1/settings", headers=CREDENTIALS, body=json.dumps(body).encode())
    answer = recover.handler(event, CONTEXT)
    checked("PUT /v1/settings", answer)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.usefixtures("stack")
def test_what_is_stored_is_what_all_read_with_who_changed_it() -> None:
    assert read() == NONE

    status, stored = change(version=0, default_country="GB", senders=SENDERS, plans=PLANS)

    assert (status, {**stored, "changed_at": None}) == (
        200,
        {
            "version": 1,
            "default_country": "GB",
            "calling_code": "44",
            "national_prefix": "0",
            "senders": SENDERS,
            "plans": PLANS,
            "changed_at": None,
            "changed_by": CLIENT,
        },
    )
    assert read() == stored


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(("country", "numbers"), [("IT", ("39", "")), ("US", ("1", "1")), ("HU", ("36", "06"))])
def test_the_usual_country_comes_with_how_its_numbers_are_written(country: str, numbers: tuple[str, str]) -> None:
    change(version=0, default_country=country)

    stored = read()
    assert (stored["calling_code"], stored["national_prefix"]) == numbers


@pytest.mark.usefixtures("stack")
def test_what_a_change_leaves_out_becomes_empty() -> None:
    change(version=0, default_country="GB", senders=SENDERS, plans=PLANS)

    _, stored = change(version=1, senders=SENDERS[:1])

    assert {**stored, "changed_at": None, "changed_by": None} == {**NONE, "version": 2, "senders": SENDERS[:1]}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("version", [0, 2, 7])
def test_a_change_of_another_version_is_a_conflict_and_changes_nothing(version: int) -> None:
    _, stored = change(version=0, senders=SENDERS)

    assert change(version=version, senders=[])[0] == 409
    assert read() == stored


WRONG: Mapping[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "no version": ({}, [("version", "is required.")]),
    "a field that is not known": (
        {"version": 0, "colour": "red"},
        [("colour", "is not a field of this request.")],
    ),
    "a country that has no numbers": (
        {"version": 0, "default_country": "UK"},
        [("default_country", "must be a country with phone numbers of its own, such as GB.")],
    ),
    "no country at all": (
        {"version": 0, "default_country": "Britain"},
        [("default_country", "must be a two-letter country code, such as GB (ISO 3166).")],
    ),
    "a sender without its channel": (
        {"version": 0, "senders": [{"from": "Bakery"}]},
        [("senders[0].channel", "is required.")],
    ),
    "a sender with a price": (
        {"version": 0, "senders": [{**SENDERS[0], "price": 1}]},
        [("senders[0]", "must be a channel with its from.")],
    ),
    "a plan without steps": (
        {"version": 0, "plans": [{"name": "Nothing", "steps": []}]},
        [("plans[0].steps", "must be a list of 1 to 10.")],
    ),
    "a window of no length": (
        {"version": 0, "plans": [{"name": "At once", "steps": [{"channel": "sms", "expiry_time": 0}]}]},
        [("plans[0].steps[0].expiry_time", "must be a whole number from 1 to 604800.")],
    ),
    "two plans of one name": (
        {"version": 0, "plans": [{"name": "All", "steps": [{"channel": one}]} for one in ("sms", "rcs")]},
        [("plans[1].name", "must not be the name of a plan before it.")],
    ),
    "more than anyone needs": (
        {"version": 0, "senders": SENDERS * 16},
        [("senders", "must be a list of 0 to 30.")],
    ),
    "senders with which a message would be refused": (
        {
            "version": 0,
            "senders": [
                SENDERS[0],
                {"channel": "sms", "from": "The Corner Bakery"},
                {"channel": "email", "from": "us"},
            ],
            "plans": [{"name": "All", "steps": [{"channel": "rcs"}, {"channel": "rcs", "from": "The Bakery"}]}],
        },
        [
            ("senders[1].from", f"must be {SMS_SENDER['description']}."),
            ("senders[2].from", f"must be {MAIL_SENDER['description']}."),
            ("plans[0].steps[1].from", f"must be {RCS_SENDER['description']}."),
        ],
    ),
    "a sender in national form without its country": (
        {"version": 0, "senders": [{"channel": "sms", "from": "07700 900001"}]},
        [("senders[0].from", f"must be {SMS_SENDER['description']}.")],
    ),
}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("country", [{"default_country": "GB"}, {}])
def test_a_senders_number_can_have_any_form_that_a_message_can(country: dict[str, str]) -> None:
    number = "07700 900001" if country else "+44 (0)7700 900001"
    senders = [{"channel": channel, "from": number} for channel in ("sms", "whatsapp", "mms")]

    status, stored = change(version=0, senders=senders, **country)

    assert (status, stored["senders"]) == (200, senders)


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(("body", "violations"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_stated_by_its_place_and_not_stored(
    body: dict[str, Any], violations: list[tuple[str, str]]
) -> None:
    status, answer = change(**body)

    stated = [(one["name"], one["reason"]) for one in answer["invalid_parameters"]]
    assert (status, stated) == (422, violations)
    assert read() == NONE


def test_a_change_is_in_the_audit_trail(stack: Aws) -> None:
    change(version=0, senders=SENDERS)
    answer = query.handler(api_event("GET /v1/audit", headers=CREDENTIALS), CONTEXT)

    [entry] = json.loads(answer["body"])["entries"]
    assert {name: entry[name] for name in ("who", "what", "subject", "status")} == {
        "who": CLIENT,
        "what": "settings.change",
        "subject": None,
        "status": 200,
    }
