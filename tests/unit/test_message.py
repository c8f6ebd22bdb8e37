"""A client's request: what is refused, what travels untouched, and what is ours."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.contact.contact import contact_of
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.dispatch.near_misses import near_misses
from getthrough.domain.dispatch.outgoing import KEPT_BACK, for_vonage
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.dispatch.request_body import OURS
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import Condition
from getthrough.domain.values.errors import InvalidRequestError, Violation
from tests.builders import FIRST, FROM, SECOND, message, step
from tests.unit.v1_messages import full
from tools.openapi import message_examples

OURS_ID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501"
TO = "a phone number with its country code, such as +44 7700 900000 (with spaces, the + is needed)"


def violations(body: object) -> list[tuple[str, str]]:
    """What is wrong with a body, in its order."""
    with pytest.raises(InvalidRequestError) as error:
        parse_messages_request(body)
    return [(violation.name, violation.reason) for violation in error.value.violations]


def names(body: object) -> list[str]:
    return [name for name, _ in violations(body)]


def is_good(**fields: Any) -> bool:
    """True if a message of these fields is accepted; False if exactly one of them is refused."""
    try:
        parse_messages_request(message(**fields))
    except InvalidRequestError as error:
        [violation] = error.violations
        assert violation.name in fields
        return False
    return True


# The steps


def test_a_plain_message_is_a_dispatch_of_one_step_with_a_window_of_three_days() -> None:
    assert parse_messages_request(message())[:2] == ((step(259_200),), OnUnknown.MOVE_ON)


def test_each_fallback_is_a_step_and_windows_have_defaults() -> None:
    body = message(failover=[message(to=SECOND), message(channel="whatsapp")])
    assert parse_messages_request(body)[:2] == (
        (step(30, ttl=30), step(30, to=SECOND, ttl=30), step(259_200, channel="whatsapp")),
        OnUnknown.MOVE_ON,
    )


@pytest.mark.parametrize(
    ("channel", "window"),
    [
        ("sms", 30),
        ("mms", 300),
        ("rcs", 300),
        ("whatsapp", 60),
        ("messenger", 60),
        ("viber_service", 30),
        ("email", 600),
    ],
)
def test_the_default_window_suits_the_channel_and_is_its_time_to_live(channel: str, window: int) -> None:
    body = {**message_examples.message(channel, "text"), "failover": [message()]}
    first = parse_messages_request(body).steps[0]
    assert first.expiry_time == window
    ttl = CHANNELS[channel].ttl
    assert ttl is None or _at(first.message, ttl.path) == window


def _at(fields: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    return reduce(lambda inner, name: inner[name], path, fields)


def test_the_stacks_default_window_is_for_every_message_with_a_fallback_and_without_its_own() -> None:
    body = message(failover=[message(to=SECOND, expiry_time=60), message(channel="whatsapp"), message()])
    steps = parse_messages_request(body, Defaults(window=120)).steps
    assert [it.expiry_time for it in steps] == [120, 60, 120, 259_200]
    assert parse_messages_request(body, Defaults(window=120)).sha256 == parse_messages_request(body).sha256


def test_national_numbers_are_understood_in_the_default_country() -> None:
    body = message(to="07700 900001", default_country="GB", failover=[message(to="(07700) 900-002")])
    steps = parse_messages_request(body).steps
    assert [(it.message["to"], it.given) for it in steps] == [
        ("447700900001", {"to": "07700 900001"}),
        ("447700900002", {"to": "(07700) 900-002"}),
    ]
    assert not any("default_country" in for_vonage(it, OURS_ID) for it in steps)


def test_the_clients_country_comes_before_the_stacks() -> None:
    body = message(to="(415) 555-0100")
    assert parse_messages_request(body, Defaults("US")).steps[0].message["to"] == "14155550100"
    body = message(to="07700 900001", default_country="GB")
    assert parse_messages_request(body, Defaults("US")).steps[0].message["to"] == "447700900001"


@pytest.mark.parametrize("country", ["gb", "GBR", "", "G1", 44])
def test_a_country_is_two_capital_letters(country: object) -> None:
    assert "default_country" in names(message(default_country=country))


def test_a_country_that_does_not_exist_is_refused_once_it_is_needed() -> None:
    assert "default_country" in names(message(to="07700 900001", default_country="XX"))
    assert parse_messages_request(message(default_country="XX")).steps == (step(259_200),)


def test_a_fallback_has_no_country_of_its_own() -> None:
    assert names(message(failover=[message(default_country="GB")])) == ["failover[0].default_country"]


def test_windows_conditions_and_on_unknown_are_the_clients() -> None:
    body = message(
        channel="whatsapp",
        expiry_time=600,
        condition_status="read",
        on_unknown="resend",
        failover=[message(expiry_time=86_400, condition_status="delivered")],
    )
    assert parse_messages_request(body)[:2] == (
        (step(600, Condition.READ, channel="whatsapp"), step(86_400)),
        OnUnknown.RESEND,
    )


def test_a_window_is_a_whole_number_however_json_writes_it() -> None:
    assert parse_messages_request(message(expiry_time=60.0)).steps == (step(60),)


# Phone numbers

WRITTEN, USED = "+44 (0)7700 900-001", "447700900001"
NUMBERS = [
    # channel, field, whether it is a phone number
    ("sms", "to", True),
    ("sms", "from", True),
    ("mms", "to", True),
    ("mms", "from", True),
    ("rcs", "to", True),
    ("whatsapp", "to", True),
    ("whatsapp", "from", True),
    ("viber_service", "to", True),
    ("viber_service", "from", False),
    ("messenger", "to", False),
    ("messenger", "from", False),
]


@pytest.mark.parametrize(("channel", "field", "number"), NUMBERS)
def test_numbers_are_normalised_and_what_was_given_is_kept(channel: str, field: str, number: bool) -> None:
    body = message(channel=channel, **{field: WRITTEN})
    used = {**body, field: USED} if number else body
    [one] = parse_messages_request(body).steps
    assert (one.message, one.given) == (used, {field: WRITTEN} if number else {})


@pytest.mark.parametrize("sender", ["Bakery", "4Cupcakes", "12345"])
def test_a_sender_that_is_no_international_number_is_left_alone(sender: str) -> None:
    [one] = parse_messages_request(message(**{"from": sender})).steps
    assert (one.message["from"], one.given) == (sender, {})


def test_every_way_to_write_a_number_is_the_same_contact() -> None:
    written = [USED, WRITTEN, "00447700900001", "+44 7700.900.001"]
    steps = parse_messages_request(message(failover=[message(to=number) for number in written])).steps
    assert {one.contact for one in steps} == {contact_of("sms", USED)}


def test_the_names_of_violations_are_those_of_the_fields_as_they_were_written() -> None:
    assert violations(message(to="+44 7700", failover=[message(to="")])) == [
        ("to", f"must be {TO}."),
        ("failover[0].to", "must not be empty."),
    ]


def test_an_empty_list_of_fallbacks_is_none() -> None:
    assert parse_messages_request(message(failover=[]))[:2] == ((step(259_200),), OnUnknown.MOVE_ON)


@pytest.mark.parametrize(("fallbacks", "good"), [(9, True), (10, False)])
def test_there_are_at_most_ten_steps(fallbacks: int, good: bool) -> None:
    body = message(failover=[message()] * fallbacks)
    if good:
        assert len(parse_messages_request(body)[0]) == 10
    else:
        assert violations(body) == [("failover", "must be a list of at most 9 messages.")]


# Faults


@pytest.mark.parametrize("body", [None, [], [message()], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    assert violations(body) == [("body", "must be a JSON object.")]


def test_an_empty_body_lacks_everything_that_every_message_needs() -> None:
    assert violations({}) == [(name, "is required.") for name in ("channel", "message_type", "to", "from")]


def test_all_violations_are_reported_together_with_the_names_that_the_client_wrote() -> None:
    body = message(
        to="+44 7700 9000x1",
        text=None,
        expiry_time=0,
        on_unknown="panic",
        failover=[message(to=None, condition_status="read"), "text", message(failover=[])],
    )
    assert violations(body) == [
        ("to", f"must be {TO}."),
        ("text", "is required."),
        ("expiry_time", "must be a whole number from 1 to 604800, or auto."),
        ("failover[0].to", "is required."),
        ("failover[0].condition_status", "sms does not report read; use delivered."),
        ("failover[1]", "must be a JSON object."),
        ("failover[2].failover", "is not allowed in a fallback. List all fallbacks at the top level."),
        ("on_unknown", "must be one of move_on, resend."),
    ]


@pytest.mark.parametrize("failover", [None, {}, "text", 1])
def test_a_wrong_failover_is_reported_with_the_other_violations(failover: object) -> None:
    assert violations({**message(text=7, on_unknown=None), "failover": failover, "on_unknown": None}) == [
        ("text", "must be a string."),
        ("failover", "must be a list of at most 9 messages."),
        ("on_unknown", "must be a string."),
    ]


REQUIRED = ["channel", "message_type", "to", "from", "text"]


@pytest.mark.parametrize("channel", ["sms", "mms", "rcs", "whatsapp", "messenger", "viber_service"])
def test_every_channel_needs_who_whom_and_what(channel: str) -> None:
    good = message(channel=channel)
    parse_messages_request(good)
    for name in REQUIRED[2:]:
        assert violations({key: value for key, value in good.items() if key != name}) == [(name, "is required.")]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, 7, "", [], {}, True])
def test_what_is_required_is_a_text(name: str, value: object) -> None:
    assert names({**message(), name: value}) == [name]


@pytest.mark.parametrize("channel", ["fax", "SMS", "sms ", "viber_service_msg", ["sms"], {}])
def test_an_unknown_channel_is_reported_with_those_that_exist(channel: object) -> None:
    reported = "must be a string."
    if isinstance(channel, str):
        reported = "must be one of sms, mms, rcs, whatsapp, messenger, viber_service, email."
    assert violations({**message(), "channel": channel}) == [("channel", reported)]


@pytest.mark.parametrize("channel", ["sms", "mms", "rcs", "viber_service"])
@pytest.mark.parametrize(
    ("to", "good"),
    [
        ("1234567", True),
        ("123456", False),
        ("123456789012345", True),
        ("1234567890123456", False),
        ("0447700900001", False),
        ("+447700900001", True),
        ("44 7700 900001", False),
        ("(415) 555-0100", False),
        ("07700 900001", False),
        ("\u0664\u0664\u0667\u0667\u0660\u0660\u0669", True),
        ("a447700900001", False),
    ],
)
def test_a_number_has_its_country_code(channel: str, to: str, good: bool) -> None:
    assert is_good(channel=channel, to=to) is good


@pytest.mark.parametrize(
    ("channel", "field", "value", "good"),
    [
        ("whatsapp", "to", "447700900001", True),
        ("whatsapp", "to", "US.13491208655302741918", True),
        ("whatsapp", "to", "+447700900001", True),
        ("whatsapp", "to", "+44 7700", False),
        ("whatsapp", "from", "Bakery", False),
        ("whatsapp", "to", "GB." + "x" * 128, True),
        ("whatsapp", "to", "GB." + "x" * 129, False),
        ("whatsapp", "to", "07700900001", False),
        ("whatsapp", "to", "x" * 50, False),
        ("messenger", "to", "any id: it is theirs", True),
        ("messenger", "to", "x" * 50, True),
        ("messenger", "to", "x" * 51, False),
        ("messenger", "from", "x" * 50, True),
        ("messenger", "from", "x" * 51, False),
        ("sms", "from", "Cupcakes&Co", True),
        ("sms", "from", "Cupcakes & Co", False),
        ("sms", "from", "Joe's Caf\u00e9", False),
        ("sms", "from", "85555", True),
        ("sms", "from", "12345678901234567", False),
        ("sms", "from", "&&&", False),
        ("rcs", "from", "Bakery_1-2&3", True),
        ("rcs", "from", "The Bakery", False),
        ("rcs", "from", "x" * 51, False),
        ("viber_service", "from", "x" * 51, False),
        ("mms", "from", "x" * 51, False),
    ],
)
def test_each_channel_has_its_own_form_of_ids(channel: str, field: str, value: str, good: bool) -> None:
    assert is_good(channel=channel, **{field: value}) is good


@pytest.mark.parametrize(
    ("channel", "longest"),
    [("sms", 3200), ("rcs", 3072), ("whatsapp", 4096), ("messenger", 640), ("viber_service", 1000)],
)
def test_a_text_may_be_as_long_as_its_channel_takes(channel: str, longest: int) -> None:
    assert is_good(channel=channel, text="é" * longest)
    assert not is_good(channel=channel, text="é" * (longest + 1))


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("expiry_time", 1, True),
        ("expiry_time", 0, False),
        ("expiry_time", -1, False),
        ("expiry_time", 604_800, True),
        ("expiry_time", 604_801, False),
        ("expiry_time", 15.5, False),
        ("expiry_time", "15", False),
        ("expiry_time", True, False),
        ("condition_status", "delivered", True),
        ("condition_status", "replied", True),
        ("condition_status", "submitted", False),
        ("condition_status", "Delivered", False),
        ("condition_status", 1, False),
        ("client_ref", "x", True),
        ("client_ref", "x" * 100, True),
        ("client_ref", "x" * 101, False),
        ("client_ref", "", False),
        ("client_ref", 7, False),
        ("webhook_url", "https://example.com/status", True),
        ("webhook_url", "https://example.com/" + "x" * 1980, True),
        ("webhook_url", "https://example.com/" + "x" * 1981, False),
        ("webhook_url", "ftp://example.com", False),
        ("webhook_url", "http://example.com/", False),
        ("webhook_url", "http://127.0.0.1.example.com/", False),
        ("webhook_url", "http://127.0.0.1:8080/events", True),
        ("webhook_url", "http://localhost", True),
        ("webhook_url", "http://host.docker.internal:80/", True),
        ("webhook_url", "HTTPS://Example.com?a=1", True),
        ("webhook_url", "https://[2606:2800:220:1:248:1893:25c8:1946]:8443/", True),
        ("webhook_url", "https://[::1", False),
        ("webhook_url", "https://user@example.com/", False),
        ("webhook_url", "https://user:password@example.com/", False),
        ("webhook_url", "https://a\\b@example.com/", False),
        ("webhook_url", "https://example.com/a@b", True),
        ("webhook_url", "https://example.com:65535/", True),
        ("webhook_url", "https://example.com:65536/", False),
        ("webhook_url", "https://example.com:99999/", False),
        ("webhook_url", "https://example.com:0/", False),
        ("webhook_url", "https://example.com:/", False),
        ("webhook_url", "https://example.com/\r\nX-Header: 1", False),
        ("webhook_url", "https://example.com/a b", False),
        ("message_type", "x" * 50, True),
        ("message_type", "x" * 51, False),
    ],
)
def test_bounds_on_both_sides(field: str, value: object, good: bool) -> None:
    assert is_good(**{field: value}) is good


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x00", "\x1b", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("channel", ["sms", "mms", "rcs", "whatsapp", "messenger", "viber_service", "email"])
def test_a_sender_and_a_subject_are_one_line(channel: str, end: str) -> None:
    mail = (
        {"to": "ann@example.com", "email": {"subject": f"Cakes{end}Bcc: x@example.com"}} if channel == "email" else {}
    )
    reported = names({**message(channel=channel), **mail, "from": f"Bakery{end}<a@example.com>"})
    assert set(reported) >= {"from", *(["email.subject"] if mail else [])}


@pytest.mark.parametrize("field", ["expiry_time", "condition_status", "client_ref", "webhook_url"])
def test_null_is_no_value_of_an_optional_field(field: str) -> None:
    assert names({**message(), field: None}) == [field]


@pytest.mark.parametrize(
    ("channel", "good"),
    [("sms", False), ("mms", False), ("rcs", True), ("whatsapp", True), ("messenger", True), ("viber_service", True)],
)
def test_only_channels_that_report_read_can_wait_for_it(channel: str, good: bool) -> None:
    assert is_good(channel=channel, condition_status="read") is good


@pytest.mark.parametrize("value", [None, "", "RESEND", 1, True, [], {}])
def test_on_unknown_is_one_of_two(value: object) -> None:
    assert names({**message(), "on_unknown": value}) == ["on_unknown"]


def test_only_a_text_message_needs_a_text() -> None:
    image = {"url": "https://example.com/cupcake.jpg"}
    body = message(channel="whatsapp", message_type="image", text=None, image=image)
    steps, *_ = parse_messages_request(body)
    assert steps[0].message == body


# What travels to Vonage


def test_what_goes_out_is_the_message_with_our_id_and_webhooks_in_v1() -> None:
    [one], *_ = parse_messages_request(
        message(
            client_ref="order 7",
            webhook_url="https://example.com/status",
            webhook_version="v0.1",
            expiry_time=60,
            condition_status="delivered",
            on_unknown="resend",
            ttl=300,
        )
    )
    assert for_vonage(one, OURS_ID) == {
        "channel": "sms",
        "message_type": "text",
        "to": FIRST,
        "from": FROM,
        "text": "The cupcakes are ready!",
        "ttl": 300,
        "client_ref": OURS_ID,
        "webhook_version": "v1",
    }


def test_the_clients_own_reference_is_kept_with_the_step() -> None:
    [one], *_ = parse_messages_request(message(client_ref="order 7"))
    assert one.message["client_ref"] == "order 7"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
checked = {"to", "from", "channel", "message_type", "text", "ttl", "sms", "trusted_recipient", *OURS, *KEPT_BACK}
unknown_names = st.text().filter(lambda name: name not in checked and not [*near_misses({name: None})])
unknown_fields = st.dictionaries(unknown_names, json_values, max_size=4)
our_fields = st.fixed_dictionaries(
    {},
    optional={
        "expiry_time": st.integers(1, 604_800),
        "condition_status": st.just("delivered"),
        "client_ref": st.text(min_size=1, max_size=100),
        "webhook_url": st.just("https://example.com"),
        "webhook_version": st.sampled_from(["v0.1", "v1"]),
        "on_unknown": st.sampled_from(OnUnknown),
    },
)


@given(unknown_fields, our_fields, unknown_fields, our_fields)
def test_no_field_of_ours_reaches_vonage_and_every_field_that_we_do_not_know_does(
    unknown: dict[str, Any], ours: dict[str, Any], unknown_too: dict[str, Any], ours_too: dict[str, Any]
) -> None:
    ours_too.pop("on_unknown", None)  # has its place at the top only
    body = {**unknown, **message(), **ours, "failover": [{**unknown_too, **message(to=SECOND), **ours_too}]}
    (first, second), *_ = parse_messages_request(body)
    expected = {"client_ref": OURS_ID, "webhook_version": "v1"}
    ttl = {"ttl": window} if (window := ours.get("expiry_time", 30)) >= 20 else {}
    assert for_vonage(first, OURS_ID) == {**unknown, **message(), **ttl, **expected}
    assert for_vonage(second, OURS_ID) == {**unknown_too, **message(to=SECOND), **expected}


@given(st.dictionaries(st.sampled_from([*sorted(checked)]), json_values) | json_values)
def test_any_json_is_understood_or_refused_with_names(body: object) -> None:
    steps: tuple[Step, ...] = ()
    refused: tuple[Violation, ...] = ()
    try:
        steps, *_ = parse_messages_request(body)
    except InvalidRequestError as error:
        refused = error.violations
    assert bool(steps) != bool(refused)
    assert all(violation.name and violation.reason.endswith(".") for violation in refused)


def test_two_requests_are_the_same_if_their_json_is() -> None:
    one = parse_messages_request({"to": "447700900001", **message()})
    same = parse_messages_request({**message(), "to": "447700900001"})
    other = parse_messages_request(message(text="The cupcakes are ready"))

    assert one == same
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expiry_tme": 600}, ("expiry_tme", "is not a field. Did you mean expiry_time?")),
        ({"condition_staus": "read"}, ("condition_staus", "is not a field. Did you mean condition_status?")),
        ({"fail_over": []}, ("fail_over", "is not a field. Did you mean failover?")),
        ({"Urgent": True}, ("Urgent", "is not a field. Did you mean urgent?")),
        ({"timezone": "Europe/London"}, ("timezone", "is not a field. Did you mean time_zone?")),
        ({"fallback": []}, ("fallback", "is not a field. Did you mean failover?")),
        ({"Expiry": 600}, ("Expiry", "is not a field. Did you mean expiry_time?")),
        ({"scheduled_at": "x"}, ("scheduled_at", "is not a field. Did you mean send_at?")),
        ({"webhookUrl": "x"}, ("webhookUrl", "is not a field. Did you mean webhook_url?")),
        ({"message_type": "txt"}, ("message_type", "is not known. Did you mean text?")),
    ],
)
def test_a_near_miss_of_a_name_is_named_wherever_it_is(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in violations(message(**changes))
    name, reason = expected
    assert (f"failover[0].{name}", reason) in violations(message(failover=[message(**changes)]))


@pytest.mark.parametrize("changes", [{"priority": 1}, {"x-trace": "1"}, {"message_type": "poll"}, {"ttl_policy": "x"}])
def test_a_name_that_is_nowhere_near_ours_goes_to_vonage_as_it_is(changes: dict[str, Any]) -> None:
    [one] = parse_messages_request(message(**changes)).steps
    assert {name: one.message[name] for name in changes} == changes


@pytest.mark.parametrize("blank", [" \n\u00a0\t", "\u200b", "\u2800", " \ufeff\u2060\u3164"])
@pytest.mark.parametrize("channel", ["sms", "whatsapp", "rcs", "messenger", "viber_service", "mms", "email"])
def test_a_blank_text_is_refused_before_anything_is_paid_for(channel: str, blank: str) -> None:
    found = violations({**full(channel, "text"), "text": blank})
    assert found == [("text", "must be a text that is not blank.")]
