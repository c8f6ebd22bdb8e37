"""What a client may ask for as a batch: every bound, every fault by its name, and what each recipient is sent then."""

import re
import tracemalloc
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from getthrough.domain.batch import mailing_request
from getthrough.domain.batch.batch import Batch, Mailing, Recipient
from getthrough.domain.batch.batch_body import LONGEST_RECIPIENT
from getthrough.domain.batch.batch_request import parse_batch_request
from getthrough.domain.batch.mailing_request import request_for
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.dispatch.request import sha256_of
from getthrough.domain.limit.limits import MOST_RECIPIENTS
from getthrough.domain.values.errors import MOST_VIOLATIONS, InvalidRequestError
from getthrough.domain.values.local_time import LONGEST_AHEAD
from getthrough.domain.values.quiet_hours import QuietHours, Then
from getthrough.domain.values.rfc3339 import to_text
from tests.builders import FIRST, FROM, NOON, SECOND, at, message
from tests.unit.world import MOST_A_SECOND

MILLISECOND = timedelta(milliseconds=1)


def ask(*given: dict[str, Any], text: str = "Hello {{ name }}", message_: Any = None, **fields: Any) -> dict[str, Any]:
    """A batch to Ann, unless the fields say otherwise."""
    people = list(given) or [ann()]
    return {"message": message_ or message(to=None, text=text), "recipients": people, **fields}


def ann(to: Any = FIRST, **variables: Any) -> dict[str, Any]:
    return {"to": to, "variables": {"name": "Ann", **variables}}


def parsed(body: object) -> tuple[Batch, list[Recipient]]:
    batch, recipients = parse_batch_request(body, "bakery", NOON, MOST_A_SECOND)
    return batch, list(recipients)


def steps(body: dict[str, Any]) -> list[tuple[Step, ...]]:
    """What each recipient is sent."""
    batch, recipients = parsed(body)
    return [request_for(batch.mailing.message, recipient).steps for recipient in recipients]


def texts(body: dict[str, Any]) -> list[list[tuple[str, str]]]:
    return [[(step.message["to"], step.message["text"]) for step in found] for found in steps(body)]


def violations(body: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequestError) as refused:
        parse_batch_request(body, "bakery", NOON, MOST_A_SECOND)
    return [(violation.name, violation.reason) for violation in refused.value.violations]


@pytest.mark.parametrize("own", [{"default_country": "GB"}, {}])
def test_national_numbers_of_a_list_are_understood_and_the_defaults_are_kept(own: dict[str, str]) -> None:
    message_ = message(to=None, text="Hello", failover=[message(to=None, channel="whatsapp", text="Hello")])
    body = {"message": message_, "recipients": [{"to": "07700 900001"}], **own}
    defaults = Defaults("US" if own else "GB", 45)
    batch, [recipient] = parse_batch_request(body, "bakery", NOON, MOST_A_SECOND, defaults)
    made = request_for(batch.mailing.message, recipient).steps
    assert [(it.message["to"], it.expiry_time) for it in made] == [("447700900001", 45), ("447700900001", 259_200)]


@pytest.mark.parametrize(
    ("to", "given", "reaches"),
    [
        (None, {"to": FIRST}, ()),
        (None, {"to": "+44 7700 900001"}, ()),
        (None, {"to": "07700 900001"}, (FIRST,)),
        ("{{ phone }}", {"variables": {"phone": FIRST}}, ()),
        ("{{ phone }}", {"variables": {"phone": int(FIRST)}}, (FIRST,)),
        ("{{ phone }}", {"to": SECOND, "variables": {"phone": "07700 900001"}}, (FIRST,)),
        ("44{{ rest }}", {"variables": {"rest": FIRST[2:]}}, (FIRST,)),
    ],
)
def test_a_recipient_knows_the_addresses_that_only_the_whole_message_shows(
    to: str | None, given: dict[str, Any], reaches: tuple[str, ...]
) -> None:
    body = ask(given, message_=message(to=to, text="Hello"), default_country="GB")
    _, [recipient] = parsed(body)
    assert recipient.reaches == reaches


