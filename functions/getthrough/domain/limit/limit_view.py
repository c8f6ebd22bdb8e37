"""Limits as clients read them: how much of each is used."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypedDict

from getthrough.domain.limit.limits import UNBOUNDED, Counter, Limit, Limits, Per, Period, bounds
from getthrough.domain.values.rfc3339 import to_text
from getthrough.domain.values.view_types import Keywords, Time


class LimitView(TypedDict):
    """A limit, and how much of it is used in the period that runs now."""

    limit: Annotated[str, Keywords(examples=["messages_per_day"])]
    """Its name."""
    client: str | None
    """The client that it binds. Null if it binds everything that the stack sends."""
    per: Per
    period: Period
    most: str
    """Its value. Money has its currency."""
    used: str | None
    """How much was sent, or spent and reserved. Null for a limit that counts each customer or prefix separately."""
    resets_at: Time
    """When the period ends and the count starts again from zero."""


class LimitsView(TypedDict):
    """The stack's limits, and those of clients."""

    limits: list[LimitView]


Bound = tuple[str | None, Limits]
"""Limits, and the client that they bind; None for the stack's."""


def shown(bound: Iterable[Bound], now: datetime) -> Iterator[tuple[str | None, Counter]]:
    """The counter of each limit in its present period, without limits that are off and counted for another one."""
    for client_name, limits in bound:
        for row in limits.rows:
            if row.most != UNBOUNDED:
                yield client_name, Counter(row, client_name or "", *bounds(row.period, now))


def is_shared(row: Limit) -> bool:
    """True for a limit with one counter; the others have one for each customer or prefix."""
    return row.per in (Per.STACK, Per.CLIENT)


def describe_limits(
    bound: Iterable[Bound], used: Mapping[Counter, int | Decimal], now: datetime, ended: Collection[str] = ()
) -> LimitsView:
    """Those of clients that have `ended` are listed as long as something of them is used."""
    return {
        "limits": [
            {
                "limit": counter.limit.name,
                "client": client_name,
                "per": counter.limit.per,
                "period": counter.limit.period,
                "most": counter.limit.value,
                "used": f"{Decimal(used.get(counter, 0)):f}" if is_shared(counter.limit) else None,
                "resets_at": to_text(counter.ends_at),
            }
            for client_name, counter in shown(bound, now)
            if client_name not in ended or used.get(counter)
        ]
    }
