"""The account at Vonage: its applications, numbers, balance and settings, and what is set up wrong in it on purpose.

`PUT /account` takes any of these switches; the others stay. Each is a mistake that people make:

    {"balance": 0,                     # too little: every message is answered 402
     "sms_api": true,                  # SMS settings say "SMS API": statuses and replies of SMS in that shape, unsigned
     "unsigned": true,                 # no webhook is signed
     "signature_secret": "another",    # the account's secret is not the one that the stack knows; null: as configured
     "other_region": true,             # this host belongs to a region that does not know the applications
     "max_outbound_request": 10,       # API requests a second that Vonage allows
     "service_window": true}           # WhatsApp keeps its 24 hours: no free message to who has not written in them

Swapped URLs and an application without the messages capability need no switch: they are in the application.
"""

import base64
import binascii
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.vonage_simulator.answers import Invalid
from local.vonage_simulator.config import SimulatorConfig

Json = dict[str, Any]

URLS = {"inbound_url": "inbound", "status_url": "status"}


class BadSwitchError(ValueError):
    """A switch that does not exist, or not with this value; the text says which."""


@dataclass(frozen=True)
class Switches:
    balance: float = 12.5
    sms_api: bool = False
    unsigned: bool = False
    signature_secret: str | None = None
    other_region: bool = False
    max_outbound_request: int = 30
    service_window: bool = False


USUAL = Switches()
_KINDS: Mapping[str, Any] = {
    "balance": int | float,
    "sms_api": bool,
    "unsigned": bool,
    "signature_secret": str | None,
    "other_region": bool,
    "max_outbound_request": int,
    "service_window": bool,
}


@dataclass
class Account:
    """`applications` by id, as they were stored; `numbers` by MSISDN."""

    config: SimulatorConfig
    switches: Switches = USUAL
    applications: dict[str, Json] = field(default_factory=dict)
    numbers: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.config.application_id:
            self.applications[self.config.application_id] = {
                "id": self.config.application_id,
                "name": "Local stack",
                "keys": {"public_key": self.config.public_key},
                "capabilities": {"messages": _messages(self.config.status_url, self.config.inbound_url)},
                "privacy": {"improve_ai": False},
            }
        for number in self.config.numbers:
            self.numbers[number] = {
                "country": "GB",
                "msisdn": number,
                "type": "mobile-lvn",
                "features": ["SMS", "MMS", "VOICE"],
            }

    def knows(self, authorization: str | None) -> bool:
        """Whether these are the account's own API key and secret. Without a secret in the settings nothing is."""
        scheme, _, encoded = (authorization or "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = f"{self.config.api_key}:{self.config.api_secret}".encode()
        return scheme.lower() == "basic" and bool(self.config.api_secret) and hmac.compare_digest(given, wanted)

    def turn(self, given: object) -> None:
        if not isinstance(given, dict):
            raise BadSwitchError("the switches are an object")
        for name, value in given.items():
            if name not in _KINDS:
                raise BadSwitchError(f"there is no switch {name}: there are {', '.join(_KINDS)}")
            if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and _KINDS[name] is not bool):
                raise BadSwitchError(f"{name} cannot be {value!r}")
        self.switches = replace(self.switches, **given)

    def as_json(self) -> Json:
        return {**asdict(self.switches), "numbers": list(self.numbers.values())}

    @property
    def signature_secret(self) -> str:
        return self.switches.signature_secret or self.config.signature_secret

    def webhook_url(self, application_id: str, kind: str) -> str | None:
        """Where webhooks of an application go: `status_url` or `inbound_url`; None if it names none."""
        capability = self.applications.get(application_id, {}).get("capabilities", {}).get("messages", {})
        address = capability.get("webhooks", {}).get(kind, {}).get("address")
        return address if isinstance(address, str) and address else None

    def application_of(self, number: str) -> str:
        """The id of the application that a number is linked to, or else of one that takes messages; empty if none."""
        linked = self.numbers.get(number, {}).get("app_id")
        taking = [key for key, found in self.applications.items() if "messages" in found.get("capabilities", {})]
        return str(linked or next(iter(taking), ""))

    def create(self, body: Json) -> Json:
        """Store a checked application. Without a public key one is made, and its private half is only in the answer."""
        private_key = None
        keys = body.get("keys", {})
        if not keys.get("public_key"):
            private_key, public_key = _key_pair()
            keys = {"public_key": public_key}
        stored = {"id": str(uuid.uuid4()), **body, "keys": keys}
        self.applications[stored["id"]] = stored
        return stored if private_key is None else {**stored, "keys": {**keys, "private_key": private_key}}

    def put(self, application_id: str, body: Json) -> Json:
        """Replace all of it: what is not given is gone, its key too."""
        self.applications[application_id] = {"id": application_id, **body}
        return self.applications[application_id]


def faults(body: object) -> list[Invalid]:
    """What is wrong with an application that a client sends."""
    if not isinstance(body, dict):
        return [Invalid("body", "must be an object")]
    wrong = []
    if not isinstance(body.get("name"), str) or not body["name"]:
        wrong.append(Invalid("name", "is required"))
    capabilities = body.get("capabilities", {})
    webhooks = capabilities.get("messages", {}).get("webhooks", {}) if isinstance(capabilities, dict) else {}
    for name in URLS:
        if name in webhooks and webhooks[name].get("http_method") != "POST":
            wrong.append(Invalid(f"capabilities.messages.webhooks.{name}.http_method", "must be one of: POST"))
        if name in webhooks and not str(webhooks[name].get("address", "")).startswith(("http://", "https://")):
            wrong.append(Invalid(f"capabilities.messages.webhooks.{name}.address", "must be a URL"))
    return wrong


def _messages(status_url: str, inbound_url: str) -> Json:
    return {
        "version": "v1",
        "webhooks": {
            "inbound_url": {"address": inbound_url, "http_method": "POST"},
            "status_url": {"address": status_url, "http_method": "POST"},
        },
    }


def _key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode(), public.decode()
