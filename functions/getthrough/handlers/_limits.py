"""What the stack's settings allow, for the functions that accept requests and those that send."""

import json
from functools import cache

from getthrough.config import AcceptConfig, AcceptOneConfig, AdvanceConfig, CanaryConfig
from getthrough.domain.dispatch.defaults import Defaults
from getthrough.domain.limit.limits import Limits, limits_of


@cache
def limits(config: AcceptOneConfig | AcceptConfig | AdvanceConfig | CanaryConfig) -> Limits:
    return limits_of(json.loads(config.limits or "{}"), config.default_country)


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
