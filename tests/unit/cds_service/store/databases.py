"""The databases the store's tests run on: one entry per kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

DATABASES: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: f"sqlite:///{folder / 'test.sqlite3'}",
}
