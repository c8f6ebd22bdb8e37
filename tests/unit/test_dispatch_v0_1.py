"""A Dispatch API v0.1 request: what becomes of it, what is refused, and by what names."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.dispatch.dispatch import OnUnknown, Step
from getthrough.domain.dispatch.dispatch_v0_1 import parse_dispatch_request
from getthrough.domain.dispatch.outgoing import for_vonage
from getthrough.domain.dispatch.request import parse_messages_request
from getthrough.domain.message.status import Condition
from getthrough.domain.values.errors import InvalidRequestError, Violation
from tests.builders import message, step

URL = "https://example.com/a.bin"
FAILOVER = {"expiry_time": 600, "condition_status": "delivered"}
ADDRESSES = {
    "sms": ({"number": "447700900001"}, {"number": "447700900000"}),
    "mms": ({"number": "447700900001"}, {"number": "447700900000"}),
    "whatsapp": ({"number": "447700900001"}, {"number": "447700900000"}),
    "viber_service_msg": ({"number": "447700900001"}, {"id": "16273"}),
    "messenger": ({"id": "7700900001"}, {"id": "7700900000"}),
}


def item(kind: str = "sms", content: Any = None, failover: Any = None, **more: Any) -> dict[str, Any]:
    """One message of a workflow, as a client sends it."""
    to, sender = ADDRESSES[kind]
    made: dict[str, Any] = {
        "to": {"type": kind, **to},
        "from": {"type": kind, **sender},
        "message": {"content": content or {"type": "text", "text": "The cupcakes are ready!"}, **more},
    }
    return made if failover is None else {**made, "failover": failover}


def body(*items: Any, **fields: Any) -> dict[str, Any]:
    return {"template": "failover", "workflow": list(items), **fields}


def steps(*items: Any) -> tuple[Step, ...]:
    return parse_dispatch_request(body(*items)).steps


def violations(request: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequestError) as error:
        parse_dispatch_request(request)
    return [(violation.name, violation.reason) for violation in error.value.violations]


# What becomes of it


def test_a_workflow_is_a_dispatch_with_a_step_for_each_message() -> None:
    first = item(failover={"expiry_time": 15, "condition_status": "delivered"})
    second = item("whatsapp", failover={"expiry_time": 86_400, "condition_status": "read"})
    request = parse_dispatch_request(body(first, second, item()))
    assert (request.steps, request.on_unknown) == (
        (step(15), step(86_400, Condition.READ, channel="whatsapp"), step(259_200)),
        OnUnknown.MOVE_ON,
    )


def v1(channel: str, **fields: Any) -> dict[str, Any]:
    addresses = {"messenger": ("7700900001", "7700900000"), "viber_service": ("447700900001", "16273")}
    to, sender = addresses.get(channel, ("447700900001", "447700900000"))
    return {"channel": channel, "to": to, "from": sender, **fields}


@pytest.mark.parametrize(
    ("kind", "content", "options", "said"),
    [
        ("sms", {"type": "text", "text": "A"}, {}, v1("sms", message_type="text", text="A")),
        (
            "mms",
            {"type": "image", "image": {"url": URL, "caption": "A"}},
            {},
            v1("mms", message_type="image", image={"url": URL, "caption": "A"}),
        ),
        (
            "viber_service_msg",
            {"type": "text", "text": "A"},
            {"viber_service_msg": {"category": "promotion", "ttl": 86_400}},
            v1("viber_service", message_type="text", text="A", viber_service={"category": "promotion", "ttl": 86_400}),
        ),
        (
            "viber_service_msg",
            {"type": "image", "image": {"url": URL}},
            {},
            v1("viber_service", message_type="image", image={"url": URL}),
        ),
        (
            "messenger",
            {"type": "video", "video": {"url": URL}},
            {"messenger": {"category": "message_tag", "tag": "ticket_update"}},
            v1(
                "messenger",
                message_type="video",
                video={"url": URL},
                messenger={"category": "message_tag", "tag": "ticket_update"},
            ),
        ),
        (
            "messenger",
            {"type": "audio", "audio": {"url": URL}},
            {},
            v1("messenger", message_type="audio", audio={"url": URL}),
        ),
        (
            "whatsapp",
            {"type": "file", "file": {"url": URL, "caption": "A"}},
            {},
            v1("whatsapp", message_type="file", file={"url": URL, "caption": "A"}),
        ),
        (
            "whatsapp",
            {"type": "template", "template": {"name": "a:b", "parameters": [{"default": "six"}, {"default": ""}]}},
            {"whatsapp": {"policy": "fallback", "locale": "en-GB"}},
            v1(
                "whatsapp",
                message_type="template",
                template={"name": "a:b", "parameters": ["six", ""]},
                whatsapp={"locale": "en-GB"},
            ),
        ),
        (
            "whatsapp",
            {"type": "template", "template": {"name": "a:b"}},
            {"whatsapp": {"policy": "deterministic", "locale": "en-GB"}},
            v1(
                "whatsapp",
                message_type="template",
                template={"name": "a:b"},
                whatsapp={"policy": "deterministic", "locale": "en-GB"},
            ),
        ),
        (
            "whatsapp",
            {"type": "custom", "custom": {"type": "interactive"}},
            {},
            v1("whatsapp", message_type="custom", custom={"type": "interactive"}),
        ),
    ],
)
def test_each_message_is_said_in_v1(kind: str, content: Any, options: Any, said: dict[str, Any]) -> None:
    [one] = steps(item(kind, content, **options))
    assert one.message == said


def test_what_is_unknown_travels_untouched_and_what_is_ours_stays() -> None:
    first = {**item(failover=FAILOVER), "client_ref": "order 7", "new": 1, "on_unknown": "resend"}
    first["message"] |= {"sms": {"entity_id": "1"}, "newer": [2], "condition_status": "read"}
    first["message"]["content"] |= {"newest": {"a": 3}, "channel": "fax", "expiry_time": 1}
    last = {**item(), "expiry_time": 7, "condition_status": "replied"}
    [one, other] = steps(first, last)
    assert other == step(259_200)
    assert one.message == {
        **v1("sms", message_type="text", text="The cupcakes are ready!"),
        "ttl": 600,
        "client_ref": "order 7",
        "new": 1,
        "sms": {"entity_id": "1"},
        "newer": [2],
        "newest": {"a": 3},
    }
    assert (one.expiry_time, one.condition_status) == (600, Condition.DELIVERED)


def test_numbers_are_normalised_and_the_window_is_the_ttl_as_in_v1() -> None:
    first = item("viber_service_msg", failover=FAILOVER)
    first["to"]["number"] = "+44 7700 900001"
    second = item()
    second["from"]["number"] = "\t447700900000"
    [one, two] = steps(first, second)
    assert one.message["to"] == "447700900001"
    assert one.message["viber_service"] == {"ttl": 600}
    assert (one.given, two.given) == ({"to": "+44 7700 900001"}, {"from": "\t447700900000"})


def test_the_default_window_is_that_of_the_dispatch_api_whatever_the_stacks_is() -> None:
    asked = body(item(failover={"condition_status": "delivered"}), item())
    assert parse_dispatch_request(asked, Defaults(window=60)).steps[0].expiry_time == 15


def test_national_numbers_are_understood_in_the_default_country() -> None:
    national = item()
    national["to"]["number"] = "07700 900001"
    assert parse_dispatch_request({**body(national), "default_country": "GB"}).steps[0].message["to"] == "447700900001"
    assert parse_dispatch_request(body(national), Defaults("GB")).steps[0].message["to"] == "447700900001"


def test_it_asks_for_the_same_steps_as_its_simulator_in_v1_but_is_another_request() -> None:
    ours = parse_dispatch_request(body(item(failover={"expiry_time": 60, "condition_status": "delivered"}), item()))
    simulator = parse_messages_request(message(expiry_time=60, failover=[message()]))
    assert ours.steps == simulator.steps
    assert ours.sha256 != simulator.sha256
    assert for_vonage(ours.steps[0], "id") == {**message(), "ttl": 60, "client_ref": "id", "webhook_version": "v1"}


def test_a_failover_without_anything_in_it_has_the_defaults_of_v1() -> None:
    [one, _] = steps(item(failover={}), item())
    assert one == step(15)


# What is refused


@pytest.mark.parametrize("request_body", [None, [], "text", 1])
def test_a_body_that_is_no_object_is_refused(request_body: object) -> None:
    assert violations(request_body) == [("body", "must be a JSON object.")]


def test_an_empty_body_lacks_both_of_its_fields() -> None:
    assert violations({}) == [("template", "is required."), ("workflow", "is required.")]


BOUNDS = [
    # field, value, reported violation; None is valid
    ("template", "failover", None),
    ("template", "broadcast", "must be failover."),
    ("template", None, "must be a string."),
    ("workflow[0].failover.expiry_time", 15, None),
    ("workflow[0].failover.expiry_time", 14, "must be a whole number from 15 to 86400."),
    ("workflow[0].failover.expiry_time", 86_400, None),
    ("workflow[0].failover.expiry_time", 86_401, "must be a whole number from 15 to 86400."),
    ("workflow[0].failover.expiry_time", "15", "must be a whole number from 15 to 86400."),
    ("workflow[0].failover.condition_status", "delivered", None),
    ("workflow[0].failover.condition_status", "read", "sms does not report read; use delivered."),
    ("workflow[0].failover.condition_status", "replied", "must be one of delivered, read."),
    ("workflow[0].failover", 7, "must be an object."),
    ("workflow[0].to", 7, "must be an object."),
    ("workflow[0].to.type", "fax", "must be one of sms, mms, viber_service_msg, messenger, whatsapp."),
    ("workflow[0].to.type", "viber_service", "must be one of sms, mms, viber_service_msg, messenger, whatsapp."),
    (
        "workflow[0].to.number",
        "44 7700",
        "must be a phone number with its country code, such as +44 7700 900000 (with spaces, the + is needed).",
    ),
    ("workflow[0].to.number", "1" * 51, "must have 1 to 50 characters."),
    ("workflow[0].from.number", "", "must have 1 to 50 characters."),
    ("workflow[0].from.number", "Bakery", None),
    ("workflow[0].message", "text", "must be an object."),
    ("workflow[0].message.content", "text", "must be an object."),
    (
        "workflow[0].message.content.type",
        "sticker",
        "must be one of text, image, audio, video, file, template, custom.",
    ),
    ("workflow[0].message.content.text", "a" * 3200, None),
    ("workflow[0].message.content.text", "a" * 3201, "must have 1 to 3200 characters."),
    ("workflow[0].message.content.text", "", "must have 1 to 3200 characters."),
    ("workflow[0].message.content.text", 7, "must be a string."),
    ("workflow[0].message.whatsapp", 7, "must be an object."),
    ("workflow[1]", 7, "must be an object."),
]


@pytest.mark.parametrize(("name", "value", "reported"), BOUNDS)
def test_every_bound_has_two_sides(name: str, value: object, reported: str | None) -> None:
    request = body(item(failover=dict(FAILOVER)), item())
    *outer, last = name.replace("[", ".").replace("]", "").split(".")
    place: Any = request
    for part in outer:
        place = place[int(part) if part.isdigit() else part]
    place[int(last) if last.isdigit() else last] = value
    if reported is None:
        parse_dispatch_request(request)
    else:
        assert violations(request) == [(name, reported)]


@pytest.mark.parametrize(("number", "good"), [(0, False), (1, True), (10, True), (11, False)])
def test_a_workflow_has_one_to_ten_messages(number: int, good: bool) -> None:
    items = [item(failover=FAILOVER)] * (number - 1) + [item()] * min(number, 1)
    if good:
        assert len(steps(*items)) == number
    else:
        assert violations(body(*items)) == [("workflow", "must be a list of 1 to 10.")]


def test_violations_in_a_message_are_reported_even_if_there_are_too_many_messages() -> None:
    items = [item(content={"type": "text"}, failover=FAILOVER), *[item(failover=FAILOVER)] * 9, item()]
    assert violations(body(*items)) == [
        ("workflow", "must be a list of 1 to 10."),
        ("workflow[0].message.content.text", "is required."),
    ]


def test_all_messages_but_the_last_have_a_failover_and_the_last_has_none() -> None:
    assert violations(body(item(), item(failover=FAILOVER))) == [
        ("workflow[0].failover", "is required for every message except the last one."),
        ("workflow[1].failover", "is not allowed with the last message."),
    ]


@pytest.mark.parametrize(
    ("kind", "good"),
    [("sms", False), ("mms", False), ("viber_service_msg", True), ("messenger", True), ("whatsapp", True)],
)
def test_only_channels_that_report_read_can_wait_for_it(kind: str, good: bool) -> None:
    first = item(kind, failover={"expiry_time": 60, "condition_status": "read"})
    if good:
        assert steps(first, item())[0].condition_status is Condition.READ
    else:
        reported = f"{kind} does not report read; use delivered."
        assert violations(body(first, item())) == [("workflow[0].failover.condition_status", reported)]


@pytest.mark.parametrize(
    ("kind", "to", "sender"),
    [
        ("sms", "number", "number"),
        ("mms", "number", "number"),
        ("whatsapp", "number", "number"),
        ("viber_service_msg", "number", "id"),
        ("messenger", "id", "id"),
    ],
)
def test_each_channel_has_its_own_kind_of_addresses(kind: str, to: str, sender: str) -> None:
    steps(item(kind))
    one = {**item(kind), "to": {"type": kind}, "from": {"type": kind}}
    assert violations(body(one)) == [
        (f"workflow[0].to.{to}", "is required."),
        (f"workflow[0].from.{sender}", "is required."),
    ]


def test_a_message_goes_from_and_to_the_same_channel() -> None:
    one = {**item("sms"), "from": item("whatsapp")["from"]}
    assert violations(body(one)) == [("workflow[0].from.type", "must be the same as to.type.")]


@pytest.mark.parametrize(
    ("kind", "content", "options", "name", "reason"),
    [
        ("sms", {"type": "text"}, {}, "message.content.text", "is required."),
        ("mms", {"type": "image", "image": {}}, {}, "message.content.image.url", "is required."),
        (
            "messenger",
            {"type": "audio", "audio": {"url": "http://a."}},
            {},
            "message.content.audio.url",
            "must have 10 to 2000 characters.",
        ),
        (
            "messenger",
            {"type": "text", "text": "A"},
            {"messenger": {"category": "message_tag"}},
            "message.messenger.tag",
            "is required.",
        ),
        (
            "viber_service_msg",
            {"type": "text", "text": "A"},
            {"viber_service_msg": {"ttl": 29}},
            "message.viber_service_msg.ttl",
            "must be a whole number from 30 to 259200.",
        ),
        (
            "whatsapp",
            {"type": "template", "template": {"name": "a:b"}},
            {},
            "message.whatsapp",
            "is required.",
        ),
        (
            "whatsapp",
            {"type": "template", "template": {"name": "a:b", "parameters": [{"default": "six"}, {}]}},
            {"whatsapp": {"locale": "en-GB"}},
            "message.content.template.parameters[1].default",
            "must be a string.",
        ),
        ("whatsapp", {"type": "file", "file": {"url": 7}}, {}, "message.content.file.url", "must be a string."),
    ],
)
def test_what_a_message_says_is_checked_as_in_v1_and_named_as_in_v0_1(
    kind: str, content: Any, options: Any, name: str, reason: str
) -> None:
    assert violations(body(item(failover=FAILOVER), item(kind, content, **options))) == [
        (f"workflow[1].{name}", reason)
    ]


def test_all_violations_are_reported_together_and_each_only_once() -> None:
    request = body(
        {"to": {"type": "sms", "number": "7"}, "message": {"content": {"type": "text", "text": ""}}, "client_ref": ""},
        7,
        item("messenger", {"type": "fax"}, failover={"expiry_time": 1}),
        template="chain",
    )
    assert violations(request) == [
        ("template", "must be failover."),
        ("workflow[0].from", "is required."),
        ("workflow[0].failover", "is required for every message except the last one."),
        (
            "workflow[0].to.number",
            "must be a phone number with its country code, such as +44 7700 900000 (with spaces, the + is needed).",
        ),
        ("workflow[0].message.content.text", "must have 1 to 3200 characters."),
        ("workflow[0].client_ref", "must have 1 to 100 characters."),
        ("workflow[1]", "must be an object."),
        ("workflow[2].message.content.type", "must be one of text, image, audio, video, file, template, custom."),
        ("workflow[2].failover.expiry_time", "must be a whole number from 15 to 86400."),
        ("workflow[2].failover", "is not allowed with the last message."),
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
TEMPLATE = {"type": "template", "template": {"name": "a:b", "parameters": [{"default": "six"}]}}


@st.composite
def broken_items(draw: st.DrawFn) -> Any:
    """A good message with anything at all in one or two places."""
    one = draw(
        st.sampled_from(
            [
                item(failover=dict(FAILOVER)),
                item("whatsapp", deepcopy(TEMPLATE), whatsapp={"policy": "fallback", "locale": "en-GB"}),
                item("viber_service_msg", viber_service_msg={"ttl": 600}, failover=dict(FAILOVER)),
                item("messenger", {"type": "audio", "audio": {"url": URL}}, messenger={"category": "response"}),
            ]
        ).map(deepcopy)
    )
    for _ in range(draw(st.integers(1, 2))):
        place: Any = one
        for _ in range(draw(st.integers(0, 4))):
            inner = [value for value in place.values() if isinstance(value, dict)]
            place = draw(st.sampled_from(inner)) if inner else place
        if place:
            place[draw(st.sampled_from(sorted(place)))] = draw(json_values)
    return one


@given(st.lists(broken_items() | json_values, max_size=4), st.booleans())
def test_any_json_is_understood_or_refused_with_names_of_its_own(items: list[Any], good_first: bool) -> None:
    request = body(*([item(failover=FAILOVER)] if good_first else []), *items)
    before = json.dumps(request)
    understood: tuple[Step, ...] = ()
    refused: list[Violation] = []
    try:
        understood = parse_dispatch_request(request).steps
    except InvalidRequestError as error:
        refused = list(error.violations)
    assert len(understood) == (0 if refused else len(request["workflow"]))
    assert len({violation.name for violation in refused}) == len(refused)
    assert all(violation.name.startswith("workflow") and violation.reason.endswith(".") for violation in refused)
    assert json.dumps(request) == before
