"""The scan of the logs (tests/log_scan.py) is not blind: a run whose service leaks fails and says where."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LEAKING = '''
"""A careless service, in the ways in which one can be careless."""

import http.client
import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import urllib3
from cds_service.settings import Settings
from tests.canaries import WORD
from tests.service.conftest import make_service
from tests.service.fakes import PATIENT, FakeAdvice, hook_request
from tests.servers import started_server


class CarelessAdvice(FakeAdvice):
    def advise(self, consultation):
        logging.getLogger("cds_service.advice.careless").debug("asked for %s", PATIENT["name"])
        return super().advise(consultation)


def test_own_code(make_service):
    make_service(CarelessAdvice()).cards("fake-order-select", hook_request())


def test_own_code_quotes_a_comment(make_service):
    service = make_service()
    report = {"card": "c", "outcome": "overridden", "overrideReason": {"userComment": "wife of the mayor"}}
    service.post("fake-order-select/feedback", {"feedback": [report]})
    logging.getLogger("cds_service.hooks").debug("said: %s", "WIFE: wife of the mayor")


def test_secret_of_the_settings(tmp_path):
    key = "0Ab1" * 8
    Settings.from_environment({"HCC_CDS_STATE": str(tmp_path), "HCC_CDS_PSEUDONYM_KEY": key}, demo=True)
    logging.getLogger("alembic").info("keyed with %s", key)


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_library():
    logger = logging.getLogger("urllib3.connectionpool")
    logger.filters.clear()  # what our own set-up puts there
    with HTTPServer(("127.0.0.1", 0), Answer) as server, urllib3.PoolManager() as pool:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pool.request("GET", f"http://127.0.0.1:{server.server_port}/Observation?patient=17").close()
        server.shutdown()


def test_server():
    code = f"import sys; print('ready', flush=True); sys.stderr.write('seen: {WORD}')"
    with started_server([sys.executable, "-c", code], {}, ready="ready") as server:
        server.process.wait()


def test_demo_patient():
    logging.getLogger("not.ours").warning("Clara, born 1981")


@pytest.mark.leaks_on_purpose("not.ours")
def test_on_purpose():
    logging.getLogger("not.ours").warning(WORD)


@pytest.mark.leaks_on_purpose("not.ours")
def test_on_purpose_and_silent():
    pass


def test_innocent(make_service):
    make_service().cards("fake-order-select", hook_request())
'''

FOUND = [
    "own_code: cds_service.advice.careless: a planted word",
    "own_code: cds_service.advice.careless: name in a request",
    "own_code_quotes_a_comment: cds_service.hooks: a comment in a request",
    "secret_of_the_settings: alembic: the setting pseudonym_key",
    "library: urllib3.connectionpool: a search for a patient",
    "server: output of a server: a planted word",
    "demo_patient: not.ours: name of a demo patient",
    "on_purpose_and_silent: the deliberate leak through not.ours was not found",
]


@pytest.mark.parametrize("processes", [0, 1], ids=["one process", "xdist"])
def test_run_with_leaks_fails_and_names_them(tmp_path: Path, processes: int) -> None:
    """Each leak is found, in our code, in a library and in a server; nothing of it is said again."""
    (tmp_path / "test_careless.py").write_text(LEAKING)
    run = [sys.executable, "-m", "pytest", "-p", "tests.log_scan", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*run, f"-n{processes}", f"--rootdir={tmp_path}", "-q", tmp_path / "test_careless.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "9 passed" in done.stdout, done.stdout + done.stderr
    found = re.findall(r"^LEAK \S*?test_careless\.py::test_(.*)$", done.stdout, re.MULTILINE)
    assert sorted(found) == sorted(FOUND)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert not re.search("canary|mayor|Clara|0Ab1|patient=17", done.stdout)
