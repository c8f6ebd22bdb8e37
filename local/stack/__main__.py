"""`make run`: start the local stack, say how to use it, and take everything away again at Ctrl-C or SIGTERM."""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from local.stack import aws, deploy, keys, logs, processes, stack_file
from local.stack.settings import API_ID, HOST, REGION, Settings, StartError, from_env, local_dir

START_SECONDS = 90.0


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    folder = local_dir(os.environ)
    try:
        if (running := stack_file.read_running(folder)) is not None:
            raise StartError(
                f"a stack already runs from {folder}: {running['api_url']} (process {running['pid']}). "
                "Use it, stop it, or give this one its own folder with LOCAL_DIR=..."
            )
        settings = from_env(os.environ)
        with _stack(settings) as (content, children):
            stack_file.write(folder, content)
            print(_how_to_use(content, settings), flush=True)
            while True:
                for child in children:
                    child.check()
                time.sleep(0.5)
    except StartError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
        return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # Once is enough: what follows is the tidying up, which a second Ctrl-C must not cut short.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _stack(settings: Settings) -> Iterator[tuple[dict[str, Any], list[processes.Child]]]:
    """Start everything; yields the content of stack.json and the processes to watch."""
    started = time.monotonic()

    def progress(text: str) -> None:
        print(f"{time.monotonic() - started:5.1f} s  {text}", flush=True)

    with contextlib.ExitStack() as stop:
        stack_file.remove(settings.local_dir)  # what a killed run left
        stop.callback(stack_file.remove, settings.local_dir)
        scratch, log_folder = _fresh_folders(settings.local_dir)
        stop.callback(shutil.rmtree, scratch, ignore_errors=True)

        new_keys = keys.generate(settings.credentials)
        key_path = settings.local_dir / "private_key.pem"
        stop.callback(key_path.unlink, missing_ok=True)
        stack_file.write_private(key_path, new_keys.private_key)
        children = _start_processes(settings, new_keys, scratch, log_folder, stop)
        emulator = children[0]
        _wait_until(lambda: _answers(f"{settings.aws_endpoint}/_ministack/health"), emulator)
        progress(f"emulator listens on {settings.aws_endpoint}")

        outputs = deploy.create(
            settings.aws_endpoint,
            {
                "VonageApiUrl": settings.vonage_api_url,
                "StatusWebhookUrl": settings.status_webhook_url,
                "CanaryTo": settings.canary_to,
                "CallbackUrl": settings.callback_url,
                "AllowPrivateCallbacks": "true",
                "LogLevel": settings.log_level,
                "MessagesPerNumber": "1000",  # counted as on a deployed stack, but no test's phone has had enough
                **({"MessagesPerSecond": settings.messages_per_second} if settings.messages_per_second else {}),
            },
            settings.functions,
            scratch,
        )
        deploy.switch_ttl_on(settings.aws_endpoint, outputs["TableName"])
        deploy.fill_secret(settings.aws_endpoint, outputs["SecretId"], new_keys.secret_content())
        if settings.functions_url is None:
            deploy.start_queue_workers(settings.aws_endpoint)
        progress("stack created from template.yaml")

        bridge = settings.docker_bridge and f"http://{settings.docker_bridge}:{settings.aws_port}"
        urls = filter(None, [settings.api_url, settings.simulator_url, bridge])
        for child, url in zip(children[1:], urls, strict=True):
            _wait_until(lambda url=url: _answers(url), child)  # type: ignore[misc]
        if settings.simulator_url:
            _set_up_phones(settings.simulator_url)
        progress("ready")
        yield (
            {
                "api_url": settings.api_url,
                "simulator_url": settings.simulator_url,
                "vonage_api_url": settings.vonage_api_url,
                "aws_endpoint": settings.aws_endpoint,
                "region": REGION,
                "table_name": outputs["TableName"],
                "queue_url": outputs["QueueUrl"],
                "dead_letter_queue_url": outputs["DeadLetterQueueUrl"],
                "callback_queue_url": outputs["CallbackQueueUrl"],
                "callback_dead_letter_queue_url": outputs["CallbackDeadLetterQueueUrl"],
                "event_bus_name": outputs["EventBusName"],
                "secret_id": outputs["SecretId"],
                "application_id": new_keys.application_id,
                "private_key_path": str(key_path),
                "signature_secret": new_keys.signature_secret,
                "callback_secret": new_keys.callback_secret,
                "api_key": new_keys.api_key,
                "api_secret": new_keys.api_secret,
                "client_name": new_keys.client_name,
                "client_secret": new_keys.client_secret,
                "logs_path": str(settings.local_dir / logs.FOLDER),
            },
            children,
        )
        # The processes go first (ExitStack runs backwards), so nothing writes into the folders any more.


