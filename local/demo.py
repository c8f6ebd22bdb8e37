"""`make demo`: the cupcake story, played on the local stack and checked.

A bakery texts a customer that the cupcakes are ready. The first phone is in airplane mode, so Getthrough texts the
second one after fifteen seconds. When the first comes back, its delivery is reported as late.
Ends with 0 only if all of this came true; else it says what differed.
"""

import contextlib
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from cli.api import Api
from cli.dispatches.entries import line
from cli.dispatches.follow import Clock, Following, Reader, follow, has_outcome
from cli.errors import OperatorError
from cli.send import Contacts, request_body, submit
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
        client = HTTPBasicAuth(stack["client_name"], stack["client_secret"])
        # A web proxy has no business between two local processes.
        self.api = Api(stack["api_url"], client, through_proxies=False)
        self._simulator_url = stack["simulator_url"]
        self._http = requests.Session()
        self._http.trust_env = False

    def simulator(self, method: str, path: str, body: Any = None) -> Any:
        url = self._simulator_url + path
        response = self._http.request(method, url, timeout=30, json=body)
        if not response.ok:
            raise StoryError(f"{method} {url} was answered {response.status_code}: {response.text}")
        return response.json()


def main() -> int:
    try:
        with running_stack() as stack:
            play(Stage(stack))
    except (StartError, StoryError, OperatorError) as error:
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
        message = request_body(Contacts(FIRST, [SECOND], ["Bakery"]), "Your cupcakes are ready!", WINDOW_SECONDS, None)
        dispatch_uuid = submit(stage.api, message, f"demo-{uuid.uuid4()}", Clock())["workflow_id"]
        moved_on = follow_with_patience(stage, dispatch_uuid, has_outcome)
        check_outcome(moved_on, late=False)
        say(f"The phone {FIRST} is switched on again.")
    finally:
        stage.simulator("PUT", f"/phones/sms/{FIRST}", {"mode": "on"})
    end = follow_with_patience(stage, dispatch_uuid, first_is_late, after=len(moved_on["timeline"]))
    check_outcome(end, late=True)
    check_requests(stage, end)


def follow_with_patience(
    stage: Stage, dispatch_uuid: str, is_over: Callable[[Dispatch], bool], *, after: int = 0
) -> Dispatch:
    """Print what `getthrough watch` prints, but for the entries before, until the dispatch is over."""
    following = Following(seconds=PATIENCE_SECONDS, is_over=is_over, after=after)
    dispatch = follow(Reader(stage.api), dispatch_uuid, print_entry, following)
    if not is_over(dispatch):
        raise StoryError(f"nothing more happened for {PATIENCE_SECONDS:.0f} s; the dispatch is {dispatch}")
    return dispatch


def first_is_late(dispatch: Dispatch) -> bool:
    return bool(dispatch["steps"][0]["late"])


def print_entry(entry: Dispatch, dispatch: Dispatch) -> None:
    print(f"  {line(entry, dispatch)}", flush=True)


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
