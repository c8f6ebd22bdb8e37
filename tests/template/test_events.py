"""The sample events for `sam local invoke`: one per function, in the shape of its source in the template."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tools.event import with_credentials
from tools.sam_local import variables

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = {
    name: item["Properties"]
    for name, item in yaml_parse((ROOT / "template.yaml").read_text())["Resources"].items()
    if item["Type"] == "AWS::Serverless::Function"
}
MAPPED = {
    "AdvanceFunction": "aws:sqs",
    "CallbackFunction": "aws:sqs",
    "PublishFunction": "aws:dynamodb",
    "TallyFunction": "aws:dynamodb",
}
CANARY = {"CANARY_TO", "CANARY_FROM"}
STACK = {
    "client_name": "shop",
    "client_secret": "of-the-test",
    "api_key": "abcd1234",
    "application_id": "11111111-2222-4333-8444-555555555555",
    "signature_secret": "a signature secret for this test only",
}


def event_of(function: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(file_of(function).read_text())
    return event


def file_of(function: str) -> Path:
    words = re.findall("[A-Z][a-z]+", function.removesuffix("Function"))
    return ROOT / "tests" / "events" / f"{'_'.join(words).lower()}.json"


def test_there_is_one_event_per_function_and_no_other() -> None:
    assert {file_of(name) for name in FUNCTIONS} == set((ROOT / "tests" / "events").glob("*.json"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_event_has_the_shape_of_its_source(function: str) -> None:
    if function in MAPPED:  # its source is a resource of its own
        assert {record["eventSource"] for record in event_of(function)["Records"]} == {MAPPED[function]}
        return
    sources = {source["Type"]: source["Properties"] for source in FUNCTIONS[function]["Events"].values()}
    event = event_of(function)
    match list(sources):
        case ["HttpApi"]:
            routes = {
                f"{source['Properties']['Method']} {source['Properties']['Path']}"
                for source in FUNCTIONS[function]["Events"].values()
            }
            assert event["version"] == "2.0"
            assert event["routeKey"] in routes
            path = event["routeKey"].format(**event.get("pathParameters", {}))
            assert path == f"{event['requestContext']['http']['method']} {event['rawPath']}"
        case ["Schedule"]:
            assert event["source"] == "aws.events"
        case other:
            pytest.fail(f"no sample event is known for {other}")


def test_credentials_are_added_only_where_the_function_asks_for_them() -> None:
    schemes = {}
    for function in FUNCTIONS:
        name = file_of(function).stem
        headers = with_credentials(name, STACK).get("headers", {})
        schemes[name] = headers.get("authorization", "none").split()[0]
    assert schemes == {
        "send": "Basic",
        "query": "Basic",
        "contacts": "Basic",
        "schedules": "Basic",
        "batches": "Basic",
        "erasures": "Basic",
        "recover": "Basic",
        "status": "Bearer",
        "inbound": "Bearer",
        "advance": "none",
        "tick": "none",
        "canary": "none",
        "publish": "none",
        "tally": "none",
        "callback": "none",
        "console": "none",
    }


SETTINGS = (
    "DEFAULT_WINDOW",
    "DEFAULT_COUNTRY",
    "STOP_PHRASES",
    "STOP_ANSWER",
    "START_ANSWER",
    "HELP_ANSWER",
    "OPT_OUT_SCOPE",
    "WHEN_DOWN",
    "STATUS_WEBHOOK_URL",
    "LIMITS",
    "SERVICE_WINDOW",
)


def test_the_variables_for_docker_are_those_that_the_template_declares() -> None:
    declared = {
        name for function in FUNCTIONS.values() for name in function.get("Environment", {}).get("Variables", {})
    }
    stack = {
        "aws_endpoint": "http://127.0.0.1:4566",
        "table_name": "table",
        "queue_url": "http://127.0.0.1:4566/1/queue",
        "dead_letter_queue_url": "http://127.0.0.1:4566/1/dead-letters",
        "callback_queue_url": "http://127.0.0.1:4566/1/callbacks",
        "callback_dead_letter_queue_url": "http://127.0.0.1:4566/1/given-up",
        "event_bus_name": "bus",
        "secret_id": "secret",
        "vonage_api_url": "http://127.0.0.1:8090",
    }
    given = variables(stack)
    # What is left has a default in the template.
    assert declared - set(given) == {
        "RETENTION_DAYS",
        "EVENT_RETENTION_DAYS",
        "MESSAGE_RETENTION_DAYS",
        "TEXT_RETENTION_DAYS",
        "AUDIT_DAYS",
        "CALLBACK_URL",
        "STATUS_WEBHOOK_URL",
        "MESSAGES_PER_SECOND",
        *CANARY,
        *SETTINGS,
    }
    assert given == {
        "AWS_ENDPOINT_URL": "http://host.docker.internal:4566",
        "TABLE_NAME": "table",
        "QUEUE_URL": "http://host.docker.internal:4566/1/queue",
        "DEAD_LETTER_QUEUE_URL": "http://host.docker.internal:4566/1/dead-letters",
        "CALLBACK_QUEUE_URL": "http://host.docker.internal:4566/1/callbacks",
        "CALLBACK_DEAD_LETTER_QUEUE_URL": "http://host.docker.internal:4566/1/given-up",
        "ALLOW_PRIVATE_CALLBACKS": "true",
        "EVENT_BUS_NAME": "bus",
        "SECRET_ID": "secret",
        "VONAGE_API_URL": "http://host.docker.internal:8090",
    }
