"""The README's tour with curl, run as it is written."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    with subprocess.Popen(
        command, env=environment, cwd=state, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", free)) == 0:
                    break
            time.sleep(0.1)
        yield free
        server.terminate()


def _blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tour = text[text.index("## Five minutes with curl") : text.index("## What it computes")]
    return re.findall(r"```sh\n(.*?)```", tour, re.DOTALL)


def test_the_tour_works_as_it_is_written(port: int, tmp_path: Path) -> None:
    """Every command of the tour runs, and shows what the text around it says."""
    outputs: list[str] = []
    script = ""
    for block in _blocks():
        script += block.replace(":8000", f":{port}")
        marked = script + "\n"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", marked],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert '"resection-risk-order-select"' in outputs[0]
    assert '"capsule-not-recorded"' in outputs[1]
    assert "412" in outputs[-1]
    assert "prefetch.conditions" in outputs[-1]
    card = json.loads((tmp_path / "request.json").read_text())
    assert card["prefetch"]["observations"]["resourceType"] == "Bundle"


def test_a_card_comes_out_of_the_tour(port: int, tmp_path: Path) -> None:
    """The order in the tour brings the card that the text describes, and its feedback is taken."""
    script = (
        "".join(_blocks()[:4])
        .replace(":8000", f":{port}")
        .replace("Practitioner/tour", "Practitioner/second")
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (card,) = json.loads((tmp_path / "response.json").read_text())["cards"]
    assert "depending on capsule (not recorded); high class" in card["summary"]
    assert [item["label"] for item in card["suggestions"]] == ["Draft tumour-board referral"]
    assert "HTTP/1.1 200" in done.stdout
