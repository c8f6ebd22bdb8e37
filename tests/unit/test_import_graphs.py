"""What each Lambda function loads: its cold start is its import graph."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

REQUESTS, RSA, AWS = {"requests"}, {"cryptography", "jwt"}, {"boto3"}
VALIDATOR, CRON, TEMPLATES = {"fastjsonschema"}, {"cronsim"}, {"minijinja"}
HEAVY = REQUESTS | RSA | AWS
KNOWN = HEAVY | VALIDATOR | CRON | TEMPLATES

LOADS = {
    "send": HEAVY | VALIDATOR,
    "advance": HEAVY | CRON,
    "status": AWS,
    "inbound": AWS,
    "query": AWS,
    "opt_outs": AWS,
    "schedules": AWS | VALIDATOR | CRON | TEMPLATES,
    "batches": AWS | VALIDATOR | TEMPLATES,
    "tally": AWS,
    "recover": AWS,
    "tick": AWS,
    "publish": AWS,
    "callback": REQUESTS | AWS,
    "console": set(),
}


@cache
def modules(handler: str) -> frozenset[str]:
    """The modules in a fresh process, with an empty environment, after the import of a handler."""
    program = (
        f"import sys; sys.path.insert(0, {str(FUNCTIONS)!r}); import getthrough.handlers.{handler}; "
        "import json; print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"{handler} cannot be imported with an empty environment:\n{done.stderr}"
    return frozenset(json.loads(done.stdout))


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
    """Names of AWS's settings are poisoned: whoever asks for one at import fails."""
    program = f"""
import os, sys
sys.path.insert(0, {str(FUNCTIONS)!r})
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
import getthrough.handlers.{handler} as handler
ours = {{"TABLE_NAME", "QUEUE_URL", "SECRET_ID", "VONAGE_API_URL", "RETENTION_DAYS", "EVENT_BUS_NAME",
        "CALLBACK_QUEUE_URL", "CALLBACK_URL", "DEAD_LETTER_QUEUE_URL"}}
assert not ours & set(asked), asked
if hasattr(handler, "_composed"):
    assert handler._composed.cache_info().currsize == 0
if "boto3" in sys.modules:
    import boto3
    assert boto3.DEFAULT_SESSION is None
    from getthrough.adapters import aws
    assert aws.client.cache_info().currsize == 0
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env={}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
