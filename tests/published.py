"""Vonage's published schemas (OpenAPI 3.0) as judges of single messages; for tests marked with `needs_reference`."""

import json
from functools import cache
from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.reference import REFERENCE

Json = dict[str, Any]

_CHANNELS = {
    "sms": "SMS",
    "mms": "MMS",
    "rcs": "RCS",
    "whatsapp": "WhatsApp",
    "messenger": "Messenger",
    "viber_service": "Viber",
    "email": "Email",
}
_TYPES = {"vcard": "vCard"}

NOT_PUBLISHED = ["is not in the published schema"]

KNOWN: dict[tuple[str, str], list[str]] = {
    # newer than the published schema (1.11): the SDKs have had them since then
    ("rcs", "card"): NOT_PUBLISHED,
    ("rcs", "carousel"): NOT_PUBLISHED,
    ("email", "text"): NOT_PUBLISHED,
    ("email", "html"): NOT_PUBLISHED,
    ("email", "content"): NOT_PUBLISHED,
    # the schema wants both in `video` and in `viber_service`; the SDKs give them in `viber_service` alone
    ("viber_service", "video"): ["'duration' is a required property", "'file_size' is a required property"],
}
"""What the published schema finds wrong with good messages, by channel and message_type, and why that is no fault."""


@cache
def specification() -> Json:
    document: Json = json.loads((REFERENCE / "specs" / "messages.v1.11.json").read_text(encoding="utf-8"))
    return document


def published_violations(message: Json) -> list[str]:
    """What the published schema finds wrong with one message of a request, its fallbacks aside."""
    kind = str(message["message_type"])
    name = f"Outbound{_CHANNELS[message['channel']]}{_TYPES.get(kind, kind.capitalize())}"
    if name not in specification()["components"]["schemas"]:
        return NOT_PUBLISHED
    return schema_violations({"$ref": f"#/components/schemas/{name}"}, message)


def schema_violations(schema: Json, value: object) -> list[str]:
    """What a schema that refers to the published ones finds wrong."""
    validator = OAS30Validator({**schema, "components": specification()["components"]})
    return sorted(error.message for error in validator.iter_errors(value))
