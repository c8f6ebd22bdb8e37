"""Another policy: what of a dispatch's plan is to be different. What it does not name stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any, NamedTuple

from getthrough.domain.dispatch.request import LAST_WINDOW
from getthrough.domain.message.channels import CHANNELS
from getthrough.domain.message.status import Condition
from getthrough.domain.values.quiet_hours import QuietHours
from tools.lab.past import Past, Way

EVERY = "*"
"""The name under which a window is for every channel that has none of its own."""


class Policy(NamedTuple):
    """`windows`, by channel or EVERY, are for messages with a fallback. `order` has the channels in the order in which
    they are tried; others come after them, in their old order. `ttl` None leaves it as it was, 0 means none. With
    `quiet_hours` every dispatch has these."""

    windows: Mapping[str, int]
    condition: Condition | None = None
    order: Sequence[str] = ()
    ttl: int | None = None
    quiet_hours: QuietHours | None = None


TODAY = Policy({})


def policy_of(given: Mapping[str, Any]) -> Policy:
    """The policy in the command line's JSON, which it has checked."""
    quiet = given.get("quiet_hours")
    return Policy(
        windows=given.get("windows", {}),
        condition=Condition(given["condition"]) if given.get("condition") else None,
        order=tuple(given.get("order", ())),
        ttl=given.get("ttl"),
        quiet_hours=QuietHours(
            time_zone=quiet["time_zone"],
            starts=time.fromisoformat(quiet["from"]),
            ends=time.fromisoformat(quiet["to"]),
        )
        if quiet
        else None,
    )


def plan_under(policy: Policy, past: Past) -> list[tuple[int, Way]]:
    """The messages in their new order, each with its number in the old one. A message that gets or loses its fallback
    by its new place gets its channel's usual window, or the last one's."""
    numbered = list(enumerate(past.ways))
    if policy is TODAY:
        return numbered
    if policy.order:
        rank = {channel: place for place, channel in enumerate(policy.order)}
        numbered.sort(key=lambda one: rank.get(one[1].group.channel, len(rank)))
    last = len(numbered) - 1
    return [
        (number, _under(policy, way, was_last=number == last, is_last=place == last))
        for place, (number, way) in enumerate(numbered)
    ]


def _under(policy: Policy, way: Way, *, was_last: bool, is_last: bool) -> Way:
    channel = way.group.channel
    known = CHANNELS.get(channel)
    window = way.window
    if is_last and not was_last:
        window = LAST_WINDOW
    elif was_last and not is_last:
        window = known.window if known else LAST_WINDOW
    ttl, follows = way.ttl, way.follows or (was_last and not is_last and way.ttl is None)
    if not is_last:
        window = policy.windows.get(channel, policy.windows.get(EVERY, window))
        if policy.ttl is not None:
            ttl, follows = float(policy.ttl) if policy.ttl and known and known.ttl else None, False
    if follows:
        fits = not is_last and known is not None and known.ttl and known.ttl.floor <= window <= known.ttl.ceiling
        ttl = float(window) if fits else None
    readable = policy.condition is not Condition.READ or (known is not None and known.reports_read)
    condition = policy.condition if policy.condition and readable else way.condition
    return way._replace(window=window, ttl=ttl, follows=follows, condition=condition)
