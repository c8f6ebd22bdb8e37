"""What the stack's settings allow, for the functions that accept requests and those that send."""

import json
from collections.abc import Callable
from functools import cache

from getthrough.adapters.secrets import clients
from getthrough.config import AcceptConfig, AcceptOneConfig, AdvanceConfig, CanaryConfig, QueryConfig
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.limit.limits import Limits, limits_of


@cache
def limits(config: AcceptOneConfig | AcceptConfig | AdvanceConfig | CanaryConfig | QueryConfig) -> Limits:
    return limits_of(json.loads(config.limits or "{}"), config.default_country)


def client_limits(config: AcceptOneConfig | AcceptConfig | AdvanceConfig | CanaryConfig) -> Callable[[str], Limits]:
    """The limits of a client, by its name."""
    return lambda client_name: clients(config.secret_id).get().limits_of(client_name)


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
