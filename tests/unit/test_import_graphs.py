"""What each Lambda function loads: its cold start is its import graph."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

REQUESTS, RSA, AWS = {"requests"}, {"cryptography", "jwt"}, {"boto3"}
VALIDATOR, CRON, TEMPLATES = {"fastjsonschema"}, {"cronsim"}, {"minijinja"}
HEAVY = REQUESTS | RSA | AWS
KNOWN = HEAVY | VALIDATOR | CRON | TEMPLATES

LOADS = {
    "send": HEAVY | VALIDATOR,
    "canary": HEAVY | VALIDATOR,
    "advance": HEAVY | CRON,
    "status": AWS,
    "inbound": AWS,
    "query": AWS,
    "contacts": AWS,
    "schedules": AWS | VALIDATOR | CRON | TEMPLATES,
    "batches": AWS | VALIDATOR | TEMPLATES,
    "erasures": AWS | CRON,
    "tally": AWS,
    "recover": AWS,
    "tick": AWS,
    "publish": AWS,
    "callback": REQUESTS | AWS,
    "console": set(),
}

SETTINGS = {
    *("TABLE_NAME", "QUEUE_URL", "SECRET_ID", "VONAGE_API_URL", "RETENTION_DAYS", "EVENT_BUS_NAME"),
    *("CALLBACK_QUEUE_URL", "CALLBACK_URL", "DEAD_LETTER_QUEUE_URL", "CANARY_TO", "CANARY_FROM"),
}


PROGRAM = """
import json, os, sys

sys.path.insert(0, sys.argv[1])
asked = []


class Environment(dict):
    def get(self, name, default=None):
        asked.append(name)
        return super().get(name, default)

    def __getitem__(self, name):
        asked.append(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        asked.append(name)
        return super().__contains__(name)


os.environ = Environment()
os.getenv = os.environ.get
handler = __import__(f"getthrough.handlers.{sys.argv[2]}", fromlist=["handler"])
modules = list(sys.modules)
built = []
if hasattr(handler, "_composed") and handler._composed.cache_info().currsize:
    built.append("ports")
if "boto3" in sys.modules:
    import boto3
    from getthrough.adapters import aws

    if boto3.DEFAULT_SESSION or aws.client.cache_info().currsize:
        built.append("an AWS client")
print(json.dumps({"modules": modules, "asked": asked, "built": built}))
"""


class Imported(NamedTuple):
    """What the import of a handler does: loads modules, asks for environment variables, builds things."""

    modules: frozenset[str]
    asked: frozenset[str]
    built: list[str]


@cache
def imported(handler: str) -> Imported:
    """The import of a handler in a fresh process, with an empty environment."""
    command = [sys.executable, "-c", PROGRAM, str(FUNCTIONS), handler]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{handler} cannot be imported with an empty environment:\n{done.stderr}"
    seen = json.loads(done.stdout)
    return Imported(frozenset(seen["modules"]), frozenset(seen["asked"]), seen["built"])


def modules(handler: str) -> frozenset[str]:
    return imported(handler).modules


def test_every_handler_is_in_the_table() -> None:
    handlers = {path.stem for path in (FUNCTIONS / "getthrough/handlers").glob("[!_]*.py")}
    assert handlers == set(LOADS)


@pytest.mark.parametrize("handler", LOADS)
def test_a_handler_loads_only_what_its_function_needs(handler: str) -> None:
    loaded = modules(handler)
    heavy = {name for name in KNOWN if name in loaded}
    assert heavy == LOADS[handler], f"{handler} loads {len(loaded)} modules"


@pytest.mark.parametrize("handler", LOADS)
def test_no_handler_loads_what_no_function_needs(handler: str) -> None:
    unwanted = {"pydantic", "vonage", "aws_xray_sdk", "unittest", "pytest", "tkinter"}
    assert not unwanted & modules(handler), f"{handler} loads {len(modules(handler))} modules"


@pytest.mark.parametrize("handler", LOADS)
def test_no_handler_reads_the_configuration_or_builds_a_client_when_it_is_imported(handler: str) -> None:
    assert imported(handler).asked & SETTINGS == frozenset()
    assert imported(handler).built == []