def test_what_a_recipient_reaches_must_fit_into_the_list_too() -> None:
    name = "n" * 60
    mail = message(
        to=f"{name}@{{{{ host }}}}", channel="email", text="Hello", email={"subject": "x"}, **{"from": "b@example.com"}
    )
    host = {"host": "example.com", "more": "x" * 1_900, "most": "x" * (LONGEST_RECIPIENT - 1_900 - 120)}
    assert violations(ask({"variables": host}, message_=mail)) == [
        ("recipients[0]", f"must have at most {LONGEST_RECIPIENT} bytes.")
    ]
    _, [shorter] = parsed(ask({"variables": {**host, "most": ""}}, message_=mail))
    assert shorter.reaches == (f"{name}@example.com",)


def test_one_message_to_many() -> None:
    body = ask(ann(), {"to": SECOND, "variables": {"name": "Bob"}, "time_zone": "Asia/Tokyo"})

    batch, recipients = parsed(body)

    assert batch == Batch(
        batch_uuid="",
        client_name="bakery",
        created_at=NOON,
        mailing=Mailing(message=body["message"], list_id="", total=2, rate=MOST_A_SECOND),
        next_at=NOON,
        request_sha256=sha256_of(body),
    )
    assert recipients == [
        Recipient(FIRST, {"name": "Ann"}, None),
        Recipient(SECOND, {"name": "Bob"}, "Asia/Tokyo"),
    ]
    assert texts(body) == [[(FIRST, "Hello Ann")], [(SECOND, "Hello Bob")]]


def test_everything_else_of_the_message_is_as_in_any_request() -> None:
    body = ask(message_=message(to=None, text="{{ name }}", client_ref="{{ name }}-1", on_unknown="resend"))
    batch, [recipient] = parsed(body)

    request = request_for(batch.mailing.message, recipient)

    assert (request.on_unknown, request.quiet_hours, request.send_at) == (OnUnknown.RESEND, None, None)
    assert request.steps[0].message == {
        "channel": "sms",
        "message_type": "text",
        "to": FIRST,
        "from": FROM,
        "text": "Ann",
        "client_ref": "Ann-1",
    }


def test_a_step_goes_to_its_own_to_and_else_to_the_recipients() -> None:
    fallbacks = [
        message(to=None, text="2 {{ name }}"),
        message(to="{{ home }}", text="3"),
    ]
    body = ask(ann(SECOND, home="447700900009"), message_=message(to=None, text="1", failover=fallbacks))

    assert texts(body) == [[(SECOND, "1"), (SECOND, "2 Ann"), ("447700900009", "3")]]


def test_a_to_that_is_the_same_for_every_recipient_is_refused_wherever_it_is() -> None:
    reason = "is the same for every recipient. Leave it out, or use a variable: {{ mobile }}."
    assert violations(ask(ann(SECOND), message_=message(text="1"))) == [("message.to", reason)]
    body = ask(ann(SECOND), message_=message(to=None, text="1", failover=[message(text="2")]))
    assert violations(body) == [("message.failover[0].to", reason)]


def test_recipients_need_no_to_if_each_step_has_one() -> None:
    body = ask({"variables": {"phone": FIRST}}, {"variables": {"phone": SECOND}}, message_=message(to="{{ phone }}"))
    assert [[to for to, _ in found] for found in texts(body)] == [[FIRST], [SECOND]]


def test_a_number_may_be_written_as_people_write_numbers() -> None:
    [[step]] = steps(ask(ann("+44 7700 900001")))
    assert (step.message["to"], step.given) == (FIRST, {"to": "+44 7700 900001"})


def test_texts_are_filled_in_wherever_they_stand_and_what_is_put_in_is_not() -> None:
    whatsapp = {
        "channel": "whatsapp",
        "message_type": "image",
        "from": FROM,
        "image": {"url": "https://bakery.example/{{ picture }}.png", "caption": "For {{ name }}"},
    }
    [[step]] = steps(ask(ann(name="{{ picture }}", picture="cake"), message_=whatsapp))
    assert step.message["image"] == {"url": "https://bakery.example/cake.png", "caption": "For {{ picture }}"}


def test_a_text_without_variables_is_not_read_as_a_template_would_be() -> None:
    assert texts(ask({"to": FIRST}, text="100 % for { all } }}")) == [[(FIRST, "100 % for { all } }}")]]


NIGHT = {"from": "21:00", "to": "08:30", "time_zone": "Europe/London", "then": "skip"}


