"""What each channel takes and refuses. The tables here are written from Vonage's reference and SDKs, not from ours."""

import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from getthrough.domain.message import channels, field_rules
from getthrough.domain.message.validation import compiled, message_violations
from tests.unit.v1_messages import CARD, CHANNELS, KINDS, NUMBER, REPLY, URL, changed, full

A_NUMBER = "must be a phone number with its country code, such as +44 7700 900000 (with spaces, the + is needed)."
A_URL = "must be an http or https URL."
A_STRING = "must be a string."


def violations(channel: str, message_type: str, path: str, value: object) -> list[tuple[str, str]]:
    """What is wrong with a message that has all its options, and another value in one place."""
    message = changed(full(channel, message_type), path, value)
    return [(violation.name, violation.reason) for violation in message_violations(message)]


@pytest.mark.parametrize(("channel", "message_type"), KINDS)
def test_a_message_with_everything_that_is_documented_has_no_violations(channel: str, message_type: str) -> None:
    assert message_violations(full(channel, message_type)) == []


def test_every_documented_kind_of_message_is_in_the_tables_and_no_other() -> None:
    ours = sorted((name, kind) for name, channel in channels.CHANNELS.items() for kind in channel.types)
    assert ours == KINDS


# Lengths, numbers and lists: the least and the most that is taken

LENGTHS = [
    # channel, message type, field, fewest and most characters
    ("sms", "text", "text", 1, 3200),
    ("sms", "text", "client_ref", 1, 100),
    ("sms", "text", "sms.content_id", 1, None),
    ("sms", "text", "sms.entity_id", 1, None),
    ("sms", "text", "sms.pool_id", 1, None),
    ("mms", "text", "text", 1, None),
    ("mms", "text", "from", 1, 50),
    ("mms", "image", "image.caption", 1, 3000),
    ("mms", "vcard", "vcard.caption", 1, 3000),
    ("mms", "audio", "audio.caption", 1, 3000),
    ("mms", "video", "video.caption", 1, 3000),
    ("mms", "file", "file.caption", 1, 3000),
    ("mms", "content", "content[0].caption", 1, 3000),
    ("rcs", "text", "text", 1, 3072),
    ("rcs", "text", "from", 1, 50),
    ("rcs", "text", "suggestions[0].text", 1, 25),
    ("rcs", "text", "suggestions[0].postback_data", 0, None),
    ("rcs", "text", "suggestions[4].description", 1, 500),
    ("rcs", "text", "suggestions[6].title", 1, 100),
    ("rcs", "card", "card.title", 1, 200),
    ("rcs", "card", "card.text", 1, 2000),
    ("rcs", "card", "card.suggestions[0].text", 1, 25),
    ("rcs", "card", "card.media_description", 0, None),
    ("rcs", "carousel", "carousel.cards[1].title", 1, 200),
    ("rcs", "carousel", "carousel.cards[1].text", 1, 2000),
    ("whatsapp", "text", "text", 1, 4096),
    ("whatsapp", "image", "image.caption", 1, 3000),
    ("whatsapp", "video", "video.caption", 0, None),
    ("whatsapp", "file", "file.caption", 0, None),
    ("whatsapp", "file", "file.name", 0, None),
    ("whatsapp", "template", "template.parameters[0]", 0, None),
    ("whatsapp", "sticker", "sticker.id", 1, None),
    ("whatsapp", "reaction", "reaction.emoji", 1, None),
    ("whatsapp", "text", "context.message_uuid", 1, None),
    ("whatsapp", "template", "template.name", 1, None),
    ("whatsapp", "template", "whatsapp.locale", 1, None),
    ("messenger", "text", "to", 1, 50),
    ("messenger", "text", "from", 1, 50),
    ("messenger", "text", "text", 1, 640),
    ("messenger", "text", "messenger.tag", 1, None),
    ("viber_service", "text", "from", 1, 50),
    ("viber_service", "text", "text", 1, 1000),
    ("viber_service", "text", "viber_service.type", 1, None),
    ("viber_service", "text", "viber_service.action.text", 1, 30),
    ("viber_service", "image", "viber_service.action.text", 1, 30),
    ("viber_service", "image", "image.caption", 0, None),
    ("viber_service", "video", "video.caption", 0, 1000),
    ("viber_service", "file", "file.name", 1, 25),
    ("email", "text", "text", 1, None),
    ("email", "text", "email.subject", 1, None),
    ("email", "html", "html.body", 1, None),
]


