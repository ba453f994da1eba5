"""Two real worker processes: what they count is summed, the second port is closed, a stop is graceful."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from cds_service.log_redaction import WITHHELD
from tests.canaries import WORD
from tests.servers import StartedServer, started_server
from tests.service.fakes import hook_request

CALLS = 10


@dataclass
class Running:
    """A server with two workers, its two ports and its folder."""

    process: subprocess.Popen[bytes]
    port: int
    people_port: int
    state: Path
    server: StartedServer

    def counting_workers(self) -> set[int]:
        """Return the workers that have counted something: each writes a file of its own."""
        files = (self.state / "metrics").glob("counter_*.db")
        return {int(file.stem.rpartition("_")[2]) for file in files} - {self.process.pid}

    def get(self, path: str, port: int = 0, **headers: str) -> tuple[int, str]:
        """Get a page over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def _free_ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Start `hcc-cds serve` as a site does, with one trusted client."""
    key = ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key]}))
    (tmp_path / "trust.toml").write_text(
        '[[issuer]]\niss = "https://ehr.example"\nkeys.file = "keys.json"\n'
    )
    port, people_port = _free_ports()
    environment = {
        "PATH": os.defpath,
        "HCC_CDS_STATE": str(tmp_path),
        "HCC_CDS_PORT": str(port),
        "HCC_CDS_PEOPLE_PORT": str(people_port),
        "HCC_CDS_PUBLIC_URL": "https://cds.example",
        "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
        "HCC_CDS_TRUST_FILE": str(tmp_path / "trust.toml"),
        "HCC_CDS_WORKERS": "2",
    }
    command = [sys.executable, "-m", "cds_service.cli", "serve"]
    with started_server(command, environment, ready="Serving ") as server:
        yield Running(server.process, port, people_port, tmp_path, server)


def _counted(page: str) -> float:
    line = next(item for item in page.splitlines() if 'route="/healthz",status="200"' in item)
    return float(line.rsplit(" ", 1)[1])


def test_metrics_sum_both_workers_and_open_to_staff_only(running: Running) -> None:
    """Whichever worker is asked answers for both; strangers on the main port get a 401."""
    assert running.get("/healthz") == (200, '{"status":"ok"}')
    (first,) = running.counting_workers()
    # With the one that answered held still, the other one has to.
    os.kill(first, signal.SIGSTOP)
    try:
        for _ in range(CALLS - 1):
            assert running.get("/healthz")[0] == 200
    finally:
        os.kill(first, signal.SIGCONT)
    assert len(running.counting_workers()) == 2
    pages = [running.get("/metrics", running.people_port) for _ in range(4)]
    assert {status for status, _ in pages} == {200}
    assert {_counted(page) for _, page in pages} == {CALLS}
    assert running.get("/metrics") == (401, "")
    assert running.get("/metrics", Host=f"127.0.0.1:{running.people_port}")[0] == 401
    assert running.get("/demo")[0] == 404


def test_call_under_way_is_answered_before_the_stop(running: Running) -> None:
    """A call that is half sent when the server is asked to stop still gets its answer."""
    body = json.dumps(hook_request()).encode()
    # The server says that it serves before its workers do.
    assert running.get("/healthz")[0] == 200
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
        connection.sendall(
            b"POST /cds-services/resection-risk-order-select HTTP/1.1\r\nHost: x\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body[:10]
        )
        # The worker has to have taken the connection: a stop closes those that only wait.
        time.sleep(0.5)
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(body[10:])
        answer = connection.recv(4096)
    # Nobody signed it, so it is refused, by the same server that is on its way down.
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert running.process.wait(timeout=20) == 0


def test_chunks_that_cannot_be_read_are_the_sender_s_mistake(tmp_path: Path) -> None:
    """A body that is not chunked as it says gets a 400 with an OperationOutcome, and no bug is logged."""
    (port, _) = _free_ports()
    environment = {
        "PATH": os.defpath,
        "HCC_CDS_STATE": str(tmp_path),
        "HCC_CDS_PORT": str(port),
        "HCC_CDS_WORKERS": "1",
    }
    command = [sys.executable, "-m", "cds_service.cli", "demo"]
    with (
        started_server(command, environment, ready="(Ctrl-C stops it.)") as server,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.sendall(
            b"POST /cds-services/resection-risk-order-select HTTP/1.1\r\nHost: x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nno size\r\n"
        )
        with http.client.HTTPResponse(connection) as answer:
            answer.begin()
            assert answer.status == 400
            (issue,) = json.load(answer)["issue"]
        assert issue["details"]["coding"][0]["code"] == "bad-request"
        assert "own bug" not in server.output


@pytest.mark.parametrize(
    "lines",
    [
        f"GET /{WORD} {WORD} HTTP/1.1\r\nHost: x",
        f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer {WORD}",
        f"GET / HTTP/1.1\r\nHost: x\r\nX-{WORD} y",
    ],
    ids=["address", "token", "header"],
)
def test_call_that_cannot_be_read_is_not_logged(running: Running, lines: str) -> None:
    """The server writes a malformed line of a call into its log, at WARNING; ours only that there was one."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
        connection.sendall(f"{lines}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert WITHHELD in running.server.output
    assert WORD not in running.server.output
    # The server's own lines are in the one log, and of its form.
    logged = [json.loads(line) for line in running.server.output.splitlines() if line[0] == "{"]
    assert "gunicorn.error" in {line["logger"] for line in logged}
    others = [line for line in running.server.output.splitlines() if line[0] != "{"]
    assert others == ["Serving https://cds.example/cds-services"]
