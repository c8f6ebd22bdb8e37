"""What may stand in the path and the query of a request: both sides of every bound."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from getthrough.domain.contact.contact import Address, contact_of
from getthrough.domain.dispatch.day import Day, day_of
from getthrough.domain.ports import DispatchFilter
from getthrough.domain.values.errors import InvalidRequestError
from getthrough.domain.values.page import PageRequest
from getthrough.handlers import _parameters as parameters
from getthrough.handlers._parameters import OUTCOMES, addressee, day, dispatch_filter, opaque, page
from tests.builders import FIRST, NOON, at

PLACE = "2026-03-02T12:00:00.000Z#5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500"


def faulty(parse: Any, parameters: dict[str, str]) -> list[str]:
    """The names of the parameters that are refused."""
    with pytest.raises(InvalidRequestError) as refused:
        parse(parameters)
    return [violation.name for violation in refused.value.violations]


def encoded(place: str) -> str:
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


# A page


@pytest.mark.parametrize(
    ("query", "limit"), [({}, 20), ({"limit": "1"}, 1), ({"limit": "100"}, 100), ({"limit": "0020"}, 20)]
)
def test_a_limit_is_a_whole_number_from_1_to_100_and_20_if_there_is_none(query: dict[str, str], limit: int) -> None:
    assert page(query) == PageRequest(limit, None)
    assert dispatch_filter(query) == (PageRequest(limit, None), DispatchFilter())


@pytest.mark.parametrize(
    "limit", ["0", "101", "1000", "99999999999999999999", "-1", "+5", "1.5", "", " 5", "5\n", "ten", "٣", "5,6"]
)
@pytest.mark.parametrize("parse", [page, dispatch_filter])
def test_any_other_limit_is_refused(parse: Any, limit: str) -> None:
    assert faulty(parse, {"limit": limit}) == ["limit"]


@pytest.mark.parametrize(
    "place",
    [
        PLACE,
        "0000#" + "0" * 64,
        "2026-03-02T12:00:00.000Z#x",
        "2026-03-02T12:00:00.000000ZZZ#x",
        "2026-03-02T12:00:00.000Z#" + "x" * 400,
    ],
)
def test_a_cursor_is_a_place_that_we_gave_out(place: str) -> None:
    cursor = opaque(place)
    assert cursor is not None
    assert page({"cursor": cursor}) == PageRequest(20, place)
    assert dispatch_filter({"cursor": cursor}) == (PageRequest(20, place), DispatchFilter())
    assert page({"cursor": cursor + "=" * (-len(cursor) % 4)}) == PageRequest(20, place)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "A",
        "not base64!",
        "é",
        encoded("hello"),
        encoded("#x"),
        encoded("202#x"),
        encoded("2026-03-02T12:00:00.000Z"),
        encoded("2026-03-02T12:00:00.000Z#"),
        encoded("2026-03-02T12:00:00.0000000000000#x"),
        encoded("2026-03-02T12:00:00.000Z#" + "x" * 401),
        encoded("2026-03-02T12:00:00.000Z#x\n"),
        encoded("2026-03-02T12:00:00.000Z#é"),
        encoded("~#x"),
    ],
)
@pytest.mark.parametrize("parse", [page, dispatch_filter])
def test_any_other_cursor_is_refused(parse: Any, cursor: str) -> None:
    assert faulty(parse, {"cursor": cursor}) == ["cursor"]


def test_the_end_of_a_list_has_no_cursor() -> None:
    assert opaque(None) is None


def test_a_cursor_can_stand_in_a_url_as_it_is() -> None:
    cursor = opaque("2026-03-02T12:00:00.000Z#~~~???>>>")
    assert cursor is not None
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("query", [{"page": "2"}, {"Limit": "5"}, {"channel": "sms", "address": FIRST}])
def test_a_page_takes_no_other_parameters(query: dict[str, str]) -> None:
    assert faulty(page, query) == sorted(query)


# A day


@pytest.mark.parametrize(
    ("query", "expected"),
    [({}, day_of("2026-07-01", "UTC")), ({"time_zone": "Europe/London"}, day_of("2026-07-01", "Europe/London"))],
)
def test_a_day_is_a_date_in_the_local_time_of_a_zone_or_in_utc(query: dict[str, str], expected: Day) -> None:
    assert day({"date": "2026-07-01"}, query) == expected


@pytest.mark.parametrize(
    ("date", "query", "wrong"),
    [
        ("", {}, ["date"]),
        ("2026-02-30", {"time_zone": "Europe/London"}, ["date"]),
        ("2026-07-01", {"time_zone": "Europe/Londn"}, ["time_zone"]),
        ("2026-07-01", {"time_zone": "europe/london"}, ["time_zone"]),
        ("2026-07-01", {"time_zone": ""}, ["time_zone"]),
        ("2026-07-01", {"time_zone": "../UTC"}, ["time_zone"]),
        ("today", {"time_zone": "here"}, ["time_zone", "date"]),
        ("2026-07-01", {"limit": "5"}, ["limit"]),
    ],
)
def test_any_other_day_is_refused(date: str, query: dict[str, str], wrong: list[str]) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        day({"date": date}, query)
    assert [violation.name for violation in refused.value.violations] == wrong


def test_a_day_that_is_not_given_is_refused() -> None:
    with pytest.raises(InvalidRequestError):
        day({}, {})


# A contact


@pytest.mark.parametrize(
    ("channel", "address", "expected"),
    [
        ("sms", FIRST, FIRST),
        ("sms", "+44 (0)7700 900-001", FIRST),
        ("rcs", "0044 7700 900001", FIRST),
        ("whatsapp", "+447700900001", FIRST),
        ("sms", "60300", "60300"),
        ("messenger", "+447700900001", "+447700900001"),
        ("viber_service_msg", "+447700900001", FIRST),
        ("email", "Ann@Example.COM", "ann@example.com"),
        ("messenger", "Ann", "Ann"),
        ("messenger", "x", "x"),
        ("messenger", "!~" * 128, "!~" * 128),
        ("ab", "x", "x"),
        ("a" * 50, "x", "x"),
    ],
)
def test_a_contact_is_a_channel_and_an_address_and_a_number_may_be_written_as_people_do(
    channel: str, address: str, expected: str
) -> None:
    named = contact_of("viber_service" if channel == "viber_service_msg" else channel, expected)
    assert parameters.address({"channel": channel, "address": address}).contact == named
    assert dispatch_filter({"channel": channel, "address": address})[1] == DispatchFilter((named,))


@pytest.mark.parametrize("channel", ["", "a", "a" * 51, "SMS", "sms ", "s#s", "2g", "_sms", "sms\n"])
def test_any_other_channel_is_refused(channel: str) -> None:
    assert faulty(parameters.address, {"channel": channel, "address": FIRST}) == ["channel"]
    assert faulty(dispatch_filter, {"channel": channel, "address": FIRST}) == ["channel"]


@pytest.mark.parametrize(
    "address", ["", "x" * 321, "two words", "x\n", "\x7f", "x\x00", "x\u2003y", "x\u200by", "1234567\u202c"]
)
def test_any_other_address_is_refused(address: str) -> None:
    assert faulty(parameters.address, {"channel": "messenger", "address": address}) == ["address"]
    assert faulty(dispatch_filter, {"channel": "messenger", "address": address}) == ["address"]


def test_a_contact_that_is_not_given_is_refused() -> None:
    assert faulty(parameters.address, {}) == ["channel", "address"]


@pytest.mark.parametrize(
    ("channel", "address", "expected"),
    [
        ("sms", "+44 (0)7700 900-001", Address("sms", FIRST)),
        ("viber_service_msg", FIRST, Address("viber_service", FIRST)),
        ("whatsapp", "US.123", Address("whatsapp", "US.123")),
        ("messenger", "x" * 50, Address("messenger", "x" * 50)),
        ("email", "Ann@Example.com", Address("email", "ann@example.com")),
    ],
)
def test_an_addressee_is_an_address_that_a_message_can_be_sent_to(
    channel: str, address: str, expected: Address
) -> None:
    assert addressee({"channel": channel, "address": address}) == expected


@pytest.mark.parametrize(
    ("channel", "address", "wrong"),
    [
        ("viber", FIRST, "channel"),
        ("smss", FIRST, "channel"),
        ("sms", "07700900001", "address"),
        ("sms", f"{FIRST},{FIRST}", "address"),
        ("sms", "60300", "address"),
        ("sms", "hello", "address"),
        ("rcs", "hello", "address"),
        ("whatsapp", "a_b", "address"),
        ("messenger", "x" * 51, "address"),
        ("email", "ann", "address"),
        ("email", "an\u200bn@x.example", "address"),
        ("email", '"ann"@x.example', "address"),
        ("sms", "two words", "address"),
    ],
)
def test_any_other_address_is_no_addressee(channel: str, address: str, wrong: str) -> None:
    assert faulty(addressee, {"channel": channel, "address": address}) == [wrong]


@pytest.mark.parametrize("query", [{"channel": "sms"}, {"address": FIRST}])
def test_a_channel_needs_an_address_and_an_address_a_channel(query: dict[str, str]) -> None:
    assert faulty(dispatch_filter, query) == ["channel"]


# What else narrows a list


@pytest.mark.parametrize("outcome", ["open", "succeeded", "exhausted", "cancelled", "stopped"])
def test_an_outcome_is_one_of_those_there_are_or_open(outcome: str) -> None:
    assert dispatch_filter({"outcome": outcome})[1] == DispatchFilter(outcome=outcome)
    assert outcome in OUTCOMES
    assert len(OUTCOMES) == 5


@pytest.mark.parametrize("outcome", ["", "Open", "closed", "succeeded,open"])
def test_any_other_outcome_is_refused(outcome: str) -> None:
    assert faulty(dispatch_filter, {"outcome": outcome}) == ["outcome"]


@pytest.mark.parametrize(
    "text", ["2026-03-02T12:00:00Z", "2026-03-02T12:00:00.000Z", "2026-03-02T13:00:00+01:00", "2026-03-02T12:00"]
)
@pytest.mark.parametrize("name", ["since", "before"])
def test_a_time_is_that_of_rfc_3339(name: str, text: str) -> None:
    assert dispatch_filter({name: text})[1]._asdict() == {**DispatchFilter()._asdict(), name: NOON}


@pytest.mark.parametrize("text", ["", "noon", "1772452800", "2026-13-02T12:00:00Z", "10000-01-01T00:00:00Z"])
@pytest.mark.parametrize("name", ["since", "before"])
def test_any_other_time_is_refused(name: str, text: str) -> None:
    assert faulty(dispatch_filter, {name: text}) == [name]


def test_all_of_it_may_be_given_at_once() -> None:
    query = {
        "limit": "7",
        "cursor": encoded(PLACE),
        "channel": "sms",
        "address": "+447700900001",
        "outcome": "open",
        "since": "2026-03-02T12:00:00Z",
        "before": "2026-03-02T12:00:09Z",
    }
    assert dispatch_filter(query) == (
        PageRequest(7, PLACE),
        DispatchFilter((contact_of("sms", FIRST),), "open", NOON, at(9)),
    )


def test_all_errors_are_reported_together() -> None:
    query = {
        "limit": "0",
        "cursor": "",
        "channel": "",
        "address": "",
        "outcome": "",
        "since": "",
        "before": "",
        "x": "",
    }
    assert faulty(dispatch_filter, query) == [
        "x",
        "limit",
        "cursor",
        "channel",
        "address",
        "outcome",
        "since",
        "before",
    ]
