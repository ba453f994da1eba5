"""The container files: valid under their schema, and the image's steps make a working service."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml
from dockerfile_parse import DockerfileParser

from tests.servers import started_server

ROOT = Path(__file__).resolve().parent.parent.parent


def _instructions() -> list[tuple[str, str]]:
    parser = DockerfileParser(path=str(ROOT / "Dockerfile"), cache_content=True)
    return [(step["instruction"], step["value"]) for step in parser.structure]


def test_compose_file_is_valid_under_its_schema() -> None:
    """docker-compose.yml passes the compose specification's own JSON schema."""
    checker = Path(sys.executable).with_name("check-jsonschema")
    schema = ["--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [checker, *schema, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_compose_publishes_the_demo_on_loopback_only() -> None:
    """Nobody else in the network reaches the demo that compose starts."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert compose["services"]["hcc-cds"]["ports"] == ["127.0.0.1:8000:8000"]


def test_image_has_two_stages_and_a_user_of_its_own() -> None:
    """The last stage copies the environment only and does not run as root."""
    steps = _instructions()
    assert [step for step, _ in steps].count("FROM") == 2
    last = steps[max(i for i, (step, _) in enumerate(steps) if step == "FROM") :]
    assert ("USER", "hcc-cds") in last
    assert [value for step, value in last if step == "COPY"] == [
        "--from=build /opt/hcc-cds /opt/hcc-cds"
    ]


def test_image_steps_make_a_service_that_answers(tmp_path: Path) -> None:
    """The build stage's own steps, run in a clean virtual environment, give a demo that answers."""
    build, prefix = tmp_path / "build", tmp_path / "hcc-cds"
    build.mkdir()
    for step, value in _instructions():
        if step == "FROM" and "AS" not in value:
            break
        if step == "COPY":
            *sources, target = value.split()
            for source in sources:
                _copy(ROOT / source, build / target, source)
        elif step == "RUN":
            command = value.replace("/opt/hcc-cds", str(prefix))
            command = command.replace("python -m venv", f"{sys.executable} -m venv")
            subprocess.run(["sh", "-ec", command], cwd=build, check=True, capture_output=True)
    shutil.rmtree(build)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"HCC_CDS_PORT": str(port), "PATH": f"{prefix}/bin", "HOME": str(tmp_path)}
    command = [prefix / "bin" / "hcc-cds", "demo"]
    with started_server(command, environment, ready="Open http://", folder=tmp_path):
        body = _answer(f"http://127.0.0.1:{port}/cds-services", seconds=30)
    assert b'"resection-risk-order-select"' in body


def _copy(source: Path, target: Path, name: str) -> None:
    if source.is_dir():
        folder = target if target.name == source.name else target / name
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _answer(url: str, seconds: float) -> bytes:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own loopback address
                body: bytes = response.read()
                return body
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