@pytest.mark.parametrize(("channel", "message_type", "field", "least", "most"), LENGTHS)
def test_a_text_has_its_length(channel: str, message_type: str, field: str, least: int, most: int | None) -> None:
    reported = "must not be empty." if most is None else f"must have {least} to {most} characters."
    assert violations(channel, message_type, field, "a" * (most or 100_000)) == []
    assert violations(channel, message_type, field, "a" * least) == []
    if least:
        assert violations(channel, message_type, field, "a" * (least - 1)) == [(field, reported)]
    if most:
        assert violations(channel, message_type, field, "a" * (most + 1)) == [(field, reported)]
    assert violations(channel, message_type, field, 7) == [(field, A_STRING)]


@pytest.mark.parametrize(("channel", "field"), [("messenger", "to"), ("messenger", "from"), ("viber_service", "from")])
def test_an_id_has_no_spaces_at_its_ends(channel: str, field: str) -> None:
    reported = "must be an id without invisible characters and without spaces at its ends."
    assert violations(channel, "text", field, "a b") == []
    for one in (" 1234", "1234 ", "1234\n", "\t1234", "1234\u2003", " "):
        assert violations(channel, "text", field, one) == [(field, reported)]


URLS = [
    # channel, message type, field, most characters; the shortest URL is bounded for audio only
    ("mms", "image", "image.url", None),
    ("mms", "vcard", "vcard.url", None),
    ("mms", "audio", "audio.url", None),
    ("mms", "video", "video.url", None),
    ("mms", "file", "file.url", None),
    ("mms", "content", "content[1].url", None),
    ("rcs", "image", "image.url", None),
    ("rcs", "video", "video.url", None),
    ("rcs", "file", "file.url", None),
    ("rcs", "card", "card.media_url", None),
    ("rcs", "card", "card.thumbnail_url", None),
    ("rcs", "carousel", "carousel.cards[0].media_url", None),
    ("rcs", "text", "suggestions[4].url", None),
    ("rcs", "text", "suggestions[1].fallback_url", None),
    ("whatsapp", "image", "image.url", None),
    ("whatsapp", "audio", "audio.url", 2000),
    ("whatsapp", "video", "video.url", None),
    ("whatsapp", "file", "file.url", None),
    ("messenger", "image", "image.url", None),
    ("messenger", "audio", "audio.url", 2000),
    ("messenger", "video", "video.url", None),
    ("messenger", "file", "file.url", None),
    ("viber_service", "text", "viber_service.action.url", None),
    ("viber_service", "image", "image.url", None),
    ("viber_service", "video", "video.url", None),
    ("viber_service", "video", "video.thumb_url", 1000),
]


@pytest.mark.parametrize(("channel", "message_type", "field", "most"), URLS)
def test_a_url_is_one_and_not_too_long(channel: str, message_type: str, field: str, most: int | None) -> None:
    def url(length: int) -> str:
        return URL + "a" * (length - len(URL))

    assert violations(channel, message_type, field, url(most or 5000)) == []
    if most:
        assert [name for name, _ in violations(channel, message_type, field, url(most + 1))] == [field]
    assert violations(channel, message_type, field, "HTTP://EXAMPLE.COM/A") == []
    for wrong in ("ftp://example.com/a", "example.com/a.bin", "https://example.com/a b", f" {URL}"):
        assert violations(channel, message_type, field, wrong) == [(field, A_URL)]


@pytest.mark.parametrize("channel", ["whatsapp", "messenger"])
def test_the_url_of_an_audio_has_at_least_ten_characters(channel: str) -> None:
    assert violations(channel, "audio", "audio.url", "http://a.b") == []
    assert violations(channel, "audio", "audio.url", "http://a.") == [("audio.url", "must have 10 to 2000 characters.")]


