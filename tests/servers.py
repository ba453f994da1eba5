"""Starts the service as a process of its own, its whole output kept for the scan of the logs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.log_scan import SCAN

__all__ = ["StartedServer", "started_server"]

_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class StartedServer:
    """A server and the file that it writes to."""

    process: subprocess.Popen[bytes]
    file: Path

    @property
    def output(self) -> str:
        """What it has written so far, to stdout and stderr."""
        return self.file.read_text(encoding="utf-8", errors="replace")

    def wait_until_it_says(self, ready: str) -> None:
        """Wait for a text in its output; fail if it stops before."""
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while ready not in self.output:
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"the server does not say {ready!r}:\n{self.output}")
            time.sleep(0.02)


@contextmanager
def started_server(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    ready: str,
    folder: Path | None = None,
    own_group: bool = False,
) -> Iterator[StartedServer]:
    """Start a server that logs all it can; stop it at the end, its workers too if they are a group."""
    for name in ("HCC_CDS_PSEUDONYM_KEY", "HCC_CDS_COMMENT_KEY"):
        SCAN.keep_secret(f"the setting {name}", environment.get(name, ""))
    database = environment.get("HCC_CDS_DATABASE_URL", "")
    SCAN.keep_secret("a database password", (database and make_url(database).password) or "")
    file = SCAN.new_output()
    with (
        file.open("wb") as output,
        subprocess.Popen(
            command,
            env={"HCC_CDS_LOG_LEVEL": "DEBUG", **environment},
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=own_group,
        ) as process,
    ):
        server = StartedServer(process, file)
        try:
            server.wait_until_it_says(ready)
            yield server
        finally:
            if process.poll() is None:
                if own_group:
                    os.killpg(process.pid, signal.SIGTERM)
                else:
                    process.terminate()
