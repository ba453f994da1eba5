"""The command line: what it prints, what it refuses, and that what it starts answers and stops."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from prometheus_client import values

from cds_service.app import create_app, store_of
from cds_service.cli import main
from cds_service.server import Server
from cds_service.settings import Settings
from tests.servers import started_server


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the process an environment of its own; its logging and metrics are as before afterwards."""
    for name in [item for item in os.environ if item.startswith("HCC_CDS_")]:  # noqa: TID251 - cleared
        monkeypatch.delenv(name)
    monkeypatch.setenv("HCC_CDS_STATE", str(tmp_path))
    # A started service shares its counters between workers by these two.
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    root = logging.getLogger()
    loggers = [root, *map(logging.getLogger, root.manager.loggerDict)]
    before = [(item, item.level, item.handlers[:], item.filters[:]) for item in loggers]
    yield tmp_path
    # A command sends every log line to the stream it was started with, which is closed by now.
    for logger, level, handlers, filters in before:
        logger.setLevel(level)
        logger.handlers[:], logger.filters[:] = handlers, filters


@pytest.fixture
def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`hcc-cds version` prints the version of the package."""
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"hcc-cds {version('hcc-cds')}\n"


def test_check_says_that_nothing_is_wrong(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`hcc-cds check` reads everything and says what it found."""
    monkeypatch.setenv("HCC_CDS_DEMO", "1")
    assert main(["check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "Settings: readable. Mode: demo.",
        "Address: http://127.0.0.1:8000",
        "Database: sqlite, schema current.",
        "Guideline profile: CNLC.",
        "Trusted CDS clients: not checked in the demo.",
    ]
    assert lines[-1] == "Nothing is wrong."
    assert (state / "hcc-cds.sqlite3").exists()


def test_check_names_every_problem(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings, files and database in one round: each problem on a line of its own, nothing written."""
    for name, value in {
        "PORT": "x",
        "APPROVALS": str(state / "lost.toml"),
        "CODES": str(state / "lost"),
        "OFF": "nothing-of-ours",
        "DATABASE_URL": "oracle://user:canary@host/name",
    }.items():
        monkeypatch.setenv(f"HCC_CDS_{name}", value)
    assert main(["check"]) == 2
    lines = capsys.readouterr().err.splitlines()
    expected = (
        "HCC_CDS_PORT must be a whole number",
        "HCC_CDS_PUBLIC_URL must be set",
        "HCC_CDS_PSEUDONYM_KEY must be set",
        "site codes: ",
        f"{state / 'lost.toml'}: cannot be read",
        "outside the demo the service answers trusted callers only",
        "HCC_CDS_OFF: nothing-of-ours is not known",
        "the database must be SQLite or PostgreSQL",
    )
    assert len(lines) == len(expected)
    for line, said in zip(lines, expected, strict=True):
        assert line.startswith(f"hcc-cds: {said}")
    assert list(state.iterdir()) == []


@pytest.mark.usefixtures("state")
def test_serve_refuses_without_trust(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], free_port: int
) -> None:
    """`hcc-cds serve` does not answer strangers: outside the demo it needs trust."""
    monkeypatch.setenv("HCC_CDS_PORT", str(free_port))
    monkeypatch.setenv("HCC_CDS_PUBLIC_URL", "https://cds.example")
    monkeypatch.setenv("HCC_CDS_PSEUDONYM_KEY", "k" * 32)
    assert main(["serve"]) == 2
    assert "the service answers trusted callers only" in capsys.readouterr().err


@pytest.mark.usefixtures("state")
def test_port_in_use_is_said_with_a_free_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port in use is no stack trace: the message names one that is free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("HCC_CDS_PORT", str(port))
        assert main(["demo"]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"hcc-cds: cannot listen on 127.0.0.1 port {port} (")
    assert "choose another port, such as HCC_CDS_PORT=" in message


@pytest.mark.usefixtures("state")
def test_every_port_in_use_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second port, of the pages for people, is no other case."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        port, people_port = one.getsockname()[1], two.getsockname()[1]
        monkeypatch.setenv("HCC_CDS_PORT", str(port))
        monkeypatch.setenv("HCC_CDS_PEOPLE_PORT", str(people_port))
        assert main(["demo"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"hcc-cds: cannot listen on 127.0.0.1 port {port} (")
    assert second.startswith(f"hcc-cds: cannot listen on 127.0.0.1 port {people_port} (")
    assert "HCC_CDS_PEOPLE_PORT=" in second


@pytest.mark.usefixtures("state")
def test_address_of_another_machine_cannot_be_listened_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address this machine does not have is said in words."""
    monkeypatch.setenv("HCC_CDS_HOST", "192.0.2.1")
    monkeypatch.setenv("HCC_CDS_DEMO_PUBLIC", "1")
    assert main(["demo"]) == 2
    assert "cannot listen on 192.0.2.1 port 8000" in capsys.readouterr().err


def test_no_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command the usage is shown."""
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "usage: hcc-cds" in capsys.readouterr().err


@pytest.fixture
def running_demo(state: Path, free_port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start the demo as a user does; yield it with the address it printed."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(state),
        "HCC_CDS_PORT": str(free_port),
        "HCC_CDS_STATE": str(state),
    }
    command = [sys.executable, "-m", "cds_service.cli", "demo"]
    with started_server(command, environment, ready="(Ctrl-C stops it.)") as server:
        said = "Synthetic patients. Not for clinical use.\n"
        address = f"http://127.0.0.1:{free_port}/demo"
        assert f"{said}Open {address}\n" in server.output
        yield server.process, address


def test_demo_answers_at_the_address_it_prints(
    running_demo: tuple[subprocess.Popen[bytes], str],
) -> None:
    """The demo listens when it says so, remembers in its workers, and stops when asked."""
    process, address = running_demo
    with urllib.request.urlopen(address, timeout=10) as page:  # noqa: S310 - our own loopback address
        assert page.status == 200
    base = address.removesuffix("/demo")
    report = {"card": "3b4e0c3a-2f2f-4f0a-9a53-2d9a52a5d0c1", "outcome": "overridden"}
    call = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{base}/cds-services/resection-risk-order-select/feedback",
        data=json.dumps({"feedback": [report]}).encode(),
    )
    # Enough calls that both workers answer; each forgot the connection of its parent.
    recorded = []
    for _ in range(8):
        with urllib.request.urlopen(call, timeout=10) as answer:  # noqa: S310 - our own loopback address
            recorded.append(json.load(answer)["recorded"])
    assert sum(recorded) == 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_server_is_configured_in_code(tmp_path: Path) -> None:
    """Gunicorn binds where the settings say, shares the application and frees what it inherited."""
    settings = Settings.from_environment(
        {"HCC_CDS_STATE": str(tmp_path), "HCC_CDS_HOST": "::1", "HCC_CDS_WORKERS": "3"}, demo=True
    )
    app = create_app(settings)
    ready: list[bool] = []
    server = Server(app, settings, when_ready=lambda: ready.append(True))
    assert server.cfg.bind == ["[::1]:8000"]
    assert (server.cfg.workers, server.cfg.threads, server.cfg.preload_app) == (3, 4, True)
    assert server.load() is app
    server.cfg.when_ready(None)
    assert ready == [True]
    server.cfg.post_fork(None, None)
    assert store_of(app).cards_shown.all() == ()
    thresholds = gc.get_threshold()
    try:
        server.cfg.post_worker_init(None)
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == (50_000, 20, 20)
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
    store_of(app).close()
