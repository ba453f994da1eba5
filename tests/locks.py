"""Check the lock files: hashes everywhere, no address, and nothing in pyproject.toml left unlocked.

Run as `python -m tests.locks`; exits with 1 and says what is wrong.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {
    "build.txt": ["requirements/build.in"],
    "run.txt": ["pyproject.toml"],
    "dev.txt": ["pyproject.toml", "--all-extras", "--group", "dev"],
}
COMPILE = [
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header"),
]


def problems_of(name: str, text: str) -> list[str]:
    """Return what is wrong with the text of one lock file."""
    found = [f"{name}: an address: {line}" for line in text.splitlines() if "://" in line]
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    found += [
        f"{name}: no hash: {entry.splitlines()[0]}"
        for entry in entries
        if "==" in entry and "--hash=sha256:" not in entry
    ]
    if re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links)\b", text, re.MULTILINE):
        found.append(f"{name}: names an index")
    return found


def recompiled(name: str, arguments: list[str], folder: Path) -> str:
    """Return the lock as it would be made now, keeping the versions that are locked."""
    copy = folder / name
    shutil.copy(ROOT / "requirements" / name, copy)
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, *COMPILE[1:], *arguments, "-o", copy], cwd=ROOT, check=True)
    return copy.read_text()


def main() -> int:
    """Check every lock file; return the exit status."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in LOCKS.items():
            text = (ROOT / "requirements" / name).read_text()
            problems += problems_of(name, text)
            if recompiled(name, arguments, Path(folder)) != text:
                problems.append(f"{name}: not what pyproject.toml asks for; run `make lock`")
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
