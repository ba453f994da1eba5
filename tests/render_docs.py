"""Render the docs that are made from code and data; `--check` only compares.

Run as `python -m tests.render_docs`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Each module offers `rendered()`: the text of every document it makes, by path from the root.
RENDERERS = (
    "tests.spec.model_docs",
    "tests.spec.rule_docs",
    "tests.mapping_doc",
    "tests.narrative_page",
    "tests.checklist",
    "cds_service.settings_doc",
)


def rendered() -> dict[Path, str]:
    """Return the text of every rendered document by its path from the root."""
    documents: dict[Path, str] = {}
    for name in RENDERERS:
        render: Callable[[], Mapping[Path, str]] = import_module(name).rendered
        documents.update(render())
    return documents


def stale(documents: Mapping[Path, str]) -> list[Path]:
    """Return the documents whose file differs from what would be rendered now."""
    return [
        path
        for path, text in documents.items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write or check every document; return the exit status."""
    documents = rendered()
    old = stale(documents)
    if "--check" in arguments:
        sys.stderr.writelines(f"{path}: not current; run `make docs`\n" for path in old)
        return 1 if old else 0
    for path in old:
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(documents[path], encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
