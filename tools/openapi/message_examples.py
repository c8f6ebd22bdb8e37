"""One message of each channel and message type, for people to start from."""

from collections.abc import Iterator

from tools.openapi.parts import Json

_CUSTOMER, _BAKERY = "447700900001", "447700900000"
_FILES = "https://bakery.example/files"

_FROM_TO: dict[str, tuple[str, str]] = {
    "sms": ("Bakery", _CUSTOMER),
    "mms": (_BAKERY, _CUSTOMER),
    "rcs": ("Bakery", _CUSTOMER),
    "whatsapp": (_BAKERY, _CUSTOMER),
    "messenger": ("107083064136738", "6038912345678901"),
    "viber_service": ("16273", _CUSTOMER),
    "email": ("The bakery <hello@bakery.example>", "customer@mail.example"),
}

_CARD = {"title": "A dozen cupcakes", "text": "Vanilla, with strawberries.", "media_url": f"{_FILES}/cupcakes.jpg"}
_EMAIL = {"email": {"subject": "Your cupcakes"}}
_READY = "Your cupcakes are ready!"

_CONTENTS: dict[str, dict[str, Json]] = {
    "sms": {"text": {"text": _READY}},
    "mms": {
        "text": {"text": _READY},
        "image": {"image": {"url": f"{_FILES}/cupcakes.jpg", "caption": _READY}},
        "vcard": {"vcard": {"url": f"{_FILES}/bakery.vcf", "caption": "How to find us"}},
        "audio": {"audio": {"url": f"{_FILES}/song.mp3"}},
        "video": {"video": {"url": f"{_FILES}/cupcakes.mp4"}},
        "file": {"file": {"url": f"{_FILES}/invoice.pdf"}},
        "content": {
            "content": [
                {"type": "image", "url": f"{_FILES}/cupcakes.jpg", "caption": _READY},
                {"type": "vcard", "url": f"{_FILES}/bakery.vcf"},
            ]
        },
    },
    "rcs": {
        "text": {
            "text": "Your cupcakes are ready. When will you come?",
            "suggestions": [
                {"type": "reply", "text": "Today", "postback_data": "today"},
                {"type": "dial", "text": "Call us", "postback_data": "call", "phone_number": f"+{_BAKERY}"},
            ],
        },
        "image": {"image": {"url": f"{_FILES}/cupcakes.jpg"}},
        "video": {"video": {"url": f"{_FILES}/cupcakes.mp4"}},
        "file": {"file": {"url": f"{_FILES}/invoice.pdf"}},
        "card": {"card": _CARD},
        "carousel": {
            "carousel": {"cards": [_CARD, {**_CARD, "title": "Half a dozen"}]},
            "rcs": {"card_width": "MEDIUM"},
        },
        "custom": {"custom": {"contentMessage": {"text": _READY}}},
    },
    "whatsapp": {
        "text": {"text": _READY},
        "image": {"image": {"url": f"{_FILES}/cupcakes.jpg", "caption": _READY}},
        "audio": {"audio": {"url": f"{_FILES}/song.mp3"}},
        "video": {"video": {"url": f"{_FILES}/cupcakes.mp4"}},
        "file": {"file": {"url": f"{_FILES}/invoice.pdf", "name": "invoice.pdf"}},
        "template": {
            "template": {"name": "order_ready", "parameters": ["A dozen cupcakes"]},
            "whatsapp": {"policy": "deterministic", "locale": "en-GB"},
        },
        "sticker": {"sticker": {"url": f"{_FILES}/sticker.webp"}},
        "reaction": {
            "reaction": {"action": "react", "emoji": "🧁"},
            "context": {"message_uuid": "0c4d9a52-3b1f-4e7e-8a55-77c0ffee0002"},
        },
        "custom": {
            "custom": {"type": "location", "location": {"latitude": 51.5, "longitude": -0.13, "name": "The bakery"}}
        },
    },
    "messenger": {
        "text": {"text": _READY, "messenger": {"category": "message_tag", "tag": "POST_PURCHASE_UPDATE"}},
        "image": {"image": {"url": f"{_FILES}/cupcakes.jpg"}},
        "audio": {"audio": {"url": f"{_FILES}/song.mp3"}},
        "video": {"video": {"url": f"{_FILES}/cupcakes.mp4"}},
        "file": {"file": {"url": f"{_FILES}/invoice.pdf"}},
    },
    "viber_service": {
        "text": {"text": _READY, "viber_service": {"category": "transaction"}},
        "image": {"image": {"url": f"{_FILES}/cupcakes.jpg"}},
        "video": {
            "video": {"url": f"{_FILES}/cupcakes.mp4", "thumb_url": f"{_FILES}/cupcakes.jpg"},
            "viber_service": {"duration": "12", "file_size": "3"},
        },
        "file": {"file": {"url": f"{_FILES}/invoice.pdf", "name": "invoice.pdf"}},
    },
    "email": {
        "text": {**_EMAIL, "text": _READY},
        "html": {**_EMAIL, "html": {"body": f"<p>{_READY}</p>"}},
        "content": {
            **_EMAIL,
            "content": [{"type": "text", "text": _READY}, {"type": "html", "body": f"<p>{_READY}</p>"}],
        },
    },
}


def message(channel: str, message_type: str) -> Json:
    """The example of a channel and message type."""
    sender, to = _FROM_TO[channel]
    envelope = {"channel": channel, "message_type": message_type, "from": sender, "to": to}
    return {**envelope, **_CONTENTS[channel][message_type]}


def each() -> Iterator[tuple[str, str]]:
    """Every channel and message type that has an example."""
    return ((channel, message_type) for channel, contents in _CONTENTS.items() for message_type in contents)


READ_OR_SMS: Json = {
    **message("whatsapp", "text"),
    "condition_status": "read",
    "expiry_time": 600,
    "failover": [message("sms", "text")],
}
"""A WhatsApp message; if it is not read within ten minutes, an SMS."""

IN_THE_MORNING: Json = {
    **READ_OR_SMS,
    "send_at": "2026-12-24T09:00",
    "time_zone": "Europe/London",
    "quiet_hours": {"from": "21:00", "to": "08:00", "days": ["fri", "sat"]},
}
"""The same, sent on a morning; the SMS waits for the end of the night, should it be due in it."""
