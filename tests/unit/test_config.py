"""The settings of each function, from its environment."""

from dataclasses import MISSING, fields

import pytest

from getthrough.config import (
    AcceptConfig,
    AdvanceConfig,
    ApiConfig,
    ConfigError,
    PublishConfig,
    RecordConfig,
    RecoverConfig,
    SendConfig,
    TickConfig,
)

EVERYTHING = {
    "TABLE_NAME": "table",
    "QUEUE_URL": "https://queue.invalid/timers",
    "SECRET_ID": "the-secret",
    "VONAGE_API_URL": "https://api.nexmo.com",
    "RETENTION_DAYS": "90",
    "MESSAGES_PER_SECOND": "30",
    "SOMETHING_ELSE": "x",
}


def test_every_field_comes_from_the_variable_of_its_name() -> None:
    assert SendConfig.from_env(EVERYTHING) == SendConfig(
        table_name="table",
        queue_url="https://queue.invalid/timers",
        secret_id="the-secret",
        vonage_api_url="https://api.nexmo.com",
        retention_days=90,
    )
    assert RecordConfig.from_env(EVERYTHING) == RecordConfig(
        table_name="table", secret_id="the-secret", queue_url="https://queue.invalid/timers", retention_days=90
    )
    assert TickConfig.from_env(EVERYTHING) == TickConfig("table", "https://queue.invalid/timers", 30)


@pytest.mark.parametrize(
    "config", [SendConfig, AdvanceConfig, RecordConfig, RecoverConfig, AcceptConfig, TickConfig, ApiConfig]
)
def test_everything_that_is_missing_is_named_at_once(config: type[TickConfig]) -> None:
    wanted = [field.name.upper() for field in fields(config) if field.default is MISSING]
    with pytest.raises(ConfigError) as error:
        config.from_env({})
    assert str(error.value) == f"missing environment variables: {', '.join(wanted)}"


def test_what_is_empty_is_missing() -> None:
    with pytest.raises(ConfigError) as error:
        TickConfig.from_env({"TABLE_NAME": "", "QUEUE_URL": "x", "MESSAGES_PER_SECOND": "30"})
    assert str(error.value) == "missing environment variables: TABLE_NAME"


def test_what_has_a_default_may_be_empty_or_missing() -> None:
    given = {
        "TABLE_NAME": "table",
        "EVENT_BUS_NAME": "bus",
        "CALLBACK_QUEUE_URL": "q",
        "CALLBACK_DEAD_LETTER_QUEUE_URL": "d",
    }
    without = PublishConfig("table", "bus", "q", "d", "")
    assert PublishConfig.from_env(given) == PublishConfig.from_env({**given, "CALLBACK_URL": ""}) == without
    assert PublishConfig.from_env({**given, "CALLBACK_URL": "https://x.invalid"}).callback_url == "https://x.invalid"


def test_without_an_argument_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "table")
    monkeypatch.setenv("SECRET_ID", "the-secret")
    assert ApiConfig.from_env() == ApiConfig("table", "the-secret")