def test_quiet_hours_are_by_the_recipients_clocks() -> None:
    body = ask(ann(), {**ann(SECOND), "time_zone": "Asia/Tokyo"}, message_=message(to=None, quiet_hours=NIGHT))
    batch, recipients = parsed(body)

    found = [request_for(batch.mailing.message, recipient).quiet_hours for recipient in recipients]

    london = QuietHours(time_zone="Europe/London", starts=time(21), ends=time(8, 30), then=Then.SKIP)
    assert found == [london, replace(london, time_zone="Asia/Tokyo")]


def test_quiet_hours_need_no_zone_where_every_recipient_has_one() -> None:
    night = {name: value for name, value in NIGHT.items() if name != "time_zone"}
    tokyo, none = {**ann(), "time_zone": "Asia/Tokyo"}, ann(SECOND)
    text = message(to=None, quiet_hours=night)

    batch, [recipient] = parsed(ask(tokyo, message_=text))
    quiet = request_for(batch.mailing.message, recipient).quiet_hours
    assert quiet is not None
    assert quiet.time_zone == "Asia/Tokyo"
    assert [name for name, _ in violations(ask(tokyo, none, message_=text))] == ["message.quiet_hours.time_zone"]


def test_a_zone_without_quiet_hours_changes_nothing() -> None:
    assert steps(ask({**ann(), "time_zone": "Asia/Tokyo"})) == steps(ask(ann()))


@pytest.mark.parametrize(
    "body",
    [
        ask(rate=1),
        ask(rate=MOST_A_SECOND),
        ask(send_at=to_text(NOON - timedelta(seconds=60))),
        ask(send_at=to_text(NOON + LONGEST_AHEAD)),
        ask(send_at="2026-03-02T13:00", time_zone="Europe/Paris"),
        ask(ann(**{f"v{number}": 1 for number in range(49)})),
        ask(ann(v="x" * 2_000)),
        ask(ann(**{"_" * 64: "x"})),
        ask(ann(v=1.5, w=True, x=2**53 - 1, y=1 - 2**53)),
        ask({"to": FIRST, "variables": {"name": ""}}),
    ],
)
def test_a_bound_itself_is_taken(body: dict[str, Any]) -> None:
    assert parsed(body)[0].mailing.total == 1


@pytest.mark.parametrize(
    ("fields", "send_at", "next_at"),
    [
        ({}, None, at(0)),
        ({"send_at": "2026-03-02T13:00:00Z"}, at(3_600), at(3_600)),
        ({"send_at": "2026-03-02T13:00", "time_zone": "Europe/Paris"}, at(0), at(0)),
        ({"send_at": "2026-03-02T11:59:30Z"}, at(-30), at(0)),
    ],
)
def test_it_begins_when_it_is_asked_to(fields: dict[str, str], send_at: object, next_at: object) -> None:
    batch, _ = parsed(ask(**fields))
    assert (batch.send_at, batch.next_at) == (send_at, next_at)


NO_ZONE = "must be a name of the tz database, such as Europe/London."
NO_NAME = "must have names of at most 64 letters, digits and _, and must not start with a digit."


