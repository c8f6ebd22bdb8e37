"""The local stack in a test's hands."""

import contextlib
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from local.stack import aws, launch, logs

ANY_FREE_PORTS = {"HTTP_PORT": "0", "SIMULATOR_PORT": "0", "AWS_PORT": "0"}
SECONDS_BETWEEN_LOOKS = 0.3
"""A look at a dispatch is a request, a function and a query: ten a second would take a tenth of a processor."""

# Numbers that no one has: of the range that Ofcom keeps for drama.
_numbers = itertools.count(447700900100)


def new_number() -> str:
    """A phone number that no other test uses, so that tests can share a stack."""
    return str(next(_numbers))


@dataclass(frozen=True)
class Stack:
    """What stack.json tells, and calls to the parts."""

    local_dir: Path
    pid: int
    api_url: str
    simulator_url: str
    vonage_api_url: str
    aws_endpoint: str
    region: str
    table_name: str
    queue_url: str
    dead_letter_queue_url: str
    callback_queue_url: str
    callback_dead_letter_queue_url: str
    event_bus_name: str
    secret_id: str
    application_id: str
    private_key_path: str
    signature_secret: str
    callback_secret: str
    api_key: str
    api_secret: str
    client_name: str
    client_secret: str
    logs_path: str
    http: requests.Session = field(default_factory=requests.Session, repr=False)

    def api(self, method: str, path: str, json: Any = None, **arguments: Any) -> requests.Response:
        """Call the API, as the client "bakery" unless stated otherwise by `auth` or an Authorization header."""
        if "authorization" not in {name.lower() for name in arguments.get("headers", {})}:
            arguments.setdefault("auth", (self.client_name, self.client_secret))
        return self.http.request(method, self.api_url + path, json=json, **{"timeout": 30, **arguments})

    def simulator(self, method: str, path: str, json: Any = None) -> Any:
        """Call the simulator's control side; returns its JSON."""
        response = self.http.request(method, self.simulator_url + path, json=json, timeout=30)
        response.raise_for_status()
        return response.json() if response.content else None

    def aws(self, service: str) -> Any:
        """A client of an emulated AWS service, as the account's owner."""
        return aws.client(service, self.aws_endpoint)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Invoke a function by its name in template.yaml, such as TickFunction; returns its result."""
        answer = self.aws("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise AssertionError(f"{function} failed: {result}")
        return result

    def dispatch(self, dispatch_uuid: str) -> dict[str, Any]:
        response = self.api("GET", f"/v1/dispatches/{dispatch_uuid}")
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found

    def wait_for_dispatch(
        self, dispatch_uuid: str, condition: Callable[[dict[str, Any]], bool], seconds: float = 60
    ) -> dict[str, Any]:
        """The dispatch as soon as it meets the condition; an AssertionError shows it if it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition(dispatch := self.dispatch(dispatch_uuid)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {json.dumps(dispatch, indent=1)}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return dispatch

    def logs(self) -> dict[str, str]:
        """Everything that each function has written since the stack's start, by its name."""
        return logs.of_functions(self.local_dir)


@contextlib.contextmanager
def running_stack(local_dir: Path, **settings: str) -> Iterator[Stack]:
    """A stack of one's own on free ports, gone afterwards."""
    environ = {**os.environ, **ANY_FREE_PORTS, **settings}
    with launch.launched(environ, local_dir) as content, requests.Session() as http:
        http.trust_env = False
        yield Stack(local_dir=local_dir, http=http, **content)
