"""Finds a Chromium for the browser tests, or installs one, or says in one line what to do.

Run before the tests: `python -m tests.browser_setup`. Playwright's own browser is taken if it is
present, else one on the PATH; else Debian's package is installed where that is allowed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

__all__ = ["CHROMIUM_FLAGS", "NAMES_ON_PATH", "find_chromium", "main"]

NAMES_ON_PATH = ("chromium", "chromium-browser", "google-chrome")
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk")  # the second for the Chinese text of the demo
WHAT_TO_DO = (
    "No Chromium found: install 'chromium' (Debian: apt-get install chromium fonts-noto-cjk) "
    "or run 'playwright install chromium', then try again."
)

CHROMIUM_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Chromium refuses its sandbox to root; in a container there is often no other user.
    *(("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()),
)


def find_chromium() -> str | None:
    """Return the path of a Chromium, Playwright's own first; None if there is none."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if own and Path(own).exists():
        return own
    return next((path for name in NAMES_ON_PATH if (path := shutil.which(name))), None)


def install_with_apt() -> bool:
    """Install Debian's packages; False where that is not possible."""
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        return False
    commands = (
        [apt_get, "update", "-q"],
        [apt_get, "install", "-q", "-y", "--no-install-recommends", *DEBIAN_PACKAGES],
    )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 - passed on, not read
    return all(subprocess.run(command, env=quiet, check=False).returncode == 0 for command in commands)  # fmt: skip


def main() -> int:
    """Make sure there is a Chromium; return the exit code."""
    path = find_chromium()
    if path is None and install_with_apt():
        path = find_chromium()
    if path is None:
        sys.stderr.write(WHAT_TO_DO + "\n")
        return 1
    sys.stdout.write(f"Chromium: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
