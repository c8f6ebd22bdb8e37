"""`make run` starts everything, says how to use it, and leaves nothing behind."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from local.stack import aws, stack_file
from local.stack.settings import ROOT
from tests.integration.scenes import until
from tests.running_stack import ANY_FREE_PORTS, Stack, new_number, running_stack

KEYS = {
    *("api_url", "simulator_url", "vonage_api_url", "aws_endpoint", "region", "table_name", "queue_url"),
    *("dead_letter_queue_url", "callback_queue_url", "callback_dead_letter_queue_url", "event_bus_name"),
    *("secret_id", "application_id", "private_key_path", "signature_secret", "callback_secret"),
    *("api_key", "api_secret", "client_name", "client_secret", "logs_path", "pid"),
}


def start(local_dir: Path, **settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local.stack"],
        cwd=ROOT,
        env={**os.environ, **ANY_FREE_PORTS, "LOCAL_DIR": str(local_dir), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            return "".join(lines)
    raise AssertionError("".join(lines))


def processes_using(folder: Path) -> list[str]:
    """Command lines of the living processes that name this folder: emulator, simulator and every Lambda worker do."""
    table = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in table.splitlines() if str(folder) in line]


def wait_until_no_process_uses(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while found := processes_using(folder):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path / "local") as stack:
        yield stack


def test_the_printed_lines_send_to_a_phone_that_is_off_and_ctrl_c_leaves_only_logs(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    with start(folder) as process:
        printed = read_until_ready(process)
        content = json.loads((folder / "stack.json").read_text())
        phones = requests.get(f"{content['simulator_url']}/phones", timeout=5).json()
        lines = re.search(r"^export .*\ncurl .*$", printed, re.MULTILINE)
        assert lines
        curl = subprocess.run(["bash", "-c", lines[0]], capture_output=True, text=True, check=True)
        running = processes_using(folder)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stdout
        last_words = process.stdout.read()

    assert set(json.loads(curl.stdout)) == {"message_uuid", "workflow_id"}
    assert {phone["address"]: phone["mode"] for phone in phones} == {"447700900001": "airplane", "447700900002": "on"}
    for reported in ("api_url", "simulator_url", "aws_endpoint", "client_name", "client_secret", "logs_path"):
        assert content[reported] in printed
    assert any("emulator" in args for args in running)
    assert last_words.endswith("Stopped.\n")
    assert processes_using(folder) == []
    assert [path.name for path in folder.iterdir()] == ["logs"]


def test_stack_json_tells_all_and_only_to_its_owner(stack: Stack) -> None:
    file = stack.local_dir / "stack.json"
    content = json.loads(file.read_text())

    assert set(content) == KEYS
    assert content["pid"] == stack.pid
    uuid.UUID(content["application_id"])
    assert re.fullmatch(r"[0-9a-f]{8}", content["api_key"])
    assert len(content["signature_secret"]) >= 32
    for private in (file, Path(content["private_key_path"]), stack.local_dir / "vonage_simulator.json"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(stack.local_dir.stat().st_mode) == 0o700


def test_two_starts_share_no_key(tmp_path: Path, stack: Stack) -> None:
    with running_stack(tmp_path / "local") as other:
        for secret in ("application_id", "signature_secret", "callback_secret", "api_key", "client_secret"):
            assert getattr(other, secret) != getattr(stack, secret)
        assert Path(other.private_key_path).read_text() != Path(stack.private_key_path).read_text()


def test_a_second_start_from_the_same_folder_names_the_running_one(stack: Stack) -> None:
    with start(stack.local_dir) as second:
        output, _ = second.communicate(timeout=60)

    assert second.returncode == 1
    assert f"already runs from {stack.local_dir}: {stack.api_url} (process {stack.pid})" in output
    assert stack.api("GET", "/").status_code == 200


@pytest.mark.parametrize("setting", ["HTTP_PORT", "SIMULATOR_PORT", "AWS_PORT"])
def test_a_taken_port_is_named_with_its_setting(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with start(tmp_path / "local", **{setting: str(port)}) as process:
            output, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in output
    assert f"{setting}=..." in output
    assert "Traceback" not in output


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "mine.log").touch()
    with start(tmp_path) as process:
        output, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert f"LOCAL_DIR={tmp_path} holds other things" in output
    assert (tmp_path / "logs" / "mine.log").exists()


def test_even_a_killed_stack_leaves_no_process_and_the_next_start_cleans_up(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    with start(folder) as process:
        read_until_ready(process)
        process.kill()
    wait_until_no_process_uses(folder)
    assert stack_file.read_running(folder) is None

    with running_stack(folder) as stack:
        assert stack.api("GET", "/v1/dispatches").json() == {"dispatches": [], "cursor": None}
    assert [path.name for path in folder.iterdir()] == ["logs"]


@pytest.mark.parametrize("rate", ["0", "501", "fast"])
def test_a_rate_that_no_stack_has_is_named_with_its_setting(tmp_path: Path, rate: str) -> None:
    with start(tmp_path / "local", MESSAGES_PER_SECOND=rate) as process:
        output, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert f"MESSAGES_PER_SECOND={rate} is no number from 1 to 500" in output
    assert "Traceback" not in output


def test_with_another_provider_messages_go_there_at_its_rate_and_no_simulator_runs(tmp_path: Path) -> None:
    received: list[dict[str, str]] = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            answer = json.dumps({"message_uuid": str(uuid.uuid4())}).encode()
            self.send_response(202)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    number = new_number()
    with HTTPServer(("127.0.0.1", 0), Provider) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{provider.server_port}"
        try:
            with running_stack(tmp_path / "local", VONAGE_API_URL=url, MESSAGES_PER_SECOND="7") as stack:
                assert stack.simulator_url is None
                assert stack.vonage_api_url == url
                response = stack.api("POST", "/v1/messages", sms(number))
                later = f"{datetime.now(UTC) + timedelta(days=1):%FT%TZ}"
                text = {name: value for name, value in sms(number).items() if name != "to"}
                batch = {"message": text, "recipients": [{"to": number}], "send_at": later}
                accepted = stack.api("POST", "/v1/batches", batch)
        finally:
            provider.shutdown()

    assert response.status_code == 202
    assert [message["to"] for message in received] == [number]
    assert accepted.status_code == 202, accepted.text
    assert accepted.json()["rate"] == 7


def test_functions_may_do_only_what_their_policies_allow(own_stack: Stack) -> None:
    assert own_stack.api("GET", "/v1/dispatches").status_code == 200

    iam = own_stack.aws("iam")
    role = own_stack.aws("lambda").get_function_configuration(FunctionName="QueryFunction")["Role"].split("/")[-1]
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=policy)

    assert own_stack.api("GET", "/v1/dispatches").status_code == 503


def test_the_tick_is_scheduled_and_can_be_invoked(stack: Stack) -> None:
    rules = stack.aws("events").list_rules()["Rules"]
    assert [(rule["ScheduleExpression"], rule["State"]) for rule in rules] == [("rate(5 minutes)", "ENABLED")]

    stack.invoke("TickFunction", {})
    until(lambda: "TickFunction" in stack.logs())


def test_the_table_forgets_by_the_templates_attribute(stack: Stack) -> None:
    ttl = stack.aws("dynamodb").describe_time_to_live(TableName=stack.table_name)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_logs_show_what_each_function_wrote(stack: Stack) -> None:
    number = new_number()
    dispatch_uuid = stack.api("POST", "/v1/messages", sms(number)).json()["workflow_id"]
    stack.wait_for_dispatch(dispatch_uuid, lambda dispatch: dispatch["outcome"] == "succeeded")

    until(
        lambda: all(
            dispatch_uuid[:-2] in stack.logs().get(function, "") for function in ("SendFunction", "StatusFunction")
        )
    )


def sms(number: str) -> dict[str, str]:
    return {"channel": "sms", "message_type": "text", "from": "Bakery", "to": number, "text": "Ready!"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere containers reach 127.0.0.1 of their host")
def test_with_dockers_bridge_containers_reach_the_emulator_and_the_simulator(tmp_path: Path) -> None:
    bridge = "127.0.0.2"  # stands for the bridge: another address of this computer
    with running_stack(tmp_path / "local", DOCKER_BRIDGE=bridge) as stack:
        emulator = stack.aws_endpoint.replace("127.0.0.1", bridge)
        simulator = stack.simulator_url.replace("127.0.0.1", bridge)
        tables = aws.client("dynamodb", emulator).list_tables()["TableNames"]
        health = stack.http.get(f"{simulator}/health", timeout=5).json()

    assert tables == [stack.table_name]
    assert health == {"status": "ok"}
