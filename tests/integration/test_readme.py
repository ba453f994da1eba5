"""The README's tour with curl, run as it is written."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import started_server

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start the demo as `make run` does, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    state = tmp_path_factory.mktemp("state")
    command = [Path(sys.executable).with_name("hcc-cds"), "demo"]
    environment = {"HCC_CDS_PORT": str(free), "HCC_CDS_STATE": str(state), "HOME": str(state)}
    with started_server(command, environment, ready="Open http://", folder=state):
        yield free


def _blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tour = text[text.index("## Five minutes with curl") : text.index("## What it computes")]
    return re.findall(r"```sh\n(.*?)```", tour, re.DOTALL)


def test_the_tour_works_as_it_is_written(port: int, tmp_path: Path) -> None:
    """Every command of the tour runs, in order, and shows what the text around it says."""
    mark = "\n--- next block ---\n"
    script = f"printf '{mark.encode('unicode_escape').decode()}'\n".join(_blocks())
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace(":8000", f":{port}")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    discovery, record, answer, feedback, refusal = done.stdout.split(mark)
    assert '"resection-risk-order-select"' in discovery
    assert '"capsule-not-recorded"' in record
    (card,) = json.loads(answer)["cards"]
    assert "depending on capsule (not recorded); high class" in card["summary"]
    assert [item["label"] for item in card["suggestions"]] == ["Draft tumour-board referral"]
    assert feedback.startswith("HTTP/1.1 200")
    assert refusal.startswith("HTTP/1.1 412")
    assert "prefetch.conditions" in refusal
