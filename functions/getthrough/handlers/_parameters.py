"""Parse and check the path and query parameters of a request."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from getthrough.domain.client.audit import AuditFilter
from getthrough.domain.contact.contact import Address, address_of
from getthrough.domain.dispatch.day import Day, day_of
from getthrough.domain.dispatch.dispatch import Outcome
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.field_rules import UNSEEN
from getthrough.domain.ports import DispatchFilter
from getthrough.domain.values.errors import InvalidRequestError, Violation
from getthrough.domain.values.local_time import zones
from getthrough.domain.values.page import Page, PageRequest
from getthrough.domain.values.phone_numbers import normalise
from getthrough.domain.values.rfc3339 import parse_lenient

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
OUTCOMES = ("open", *Outcome)
PAGE = frozenset({"limit", "cursor"})
DAY = frozenset({"time_zone"})
FILTER = frozenset({"channel", "address", "outcome", "since", "before"})
NAMES = ("who", "what", "subject")
AUDIT = frozenset({*NAMES, "since", "before"})

LONGEST_FILTER = 300

_CHANNEL = re.compile(r"[a-z][a-z_]{1,49}")
_ADDRESS = re.compile(rf"[^\s{UNSEEN}]{{1,320}}")
_PLACE = re.compile(r"[0-9]{4}[0-9T:.Z-]{0,26}#[ -~]{1,400}")

Parameters = Mapping[str, str]

T = TypeVar("T")


def address(path: Parameters) -> Address:
    """The address that `{channel}` and `{address}` name; a number may be written as people write numbers."""
    channel, written = path.get("channel", ""), path.get("address", "")
    if violations := list(_address_violations(channel, written)):
        raise InvalidRequestError(*violations)
    return address_of(channel, written)


def addressee(path: Parameters) -> Address:
    """Like `address`, but only for addresses we can send to; an opt-out for any other would have no effect."""
    named = address(path)
    if named.channel not in CHANNELS:
        raise InvalidRequestError(Violation("channel", f"must be one of {', '.join(CHANNELS)}."))
    to = CHANNELS[named.channel].to
    if not re.fullmatch(to["pattern"], named.address):
        raise InvalidRequestError(Violation("address", f"must be {to['description']}."))
    if len(named.address) > to.get("maxLength", len(named.address)):
        raise InvalidRequestError(Violation("address", f"must have at most {to['maxLength']} characters."))
    return named


def page(query: Parameters) -> PageRequest:
    """`limit` and `cursor`; any other parameter is an error."""
    if violations := [*_unknown(query, PAGE), *_page_violations(query)]:
        raise InvalidRequestError(*violations)
    return _page(query)


def dispatch_filter(query: Parameters) -> tuple[PageRequest, DispatchFilter]:
    """`limit`, `cursor`, `channel` with `address`, `outcome`, `since`, `before`."""
    violations = [*_unknown(query, PAGE | FILTER), *_page_violations(query)]
    channel, written, outcome = query.get("channel"), query.get("address"), query.get("outcome")
    if (channel is None) != (written is None):
        violations.append(Violation("channel", "and address name a contact together: give both, or neither."))
    elif channel is not None and written is not None:
        violations += _address_violations(channel, written)
    if outcome is not None and outcome not in OUTCOMES:
        violations.append(Violation("outcome", f"must be one of {', '.join(OUTCOMES)}."))
    moments, wrong = _moments(query)
    if violations or wrong:
        raise InvalidRequestError(*violations, *wrong)
    named = (address_of(channel, written).contact,) if channel is not None and written is not None else ()
    return _page(query), DispatchFilter(named, outcome, *moments)


def audit_filter(query: Parameters) -> tuple[PageRequest, AuditFilter]:
    """`limit`, `cursor`, `who`, `what`, `subject`, `since`, `before`."""
    moments, wrong = _moments(query)
    reason = f"must have 1 to {LONGEST_FILTER} characters."
    wrong += [Violation(name, reason) for name in NAMES if not 1 <= len(query.get(name, "any")) <= LONGEST_FILTER]
    if violations := [*_unknown(query, PAGE | AUDIT), *_page_violations(query), *wrong]:
        raise InvalidRequestError(*violations)
    return _page(query), AuditFilter(query.get("who"), query.get("what"), query.get("subject"), *moments)


def day(path: Parameters, query: Parameters) -> Day:
    """The day that `{date}` and `time_zone` name."""
    zone = query.get("time_zone", "UTC")
    violations = list(_unknown(query, DAY))
    if zone not in zones():
        violations.append(Violation("time_zone", "must be a name of the tz database, such as Europe/London."))
    named = day_of(path.get("date", ""), "UTC" if violations else zone)
    if named is None:
        violations.append(Violation("date", "must be a day such as 2026-11-23."))
    if violations or named is None:
        raise InvalidRequestError(*violations)
    return named


def listed(name: str, page: Page[T], describe: Callable[[T], Mapping[str, Any]]) -> Mapping[str, Any]:
    """A page of a list as the response has it."""
    return {name: [describe(item) for item in page.items], "cursor": opaque(page.cursor)}


def opaque(place: str | None) -> str | None:
    """A place in a list, encoded as a cursor."""
    return None if place is None else urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _moments(query: Parameters) -> tuple[tuple[datetime | None, datetime | None], list[Violation]]:
    """`since` and `before`, and what is wrong with them."""
    since, before = (parse_lenient(query.get(name)) for name in ("since", "before"))
    wrong = [name for name, moment in (("since", since), ("before", before)) if name in query and moment is None]
    reason = "must be a time such as 2026-11-23T09:00:00Z (RFC 3339)."
    return (since, before), [Violation(name, reason) for name in wrong]


def _page(query: Parameters) -> PageRequest:
    cursor = query.get("cursor")
    return PageRequest(_limit(query), None if cursor is None else _place(cursor))


def _limit(query: Parameters) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else 0


def _place(cursor: str) -> str | None:
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        return None
    return place if _PLACE.fullmatch(place) else None


def _unknown(query: Parameters, known: frozenset[str]) -> Iterator[Violation]:
    return (Violation(name, "is not a parameter of this route.") for name in sorted(set(query) - known))


def _page_violations(query: Parameters) -> Iterator[Violation]:
    if not 1 <= _limit(query) <= MAX_LIMIT:
        yield Violation("limit", f"must be a whole number from 1 to {MAX_LIMIT}.")
    if "cursor" in query and _place(query["cursor"]) is None:
        yield Violation("cursor", "must be the cursor of another page.")


def _address_violations(channel: str, address: str) -> Iterator[Violation]:
    if not _CHANNEL.fullmatch(channel):
        yield Violation("channel", "must be the name of a channel, such as sms.")
    known = CHANNELS.get(channel)
    if not _ADDRESS.fullmatch(normalise(address) if known and "to" in known.numbers else address):
        yield Violation("address", "must have 1 to 320 characters, and no spaces or invisible characters.")
