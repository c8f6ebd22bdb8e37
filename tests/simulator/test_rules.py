"""Both sides of the bounds, for every channel and message type."""

from typing import Any

import pytest

from local.vonage_simulator.checks import refusal
from local.vonage_simulator.rules import CHANNELS
from tests.simulator.client import PHONE, SENDER

URL = "https://example.com/a.jpg"
MEDIA = {"url": URL}
CARD = {"title": "Cupcakes", "text": "Today", "media_url": URL}
SENDERS = {
    "rcs": "Bakery",
    "messenger": "9876",
    "viber_service": "9876",
    "email": "Bakery <post@example.com>",
}
RECIPIENTS = {"messenger": "1234", "email": "someone@example.com"}

# one good message of every type: what it needs beyond to, from, channel and message_type
GOOD: dict[tuple[str, str], dict[str, Any]] = {
    ("sms", "text"): {"text": "Hello"},
    ("mms", "text"): {"text": "Hello"},
    ("mms", "image"): {"image": MEDIA},
    ("mms", "vcard"): {"vcard": MEDIA},
    ("mms", "audio"): {"audio": MEDIA},
    ("mms", "video"): {"video": MEDIA},
    ("mms", "file"): {"file": MEDIA},
    ("mms", "content"): {"content": [{"type": "image", "url": URL}]},
    ("rcs", "text"): {"text": "Hello"},
    ("rcs", "image"): {"image": MEDIA},
    ("rcs", "video"): {"video": MEDIA},
    ("rcs", "file"): {"file": MEDIA},
    ("rcs", "card"): {"card": CARD},
    ("rcs", "carousel"): {"carousel": {"cards": [CARD, CARD]}, "rcs": {"card_width": "SMALL"}},
    ("rcs", "custom"): {"custom": {"anything": 1}},
    ("whatsapp", "text"): {"text": "Hello"},
    ("whatsapp", "image"): {"image": MEDIA},
    ("whatsapp", "audio"): {"audio": MEDIA},
    ("whatsapp", "video"): {"video": MEDIA},
    ("whatsapp", "file"): {"file": MEDIA},
    ("whatsapp", "template"): {"template": {"name": "ready"}, "whatsapp": {"locale": "en_GB"}},
    ("whatsapp", "sticker"): {"sticker": MEDIA},
    ("whatsapp", "reaction"): {
        "reaction": {"action": "react", "emoji": "🧁"},
        "context": {"message_uuid": "1"},
    },
    ("whatsapp", "custom"): {"custom": {"type": "contacts"}},
    ("messenger", "text"): {"text": "Hello"},
    ("messenger", "image"): {"image": MEDIA},
    ("messenger", "audio"): {"audio": MEDIA},
    ("messenger", "video"): {"video": MEDIA},
    ("messenger", "file"): {"file": MEDIA},
    ("viber_service", "text"): {"text": "Hello"},
    ("viber_service", "image"): {"image": MEDIA},
    ("viber_service", "video"): {
        "video": {"url": URL, "thumb_url": URL},
        "viber_service": {"duration": "1", "file_size": "1"},
    },
    ("viber_service", "file"): {"file": MEDIA},
    ("email", "text"): {"text": "Hello", "email": {"subject": "Cupcakes"}},
    ("email", "html"): {"html": {"body": "<p>Hello</p>"}, "email": {"subject": "Cupcakes"}},
    ("email", "content"): {"content": [{"type": "text", "text": "Hello"}], "email": {"subject": "Cupcakes"}},
}
TYPES = [(channel, kind) for channel, rules in CHANNELS.items() for kind in rules.types]


def message(channel: str, kind: str, **changed: Any) -> dict[str, Any]:
    return {
        "to": RECIPIENTS.get(channel, PHONE),
        "from": SENDERS.get(channel, SENDER),
        "channel": channel,
        "message_type": kind,
        **GOOD[channel, kind],
        **changed,
    }


def wrong(body: dict[str, Any]) -> list[str] | str | None:
    """The names of the wrong fields, or the title of an error that names none; None for a good message."""
    answer = refusal(body)
    if answer is None:
        return None
    assert not isinstance(answer.body, str)
    assert answer.status == 422
    listed = answer.body.get("invalid_parameters")
    return [item["name"] for item in listed] if listed else str(answer.body["title"])


@pytest.mark.parametrize(("channel", "kind"), TYPES)
def test_every_type_has_a_smallest_good_message(channel: str, kind: str) -> None:
    assert wrong(message(channel, kind)) is None


