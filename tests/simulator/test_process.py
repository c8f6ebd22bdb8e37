"""`python -m local.vonage_simulator config.json` as a process."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.vonage_simulator.config import SimulatorConfig
from tests.simulator.client import Client, sms
from tests.simulator.conftest import Keys
from tests.simulator.receiver import Receiver

ROOT = Path(__file__).parents[2]


def run(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local.vonage_simulator", str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_url_and_ends_at_once_even_with_work_under_way(
    config: SimulatorConfig, keys: Keys, receiver: Receiver, tmp_path: Path, name: signal.Signals
) -> None:
    receiver.answers[:] = [503] * 9
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**dataclasses.asdict(config), "speed": 1.0}))
    with run(path) as process, requests.Session() as session:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Vonage simulator: ").strip()
        client = Client(url, keys.private, session)
        assert client.get("/health") == {"status": "ok"}
        client.send(sms())
        client.faults(answers=[{"hang": 60}])
        with pytest.raises(requests.ReadTimeout):
            client.post(sms(), timeout=0.1)
        process.send_signal(name)
        out, err = process.communicate(timeout=30)  # half of the time for which the request hangs
        assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("wrong", ["{", "{}", '{"prot": 1}'])
def test_a_wrong_configuration_ends_with_a_word_about_it(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(wrong)
    with run(path) as process:
        _out, err = process.communicate(timeout=10)
        assert process.returncode == 1
        assert err.startswith("Vonage simulator: ")
        assert "Traceback" not in err


def test_a_taken_port_ends_with_a_word_about_it(config: SimulatorConfig, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    port = int(client.url.rsplit(":", 1)[1])
    path.write_text(json.dumps({**dataclasses.asdict(config), "port": port}))
    with run(path) as process:
        _out, err = process.communicate(timeout=10)
        assert (process.returncode, err.startswith("Vonage simulator: ")) == (1, True)
