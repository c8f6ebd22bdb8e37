"""The checks of `getthrough smoke`, and running them: what does not disturb each other at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from cli.api import Api, NoAnswerError
from cli.errors import ACCESS_DENIED, code_of, sentence_of
from cli.smoke import account, edge, sending
from cli.smoke.finding import Finding, failed, not_checked
from cli.smoke.sending import Phone
from cli.stack import Stack

CHECKS_AT_ONCE = 4
"""Checks at the same time: an account may have no more than ten concurrent invocations."""


@dataclass(frozen=True)
class Check:
    name: str
    run: Callable[[], Finding]


def phases(stack: Stack, api: Api, phone: Phone | None) -> list[list[Check]]:
    """All checks. Those of a phase run together, and what all of them leave behind is looked at last."""
    real = [Check("message", partial(sending.message, api, stack, phone))] if phone else []
    return [
        [Check("console", partial(edge.console, api))],
        [
            Check("unknown route", partial(edge.unknown_route, api)),
            Check("unsigned webhook", partial(edge.unsigned_webhook, api)),
            Check("forged webhook", partial(edge.forged_webhook, api)),
            Check("opt-out", partial(sending.opt_out, api)),
            Check("later", partial(sending.later, api)),
            Check("event sources", partial(account.event_sources, stack)),
            Check("tick", partial(account.tick, stack)),
            Check("ttl", partial(account.ttl, stack)),
            Check("backups", partial(account.backups, stack)),
            Check("recursion", partial(account.recursion, stack)),
            Check("concurrency", partial(account.concurrency, stack)),
        ],
        [Check("chain", partial(sending.chain, api)), *real],
        [
            Check("dead letters", partial(account.dead_letters, stack)),
            Check("alarms", partial(account.alarms, stack)),
        ],
    ]


def run(stack: Stack, checks: list[list[Check]]) -> Iterator[tuple[str, Finding]]:
    """Each check's name and what it found, in their order, as soon as it is known."""
    for phase in checks:
        with ThreadPoolExecutor(CHECKS_AT_ONCE) as pool:
            futures = [(check.name, pool.submit(_find, stack, check)) for check in phase]
            for name, future in futures:
                yield name, future.result()


def _find(stack: Stack, check: Check) -> Finding:
    """What a check found; no answer and AWS's errors are findings too."""
    if reason := stack.unanswerable.get(check.name):
        return not_checked(f"This is not checked here: {reason}.", "Run this on a deployed stack.")
    try:
        return check.run()
    except NoAnswerError as error:
        return failed(f"{error}.", f"Check that {stack.api_url} is the stack's ApiUrl, and the network between.")
    except ClientError as error:
        words = sentence_of(error)
        if code_of(error) in ACCESS_DENIED:
            return not_checked(f"This could not be checked: {words}", "Run this with a role that may read the stack.")
        return failed(
            f"AWS did not say: {words}", "Run this again; if it stays, look at the resource in AWS's console."
        )
    except BotoCoreError as error:
        return failed(f"AWS did not say: {sentence_of(error)}", "Run this again.")