def test_the_url_of_a_file_on_viber_may_be_a_path() -> None:
    assert violations("viber_service", "file", "file.url", "a") == []
    assert violations("viber_service", "file", "file.url", "") == [("file.url", "must not be empty.")]


RANGES = [
    # channel, message type, field, least, most: ttl in seconds
    ("sms", "text", "ttl", 20, 604_800),
    ("mms", "image", "ttl", 300, 259_200),
    ("rcs", "text", "ttl", 300, 2_592_000),
    ("viber_service", "text", "viber_service.ttl", 30, 259_200),
    ("viber_service", "image", "viber_service.ttl", 30, 259_200),
    ("viber_service", "video", "viber_service.ttl", 30, 259_200),
    ("viber_service", "file", "viber_service.ttl", 30, 259_200),
    ("sms", "text", "expiry_time", 1, 604_800),
]


@pytest.mark.parametrize(("channel", "message_type", "field", "least", "most"), RANGES)
def test_a_number_has_its_range(channel: str, message_type: str, field: str, least: int, most: int) -> None:
    auto = ", or auto" if field == "expiry_time" else ""
    reported = [(field, f"must be a whole number from {least} to {most}{auto}.")]
    assert violations(channel, message_type, field, least) == []
    assert violations(channel, message_type, field, most) == []
    for wrong in (least - 1, most + 1, -least, str(least), least + 0.5, True, None):
        assert violations(channel, message_type, field, wrong) == reported


@pytest.mark.parametrize(("field", "most"), [("duration", 600), ("file_size", 200)])
def test_the_measures_of_a_viber_video_are_whole_numbers_as_strings(field: str, most: int) -> None:
    name = f"viber_service.{field}"
    for good in ("1", "10", "99", "100", "199", str(most), 1, most):
        assert violations("viber_service", "video", name, good) == []
    for wrong in ("0", str(most + 1), "1000", "01", "1.5", "", 0, most + 1, True, None):
        reported = [(name, f"must be a whole number from 1 to {most}, as a string.")]
        assert violations("viber_service", "video", name, wrong) == reported


LISTS: list[tuple[tuple[str, str], str, Any, int, int | None]] = [
    # channel, message type, field, one thing in it, fewest and most of them
    (("mms", "content"), "content", {"type": "file", "url": URL}, 1, None),
    (("rcs", "text"), "suggestions", REPLY, 1, 11),
    (("rcs", "card"), "card.suggestions", REPLY, 1, 4),
    (("rcs", "carousel"), "carousel.cards", CARD, 2, 10),
    (("rcs", "carousel"), "suggestions", REPLY, 1, 11),
    (("whatsapp", "template"), "template.parameters", "six", 0, None),
    (("email", "content"), "content", {"type": "text", "text": "Ready"}, 1, None),
]


@pytest.mark.parametrize(("kind", "field", "one", "least", "most"), LISTS)
def test_a_list_has_its_length(kind: tuple[str, str], field: str, one: object, least: int, most: int | None) -> None:
    reported = [(field, "must not be empty." if most is None else f"must be a list of {least} to {most}.")]
    assert violations(*kind, field, [one] * least) == []
    assert violations(*kind, field, [one] * (most or 50)) == []
    if least:
        assert violations(*kind, field, [one] * (least - 1)) == reported
    if most:
        assert violations(*kind, field, [one] * (most + 1)) == reported
    assert violations(*kind, field, {"0": one}) == [(field, "must be a list.")]
    assert violations(*kind, field, [*[one] * least, 7])[0][0] == f"{field}[{least}]"


