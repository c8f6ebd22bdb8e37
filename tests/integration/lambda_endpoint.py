"""An endpoint that speaks Lambda's Invoke, as `sam local start-lambda` does, without Docker.

Each function is a process of AWS's own runtime client, with the Runtime API that it asks for work: what an image of
Lambda has in it, but for the image.
"""

import os
import queue
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from local.stack.settings import ROOT

SECONDS = 60


class Function(NamedTuple):
    handler: str
    variables: Mapping[str, str]


class Result(NamedTuple):
    body: bytes
    failed: bool


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "content_length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["content-length"]))

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Processes that are killed at the end drop their connections."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server on 127.0.0.1; yields its port."""
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@contextmanager
def _environment(name: str, function: Function) -> Iterator[Callable[[bytes], Result]]:
    """A function's process; yields what invokes it, one event at a time."""
    events: queue.Queue[bytes] = queue.Queue()
    results: queue.Queue[Result] = queue.Queue()

    class RuntimeApi(_Quiet):
        def do_GET(self) -> None:
            # The client's native part crashes without one of these headers.
            self.answer(
                200,
                events.get(),
                content_type="application/json",
                lambda_runtime_trace_id="Root=1-00000000-000000000000000000000000;Sampled=0",
                lambda_runtime_aws_request_id=str(uuid.uuid4()),
                lambda_runtime_deadline_ms="4102444800000",
                lambda_runtime_invoked_function_arn=f"arn:aws:lambda:eu-west-1:000000000000:function:{name}",
            )

        def do_POST(self) -> None:
            results.put(Result(self.body(), failed=self.path.endswith("/error")))
            self.answer(202)

    with _serving(RuntimeApi) as port:
        environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **function.variables,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "LAMBDA_TASK_ROOT": str(ROOT / "functions"),
            "PYTHONPATH": str(ROOT / "functions"),
        }
        command = [sys.executable, "-m", "awslambdaric", function.handler]
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

            def invoke(event: bytes) -> Result:
                events.put(event)
                return results.get(timeout=SECONDS)

            try:
                yield invoke
            finally:
                process.kill()


class Endpoint:
    """`functions` says what a function is, when it is first invoked; `invoked` are the names of those that were."""

    def __init__(self, stop: ExitStack) -> None:
        self.functions: Callable[[str], Function] | None = None
        self._stop = stop
        self._environments: dict[str, Callable[[bytes], Result]] = {}
        self._making = threading.Lock()
        outer = self

        class Invoke(_Quiet):
            def do_POST(self) -> None:
                result = outer.invoke(self.path.split("/")[3], self.body())
                self.answer(200, result.body, **({"x_amz_function_error": "Unhandled"} if result.failed else {}))

        self.url = f"http://127.0.0.1:{stop.enter_context(_serving(Invoke))}"

    @property
    def invoked(self) -> set[str]:
        return set(self._environments)

    def invoke(self, name: str, event: bytes) -> Result:
        if self.functions is None:
            return Result(b'{"errorType": "NotReady", "errorMessage": "there are no functions yet"}', failed=True)
        with self._making:
            if name not in self._environments:
                self._environments[name] = self._stop.enter_context(_environment(name, self.functions(name)))
        return self._environments[name](event)


@contextmanager
def lambda_endpoint() -> Iterator[Endpoint]:
    with ExitStack() as stop:
        yield Endpoint(stop)


def of_stack(client: Any, seen: Mapping[str, str]) -> Callable[[str], Function]:
    """The functions as the stack has them, with the variables of `tools.sam_local` instead of the emulator's own."""

    def function(name: str) -> Function:
        config = client.get_function_configuration(FunctionName=name)
        variables = config["Environment"]["Variables"]
        declared = {key: value for key, value in seen.items() if key in variables}
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"}
        aws = {**credentials, "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": seen["AWS_ENDPOINT_URL"]}
        return Function(config["Handler"], {**variables, **declared, **aws})

    return function
