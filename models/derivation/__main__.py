"""`python -m models.derivation` rewrites the parameter files, `--check` compares them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from models.derivation.distant_metastasis import metastasis_document
from models.derivation.document import as_text
from models.derivation.hyper_progression_recurrence import (
    postoperative_document,
    preoperative_document,
)

FOLDER = Path(__file__).parent.parent / "parameters"


def rebuilt() -> dict[Path, str]:
    """Return every parameter file as it should be."""
    documents = (preoperative_document(), postoperative_document(), metastasis_document())
    return {FOLDER / f"{item['model_id']}.json": as_text(item) for item in documents}


def main(arguments: Sequence[str]) -> int:
    """Rewrite, or compare and say which file differs."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python -m models.derivation [--check]")
        return 2
    stale = [
        path
        for path, text in rebuilt().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if arguments:
        for path in stale:
            print(f"{path.name} differs from its derivation")
        return 1 if stale else 0
    for path in stale:
        path.write_text(rebuilt()[path], encoding="utf-8")
        print(f"{path.name} rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