def _fresh_folders(folder: Path) -> tuple[Path, Path]:
    """An empty folder for temporary files (also what a killed run left goes) and empty logs."""
    scratch, log_folder = folder / "tmp", folder / logs.FOLDER
    if folder.exists() and any(folder.iterdir()) and not log_folder.exists():
        raise StartError(f"LOCAL_DIR={folder} holds other things: name a folder that is new or empty")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (scratch, folder / "logs"):
        shutil.rmtree(path, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    log_folder.mkdir(parents=True)
    return scratch, log_folder


def _start_processes(
    settings: Settings, new_keys: keys.Keys, scratch: Path, log_folder: Path, stop: contextlib.ExitStack
) -> list[processes.Child]:
    def start(name: str, module: str, *args: str, **environ: str) -> processes.Child:
        log = settings.local_dir / "logs" / f"{name}.log"
        return stop.enter_context(
            processes.running(name, module, *args, environ={"TMPDIR": str(scratch), **environ}, log=log)
        )

    children = [
        start(
            "emulator",
            "local.stack.emulator",
            str(log_folder),
            GATEWAY_PORT=str(settings.aws_port),
            BIND_HOST=HOST,
            MINISTACK_HOST=HOST,
            MINISTACK_REGION=REGION,
            AUTH="true",
            IOT_MTLS_ENABLED="0",
            SFTP_ENABLED="0",
            LAMBDA_ACCOUNT_CONCURRENCY="0",
            LOG_LEVEL="WARNING",
            DOCKER_HOST="unix:///nonexistent",  # the developer's containers are none of its business
            STATE_DIR=str(scratch),
            S3_DATA_DIR=str(scratch),
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            AWS_EC2_METADATA_DISABLED="true",
            **({"AWS_ENDPOINT_URL": settings.functions_aws_url} if settings.functions_aws_url else {}),
            **({"FUNCTIONS_URL": settings.functions_url} if settings.functions_url else {}),
        ),
        start(
            "proxy",
            "local.stack.proxy",
            str(settings.http_port),
            f"{settings.aws_endpoint}/_aws/execute-api/{API_ID}/$default",
            *filter(None, [settings.simulator_url]),
        ),
    ]
    if settings.simulator_port is not None:
        config = settings.local_dir / "vonage_simulator.json"
        stop.callback(config.unlink, missing_ok=True)
        content = {
            "port": settings.simulator_port,
            "application_id": new_keys.application_id,
            "public_key": new_keys.public_key,
            "signature_secret": new_keys.signature_secret,
            "api_key": new_keys.api_key,
            "api_secret": new_keys.api_secret,
            "client_name": new_keys.client_name,
            "client_secret": new_keys.client_secret,
            "numbers": ["447700900000", "447700900099"],
            "status_url": f"{settings.api_url}/status",
            "inbound_url": f"{settings.api_url}/inbound",
            "speed": 1.0,
        }
        stack_file.write_private(config, json.dumps(content, indent=2))
        children.append(start("simulator", "local.vonage_simulator", str(config)))
    if settings.docker_bridge:
        ports = [str(port) for port in (settings.aws_port, settings.simulator_port) if port is not None]
        children.append(start("forward", "local.stack.forward", settings.docker_bridge, *ports))
    return children


def _wait_until(happens: Callable[[], bool], child: processes.Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not happens():
        child.check()
        if time.monotonic() > deadline:
            raise StartError(f"{child.name} does not answer after {START_SECONDS:.0f} s; see {child.log}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=START_SECONDS).close()
    except urllib.error.HTTPError:
        return True  # an answer, if a sad one
    except OSError:
        return False
    return True


def _set_up_phones(url: str) -> None:
    """Switch the example's first phone off, so that the example shows a failover."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for number, mode in ((FIRST, "airplane"), (SECOND, "on")):
        body = json.dumps({"mode": mode}).encode()
        opener.open(urllib.request.Request(f"{url}/phones/sms/{number}", body, method="PUT"), timeout=5).close()


def _how_to_use(content: dict[str, Any], settings: Settings) -> str:
    phones = (
        f"""The first phone is off. After 15 seconds the second one gets the message. Watch it in the browser:
  {settings.api_url}   the console: what the bakery sees
  {settings.simulator_url}   the phones: what the customer sees"""
        if settings.simulator_url
        else f"If it is not delivered in 15 seconds, the second one gets it. Provider: {settings.vonage_api_url}"
    )
    example = json.dumps(EXAMPLE)  # without an apostrophe, so that the shell's quotes hold
    return f"""
Client name    {content["client_name"]}
Client secret  {content["client_secret"]}
AWS emulator   {settings.aws_endpoint}
Logs           {content["logs_path"]}

Paste this into another terminal to send a message to two phones:

export API={settings.api_url} AUTH={content["client_name"]}:{content["client_secret"]}
curl -sS $API/v1/messages -u $AUTH -H 'content-type: application/json' -d '{example}'

{phones}

Ctrl-C stops everything."""


FIRST, SECOND = "447700900001", "447700900002"
EXAMPLE = {
    "channel": "sms",
    "message_type": "text",
    "from": "Bakery",
    "to": FIRST,
    "text": "Your cupcakes are ready!",
    "expiry_time": 15,
    "failover": [
        {
            "channel": "sms",
            "message_type": "text",
            "from": "Bakery",
            "to": SECOND,
            "text": "Your cupcakes are ready!",
        }
    ],
}


if __name__ == "__main__":
    aws.forget_own_settings(os.environ)
    sys.exit(main())
