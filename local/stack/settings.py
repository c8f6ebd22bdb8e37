"""What a developer may choose about the local stack, from environment variables, checked at the start."""

import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
REGION = "eu-west-1"
# The emulator takes an eight-digit hexadecimal id, so the address of the API is known before it exists.
API_ID = "0c0ffee0"
FREE_PORTS = range(10_000, 32_768)
"""Below those that operating systems give to outgoing connections."""


class StartError(Exception):
    """The stack cannot start; the text says why and which setting helps."""


@dataclass(frozen=True)
class Settings:
    http_port: int
    simulator_port: int | None  # None: another provider is used, so no simulator is started
    aws_port: int
    local_dir: Path
    vonage_api_url: str
    log_level: str
    docker_bridge: str | None  # address under which containers see the emulator and the simulator (see forward)
    status_webhook_url: str  # where the provider sends statuses; "" for what its application says
    credentials: dict[str, str]  # the provider's, by their names in keys.Keys; empty for new ones
    canary_to: str  # the number of the stack's own test messages; "" for none
    callback_url: str  # where events go whose message names no webhook_url; "" for nowhere
    messages_per_second: str | None  # what batches may send in all; None for the template's default
    functions_aws_url: str | None  # where the functions look for AWS: tests put a proxy before the emulator
    functions: Path  # their folder: tests give one whose console is bundled, as it is when it is deployed
    functions_url: str | None  # where the functions run: an endpoint that speaks Lambda's Invoke; None for here

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    @property
    def simulator_url(self) -> str | None:
        return None if self.simulator_port is None else f"http://{HOST}:{self.simulator_port}"

    @property
    def aws_endpoint(self) -> str:
        return f"http://{HOST}:{self.aws_port}"


def local_dir(environ: Mapping[str, str]) -> Path:
    """The folder of everything that a start makes; a relative one is meant from the project's folder."""
    return ROOT / environ.get("LOCAL_DIR", ".local")


def from_env(environ: Mapping[str, str]) -> Settings:
    """Read the settings; port 0 becomes a free port. Raises StartError for what cannot work."""
    other_provider = environ.get("VONAGE_API_URL", "").rstrip("/")
    used: set[int] = set()
    http_port = _port(environ, "HTTP_PORT", 8080, used)
    aws_port = _port(environ, "AWS_PORT", 4566, used)
    simulator_port = None if other_provider else _port(environ, "SIMULATOR_PORT", 8090, used)
    return Settings(
        http_port=http_port,
        simulator_port=simulator_port,
        aws_port=aws_port,
        local_dir=local_dir(environ),
        vonage_api_url=other_provider or f"http://{HOST}:{simulator_port}",
        log_level=environ.get("LOG_LEVEL", "INFO").upper(),
        docker_bridge=environ.get("DOCKER_BRIDGE") or None,
        status_webhook_url=environ.get("STATUS_WEBHOOK_URL", ""),
        credentials=_credentials(environ),
        canary_to=environ.get("CANARY_TO", ""),
        callback_url=environ.get("CALLBACK_URL", ""),
        messages_per_second=_messages_per_second(environ),
        functions_aws_url=environ.get("FUNCTIONS_AWS_URL") or None,
        functions=ROOT / environ.get("FUNCTIONS", "functions"),
        functions_url=environ.get("FUNCTIONS_URL") or None,
    )


CREDENTIALS = {
    "application_id": "VONAGE_APPLICATION_ID",
    "private_key": "VONAGE_PRIVATE_KEY",
    "api_key": "VONAGE_API_KEY",
    "signature_secret": "VONAGE_SIGNATURE_SECRET",
}
"""What a provider other than the simulator knows already, and the variable of each."""


def _credentials(environ: Mapping[str, str]) -> dict[str, str]:
    given = {name: value for name, variable in CREDENTIALS.items() if (value := environ.get(variable))}
    if not given:
        return {}
    if missing := [variable for name, variable in CREDENTIALS.items() if name not in given]:
        raise StartError(f"{', '.join(missing)} is missing: set all of {', '.join(CREDENTIALS.values())}, or none")
    path = Path(given["private_key"]).expanduser()
    try:
        return {**given, "private_key": path.read_text(encoding="utf-8")}
    except (OSError, ValueError) as error:
        raise StartError(f"VONAGE_PRIVATE_KEY={path} cannot be read: {type(error).__name__}") from None


def _messages_per_second(environ: Mapping[str, str]) -> str | None:
    text = environ.get("MESSAGES_PER_SECOND", "")
    if text and (not text.isdecimal() or not 1 <= int(text) <= 500):
        raise StartError(f"MESSAGES_PER_SECOND={text} is no number from 1 to 500")
    return text or None


def _port(environ: Mapping[str, str], name: str, default: int, used: set[int]) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or int(text) > 65535:
        raise StartError(f"{name}={text} is not a port: give a number from 0 (any free port) to 65535")
    port = int(text)
    if port in used:
        raise StartError(f"{name}={port} is also another setting's port: give each its own")
    if port == 0:
        port = free_port(used)
    elif not _is_free(port):
        raise StartError(
            f"port {port} on {HOST} is in use: stop what listens there, or choose another with {name}=... "
            f"({name}=0 takes any free one)"
        )
    used.add(port)
    return port


def free_port(used: Collection[int] = ()) -> int:
    """A port that nothing listens on, for a server that starts soon. No outgoing connection takes it meanwhile."""
    for port in SystemRandom().sample(FREE_PORTS, len(FREE_PORTS)):
        if port not in used and _is_free(port):
            return port
    raise StartError(f"no port is free from {FREE_PORTS.start} to {FREE_PORTS.stop - 1} on {HOST}")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # As the servers do: a port whose last connections are only dying is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
