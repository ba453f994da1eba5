"""kill -9 under load: what was acknowledged is there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import pytest

from cds_service.store.database import open_database
from cds_service.store.feedback import FeedbackLog
from tests.servers import started_server

_CLIENTS = 4
_ENOUGH = 40


@contextmanager
def running(
    database_url: str, state: Path, port: int
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start the real service with its worker processes, in a process group of its own."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(state),
        "HCC_CDS_PORT": str(port),
        "HCC_CDS_STATE": str(state),
        "HCC_CDS_DATABASE_URL": database_url,
    }
    command = [sys.executable, "-m", "cds_service.cli", "demo"]
    said = "Synthetic patients. Not for clinical use.\n"
    # The group is ours alone: the service and its workers.
    with started_server(command, environment, ready=said, own_group=True) as server:
        yield (
            server.process,
            f"http://127.0.0.1:{port}/cds-services/surveillance-patient-view/feedback",
        )


def _send(address: str, card: str) -> dict[str, int]:
    call = urllib.request.Request(  # noqa: S310 - our own loopback address
        address, data=json.dumps({"feedback": [{"card": card, "outcome": "overridden"}]}).encode()
    )
    with urllib.request.urlopen(call, timeout=10) as answer:  # noqa: S310 - our own loopback address
        receipt: dict[str, int] = json.load(answer)
        return receipt


@pytest.mark.slow
def test_kill_9_under_load_loses_nothing_acknowledged(database_url: str, tmp_path: Path) -> None:
    """Every report that was answered for is on disk, and known to the service that starts again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    acknowledged: list[str] = []
    sent: list[str] = []

    def send_until_it_dies(address: str) -> None:
        while True:
            card = str(uuid4())
            sent.append(card)
            try:
                receipt = _send(address, card)
            except (urllib.error.URLError, HTTPException, OSError):
                return
            if receipt["recorded"] == 1:
                acknowledged.append(card)

    with running(database_url, tmp_path, port) as (process, address):
        clients = [
            threading.Thread(target=send_until_it_dies, args=[address]) for _ in range(_CLIENTS)
        ]
        for client in clients:
            client.start()
        give_up = time.monotonic() + 60
        while len(acknowledged) < _ENOUGH and time.monotonic() < give_up:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        for client in clients:
            client.join(timeout=30)
    assert len(acknowledged) >= _ENOUGH
    assert len(sent) > len(acknowledged), "no client was cut off"
    engine = open_database(database_url)
    kept = {item.report.card for item in FeedbackLog(engine).all()}
    engine.dispose()
    assert set(acknowledged) <= kept
    with running(database_url, tmp_path, port) as (_, address):
        receipts = [_send(address, card) for card in acknowledged[-5:]]
    assert [item["repeated"] for item in receipts] == [1] * 5
