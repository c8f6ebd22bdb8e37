"""Reads the body that changes the settings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.validation import Check, compiled
from getthrough.domain.shared.settings import Settings
from getthrough.domain.shared.settings_body import SETTINGS
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.domain.values.json_schema import obj
from getthrough.domain.values.phone_numbers import calling_code_of, national_prefix_of, normalise

FIELDS = tuple(SETTINGS["properties"])


def parse_settings(fields: Mapping[str, Any], unknown: list[Violation], by: str, now: datetime) -> Settings:
    """The settings that a body asks for, as the next version. What it leaves out becomes empty. InvalidRequestError
    with every violation, those for unknown fields last."""
    known = {name: value for name, value in fields.items() if name in FIELDS}
    violations = _check()(known)
    country = known.get("default_country")
    if not any(one.name == "default_country" for one in violations) and country and not calling_code_of(country):
        violations.append(Violation("default_country", "must be a country with phone numbers of its own, such as GB."))
    violations = violations or [*_refused_senders(known), *_repeated(known.get("plans", []))]
    if violations or unknown:
        raise InvalidRequestError(*violations, *unknown)
    senders, plans = known.get("senders", []), known.get("plans", [])
    settings = Settings(known["version"] + 1, country, senders, plans, now, by)
    if country:
        settings = settings._replace(calling_code=calling_code_of(country), national_prefix=national_prefix_of(country))
    return settings


def _refused_senders(fields: Mapping[str, Any]) -> Iterator[Violation]:
    """A message would be refused with these. So they are refused while the one who typed them is there."""
    places = [(f"senders[{number}]", sender) for number, sender in enumerate(fields.get("senders", []))]
    for number, plan in enumerate(fields.get("plans", [])):
        places += [(f"plans[{number}].steps[{index}]", step) for index, step in enumerate(plan["steps"])]
    for name, place in places:
        if "from" in place:
            yield from (
                Violation(f"{name}.from", reason)
                for _, reason in _sender(place["channel"])({"from": _as_sent(place, fields.get("default_country"))})
            )


def _as_sent(place: Mapping[str, Any], country: str | None) -> str:
    """A number can be written in any usual form."""
    sender: str = place["from"]
    return normalise(sender, country) if "from" in CHANNELS[place["channel"]].numbers else sender


def _repeated(plans: Sequence[Mapping[str, Any]]) -> Iterator[Violation]:
    """Users choose a plan by its name."""
    names = [plan["name"] for plan in plans]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Violation(f"plans[{number}].name", "must not be the name of a plan before it.")


@cache
def _check() -> Check:
    return compiled(SETTINGS)


@cache
def _sender(channel: str) -> Check:
    return compiled(obj({"from": CHANNELS[channel].sender}))