@pytest.mark.parametrize(("channel", "kind"), TYPES)
def test_every_type_takes_the_common_fields(channel: str, kind: str) -> None:
    common = {"client_ref": "x" * 100, "webhook_url": "https://example.com/status", "webhook_version": "v0.1"}
    assert wrong(message(channel, kind, **common)) is None


@pytest.mark.parametrize(("channel", "kind"), TYPES)
def test_no_type_takes_a_field_that_is_not_published(channel: str, kind: str) -> None:
    for name in ("expiry_time", "condition_status", "on_unknown", "send_at"):
        assert wrong(message(channel, kind, **{name: 15})) == [name]


@pytest.mark.parametrize(("channel", "kind"), [key for key in TYPES if key[1] != "custom"])
def test_every_needed_field_is_missed(channel: str, kind: str) -> None:
    for name in GOOD[channel, kind]:
        body = message(channel, kind)
        del body[name]
        assert wrong(body) == [name]


@pytest.mark.parametrize(
    ("channel", "kind", "good", "bad"),
    [
        ("sms", "text", {"text": "x" * 3200}, {"text": "x" * 3201}),
        ("sms", "text", {"text": "x"}, {"text": ""}),
        ("sms", "text", {"ttl": 20}, {"ttl": 19}),
        ("sms", "text", {"ttl": 604_800}, {"ttl": 604_801}),
        ("sms", "text", {"ttl": 600}, {"ttl": "600"}),
        ("sms", "text", {"ttl": 600}, {"ttl": True}),
        ("sms", "text", {"trusted_recipient": True}, {"trusted_recipient": "yes"}),
        ("sms", "text", {"webhook_version": "v1"}, {"webhook_version": "v2"}),
        ("sms", "text", {"webhook_url": "http://127.0.0.1/s"}, {"webhook_url": "127.0.0.1"}),
        ("mms", "image", {"ttl": 300}, {"ttl": 299}),
        ("mms", "image", {"ttl": 259_200}, {"ttl": 259_201}),
        ("rcs", "text", {"text": "x" * 3072}, {"text": "x" * 3073}),
        ("rcs", "text", {"ttl": 300}, {"ttl": 299}),
        ("rcs", "text", {"ttl": 2_592_000}, {"ttl": 2_592_001}),
        ("whatsapp", "text", {"text": "x" * 4096}, {"text": "x" * 4097}),
        ("whatsapp", "text", {}, {"ttl": 600}),
        ("whatsapp", "text", {}, {"whatsapp": {"locale": "en"}}),
        ("messenger", "text", {"text": "x" * 640}, {"text": "x" * 641}),
        ("viber_service", "text", {"text": "x" * 1000}, {"text": "x" * 1001}),
    ],
)
def test_both_sides_of_a_bound(channel: str, kind: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert wrong(message(channel, kind, **good)) is None
    assert wrong(message(channel, kind, **bad)) == list(bad)


@pytest.mark.parametrize(
    ("channel", "kind", "good", "bad", "named"),
    [
        ("mms", "image", {"image": {"url": URL, "caption": "x" * 3000}},
         {"image": {"url": URL, "caption": "x" * 3001}}, "image.caption"),
        ("mms", "image", {"image": {**MEDIA, "unlisted": 1}}, {"image": {"url": "a.jpg"}}, "image.url"),
        ("mms", "content", {"content": [{"type": "file", "url": URL}] * 2},
         {"content": [{"type": "file", "url": URL}, {"type": "text", "url": URL}]}, "content[1].type"),
        ("rcs", "text", {"rcs": {"category": "promotion"}}, {"rcs": {"category": "news"}}, "rcs.category"),
        ("rcs", "carousel", {"carousel": {"cards": [CARD] * 10}}, {"carousel": {"cards": [CARD] * 11}},
         "carousel.cards"),
        ("rcs", "carousel", {}, {"carousel": {"cards": [CARD]}}, "carousel.cards"),
        ("whatsapp", "audio", {"audio": {"url": "https://" + "x" * 1992}},
         {"audio": {"url": "https://" + "x" * 1993}}, "audio.url"),
        ("whatsapp", "sticker", {"sticker": {"id": "1"}}, {"sticker": {"id": "1", "url": URL}}, "sticker"),
        ("whatsapp", "sticker", {}, {"sticker": {}}, "sticker"),
        ("whatsapp", "reaction", {"reaction": {"action": "unreact"}}, {"reaction": {"action": "react"}},
         "reaction.emoji"),
        ("whatsapp", "template", {"template": {"name": "n", "parameters": ["1"]}},
         {"template": {"name": "n", "parameters": [1]}}, "template.parameters[0]"),
        ("messenger", "text", {"messenger": {"category": "message_tag", "tag": "T"}},
         {"messenger": {"category": "message_tag"}}, "messenger.tag"),
        ("viber_service", "text", {"viber_service": {"ttl": 30}}, {"viber_service": {"ttl": 29}},
         "viber_service.ttl"),
        ("viber_service", "text", {"viber_service": {"ttl": 259_200}}, {"viber_service": {"ttl": 259_201}},
         "viber_service.ttl"),
        ("viber_service", "text", {"viber_service": {"action": {"url": URL, "text": "x" * 30}}},
         {"viber_service": {"action": {"url": URL, "text": "x" * 31}}}, "viber_service.action.text"),
        ("viber_service", "video", {"viber_service": {"duration": "600", "file_size": "200"}},
         {"viber_service": {"duration": "601", "file_size": "200"}}, "viber_service.duration"),
        ("viber_service", "video", {}, {"viber_service": {"duration": 1, "file_size": "1"}},
         "viber_service.duration"),
        ("email", "text", {"email": {"subject": "S", "priority": "urgent"}}, {"email": {}}, "email.subject"),
        ("email", "content", {}, {"content": [{"type": "html", "text": "x"}]}, "content[0].body"),
    ],
)  # fmt: skip
def test_both_sides_of_a_bound_inside_an_object(
    channel: str, kind: str, good: dict[str, Any], bad: dict[str, Any], named: str
) -> None:
    assert wrong(message(channel, kind, **good)) is None
    assert wrong(message(channel, kind, **bad)) == [named]


@pytest.mark.parametrize(
    ("channel", "good", "bad"),
    [
        (
            "sms",
            ["1234567", "123456789012345"],
            ["123456", "1234567890123456", "+447700900000", "00447700900", ""],
        ),
        ("whatsapp", ["447700900000", "GB.1349abc"], ["+447700900000", "gb.1349"]),
        ("messenger", ["1", "x" * 50], ["", "x" * 51]),
        ("email", ["a@example.com"], ["example.com", "Bakery <a@example.com>"]),
    ],
)
def test_recipients(channel: str, good: list[str], bad: list[str]) -> None:
    assert [wrong(message(channel, "text", to=to)) for to in good] == [None] * len(good)
    assert [wrong(message(channel, "text", to=to)) for to in bad] == ["Invalid recipient"] * len(bad)


@pytest.mark.parametrize(
    ("channel", "good", "bad"),
    [
        ("sms", ["447700900001", "Cupcakes 4U", "12345"], ["+447700900001", "x" * 12, "Bakery!", ""]),
        ("rcs", ["My_Bakery-1&2"], ["My Bakery", ""]),
        ("whatsapp", ["447700900001"], ["Bakery"]),
        ("viber_service", ["x" * 50], ["x" * 51]),
        ("email", ["a@example.com", "The bakery <a@example.com>"], ["The bakery", "a@example"]),
    ],
)
def test_senders(channel: str, good: list[str], bad: list[str]) -> None:
    assert [wrong(message(channel, "text", **{"from": name})) for name in good] == [None] * len(good)
    assert [wrong(message(channel, "text", **{"from": name})) for name in bad] == ["Invalid sender"] * len(bad)


def test_channel_and_type_come_first() -> None:
    assert wrong({}) == "Unsupported channel"
    assert wrong({"channel": "sms"}) == "Invalid message type"
    assert wrong({"channel": "sms", "message_type": "text"}) == ["to", "from", "text"]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ({"ttl": True}, "must be an integer."),
        ({"ttl": 1}, "must be 20 to 604800."),
        ({"text": 5}, "must be a string."),
        ({"text": "x" * 3201}, "must be 1 to 3200 characters long."),
        ({"sms": []}, "must be an object."),
        ({"webhook_version": "v2"}, "must be one of v0.1, v1."),
        ({"send_at": "now"}, "is not allowed."),
    ],
)
def test_the_reason_says_what_would_be_right(field: dict[str, Any], reason: str) -> None:
    answer = refusal(message("sms", "text", **field))
    assert answer is not None
    assert not isinstance(answer.body, str)
    assert answer.body["invalid_parameters"] == [{"name": next(iter(field)), "reason": reason}]
