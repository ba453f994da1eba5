"""An approval and the page of the report that it rests on, as a site has them in its folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["approval_table"]


def approval_table(folder: Path, model: str, content_hash: str, *, day: str = "2026-03-02") -> str:
    """Write the page of a report and return the table of the approvals file that rests on it."""
    report = f"validate-{model}-20260301-0a1b2c3d"
    page = f"<!doctype html><p>{report} on {content_hash}</p>".encode()
    (folder / f"{report}.html").write_bytes(page)
    return (
        f'[[approval]]\nmodel = "{model}"\ncontent_hash = "{content_hash}"\n'
        f'report = "{report}"\nreport_file = "{report}.html"\n'
        f'report_sha256 = "{hashlib.sha256(page).hexdigest()}"\n'
        f'approver = "Dr Example, head of liver surgery"\ndate = {day}\n'
    )