CHOICES = [
    # channel, message type, field, all that is taken
    ("sms", "text", "sms.encoding_type", ["text", "unicode", "auto"]),
    ("sms", "text", "webhook_version", ["v0.1", "v1"]),
    ("sms", "text", "condition_status", ["delivered", "replied"]),
    ("mms", "content", "content[0].type", ["image", "audio", "video", "vcard", "file"]),
    ("mms", "image", "condition_status", ["delivered", "replied"]),
    ("rcs", "text", "condition_status", ["delivered", "read", "replied"]),
    (
        "rcs",
        "text",
        "rcs.category",
        ["authentication", "transaction", "promotion", "service-request", "acknowledgement"],
    ),
    ("rcs", "text", "suggestions[5].view_mode", ["FULL", "TALL", "HALF"]),
    ("rcs", "card", "card.media_height", ["SHORT", "MEDIUM", "TALL"]),
    ("rcs", "card", "rcs.card_orientation", ["VERTICAL", "HORIZONTAL"]),
    ("rcs", "card", "rcs.image_alignment", ["LEFT", "RIGHT"]),
    ("rcs", "carousel", "rcs.card_width", ["SMALL", "MEDIUM"]),
    ("whatsapp", "template", "whatsapp.policy", ["deterministic"]),
    ("whatsapp", "reaction", "reaction.action", ["react", "unreact"]),
    ("whatsapp", "text", "condition_status", ["delivered", "read", "replied"]),
    ("messenger", "text", "messenger.category", ["response", "update", "message_tag"]),
    ("messenger", "text", "condition_status", ["delivered", "read", "replied"]),
    ("viber_service", "text", "viber_service.category", ["transaction", "promotion"]),
    ("viber_service", "text", "condition_status", ["delivered", "read", "replied"]),
    ("email", "text", "condition_status", ["delivered", "replied"]),
]


@pytest.mark.parametrize(("channel", "message_type", "field", "choices"), CHOICES)
def test_a_choice_is_one_of_those_that_there_are(
    channel: str, message_type: str, field: str, choices: list[str]
) -> None:
    for choice in choices:
        assert violations(channel, message_type, field, choice) == []
    reported = f"must be one of {', '.join(choices)}." if len(choices) > 1 else f"must be {choices[0]}."
    for wrong in ("other", choices[0].swapcase(), "", f"{choices[0]} "):
        assert violations(channel, message_type, field, wrong) == [(field, reported)]
    assert violations(channel, message_type, field, None) == [(field, A_STRING)]


@pytest.mark.parametrize("channel", ["sms", "mms", "email"])
def test_what_a_channel_does_not_report_cannot_be_waited_for(channel: str) -> None:
    reported = [("condition_status", f"{channel} does not report read; use delivered.")]
    assert violations(channel, "text", "condition_status", "read") == reported


# What has to be there

REQUIRED = [
    # channel, message type, fields beside channel, message_type, to and from
    ("sms", "text", ["text"]),
    ("mms", "text", ["text"]),
    ("mms", "image", ["image", "image.url"]),
    ("mms", "vcard", ["vcard", "vcard.url"]),
    ("mms", "audio", ["audio", "audio.url"]),
    ("mms", "video", ["video", "video.url"]),
    ("mms", "file", ["file", "file.url"]),
    ("mms", "content", ["content", "content[0].type", "content[0].url"]),
    ("rcs", "text", ["text", "suggestions[0].type", "suggestions[0].text", "suggestions[0].postback_data"]),
    ("rcs", "text", ["suggestions[1].phone_number", "suggestions[4].url", "suggestions[5].url"]),
    ("rcs", "text", ["suggestions[2].latitude", "suggestions[2].longitude", "suggestions[2].pin_label"]),
    ("rcs", "text", ["suggestions[6].start_time", "suggestions[6].end_time", "suggestions[6].title"]),
    ("rcs", "image", ["image", "image.url"]),
    ("rcs", "video", ["video", "video.url"]),
    ("rcs", "file", ["file", "file.url"]),
    ("rcs", "card", ["card", "card.title", "card.text", "card.media_url", "rcs.image_alignment"]),
    ("rcs", "carousel", ["carousel", "carousel.cards", "carousel.cards[1].title", "rcs", "rcs.card_width"]),
    ("whatsapp", "text", ["text", "context.message_uuid"]),
    ("whatsapp", "image", ["image", "image.url"]),
    ("whatsapp", "audio", ["audio", "audio.url"]),
    ("whatsapp", "video", ["video", "video.url"]),
    ("whatsapp", "file", ["file", "file.url"]),
    ("whatsapp", "template", ["template", "template.name", "whatsapp", "whatsapp.locale"]),
    ("whatsapp", "sticker", ["sticker"]),
    (
        "whatsapp",
        "reaction",
        ["reaction", "reaction.action", "reaction.emoji", "context", "context.message_uuid"],
    ),
    ("messenger", "text", ["text", "messenger.tag"]),
    ("messenger", "image", ["image", "image.url"]),
    ("messenger", "audio", ["audio", "audio.url"]),
    ("messenger", "video", ["video", "video.url"]),
    ("messenger", "file", ["file", "file.url"]),
    ("viber_service", "text", ["text", "viber_service.action.url", "viber_service.action.text"]),
    ("viber_service", "image", ["image", "image.url"]),
    ("viber_service", "video", ["video", "video.url", "video.thumb_url"]),
    ("viber_service", "video", ["viber_service", "viber_service.duration", "viber_service.file_size"]),
    ("viber_service", "file", ["file", "file.url"]),
    ("email", "text", ["text", "email", "email.subject"]),
    ("email", "html", ["html", "html.body"]),
    ("email", "content", ["content", "content[0].type", "content[0].text", "content[1].body"]),
]


