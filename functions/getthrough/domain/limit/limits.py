"""Limits: how many messages may be sent in a period, and to which countries.

A limit is a row: what it counts, for whom, in which period, and how much at most. A claim takes its message from the
counter of each row. Periods are those of the calendar in UTC, so everyone can tell when a limit is free again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import Contact
from getthrough.domain.values.errors import GetthroughError
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.phone_numbers import calling_code_of

EVERYWHERE = "all"
"""As countries: all of them."""

CLIENT_COUNTRIES = "client_countries"
"""The name of the limit to a client's own countries."""

UNBOUNDED = 1_000_000_000

MOST_RECIPIENTS = 10_000
"""Of one request, whatever a stack's settings say."""

PREFIX_DIGITS = 7
"""So many first digits do numbers have in common that are rented and pumped together."""


class Period(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Per(StrEnum):
    """For whom a limit counts. PREFIX counts the numbers that begin alike and got nothing yet in the same period."""

    NUMBER = "number"
    PREFIX = "prefix"
    CLIENT = "client"
    STACK = "stack"


class WhenReached(StrEnum):
    """What a stored dispatch does whose next step meets a limit: wait until it is free, or pass the step over."""

    WAIT = "wait"
    SKIP = "skip"


class Limit(NamedTuple):
    name: str
    per: Per
    period: Period
    most: int


class Counter(NamedTuple):
    """What a limit counts for one of those for whom it counts, in one period. `whose` is a contact, a prefix, a name of
    a client, or empty for the stack."""

    limit: Limit
    whose: Contact | str
    starts_at: datetime
    ends_at: datetime


class LimitReachedError(GetthroughError):
    """`limit` is its name, `most` its value. `counter` is the one that has no room until its period ends; without one,
    there will never be room."""

    def __init__(self, limit: str, most: str, counter: Counter | None = None) -> None:
        super().__init__(f"limit {limit}")
        self.limit, self.most, self.counter = limit, most, counter

    @property
    def free_at(self) -> datetime | None:
        return self.counter.ends_at if self.counter else None


class WrongLimitError(ValueError):
    """A limit of a client is not understood, which must not be taken for none. The text says nothing secret."""


class Limits(NamedTuple):
    """What binds every message of a stack, or those of a client. Without rows and countries, nothing is counted.
    `countries` are calling codes; none means every country. `steps` and `recipients` are what one request may have."""

    rows: tuple[Limit, ...] = ()
    countries: tuple[str, ...] = ()
    when_reached: WhenReached = WhenReached.WAIT
    steps: int = MAX_STEPS
    recipients: int = MOST_RECIPIENTS


NO_LIMITS = Limits()

_ROWS = (
    ("messages_per_number", Per.NUMBER, Period.HOUR),
    ("new_numbers_per_prefix", Per.PREFIX, Period.HOUR),
    ("messages_per_day", Per.STACK, Period.DAY),
    ("messages_per_minute", Per.STACK, Period.MINUTE),
)
"""The narrow ones first: what they refuse takes nothing from the counters that all messages share."""


_OF_CLIENT = {"messages_per_day": Period.DAY, "messages_per_minute": Period.MINUTE}


def limits_of(settings: Mapping[str, Any], default_country: str = "") -> Limits:
    """The limits in a stack's settings, where 0 turns one off. Without countries, the only one is the country whose
    national numbers the stack understands; without that, there are all of them."""
    most = {name: int(settings.get(name) or 0) for name, *_ in _ROWS}
    if most["new_numbers_per_prefix"] and not most["messages_per_number"]:
        most["messages_per_number"] = UNBOUNDED  # counted all the same: the first message shows that a number is new
    return Limits(
        rows=tuple(Limit(name, per, period, most[name]) for name, per, period in _ROWS if most[name]),
        countries=countries_of(settings.get("countries") or _calling_code(default_country)),
        when_reached=WhenReached(settings.get("when_reached") or WhenReached.WAIT),
        steps=int(settings.get("steps") or MAX_STEPS),
        recipients=int(settings.get("recipients") or MOST_RECIPIENTS),
    )


def client_limits_of(settings: Mapping[str, Any]) -> Limits:
    """A client's own limits, which bind it beside those of the stack. WrongLimitError if one is wrong."""
    if not settings.keys() <= {*_OF_CLIENT, "countries"}:
        raise WrongLimitError("a client has a limit that is not known")
    most = {name: settings[name] for name in _OF_CLIENT if name in settings}
    for name, value in most.items():
        if type(value) is not int or value < 1:
            raise WrongLimitError(f"a client's limit {name} is no whole number above 0; without it, there is no limit")
    rows = (Limit(f"client_{name}", Per.CLIENT, _OF_CLIENT[name], value) for name, value in most.items())
    return Limits(tuple(rows), countries_of(settings.get("countries", "")))


def countries_of(text: str) -> tuple[str, ...]:
    """Calling codes with commas between them."""
    return tuple(code for part in text.split(",") if (code := part.strip()) and code != EVERYWHERE)


def _calling_code(country: str) -> str:
    return calling_code_of(country) if country else ""


def counters(rows: Iterable[Limit], contact: Contact, now: datetime, client_name: str = "") -> Iterator[Counter]:
    """The counters from which a client's message to a contact takes, in this order."""
    for row in rows:
        starts_at, ends_at = bounds(row.period, now)
        match row.per:
            case Per.CLIENT:
                yield Counter(row, client_name, starts_at, ends_at)
            case Per.STACK:
                yield Counter(row, "", starts_at, ends_at)
            case Per.NUMBER:
                yield Counter(row, contact, starts_at, ends_at)
            case Per.PREFIX if contact.is_phone:
                yield Counter(row, contact.address[:PREFIX_DIGITS], starts_at, ends_at)


def bounds(period: Period, now: datetime) -> tuple[datetime, datetime]:
    """The first moment of the period that a moment is in, and of the next one."""
    minute = now.replace(second=0, microsecond=0)
    match period:
        case Period.MINUTE:
            return minute, minute + timedelta(minutes=1)
        case Period.HOUR:
            hour = minute.replace(minute=0)
            return hour, hour + timedelta(hours=1)
        case Period.DAY:
            day = minute.replace(hour=0, minute=0)
            return day, day + timedelta(days=1)


def spacing(counter: Counter) -> timedelta:
    """How far apart the messages of a period are that use it up evenly."""
    return (counter.ends_at - counter.starts_at) / counter.limit.most


def forbidden(reached: LimitReachedError) -> str:
    """Why an address is refused, after the name of its field."""
    whose = "client" if reached.limit == CLIENT_COUNTRIES else "stack"
    return f"is in a country to which this {whose} does not send. It sends to numbers that begin with {reached.most}."


def check_country(countries: tuple[str, ...], contact: Contact, limit: str = "countries") -> None:
    """Raise LimitReachedError if a contact is in none of these. Accounts without a telephone have no country."""
    if countries and contact.is_phone and not contact.address.startswith(countries):
        raise LimitReachedError(limit, ", ".join(countries))
