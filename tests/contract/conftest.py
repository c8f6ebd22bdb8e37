"""Each port's suite runs on the fake and on the real adapter, with the table of infra/storage.yaml.

The real adapter runs on DynamoDB Local. Without a JDK it runs on moto, as it does for `make mutants`: moto starts ten
times faster, and all functional tests run on it anyway.
"""

import os
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest

from getthrough.adapters import aws
from getthrough.adapters.dynamo_batches import DynamoBatches, DynamoRecipientLists, DynamoTallies
from getthrough.adapters.dynamo_contacts import DynamoAliases, DynamoOptOuts
from getthrough.adapters.dynamo_conversations import DynamoConversations
from getthrough.adapters.dynamo_dispatches import DynamoDispatches
from getthrough.adapters.dynamo_quarantine import DynamoQuarantine
from getthrough.adapters.dynamo_schedules import DynamoSchedules
from getthrough.adapters.dynamo_status_events import DynamoStatusEvents
from getthrough.adapters.limit_counters import DynamoCounters
from getthrough.adapters.throughput import DynamoThroughput
from getthrough.domain.ports import (
    Aliases,
    Batches,
    Conversations,
    Counters,
    Dispatches,
    OptOuts,
    Quarantine,
    RecipientLists,
    Schedules,
    StatusEvents,
    Tallies,
    Throughput,
)
from tests.contract import dynamodb_local
from tests.fakes import (
    FakeAliases,
    FakeBatches,
    FakeConversations,
    FakeCounters,
    FakeDispatches,
    FakeOptOuts,
    FakeQuarantine,
    FakeRecipientLists,
    FakeSchedules,
    FakeStatusEvents,
    FakeTallies,
    FakeThroughput,
)
from tests.in_memory import credentials_of_a_test, keep_clients, memory, table_schema
from tests.needs import missing
from tests.secret import event_hash_of, hash_of

RETENTION = timedelta(days=90)

MOST_A_SECOND = 30

REAL_STORE = os.environ.get("REAL_STORE") or ("moto" if missing(*dynamodb_local.TOOLS) else "dynamodb_local")

RACES = pytest.mark.parametrize("store", ["dynamodb_local"], indirect=True)
"""For tests with several threads: the fake has only ever one, and moto loses writes that come during a transaction."""

REAL = pytest.mark.parametrize("store", [REAL_STORE], indirect=True)
"""For what only the real adapters do."""


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    with dynamodb_local.running() as url:
        yield url


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with memory(monkeypatch):
        yield


@pytest.fixture(params=["fake", REAL_STORE])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str | None]:
    """The name of a table, or None for the fake."""
    if request.param == "fake":
        yield None
    elif request.param == "moto":
        with memory(monkeypatch):
            yield create_table()
    else:
        url = request.getfixturevalue("dynamodb_local_url")
        credentials_of_a_test(monkeypatch)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        keep_clients(monkeypatch, url)
        name = create_table()
        yield name
        boto3.client("dynamodb").delete_table(TableName=name)
        aws.client.cache_clear()


@pytest.fixture
def opt_outs(store: str | None) -> OptOuts:
    return DynamoOptOuts(store, hash_of) if store else FakeOptOuts()


@pytest.fixture
def aliases(store: str | None) -> Aliases:
    return DynamoAliases(store) if store else FakeAliases()


@pytest.fixture
def conversations(store: str | None) -> Conversations:
    return DynamoConversations(store, RETENTION) if store else FakeConversations()


@pytest.fixture
def schedules(store: str | None) -> Schedules:
    return DynamoSchedules(store, RETENTION) if store else FakeSchedules()


@pytest.fixture
def batches(store: str | None) -> Batches:
    return DynamoBatches(store, RETENTION) if store else FakeBatches()


@pytest.fixture
def lists(store: str | None) -> RecipientLists:
    return DynamoRecipientLists(store, RETENTION) if store else FakeRecipientLists()


@pytest.fixture
def tallies(store: str | None) -> Tallies:
    return DynamoTallies(store, RETENTION) if store else FakeTallies()


@pytest.fixture
def throughput(store: str | None) -> Throughput:
    return throughput_of(store, MOST_A_SECOND)


def throughput_of(store: str | None, messages_per_second: int) -> Throughput:
    return DynamoThroughput(store, messages_per_second) if store else FakeThroughput(messages_per_second)


@pytest.fixture
def limit_counters(store: str | None) -> Counters:
    return DynamoCounters(store, hash_of) if store else FakeCounters()


@pytest.fixture
def dispatches(
    store: str | None, opt_outs: OptOuts, conversations: Conversations, schedules: Schedules, batches: Batches
) -> Dispatches:
    """A claim looks at `opt_outs` and leaves a note in `conversations`; `schedules` and `batches` are in the same
    store."""
    if store:
        return DynamoDispatches(store, RETENTION, hash_of)
    assert isinstance(opt_outs, FakeOptOuts)
    assert isinstance(conversations, FakeConversations)
    assert isinstance(schedules, FakeSchedules)
    assert isinstance(batches, FakeBatches)
    return FakeDispatches(opt_outs=opt_outs, conversations=conversations, schedules=schedules, batches=batches)


@pytest.fixture
def events(store: str | None) -> StatusEvents:
    return DynamoStatusEvents(store, RETENTION, event_hash_of) if store else FakeStatusEvents()


@pytest.fixture
def quarantine(store: str | None) -> Quarantine:
    return DynamoQuarantine(store) if store else FakeQuarantine()


def create_table() -> str:
    """The name of a new table, with the schema that the template gives it."""
    name = "getthrough"
    boto3.client("dynamodb").create_table(TableName=name, **table_schema())
    return name