@pytest.mark.parametrize(("channel", "message_type", "fields"), REQUIRED)
def test_what_is_required_is_missed(channel: str, message_type: str, fields: list[str]) -> None:
    for field in ["to", "from", *fields]:
        assert violations(channel, message_type, field, ...) == [(field, "is required.")]


OPTIONAL = [
    ("sms", "text", ["ttl", "trusted_recipient", "sms", "sms.encoding_type"]),
    ("mms", "image", ["image.caption", "ttl"]),
    ("rcs", "text", ["suggestions", "rcs", "rcs.category", "suggestions[4].description", "suggestions[5].view_mode"]),
    ("rcs", "card", ["rcs", "card.media_height", "card.suggestions", "card.media_force_refresh"]),
    ("rcs", "custom", ["custom"]),
    ("whatsapp", "text", ["context"]),
    ("whatsapp", "template", ["template.parameters", "whatsapp.policy"]),
    ("whatsapp", "custom", ["custom"]),
    ("messenger", "text", ["messenger", "messenger.category"]),
    ("viber_service", "text", ["viber_service", "viber_service.action", "viber_service.category"]),
    ("viber_service", "file", ["viber_service", "file.name"]),
    ("email", "text", ["email.importance", "email.priority", "email.sensitivity"]),
]


@pytest.mark.parametrize(("channel", "message_type", "fields"), OPTIONAL)
def test_what_is_optional_is_not_missed(channel: str, message_type: str, fields: list[str]) -> None:
    for field in fields:
        assert violations(channel, message_type, field, ...) == []


OBJECTS = [
    ("sms", "text", "sms"),
    ("mms", "image", "image"),
    ("mms", "content", "content[0]"),
    ("rcs", "text", "rcs"),
    ("rcs", "text", "suggestions[0]"),
    ("rcs", "card", "card"),
    ("rcs", "carousel", "carousel"),
    ("rcs", "custom", "custom"),
    ("whatsapp", "template", "template"),
    ("whatsapp", "template", "whatsapp"),
    ("whatsapp", "reaction", "reaction"),
    ("whatsapp", "text", "context"),
    ("messenger", "text", "messenger"),
    ("viber_service", "text", "viber_service"),
    ("viber_service", "text", "viber_service.action"),
    ("email", "text", "email"),
]


@pytest.mark.parametrize(("channel", "message_type", "field"), OBJECTS)
@pytest.mark.parametrize("wrong", [None, "text", 7, [], True])
def test_what_holds_fields_is_an_object(channel: str, message_type: str, field: str, wrong: object) -> None:
    assert violations(channel, message_type, field, wrong) == [(field, "must be an object.")]


@pytest.mark.parametrize("field", ["cc", "bcc", "Bcc", "email.cc", "email.bcc", "email.CC"])
@pytest.mark.parametrize("message_type", ["text", "html", "content"])
@pytest.mark.parametrize("value", ["bob@example.com", ["bob@example.com"], None])
def test_an_email_has_no_copies_because_opt_outs_and_limits_do_not_know_them(
    field: str, message_type: str, value: object
) -> None:
    reason = "is not allowed. Send each recipient a message of their own."
    assert violations("email", message_type, field, value) == [(field, reason)]


