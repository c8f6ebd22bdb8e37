"""What AWS does and an emulator does not show: the limits that the simulation keeps, each with its source.

Sources are pages of the AWS documentation, by title. What AWS does not publish is an assumption, and says so.
"""

from dataclasses import dataclass, replace

LONGEST_DELAY = 900
"""Seconds. SQS API Reference, SendMessage: `DelaySeconds` is a whole number from 0 to 900."""

RECURSIVE_HOPS = 16
"""Lambda Developer Guide, "Use Lambda recursive loop detection to prevent infinite loops": a function that one chain of
requests has invoked about 16 times is not invoked again. The refused message goes to the queue's dead-letter queue. A
function with `RecursiveLoop: Allow` is not refused."""

FIRST_POLLERS = 5
POLLERS_PER_MINUTE = 300
MOST_POLLERS = 1_000
"""Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings": Lambda begins with five
concurrent batches, adds up to 300 a minute while messages are left, and stops at 1,000 or at the event source's
`MaximumConcurrency`. When traffic is low it goes back to five."""

ACCOUNT_CONCURRENCY = 1_000
NEW_ACCOUNT_CONCURRENCY = 10
"""Lambda Developer Guide, "Lambda quotas": 1,000 concurrent invocations for each account and Region; new accounts have
less. Ten is what many of them begin with."""

MOST_BATCHES_PER_SHARD = 10
"""Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB": `ParallelizationFactor` is how many batches of one
shard Lambda hands out at the same time, 1 to 10; changes of one item stay in order."""

SHARD_POLLS_PER_SECOND = 4
"""The same page: Lambda polls each shard of a DynamoDB stream four times a second."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The switches of a simulation. The defaults are an account of some age and the project's own settings."""

    recursion_allowed: bool = True
    """`RecursiveLoop: Allow`."""

    concurrency: int = ACCOUNT_CONCURRENCY
    """What the account leaves to the function."""

    maximum_concurrency: int = MOST_POLLERS
    """`MaximumConcurrency` of the event source."""

    growth_every: float = 1
    """Seconds between two steps of growth. AWS does not say how 300 a minute are spread: five each second is the
    assumption. With 60 all of them come at the end of the minute."""

    visibility: float = 60
    """Seconds after which a message that was received, but not deleted, can be received again."""

    receives: int = 5
    """`maxReceiveCount`. SQS Developer Guide, "Using dead-letter queues in Amazon SQS": a message that was received
    more often goes to the dead-letter queue. Lambda Developer Guide, "Configuring scaling behavior for SQS event source
    mappings": a receive counts although the function was throttled."""

    duplicates: float = 0.001
    """SQS Developer Guide, "Amazon SQS at-least-once delivery": a copy may be delivered. How often is an assumption."""

    delivery: tuple[float, float] = (0.01, 0.3)
    """Seconds between the moment at which a message can be received and its receipt. An assumption."""

    cold_start: float = 0.6
    """Seconds until a new environment runs the handler. An assumption: 0.5 s of CPU were measured for the imports, the
    clients and the key, and all of that happens during init, on a whole processor."""

    environment_kept: float = 300
    """Seconds for which an idle environment is kept. AWS does not say; an assumption."""

    sending: tuple[float, float] = (0.15, 0.45)
    """Seconds of an invocation that makes a request to the provider. An assumption: a POST, four calls of DynamoDB."""

    looking: tuple[float, float] = (0.02, 0.06)
    """Seconds of an invocation that makes none. An assumption: one or two calls of DynamoDB."""

    @property
    def most_hops(self) -> int | None:
        return None if self.recursion_allowed else RECURSIVE_HOPS


REAL = Limits()
NEW_ACCOUNT = replace(REAL, concurrency=NEW_ACCOUNT_CONCURRENCY)
"""An account with a concurrency of ten and no `MaximumConcurrency`."""
