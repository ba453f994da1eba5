"""Writes the golden cases again: `python -m tests.golden.update`, then read the difference.

A golden case is an opinion of a clinician, not a print-out: whoever runs this reads every changed
response before it is committed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.golden.cases import CASES, FOLDER, as_text, runner

__all__ = ["main"]


def main() -> int:
    """Write request, inputs and response of every case; return the exit code."""
    for old in FOLDER.glob("*/*/request.json"):
        shutil.rmtree(old.parent)
    with tempfile.TemporaryDirectory() as state, runner(Path(state)) as run:
        for case in CASES:
            request = run.request(case)
            case.folder.mkdir(parents=True)
            for name, value in (
                ("request", request),
                ("inputs", run.inputs(case, request)),
                ("response", run.response(case, request)),
            ):
                (case.folder / f"{name}.json").write_text(as_text(value), encoding="utf-8")
    sys.stdout.write(f"{len(CASES)} golden cases written; read what changed before committing.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
