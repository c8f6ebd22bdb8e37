"""Limits: how many messages may be sent in a period, what they may cost, and to which countries.

A limit is a row: what it counts, for whom, in which period, and how much at most. A claim takes its message from the
counter of each row. Periods are those of the calendar in UTC, so everyone can tell when a limit is free again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from getthrough.domain.contact.contact import Contact, contact_of
from getthrough.domain.values.errors import GetthroughError
from getthrough.domain.values.identifiers import MAX_STEPS
from getthrough.domain.values.phone_numbers import calling_code_of

EVERYWHERE = "all"
"""As countries: all of them."""

CLIENT_COUNTRIES = "client_countries"
"""The name of the limit to a client's own countries."""

CLIENT_GUESTS = "client_guests"
"""The name of the limit of a test client to its guests."""

SIMULATED = "simulated"
"""Among guests: no one but simulated numbers, to which every test client may send."""

_SIMULATED_NUMBERS = re.compile("447700900[0-9]{3}")
"""Ofcom keeps these numbers (07700 900000 to 900999) for films: no one has them."""

UNBOUNDED = 1_000_000_000

MOST_RECIPIENTS = 10_000
"""Of one request, whatever a stack's settings say."""

PRICE_CEILING = Decimal("0.5")

_MONEY = re.compile(r"(?=[0-9.]{0,15}[1-9])([0-9]{1,9}(?:\.[0-9]{1,6})?) ?([A-Z]{3})")

PREFIX_DIGITS = 7
"""So many first digits do numbers have in common that are rented and pumped together."""


