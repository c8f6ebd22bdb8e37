"""What a developer may choose about the local stack."""

import socket

import pytest

from local.stack.settings import FREE_PORTS, HOST, StartError, free_port, from_env

ANY_FREE_PORTS = {"HTTP_PORT": "0", "SIMULATOR_PORT": "0", "AWS_PORT": "0"}


def test_port_0_is_a_port_of_its_own_that_no_outgoing_connection_takes() -> None:
    settings = from_env(ANY_FREE_PORTS)
    ports = {settings.http_port, settings.simulator_port, settings.aws_port}

    assert len(ports) == 3
    assert ports < set(FREE_PORTS)


def test_a_port_on_which_someone_listens_is_refused_in_words_and_never_given() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(StartError, match=f"port {port} on {HOST} is in use: .* or choose another with HTTP_PORT="):
            from_env({**ANY_FREE_PORTS, "HTTP_PORT": str(port)})


def test_where_all_ports_are_taken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, free_port())) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("local.stack.settings.FREE_PORTS", range(port, port + 1))

        with pytest.raises(StartError, match=f"no port is free from {port} to {port} on {HOST}"):
            from_env(ANY_FREE_PORTS)
