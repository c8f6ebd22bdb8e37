"""`make sam-local`: the local stack, with every function in AWS's own image.

`python -m tools.sam_local .aws-sam/local [options of sam local start-lambda]` starts the local stack and, beside it,
`sam local start-lambda` with the built functions. The stack's emulator invokes them there: for requests to the API, for
messages on queues, for records of the stream, and for the schedule. `--check` only looks for a Docker engine.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.stack import launch
from local.stack.settings import StartError, local_dir

ROOT = Path(__file__).resolve().parent.parent
SAM = ROOT / ".venv-sam" / "bin" / "sam"
# What a container calls the computer that runs it; SAM's --add-host makes it known on Linux too.
HOST = "host.docker.internal"
LAMBDA_PORT = "3001"
START_SECONDS = 120.0
STOP_SECONDS = 30.0
NO_ENGINE = "No Docker engine answers, and `sam local` needs one: start it, or use `make run`, which needs none."


def variables(stack: Mapping[str, Any], host: str = HOST) -> dict[str, str]:
    """The functions' environment variables, with addresses as a process sees them that knows us as `host`."""

    def seen(url: str) -> str:
        return url.replace("127.0.0.1", host)

    return {
        "AWS_ENDPOINT_URL": seen(stack["aws_endpoint"]),
        "TABLE_NAME": stack["table_name"],
        "QUEUE_URL": seen(stack["queue_url"]),
        "DEAD_LETTER_QUEUE_URL": seen(stack["dead_letter_queue_url"]),
        "CALLBACK_QUEUE_URL": seen(stack["callback_queue_url"]),
        "CALLBACK_DEAD_LETTER_QUEUE_URL": seen(stack["callback_dead_letter_queue_url"]),
        "ALLOW_PRIVATE_CALLBACKS": "true",
        "EVENT_BUS_NAME": stack["event_bus_name"],
        "SECRET_ID": stack["secret_id"],
        "VONAGE_API_URL": seen(stack["vonage_api_url"]),
    }


def docker(*arguments: str) -> str | None:
    """What the engine answers; None if there is no engine."""
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def bridge() -> str | None:
    """Docker's bridge, if it is an address of this computer: on Linux that is how containers see it."""
    gateway = docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    if not gateway:
        return None
    with contextlib.suppress(OSError), socket.socket() as probe:
        probe.bind((gateway, 0))
        return gateway
    return None


def prepare(build: Path, stack: Mapping[str, Any]) -> None:
    """Write env.json, and declare AWS_ENDPOINT_URL in the built template: SAM sets only what the template declares."""
    (build / "env.json").write_text(json.dumps({"Parameters": variables(stack)}, indent=1))
    file = build / "template.yaml"
    template = yaml_parse(file.read_text())
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    file.write_text(json.dumps(template, indent=1))  # JSON is YAML too


def start_lambda(build: Path, port: str, options: Sequence[str]) -> list[str]:
    """The command line of SAM: containers are made when a function is first invoked, and kept."""
    architecture = "arm64" if os.uname().machine in ("aarch64", "arm64") else "x86_64"
    template = ["--template-file", str(build / "template.yaml"), "--env-vars", str(build / "env.json")]
    parameters = ["--parameter-overrides", f"Architecture={architecture}"]
    host = ["--host", "127.0.0.1", "--port", port, "--add-host", f"{HOST}:host-gateway"]
    return [str(SAM), "local", "start-lambda", *template, *parameters, *host, "--warm-containers", "LAZY", *options]


@contextlib.contextmanager
def running(build: Path, port: str, options: Sequence[str]) -> Iterator[tuple[dict[str, Any], subprocess.Popen[bytes]]]:
    """The local stack and SAM, for the length of the `with` block."""
    settings = {
        "FUNCTIONS_URL": f"http://127.0.0.1:{port}",
        "DOCKER_BRIDGE": os.environ.get("DOCKER_BRIDGE") or bridge(),
    }
    environ = {**os.environ, **{name: value for name, value in settings.items() if value}}
    with launch.launched(environ, local_dir(os.environ)) as stack:
        prepare(build, stack)
        credentials = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": stack["region"],
        }
        path = f"{SAM.parent}{os.pathsep}{os.environ['PATH']}"
        process = subprocess.Popen(
            start_lambda(build, port, options),
            env={**os.environ, **credentials, "PATH": path, "SAM_CLI_TELEMETRY": "0"},
            process_group=0,
        )
        try:
            _wait_until_it_listens(process, int(port))
            yield stack, process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """At SIGINT SAM removes its containers; a debugger changes that, so stronger signals follow."""
    for word in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process.send_signal(word)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    raise StartError(f"`sam local start-lambda` does not listen on port {port}; what it printed above says why.")


def main(arguments: Sequence[str]) -> int:
    if docker("info") is None:
        print(NO_ENGINE, file=sys.stderr)
        return 1
    if arguments == ["--check"]:
        return 0
    build, *options = arguments
    port = os.environ.get("LAMBDA_PORT", LAMBDA_PORT)
    for word in (signal.SIGINT, signal.SIGTERM):
        signal.signal(word, _interrupt)
    try:
        with running(Path(build), port, options) as (stack, process):
            print(
                f"Page and API   {stack['api_url']}\n"
                f"Client         {stack['client_name']} {stack['client_secret']}\n"
                f"Phones         {stack['simulator_url']}\n"
                f"Functions      http://127.0.0.1:{port}, each in a container since its first invocation\n"
                "Ctrl-C stops everything.",
                flush=True,
            )
            return process.wait()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