@pytest.mark.parametrize(
    ("body", "reported"),
    [
        ([], [("body", "must be a JSON object.")]),
        ({}, [("message", "is required."), ("recipients", "is required.")]),
        ({"message": message(), "recipients": []}, ["recipients"]),
        ({"message": "Hi", "recipients": [ann()]}, ["message"]),
        (ask(rates=1), [("rates", "is not a field of this request.")]),
        (ask(rate=0), ["rate"]),
        (ask(rate=1.5), ["rate"]),
        (
            ask(rate=MOST_A_SECOND + 1),
            [("rate", f"must be at most {MOST_A_SECOND}, the stack's own rate.")],
        ),
        (ask(send_at=to_text(NOON - timedelta(seconds=60) - MILLISECOND)), [("send_at", "is in the past.")]),
        (ask(send_at=to_text(NOON + LONGEST_AHEAD + MILLISECOND)), [("send_at", "is more than a year ahead.")]),
        (ask(send_at="2026-03-02T13:00"), ["send_at"]),
        (ask(send_at="soon", rate=MOST_A_SECOND + 1), ["send_at", "rate"]),
        (ask(time_zone="Narnia", send_at="2026-03-02T13:00"), [("time_zone", NO_ZONE)]),
        (ask(ann(), "Bob"), ["recipients[1]"]),  # type: ignore[arg-type]
        (ask({**ann(), "phone": SECOND}), [("recipients[0].phone", "is not a field of a recipient.")]),
        (ask({**ann(), "time_zone": "Narnia"}), [("recipients[0].time_zone", NO_ZONE)]),
        (ask(ann(**{"1st": "x", "with space": "x"})), [("recipients[0].variables", NO_NAME)]),
        (ask(ann(**{"_" * 65: "x"})), [("recipients[0].variables", NO_NAME)]),
        (ask(ann(**{"a\n": "x"})), [("recipients[0].variables", NO_NAME)]),
        (ask(ann(v=None)), ["recipients[0].variables.v"]),
        (ask(ann(v=["x"])), ["recipients[0].variables.v"]),
        (ask(ann(v=2**53)), ["recipients[0].variables.v"]),
        (ask(ann(v="x" * 2_001)), ["recipients[0].variables.v"]),
        (ask(ann(**{f"v{number}": 1 for number in range(50)})), ["recipients[0].variables"]),
        (
            ask(ann(v="x" * 2_000, w="y" * 1_950)),
            [("recipients[0]", f"must have at most {LONGEST_RECIPIENT} bytes.")],
        ),
        (
            ask(message_=message(to=None, send_at="2026-03-02T13:00:00Z")),
            [("message.send_at", "is not allowed here. Put send_at beside message.")],
        ),
        (
            ask(message_=message(to=None, text="x" * 200_000)),
            [("message", "must have at most 200000 bytes.")],
        ),
    ],
)
def test_what_lies_beyond_is_refused_by_its_name(body: object, reported: list[Any]) -> None:
    found = violations(body)
    assert (found if reported and isinstance(reported[0], tuple) else [name for name, _ in found]) == reported


def test_a_missing_variable_is_that_of_its_recipient() -> None:
    fallback = message(to=None, text="{{ name }} {{ nick }}")
    body = ask(
        ann(nick="A"),
        {"to": SECOND, "variables": {"name": "Bob"}},
        {"to": "447700900003"},
        message_=message(to=None, text="{{ name }}", failover=[fallback]),
    )

    assert violations(body) == [
        ("recipients[1].variables.nick", "is missing. message.failover[0].text needs it."),
        ("recipients[2].variables.name", "is missing. message.text needs it."),
    ]


def test_a_wrong_text_is_reported_once_for_all_recipients() -> None:
    body = ask(ann(), ann(SECOND), text="{% if name %}")
    assert violations(body) == [("message.text", "has {%. Only {{ … }} is allowed.")]


def test_every_violation_in_the_message_is_reported_once_for_all_recipients() -> None:
    wrong = message(to=None, text=None, channel="sms", failover=[{"channel": "pigeon"}])
    found = violations(ask(ann(), ann(SECOND), message_=wrong))

    assert len(found) == len(set(found))
    assert {name for name, _ in found} >= {"message.text", "message.failover[0].channel"}
    assert all(re.match(r"message\.", name) for name, _ in found)


def test_what_is_wrong_for_some_only_says_for_whom() -> None:
    body = ask(
        ann(), {"to": SECOND, "variables": {"name": ""}}, {"to": FROM, "variables": {"name": ""}}, text="{{ name }}"
    )
    [(field, reason), (other_field, other_reason)] = violations(body)

    assert {field, other_field} == {"message.text"}
    assert reason.endswith(" This is about recipients[1].")
    assert other_reason.endswith(" This is about recipients[2].")


def test_a_wrong_address_is_that_of_the_recipient_unless_the_step_has_its_own() -> None:
    own = message(to="{{ home }}", text="x")
    body = ask(ann(), ann("unknown", home="nowhere"), message_=message(to=None, text="x", failover=[own]))
    body["recipients"][0]["variables"]["home"] = SECOND

    assert [name for name, _ in violations(body)] == ["recipients[1].to", "message.failover[0].to"]