class Period(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


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
    """`most` are messages, or an amount of money if there is a `currency`."""

    name: str
    per: Per
    period: Period
    most: int | Decimal
    currency: str = ""

    @property
    def value(self) -> str:
        return f"{self.most} {self.currency}".strip()


class Taken(NamedTuple):
    """What a message took from a counter: 1, or what it may cost."""

    counter: Counter
    amount: int | Decimal


class Counter(NamedTuple):
    """What a limit counts for one of those for whom it counts, in one period. `whose` is a contact, a prefix, a name of
    a client, or empty for the stack."""

    limit: Limit
    whose: Contact | str
    starts_at: datetime
    ends_at: datetime


class LimitReachedError(GetthroughError):
    """`limit` is its name, `most` its value. `wanted` is what its counter has no room for until its period ends;
    without that, there will never be room."""

    def __init__(self, limit: str, most: str, wanted: Taken | None = None) -> None:
        super().__init__(f"limit {limit}")
        self.limit, self.most, self.wanted = limit, most, wanted

    @property
    def free_at(self) -> datetime | None:
        return self.wanted.counter.ends_at if self.wanted else None


class WrongLimitError(ValueError):
    """A limit of a client is not understood, which must not be taken for none. The text says nothing secret."""


class Limits(NamedTuple):
    """What binds every message of a stack, or those of a client. Without rows and countries, nothing is counted.
    `countries` are calling codes; none means every country. `steps` and `recipients` are what one request may have.
    `price_ceiling` is what a message may cost as long as no price is known. A test client has `guests`: it sends to
    them and to simulated numbers only."""

    rows: tuple[Limit, ...] = ()
    countries: tuple[str, ...] = ()
    when_reached: WhenReached = WhenReached.WAIT
    steps: int = MAX_STEPS
    recipients: int = MOST_RECIPIENTS
    price_ceiling: Decimal = PRICE_CEILING
    guests: tuple[Contact, ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether they are those of a test client."""
        return bool(self.guests)


NO_LIMITS = Limits()

_ROWS = (
    ("messages_per_number", Per.NUMBER, Period.HOUR),
    ("new_numbers_per_prefix", Per.PREFIX, Period.HOUR),
    ("messages_per_day", Per.STACK, Period.DAY),
    ("messages_per_minute", Per.STACK, Period.MINUTE),
)
"""The narrow ones first: what they refuse takes nothing from the counters that all messages share."""


_OF_CLIENT = {"messages_per_day": Period.DAY, "messages_per_minute": Period.MINUTE}
_SPENDING = {"spending_per_day": Period.DAY, "spending_per_month": Period.MONTH}
_OF_CLIENT_NAME = "client_"


def limits_of(settings: Mapping[str, Any], default_country: str = "") -> Limits:
    """The limits in a stack's settings, where 0 turns one off. Without countries, the only one is the country whose
    national numbers the stack understands; without that, there are all of them."""
    most = {name: int(settings.get(name) or 0) for name, *_ in _ROWS}
    if most["new_numbers_per_prefix"] and not most["messages_per_number"]:
        most["messages_per_number"] = UNBOUNDED  # counted all the same: the first message shows that a number is new
    rows = (Limit(name, per, period, most[name]) for name, per, period in _ROWS if most[name])
    return Limits(
        rows=(*rows, *_spending(settings, Per.STACK)),
        countries=countries_of(settings.get("countries") or _calling_code(default_country)),
        when_reached=WhenReached(settings.get("when_reached") or WhenReached.WAIT),
        steps=int(settings.get("steps") or MAX_STEPS),
        recipients=int(settings.get("recipients") or MOST_RECIPIENTS),
        price_ceiling=Decimal(settings.get("price_ceiling") or PRICE_CEILING),
    )


def _spending(settings: Mapping[str, Any], per: Per) -> Iterator[Limit]:
    """The limits on money. WrongLimitError if one is not an amount with its currency, such as `50 EUR`."""
    prefix = _OF_CLIENT_NAME if per is Per.CLIENT else ""
    for name, period in _SPENDING.items():
        if text := settings.get(name):
            found = _MONEY.fullmatch(str(text))
            if found is None:
                raise WrongLimitError(f"the limit {name} is no amount of money above 0 such as 50 EUR")
            yield Limit(prefix + name, per, period, Decimal(found[1]), found[2])


def client_limits_of(settings: Mapping[str, Any]) -> Limits:
    """A client's own limits, which bind it beside those of the stack. WrongLimitError if one is wrong."""
    if not settings.keys() <= {*_OF_CLIENT, *_SPENDING, "countries", "guests"}:
        raise WrongLimitError("a client has a limit that is not known")
    most = {name: settings[name] for name in _OF_CLIENT if name in settings}
    for name, value in most.items():
        if type(value) is not int or value < 1:
            raise WrongLimitError(f"a client's limit {name} is no whole number above 0; without it, there is no limit")
    rows = (Limit(f"client_{name}", Per.CLIENT, _OF_CLIENT[name], value) for name, value in most.items())
    return Limits(
        (*rows, *_spending(settings, Per.CLIENT)),
        countries_of(settings.get("countries", "")),
        guests=tuple(_guest(text) for part in settings.get("guests", "").split(",") if (text := part.strip())),
    )


def _guest(text: str) -> Contact:
    return contact_of("email" if "@" in text else "sms", text)


def spending_counters(names: Iterable[str], currency: str, at: datetime, client_name: str) -> Iterator[Counter]:
    """The counters with these names that a message took money from at that time."""
    for name in names:
        per = Per.CLIENT if name.startswith(_OF_CLIENT_NAME) else Per.STACK
        limit = Limit(name, per, _SPENDING[name.removeprefix(_OF_CLIENT_NAME)], 0, currency)
        yield Counter(limit, client_name if per is Per.CLIENT else "", *bounds(limit.period, at))


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
        case Period.MONTH:
            month = minute.replace(day=1, hour=0, minute=0)
            return month, (month + timedelta(days=31)).replace(day=1)


def spacing(wanted: Taken) -> timedelta:
    """How far apart the messages of a period are that use it up evenly."""
    counter, amount = wanted
    return (counter.ends_at - counter.starts_at) * float(amount / counter.limit.most)


def never(reached: LimitReachedError) -> str:
    """Why no message like this one will ever be sent to an address, after the name of its field."""
    if reached.limit in ("countries", CLIENT_COUNTRIES):
        return forbidden(reached)
    if reached.limit == CLIENT_GUESTS:
        return "is no guest of this test client and no simulated number (447700900000 to 447700900999)."
    return f"may cost more than the limit {reached.limit}, which is {reached.most}."


def forbidden(reached: LimitReachedError) -> str:
    """Why an address is refused, after the name of its field."""
    whose = "client" if reached.limit == CLIENT_COUNTRIES else "stack"
    return f"is in a country to which this {whose} does not send. It sends to numbers that begin with {reached.most}."


def check_guest(guests: tuple[Contact, ...], contact: Contact) -> None:
    """Raise LimitReachedError if a test client may not send to a contact. The guests are not named: they are people."""
    simulated = contact.is_phone and _SIMULATED_NUMBERS.fullmatch(contact.address) is not None
    if guests and not simulated and contact not in guests:
        raise LimitReachedError(CLIENT_GUESTS, "guests")


def check_country(countries: tuple[str, ...], contact: Contact, limit: str = "countries") -> None:
    """Raise LimitReachedError if a contact is in none of these. Accounts without a telephone have no country."""
    if countries and contact.is_phone and not contact.address.startswith(countries):
        raise LimitReachedError(limit, ", ".join(countries))
