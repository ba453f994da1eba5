"""`python -m models.validation` writes docs/validation.md and its plots."""

from __future__ import annotations

import sys
from pathlib import Path

from models.validation.public_analysis import analyse
from models.validation.public_report import documents

ROOT = Path(__file__).resolve().parents[2]
DRAWS = 1000
SEED = 20140910


def write(root: Path, *, draws: int, seed: int, progress: bool) -> tuple[Path, ...]:
    """Compute and write the report below a folder; return what was written."""
    written = []
    for path, text in documents(
        analyse(draws=draws, seed=seed, progress=progress), seed=seed
    ).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(path)
    return tuple(written)


if __name__ == "__main__":
    for written_path in write(ROOT, draws=DRAWS, seed=SEED, progress=True):
        sys.stdout.write(f"wrote {written_path}\n")