def test_what_is_no_step_does_not_move_the_place_of_a_wrong_address() -> None:
    for to in ("nowhere", "{{ home }}"):
        failover = [[], message(to=to, text="x")]
        body = ask({**ann(), "variables": {"home": "nowhere"}}, message_=message(to=None, text="x", failover=failover))

        assert "message.failover[1].to" in {name for name, _ in violations(body)}


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_national_number_in_a_list_is_refused_without_a_country(channel: str) -> None:
    found = violations(ask(ann(), {"to": "07700900001"}, message_=message(to=None, channel=channel)))
    assert [name for name, reason in found if "country code" in reason] == ["recipients[1].to"]


def test_what_is_put_in_must_not_make_the_message_too_long() -> None:
    body = ask(ann(v="x" * 2_000), text="{{ v }}" * 101)
    assert violations(body) == [("message.text", "makes the message too long.")]


def test_at_least_one_recipient_is_required() -> None:
    body = ask({"variables": {"name": "Ann"}}, ann())
    assert violations(body) == [("recipients[0].to", "is required.")]


def test_a_duplicate_recipient_is_a_violation() -> None:
    body = ask(ann(), ann(SECOND), ann(unused=1), {"variables": {"name": "Ann"}, "to": "+44 7700 900001"})
    assert violations(body) == [
        ("recipients[2]", "gets the same message as recipients[0]."),
        ("recipients[3]", "gets the same message as recipients[0]."),
    ]


def test_the_same_number_with_other_variables_is_another_message() -> None:
    assert texts(ask(ann(), ann(name="Bob"))) == [[(FIRST, "Hello Ann")], [(FIRST, "Hello Bob")]]


def test_of_very_many_violations_a_hundred_are_reported() -> None:
    body = ask(*({"to": f"4477009{number:05}"} for number in range(500)))
    found = violations(body)

    assert len(found) == MOST_VIOLATIONS
    assert found[99] == ("recipients[99].variables.name", "is missing. message.text needs it.")


def many(total: int) -> dict[str, Any]:
    return ask(*(ann(f"4477009{number:05}", number=number) for number in range(total)), text="{{ name }} {{ number }}")


def test_as_many_as_ten_thousand_are_taken_and_each_message_is_checked() -> None:
    body = many(MOST_RECIPIENTS)
    assert parsed(body)[0].mailing.total == MOST_RECIPIENTS

    del body["recipients"][-1]["variables"]["number"]
    assert violations(body) == [("recipients[9999].variables.number", "is missing. message.text needs it.")]


@pytest.mark.parametrize(
    ("fields", "most"),
    [({"text": "x" * 100_000}, 1_993), ({"parts": ["{{ name }}"] * 9_000}, 97), ({"parts": ["x"] * 9_000}, 403)],
    ids=["long", "many texts with variables", "many texts"],
)
def test_what_is_filled_in_and_checked_for_all_together_is_bounded(
    fields: dict[str, Any], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = list[str]()

    def fill(text: str, _: object) -> str:
        filled.append(text)
        return text

    monkeypatch.setattr(mailing_request, "render", fill)
    body = many(2_000) | {"message": message(to=None) | fields}

    assert violations(body) == [("recipients", f"are too many for a message of this size: it can have {most}.")]
    assert filled == []


@pytest.mark.parametrize(
    ("text", "most"),
    [("{{ name }}", 1_713), ("{{ name | title | upper }}", 635), ("{{ name ~ name ~ name }}", 646)],
)
def test_each_filter_of_each_value_counts(text: str, most: int) -> None:
    people = [ann(f"4477009{number:05}", name="x" * 1_000) for number in range(2_000)]
    body = ask(*people) | {"message": message(to=None, parts=[text] * 95)}

    assert violations(body) == [("recipients", f"are too many for a message of this size: it can have {most}.")]


def test_what_has_been_checked_is_remembered_by_its_hash_and_not_as_a_whole() -> None:
    body = {"message": message(to=None, text="x" * 3_000, more="y" * 150_000), "recipients": many(200)["recipients"]}
    tracemalloc.start()
    parsed(body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10_000_000


def test_one_more_is_too_many() -> None:
    assert [name for name, _ in violations(many(MOST_RECIPIENTS + 1))] == ["recipients"]


def test_violations_of_the_form_are_reported_before_any_message_is_checked() -> None:
    assert [name for name, _ in violations(ask({"to": 5}, text="{{ missing }}"))] == ["recipients[0].to"]
