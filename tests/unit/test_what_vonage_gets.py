"""What goes to Vonage is exactly a v1 message: nothing of ours, and of the client's all but what is documented here."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.dispatch.outgoing import for_vonage
from getthrough.domain.dispatch.request import parse_messages_request
from tests.unit.v1_messages import CHANNELS, KINDS, full

OUR_ID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501"
OURS = {"expiry_time", "condition_status", "on_unknown", "failover"}


def sent(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What Vonage would get for each step of a request."""
    return [for_vonage(step, OUR_ID) for step in parse_messages_request(body).steps]


# The time to live is the window

TTL = [
    # channel, where its ttl is, least and most seconds; as in Vonage's reference, for sms as in the SDKs
    ("sms", "ttl", 20, 604_800),
    ("mms", "ttl", 300, 259_200),
    ("rcs", "ttl", 300, 2_592_000),
    ("viber_service", "viber_service", 30, 259_200),
]
LONGEST_WINDOW = 604_800


def plain(channel: str, **fields: Any) -> dict[str, Any]:
    """A text without any options that could be left out."""
    message = full(channel, "text")
    kept = ("channel", "message_type", "to", "from", "text", "email")
    return {**{name: message[name] for name in kept if name in message}, **fields}


def ttl_of(message: dict[str, Any]) -> object:
    return message.get("viber_service", message).get("ttl")


@pytest.mark.parametrize(("channel", "field", "floor", "ceiling"), TTL)
def test_vonage_gives_up_when_the_fallback_goes_out(channel: str, field: str, floor: int, ceiling: int) -> None:
    for window in (floor, floor + 1, min(ceiling, LONGEST_WINDOW)):
        first, _ = sent(plain(channel, expiry_time=window, failover=[plain("sms")]))
        ttl = {"ttl": window} if field == "viber_service" else window
        assert first == {**plain(channel), field: ttl, "client_ref": OUR_ID, "webhook_version": "v1"}


@pytest.mark.parametrize(("channel", "field", "floor", "ceiling"), TTL)
def test_a_window_that_the_channel_cannot_keep_is_no_ttl(channel: str, field: str, floor: int, ceiling: int) -> None:
    for window in (floor - 1, ceiling + 1):
        if window <= LONGEST_WINDOW:
            first, _ = sent(plain(channel, expiry_time=window, failover=[plain("sms")]))
            assert first == {**plain(channel), "client_ref": OUR_ID, "webhook_version": "v1"}


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "email"])
@pytest.mark.parametrize("window", [30, 300, 3600])
def test_a_channel_without_ttl_gets_none(channel: str, window: int) -> None:
    first, _ = sent(plain(channel, expiry_time=window, failover=[plain("sms")]))
    assert first == {**plain(channel), "client_ref": OUR_ID, "webhook_version": "v1"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_last_message_gets_no_ttl(channel: str) -> None:
    for message in (sent(plain(channel, expiry_time=600))[0], sent(plain("sms", failover=[plain(channel)]))[-1]):
        assert message == {**plain(channel), "client_ref": OUR_ID, "webhook_version": "v1"}


def test_every_message_but_the_last_gets_its_own_window() -> None:
    windows = [plain("sms", expiry_time=60), plain("viber_service", expiry_time=90), plain("sms", expiry_time=120)]
    assert [ttl_of(message) for message in sent({**windows[0], "failover": windows[1:]})] == [60, 90, None]


@pytest.mark.parametrize(("channel", "field", "floor", "ceiling"), TTL)
def test_the_clients_own_ttl_stays(channel: str, field: str, floor: int, ceiling: int) -> None:
    own: Any = {"category": "promotion", "ttl": ceiling} if field == "viber_service" else ceiling
    first, _ = sent(plain(channel, expiry_time=floor, failover=[plain("sms")], **{field: own}))
    assert first[field] == own


def test_other_options_of_viber_stay_beside_the_ttl() -> None:
    body = plain("viber_service", expiry_time=60, viber_service={"category": "promotion"}, failover=[plain("sms")])
    assert sent(body)[0]["viber_service"] == {"category": "promotion", "ttl": 60}


# Nothing else is changed

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)
windows = st.integers(1, LONGEST_WINDOW) | st.sampled_from([19, 20, 29, 30, 299, 300, 259_200, 259_201])


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """Any kind of message with fields that we do not know, and with or without ours."""
    unknown = draw(st.dictionaries(st.from_regex(r"new_[a-z]{1,8}", fullmatch=True), json_values, max_size=3))
    given_ours = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "expiry_time": windows,
                "condition_status": st.sampled_from(["delivered", "replied"]),
                "client_ref": st.text(min_size=1, max_size=100),
                "webhook_url": st.just("https://example.com/status"),
                "webhook_version": st.sampled_from(["v0.1", "v1"]),
            },
        )
    )
    return {**full(*draw(st.sampled_from(KINDS))), **unknown, **given_ours}


@given(st.lists(messages(), min_size=1, max_size=4), st.sampled_from([None, "move_on", "resend"]))
def test_vonage_gets_each_message_as_it_was_written_without_our_fields(
    written: list[dict[str, Any]], on_unknown: str | None
) -> None:
    """All options are in these messages, with a ttl where there can be one: so nothing is added but our id."""
    top = {**written[0], "failover": written[1:], **({"on_unknown": on_unknown} if on_unknown else {})}
    expected = [
        {
            **{name: value for name, value in message.items() if name not in OURS | {"webhook_url"}},
            "client_ref": OUR_ID,
            "webhook_version": "v1",
        }
        for message in written
    ]
    before = json.dumps(top)
    assert [without_added_ttl(one, message) for one, message in zip(sent(top), written, strict=True)] == expected
    assert json.dumps(top) == before


def without_added_ttl(outgoing: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """The message without the one thing that may be added to it."""
    if "ttl" in written.get("viber_service", written):
        return outgoing
    outgoing.get("viber_service", outgoing).pop("ttl", None)
    return outgoing