@pytest.mark.parametrize("field", ["custom.to", "custom.recipient"])
@pytest.mark.parametrize("value", ["447700900001", {}, None])
def test_the_content_of_a_whatsapp_message_names_no_other_recipient(field: str, value: object) -> None:
    reason = "must be an object without `to` and `recipient`, because the message's own `to` names the recipient."
    assert violations("whatsapp", "custom", field, value) == [("custom", reason)]


@pytest.mark.parametrize("channel", ["sms", "mms", "rcs"])
def test_whether_a_recipient_is_trusted_is_true_or_false(channel: str) -> None:
    for good in (True, False):
        assert violations(channel, "text", "trusted_recipient", good) == []
    for wrong in ("true", 1, 0, None):
        assert violations(channel, "text", "trusted_recipient", wrong) == [
            ("trusted_recipient", "must be true or false.")
        ]


# Rules about two fields


@pytest.mark.parametrize(
    ("channel", "message_type", "changes", "reported"),
    [
        ("messenger", "text", {"messenger": {"category": "message_tag"}}, [("messenger.tag", "is required.")]),
        ("messenger", "text", {"messenger": {"category": "update"}}, []),
        ("whatsapp", "sticker", {"sticker": {"url": URL}}, []),
        ("whatsapp", "sticker", {"sticker": {}}, [("sticker", "must have either url or id.")]),
        ("whatsapp", "sticker", {"sticker": {"url": URL, "id": "7"}}, [("sticker", "must have either url or id.")]),
        ("whatsapp", "reaction", {"reaction": {"action": "unreact"}}, []),
        ("whatsapp", "reaction", {"reaction": {"action": "react"}}, [("reaction.emoji", "is required.")]),
        ("rcs", "card", {"rcs": {"card_orientation": "VERTICAL"}}, []),
        (
            "rcs",
            "card",
            {"rcs": {"card_orientation": "VERTICAL"}, "card": {"title": "A", "text": "B", "media_url": URL}},
            [("card.media_height", "is required.")],
        ),
        ("email", "content", {"content": [{"type": "html", "text": "A"}]}, [("content[0].body", "is required.")]),
    ],
)
def test_some_values_need_another_field(
    channel: str, message_type: str, changes: dict[str, Any], reported: list[tuple[str, str]]
) -> None:
    found = message_violations({**full(channel, message_type), **changes})
    assert [(violation.name, violation.reason) for violation in found] == reported


# Who and whom


@pytest.mark.parametrize("channel", ["sms", "mms", "rcs", "viber_service"])
def test_a_number_has_seven_to_fifteen_digits(channel: str) -> None:
    for good in ("1234567", "123456789012345"):
        assert violations(channel, "text", "to", good) == []
    for wrong in ("123456", "0123456789", "12345678x", "1234567890123456", f"{NUMBER}\n"):
        assert violations(channel, "text", "to", wrong) == [("to", A_NUMBER)]


NO_ADDRESS = "must be an email address without quotes, comments or invisible characters."


@pytest.mark.parametrize(
    ("field", "good", "wrong", "reported"),
    [
        ("to", "a@b", "a.b", NO_ADDRESS),
        ("to", f"a@{'b' * 318}", f"a@{'b' * 319}", "must have 1 to 320 characters."),
        ("from", f"a@{'b' * 498}", f"a@{'b' * 499}", "must have 1 to 500 characters."),
        ("to", "ann+x@example.com", "Ann <ann@example.com>", NO_ADDRESS),
        ("from", "a@b", "Ann a@b", "must be an email address, alone or in angle brackets after a name."),
        ("from", "Ann B <a@b>", "<a@b>", "must be an email address, alone or in angle brackets after a name."),
    ],
)
def test_email_has_email_addresses(field: str, good: str, wrong: str, reported: str) -> None:
    assert violations("email", "text", field, good) == []
    assert violations("email", "text", field, wrong) == [(field, reported)]


@pytest.mark.parametrize("wrong", ['"ann"@x.example', "ann(work)@x.example", "ann@[192.0.2.1]", "ann,bo@x.example"])
def test_an_email_address_has_no_second_spelling_with_quotes_or_comments(wrong: str) -> None:
    assert violations("email", "text", "to", wrong) == [("to", NO_ADDRESS)]


