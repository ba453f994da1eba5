"""Requests per second of a whole call, side by side with a bare endpoint, in one run.

Run as `python -m bench.hook_throughput [--seconds 3] [--repeats 3]`.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing.pool import Pool
from typing import Any

import orjson

SERVICE = "resection-risk-order-sign"
CLIENTS = 8
WORKERS = 2
SIZES = (20, 200, 2000)
PATIENT = "bench"
HCC = {"system": "http://snomed.info/sct", "code": "109841003", "display": "Hepatocarcinoma"}
RESECTION = {
    "system": "http://snomed.info/sct",
    "code": "71273005",
    "display": "Partial hepatectomy",
}
AFP = {"system": "http://loinc.org", "code": "1834-1", "display": "AFP"}
OTHER = {"system": "http://loinc.org", "code": "2160-0", "display": "Creatinine"}


def observation(number: int, coding: dict[str, str], value: float, unit: str) -> dict[str, Any]:
    """Return one laboratory Observation of a usual size."""
    day = date(2026, 1, 1) + timedelta(days=number % 60)
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "meta": {"versionId": "1", "lastUpdated": f"{day}T08:00:00Z"},
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                        "display": "Laboratory",
                    }
                ]
            }
        ],
        "code": {"coding": [coding], "text": coding["display"]},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": f"{day}T08:00:00+08:00",
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
        "referenceRange": [
            {"low": {"value": 0, "unit": unit}, "high": {"value": 20, "unit": unit}}
        ],
    }


def body(size: int) -> bytes:
    """Return an order-sign request with this many Observations, 12 of them relevant."""
    observations = [
        observation(n, AFP, 512.5, "ng/mL") if n < 12 else observation(n, OTHER, 80, "umol/L")
        for n in range(size)
    ]
    conditions = [
        {
            "resourceType": "Condition",
            "id": f"c{n}",
            "code": {"coding": [HCC]},
            "subject": {"reference": f"Patient/{PATIENT}"},
        }
        for n in range(5)
    ]
    order = {
        "resourceType": "ServiceRequest",
        "id": "order",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [RESECTION]},
        "subject": {"reference": f"Patient/{PATIENT}"},
    }

    def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
        entries = [{"resource": resource} for resource in resources]
        return {"resourceType": "Bundle", "type": "searchset", "entry": entries}

    return orjson.dumps(
        {
            "hook": "order-sign",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {
                "userId": "Practitioner/bench",
                "patientId": PATIENT,
                "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": order}]},
            },
            "prefetch": {
                "patient": {"resourceType": "Patient", "id": PATIENT, "birthDate": "1970-05-01"},
                "conditions": bundle(conditions),
                "observations": bundle(observations),
                "procedures": {"resourceType": "Bundle", "type": "searchset"},
            },
        }
    )


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """Run a server; yield its port once it answers."""
    base = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "."}
    with subprocess.Popen([sys.executable, *command], env={**base, **environment}) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


@contextmanager
def serving_bare() -> Iterator[int]:
    """Run the floor under gunicorn with as many workers, as plainly as it comes."""
    port = free_port()
    command = ["-m", "gunicorn", "--workers", str(WORKERS), "--log-level", "error"]
    command += ["--bind", f"127.0.0.1:{port}", "bench.bare_flask:app"]
    with serving(command, port, {}):
        yield port


@contextmanager
def serving_ours(state: str) -> Iterator[int]:
    """Run the service as `hcc-cds` does: its own server, its stores on, its collector tuned."""
    port = free_port()
    environment = {
        "HCC_CDS_STATE": state,
        "HCC_CDS_PORT": str(port),
        "HCC_CDS_WORKERS": str(WORKERS),
        "HCC_CDS_LOG_LEVEL": "WARNING",
    }
    with serving(["-m", "cds_service.cli", "demo"], port, environment):
        yield port


def _wait(port: int) -> None:
    """Wait for an answer, whatever it says: a port that only listens may not serve yet."""
    for _ in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise SystemExit(f"nothing answers on port {port}")


def _client(job: tuple[int, bytes, float]) -> list[float]:
    port, content, seconds = job
    headers = {"Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        connection.request("POST", f"/cds-services/{SERVICE}", content, headers)
        response = connection.getresponse()
        response.read()
        if response.status != http.client.OK:
            # An exit would leave the pool waiting for this client for ever.
            raise RuntimeError(f"the service answered {response.status}")
        took.append(time.perf_counter() - start)
    return took


def measure(pool: Pool, port: int, content: bytes, seconds: float) -> tuple[float, float]:
    """Return requests per second and the 99th percentile in milliseconds."""
    took = [t for part in pool.map(_client, [(port, content, seconds)] * CLIENTS) for t in part]
    return len(took) / seconds, statistics.quantiles(took, n=100)[98] * 1000


def main() -> int:
    """Measure both and print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, {WORKERS} workers, {CLIENTS} clients, medians of {options.repeats}"
    )
    print("| observations | ratio to bare Flask | p99 bare, ms | p99 ours, ms |\n|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory() as state,
        serving_bare() as bare,
        serving_ours(state) as ours,
        multiprocessing.Pool(CLIENTS) as pool,
    ):
        for size in SIZES:
            content = body(size)
            urllib.request.urlopen(
                urllib.request.Request(
                    f"http://127.0.0.1:{ours}/cds-services/{SERVICE}",
                    content,
                    {"Content-Type": "application/json"},
                )
            ).close()
            pairs = [
                (
                    measure(pool, bare, content, options.seconds),
                    measure(pool, ours, content, options.seconds),
                )
                for _ in range(options.repeats)
            ]
            ratio = statistics.median(own[0] / floor[0] for floor, own in pairs)
            floors = statistics.median(floor[1] for floor, _ in pairs)
            owns = statistics.median(own[1] for _, own in pairs)
            print(f"| {size} | {ratio:.2f} | {floors:.0f} | {owns:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
