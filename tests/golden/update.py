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
    """Write request, inputs and response of every case, all or none; return the exit code."""
    if len(sys.argv) > 1:
        sys.stderr.write(f"{__doc__}\nIt takes no arguments.\n")
        return 2
    texts: dict[Path, str] = {}
    with tempfile.TemporaryDirectory() as state, runner(Path(state)) as run:
        for case in CASES:
            request = run.request(case)
            for name, value in (
                ("request", request),
                ("inputs", run.inputs(case, request)),
                ("response", run.response(case, request)),
            ):
                texts[case.folder / f"{name}.json"] = as_text(value)
    for old in FOLDER.glob("*/*/request.json"):
        shutil.rmtree(old.parent)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(CASES)} golden cases written; read what changed before committing.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
