"""Functions that run elsewhere: `sam local start-lambda`, or whatever else speaks Lambda's Invoke.

The emulator stays what invokes them: for requests to the API, for messages on queues, for records of the stream, and
for the schedule. Only a function's own process is somewhere else.
"""

import json
import threading
import urllib.request
from collections import defaultdict
from typing import Any

SECONDS_FOR_AN_ENVIRONMENT = 60
"""Starting a container takes time. The endpoint itself keeps the function's own time limit."""

Result = dict[str, Any]


class Invoker:
    """Invokes functions at `url`, each by its name in the template, and one at a time: a container has one process."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def __call__(self, function: dict[str, Any], event: Any, *_: Any) -> Result:
        """What the emulator wants of an executor: the function's answer, or its error."""
        config = function.get("config") or function
        name = config["FunctionName"]
        request = urllib.request.Request(
            f"{self._url}/2015-03-31/functions/{name}/invocations",
            data=json.dumps(event, ensure_ascii=False).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with (
                self._turns[name],
                self._open(request, timeout=config["Timeout"] + SECONDS_FOR_AN_ENVIRONMENT) as answer,
            ):
                body = json.loads(answer.read() or b"null")
                return {"body": body, "error": "x-amz-function-error" in answer.headers}
        except (OSError, ValueError) as error:
            return {"body": {"errorMessage": f"{name}: {error}", "errorType": type(error).__name__}, "error": True}
