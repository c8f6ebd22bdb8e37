"""`make demo`: the cupcake story, played on the local stack and checked.

A bakery texts a customer that the cupcakes are ready. The first phone is in airplane mode, so Getthrough texts the
second one after fifteen seconds. When the first comes back, its delivery is reported as late.
Ends with 0 only if all of this came true; else it says what differed.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import requests

from local.stack import launch, stack_file
from local.stack.settings import StartError, local_dir

WINDOW_SECONDS = 15
LATEST_SECONDS = 17
PATIENCE_SECONDS = 30.0
FIRST, SECOND = "447700900001", "447700900002"
Dispatch = dict[str, Any]


class StoryError(Exception):
    """The story went differently; the text says how."""


class Stage:
    """The running stack, as the story needs it."""

    def __init__(self, stack: dict[str, Any]) -> None:
        if stack["simulator_url"] is None:
            raise StartError("the running stack uses another provider; the demo needs the Vonage simulator")
        self._stack = stack
        self._http = requests.Session()
        self._http.trust_env = False  # a web proxy has no business between two local processes

    def api(self, method: str, path: str, body: Any = None) -> Any:
        auth = (self._stack["client_name"], self._stack["client_secret"])
        return self._call(method, self._stack["api_url"] + path, json=body, auth=auth)

    def simulator(self, method: str, path: str, body: Any = None) -> Any:
        return self._call(method, self._stack["simulator_url"] + path, json=body)

    def _call(self, method: str, url: str, **arguments: Any) -> Any:
        response = self._http.request(method, url, timeout=30, **arguments)
        if not response.ok:
            raise StoryError(f"{method} {url} was answered {response.status_code}: {response.text}")
        return response.json()


def main() -> int:
    try:
        with running_stack() as stack:
            play(Stage(stack))
    except (StartError, StoryError) as error:
        print(f"\nNot as it should be: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\nThe story came out right.")
    return 0


@contextlib.contextmanager
def running_stack() -> Iterator[dict[str, Any]]:
    """The stack that runs already, or one of our own that is stopped afterwards."""
    folder = local_dir(os.environ)
    if (running := stack_file.read_running(folder)) is not None:
        print(f"Using the running stack, {running['api_url']}")
        yield running
        return
    print("Starting the local stack ...", flush=True)
    with launch.launched(os.environ, folder) as stack:
        yield stack


def play(stage: Stage) -> None:
    say(f"The phone {FIRST} goes into airplane mode.")
    stage.simulator("PUT", f"/phones/sms/{FIRST}", {"mode": "airplane"})
    stage.simulator("PUT", f"/phones/sms/{SECOND}", {"mode": "on"})
    try:
        say(f"The bakery writes to {FIRST}, and to {SECOND} if that does not get through in {WINDOW_SECONDS} s.")
        dispatch_uuid = send(stage)
        reporter = Reporter()
        moved_on = follow(stage, dispatch_uuid, reporter, lambda dispatch: dispatch["outcome"] is not None)
        check_outcome(moved_on, late=False)
        say(f"The phone {FIRST} is switched on again.")
    finally:
        stage.simulator("PUT", f"/phones/sms/{FIRST}", {"mode": "on"})
    end = follow(stage, dispatch_uuid, reporter, lambda dispatch: bool(dispatch["steps"][0]["late"]))
    check_outcome(end, late=True)
    check_requests(stage, end)


def send(stage: Stage) -> str:
    message = {
        "channel": "sms",
        "message_type": "text",
        "from": "Bakery",
        "text": "Your cupcakes are ready!",
    }
    answer = stage.api(
        "POST",
        "/v1/messages",
        {**message, "to": FIRST, "expiry_time": WINDOW_SECONDS, "failover": [{**message, "to": SECOND}]},
    )
    return str(answer["workflow_id"])


def follow(stage: Stage, dispatch_uuid: str, reporter: "Reporter", is_over: Callable[[Dispatch], bool]) -> Dispatch:
    """Print each event as it happens, until the dispatch is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        dispatch: Dispatch = stage.api("GET", f"/v1/dispatches/{dispatch_uuid}")
        reporter.print_new(dispatch)
        if is_over(dispatch):
            return dispatch
        time.sleep(0.3)
    raise StoryError(f"nothing more happened for {PATIENCE_SECONDS:.0f} s; the dispatch is {dispatch}")


class Reporter:
    """Prints each event of a timeline once."""

    def __init__(self) -> None:
        self._reported = 0

    def print_new(self, dispatch: Dispatch) -> None:
        for event in dispatch["timeline"][self._reported :]:
            step = "" if event["step"] is None else f"step {event['step']}"
            print(f"  {event['at'][11:23]}  {step:7} {describe(event, dispatch)}", flush=True)
        self._reported = len(dispatch["timeline"])


def describe(event: dict[str, Any], dispatch: Dispatch) -> str:
    match event["event"]:
        case "accepted":
            return "the dispatch is stored"
        case "sent":
            step = dispatch["steps"][event["step"]]
            return f"sent by {step['channel']} to {step['to']}"
        case "answered":
            return f"Vonage answered: {event['answer']}"
        case "status":
            return f"webhook: {event['status']}" + (" (late)" if event["late"] else "")
        case "window_ended":
            return "not delivered in time, the window has ended"
        case "opted_out":
            return "not sent, this customer has said STOP"
        case "finished":
            return f"the dispatch is over: {event['outcome']}"
        case other:
            return str(other)


def check_outcome(dispatch: Dispatch, *, late: bool) -> None:
    found = {
        "outcome": dispatch["outcome"],
        "succeeded_by": dispatch["succeeded_by"],
        "step 0 late": dispatch["steps"][0]["late"],
    }
    expected = {"outcome": "succeeded", "succeeded_by": 1, "step 0 late": late}
    if found != expected:
        raise StoryError(f"expected {expected}, found {found}")


def check_requests(stage: Stage, dispatch: Dispatch) -> None:
    """Vonage was asked twice, the second time as soon as the window had ended and not before."""
    ours = [step["message_uuid"] for step in dispatch["steps"]]
    received = [
        request
        for request in stage.simulator("GET", "/requests")
        if isinstance(request["body"], dict) and request["body"].get("client_ref") in ours
    ]
    if [request["body"]["client_ref"] for request in received] != ours:
        raise StoryError(f"Vonage should have received one message for each step, but received {received}")
    first, second = (datetime.fromisoformat(request["at"]) for request in received)
    seconds = (second - first).total_seconds()
    say(f"Vonage received two messages, the second {seconds:.2f} s after the first.")
    if not WINDOW_SECONDS <= seconds <= LATEST_SECONDS:
        raise StoryError(f"the second message should leave {WINDOW_SECONDS} to {LATEST_SECONDS} s after the first")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