def test_no_address_has_a_control_or_format_character_anywhere() -> None:
    unseen = [
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(letter) in {"Cc", "Cf"} or letter in NOT_SHOWN
    ]
    refused = {
        (channel, field, address.format("x"))
        for channel, field, address in ADDRESSES
        for letter in unseen
        if violations(channel, "text", field, address.format(letter)) == []
    }

    assert len(unseen) > 230
    assert refused == set()
    assert [violations(channel, "text", field, address.format("x")) for channel, field, address in ADDRESSES] == [
        []
    ] * len(ADDRESSES)


NOT_SHOWN = "\u034f\u115f\u1160\u17b4\u180b\u2065\u2800\u3164\ufe00\ufe0f\uffa0\U000e0100\U000e01ef"
"""Of other categories, and without a picture of their own."""

ADDRESSES = [
    ("email", "to", "a{}nn@bakery.example"),
    ("email", "to", "ann@bak{}ery.example"),
    ("email", "from", "Ann <an{}n@bakery.example>"),
    ("messenger", "to", "12{}34"),
    ("messenger", "to", "1234{}"),
    ("whatsapp", "to", "GB.1349{}1208"),
]


def test_what_the_document_says_of_a_message_allows_every_form_of_its_numbers_and_is_else_the_same() -> None:
    for channel, message_type in KINDS:
        reported, checked = (
            channels.request_schema(channel, message_type),
            channels.message_schema(channel, message_type),
        )
        assert {**reported, "properties": {**reported["properties"], **_addresses(checked)}} == checked
        for field in ("to", "from"):
            if checked["properties"][field] == field_rules.NUMBER:
                check = compiled(reported)
                assert check({**full(channel, message_type), field: "+44 (0)7700 900001"}) == []


def _addresses(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: schema["properties"][name] for name in ("to", "from")}


# What we do not know

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from(KINDS), st.dictionaries(st.from_regex(r"new_[a-z]{1,8}", fullmatch=True), json_values))
def test_unknown_fields_and_options_are_allowed_everywhere(kind: tuple[str, str], unknown: dict[str, Any]) -> None:
    def with_unknown(value: object) -> object:
        match value:
            case dict():
                return {**unknown, **{name: with_unknown(inner) for name, inner in value.items()}}
            case list():
                return [with_unknown(inner) for inner in value]
        return value

    message = with_unknown(full(*kind))
    assert isinstance(message, dict)
    assert message_violations(message) == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_of_an_unknown_message_type_only_the_channels_common_fields_are_checked(channel: str) -> None:
    message = {**full(channel, "text"), "message_type": "hologram", "text": 7, "hologram": {"url": 7}}
    assert message_violations(message) == []
    wrong = {**message, "to": "", "client_ref": "", "expiry_time": 0}
    assert [violation.name for violation in message_violations(wrong)] == ["to", "client_ref", "expiry_time"]


@given(
    st.sampled_from(KINDS), st.dictionaries(st.sampled_from(sorted({f for k in KINDS for f in full(*k)})), json_values)
)
def test_no_reason_quotes_a_value_or_has_a_line_break(kind: tuple[str, str], values: dict[str, Any]) -> None:
    secret = "s3cret"
    for violation in message_violations({**full(*kind), **values, "client_ref": secret * 50, "to": secret * 50}):
        assert secret not in violation.reason
        assert violation.reason.endswith(".")
        assert len(violation.reason) < 200
        assert "\n" not in violation.reason


def test_a_check_never_changes_what_it_checks() -> None:
    value: dict[str, Any] = {}
    assert compiled({"type": "object", "properties": {"size": {"type": "integer", "default": 6}}})(value) == []
    assert value == {}


@pytest.mark.parametrize(("items", "reported"), [(99, 99), (100, 100), (101, 100), (20_000, 100)])
def test_no_more_than_a_hundred_violations_are_listed(items: int, reported: int) -> None:
    found = violations("mms", "content", "content", [7] * items)
    assert found == [(f"content[{number}]", "must be an object.") for number in range(reported)]
