"""A message of every kind with everything in it that Vonage's documents and SDKs name, written out by hand."""

import json
from typing import Any

NUMBER, SENDER = "447700900001", "447700900000"
URL = "https://example.com/a.bin"

REPLY = {"type": "reply", "text": "Yes", "postback_data": "yes"}
SUGGESTIONS = [
    REPLY,
    {"type": "dial", "text": "Call", "postback_data": "d", "phone_number": "+447700900000", "fallback_url": URL},
    {
        "type": "view_location",
        "text": "Where",
        "postback_data": "w",
        "latitude": "51.5",
        "longitude": "-0.1",
        "pin_label": "Bakery",
    },
    {"type": "share_location", "text": "Share", "postback_data": "s"},
    {"type": "open_url", "text": "Open", "postback_data": "o", "url": URL, "description": "The shop"},
    {"type": "open_url_in_webview", "text": "Open", "postback_data": "o", "url": URL, "view_mode": "HALF"},
    {
        "type": "create_calendar_event",
        "text": "Note",
        "postback_data": "n",
        "start_time": "2026-12-01T10:00:00Z",
        "end_time": "2026-12-01T11:00:00Z",
        "title": "Fetch",
    },
]
CARD = {
    "title": "Cupcakes",
    "text": "Six of them",
    "media_url": URL,
    "media_height": "TALL",
    "media_description": "A box",
    "media_force_refresh": True,
    "thumbnail_url": URL,
    "suggestions": [REPLY],
}
VIBER = {"category": "transaction", "ttl": 600, "type": "string"}
ACTION = {"url": URL, "text": "Open"}
CAPTIONED = {"url": URL, "caption": "Look"}
MAIL = {"subject": "Ready", "importance": "high", "priority": "urgent", "sensitivity": "personal"}

OPTIONS: dict[str, dict[str, Any]] = {
    "sms": {
        "ttl": 600,
        "trusted_recipient": True,
        "sms": {"encoding_type": "auto", "content_id": "1", "entity_id": "2", "pool_id": "3"},
    },
    "mms": {"ttl": 600, "trusted_recipient": False},
    "rcs": {"ttl": 600, "trusted_recipient": True, "rcs": {"category": "service-request"}},
    "whatsapp": {"context": {"message_uuid": "a1b2c3d4"}},
    "messenger": {"messenger": {"category": "message_tag", "tag": "CONFIRMED_EVENT_UPDATE"}},
    "viber_service": {"viber_service": VIBER},
    "email": {"email": MAIL},
}

CONTENTS: dict[tuple[str, str], dict[str, Any]] = {
    ("sms", "text"): {"text": "Ready"},
    ("mms", "text"): {"text": "Ready"},
    ("mms", "image"): {"image": CAPTIONED},
    ("mms", "vcard"): {"vcard": CAPTIONED},
    ("mms", "audio"): {"audio": CAPTIONED},
    ("mms", "video"): {"video": CAPTIONED},
    ("mms", "file"): {"file": CAPTIONED},
    ("mms", "content"): {"content": [{"type": "image", "url": URL, "caption": "Look"}, {"type": "vcard", "url": URL}]},
    ("rcs", "text"): {"text": "Ready", "suggestions": SUGGESTIONS},
    ("rcs", "image"): {"image": {"url": URL}},
    ("rcs", "video"): {"video": {"url": URL}},
    ("rcs", "file"): {"file": {"url": URL}},
    ("rcs", "card"): {
        "card": CARD,
        "rcs": {"category": "promotion", "card_orientation": "HORIZONTAL", "image_alignment": "LEFT"},
    },
    ("rcs", "carousel"): {
        "carousel": {"cards": [CARD, CARD]},
        "suggestions": [REPLY],
        "rcs": {"category": "promotion", "card_width": "SMALL"},
    },
    ("rcs", "custom"): {"custom": {"contentMessage": {"text": "Ready"}}},
    ("whatsapp", "text"): {"text": "Ready"},
    ("whatsapp", "image"): {"image": CAPTIONED},
    ("whatsapp", "audio"): {"audio": {"url": URL}},
    ("whatsapp", "video"): {"video": CAPTIONED},
    ("whatsapp", "file"): {"file": {**CAPTIONED, "name": "bill.pdf"}},
    ("whatsapp", "template"): {
        "template": {"name": "bakery:ready", "parameters": ["six", ""]},
        "whatsapp": {"locale": "en_GB", "policy": "deterministic"},
    },
    ("whatsapp", "sticker"): {"sticker": {"id": "7"}},
    ("whatsapp", "reaction"): {"reaction": {"action": "react", "emoji": "\N{CUPCAKE}"}},
    ("whatsapp", "custom"): {"custom": {"type": "interactive"}},
    ("messenger", "text"): {"text": "Ready"},
    ("messenger", "image"): {"image": {"url": URL}},
    ("messenger", "audio"): {"audio": {"url": URL}},
    ("messenger", "video"): {"video": {"url": URL}},
    ("messenger", "file"): {"file": {"url": URL}},
    ("viber_service", "text"): {"text": "Ready", "viber_service": {**VIBER, "action": ACTION}},
    ("viber_service", "image"): {"image": CAPTIONED, "viber_service": {**VIBER, "action": ACTION}},
    ("viber_service", "video"): {
        "video": {**CAPTIONED, "thumb_url": URL},
        "viber_service": {**VIBER, "action": ACTION, "duration": "123", "file_size": "1"},
    },
    ("viber_service", "file"): {"file": {"url": "files/bill.pdf", "name": "bill.pdf"}},
    ("email", "text"): {"text": "Ready"},
    ("email", "html"): {"html": {"body": "<p>Ready</p>"}},
    ("email", "content"): {"content": [{"type": "text", "text": "Ready"}, {"type": "html", "body": "<p>Ready</p>"}]},
}

KINDS = sorted(CONTENTS)
CHANNELS = sorted(OPTIONS)

_ADDRESSES = {
    "rcs": (NUMBER, "Bakery"),
    "messenger": ("7700900001", "7700900000"),
    "email": ("ann@example.com", "Bakery <bakery@example.com>"),
}


def full(channel: str, message_type: str) -> dict[str, Any]:
    """A fresh message with all its options."""
    to, sender = _ADDRESSES.get(channel, (NUMBER, SENDER))
    common = {"channel": channel, "message_type": message_type, "to": to, "from": sender}
    message: dict[str, Any] = {**common, **OPTIONS[channel], **CONTENTS[channel, message_type]}
    return dict(json.loads(json.dumps(message)))


def changed(message: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The message with another value at a path as a fault names it (`content[0].url`); `...` takes it away."""
    *outer, last = [
        int(part) if part.isdigit() else part for part in path.replace("[", ".").replace("]", "").split(".")
    ]
    place: Any = message
    for part in outer:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return message
