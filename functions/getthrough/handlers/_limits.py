"""What the stack's settings allow, for the functions that accept requests and those that send."""

import json
from collections.abc import Callable
from functools import cache

from getthrough.adapters.client_credentials import APPLICATION
from getthrough.adapters.secrets import clients
from getthrough.config import AcceptConfig, AcceptOneConfig, AdvanceConfig, CanaryConfig, QueryConfig
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.limit.limits import Limits, limits_of

JUST_READ = 1.0
"""Seconds. A client may have been added since the clients were read, and its limits bind its first message."""


@cache
def limits(config: AcceptOneConfig | AcceptConfig | AdvanceConfig | CanaryConfig | QueryConfig) -> Limits:
    return limits_of(json.loads(config.limits or "{}"), config.default_country)


def client_limits(config: AcceptOneConfig | AcceptConfig | AdvanceConfig | CanaryConfig) -> Callable[[str], Limits]:
    """The limits of a client, by its name."""

    def of(client_name: str) -> Limits:
        known = clients(config.secret_id).get()
        has_record = client_name != APPLICATION and ":" not in client_name  # which marks the stack's own messages
        if has_record and client_name not in known.clients:
            known = clients(config.secret_id).get(max_age=JUST_READ)
        return known.limits_of(client_name)

    return of


def defaults_of(client_name: str, config: AcceptOneConfig | AcceptConfig) -> Defaults:
    """What the stack's settings add to a client's requests, and whom a test client may send to."""
    return defaults(config)._replace(guests=client_limits(config)(client_name).guests)


@cache
def defaults(config: AcceptOneConfig | AcceptConfig) -> Defaults:
    bounds = limits(config)
    return Defaults(
        config.default_country,
        config.default_window,
        bounds.countries,
        bounds.steps,
        bounds.recipients,
        config.opt_out_scope,
        config.when_down,
    )
