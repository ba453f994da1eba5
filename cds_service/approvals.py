"""The models a site has approved, as one readable file states them.

    [[approval]]
    model = "hpr_preoperative"
    content_hash = "dd59..."          # 64 hexadecimal digits; `hcc-cds check` prints each model's
    report = "validate-hpr_preoperative-20261122-1f2e3d4c"
    report_file = "validate-hpr_preoperative-20261122-1f2e3d4c.html"
    report_sha256 = "0a1b..."         # of that page
    approver = "Dr Example, head of liver surgery"
    date = 2026-11-22

Report and hashes stand in the record that the validation writes beside its page. The page is opened when
the service starts: a missing one, a changed one, and one that is not the named report on the named content
hash are refused. `report_file` is looked for beside the approvals file. An approval is of one content hash:
when the model changes the approval has ended, and the model runs in shadow again.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cds_service.errors import ConfigurationError
from models.model import Model

__all__ = ["Approval", "load_approvals"]

_MEMBERS = (
    "model",
    "content_hash",
    "report",
    "report_file",
    "report_sha256",
    "approver",
    "date",
)
_TEXTS = {"report_file": "be the path of the report's page", "approver": "name a person"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPORT = re.compile(r"(validate|recalibrate|refit)-(?P<model>[a-z0-9_]+)-[0-9]{8}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which version of which model, on which report, when."""

    model: str
    content_hash: str
    report: str
    report_file: str
    report_sha256: str
    approver: str
    date: date

    def covers(self, models: Mapping[str, Model]) -> bool:
        """Tell whether the model that runs is the one that was approved."""
        return models[self.model].provenance.content_hash == self.content_hash


def load_approvals(path: Path, models: Mapping[str, Model], *, today: date) -> tuple[Approval, ...]:
    """Return the approvals that a file states.

    Raises
    ------
    ConfigurationError
        With everything that is wrong with the file.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is not TOML: {error}") from None
    problems = [f"{name} is not known" for name in sorted(set(content) - {"approval"})]
    tables = content.get("approval", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append("write each approval as a table [[approval]]")
        tables = []
    approvals: list[Approval] = []
    for number, table in enumerate(tables, start=1):
        wrong = _problems(table, models, today) or _report_problems(table, path.parent)
        problems += [f"approval {number}: {problem}" for problem in wrong]
        if not wrong:
            approvals.append(Approval(**table))
    if problems:
        raise ConfigurationError(*(f"{path}: {problem}" for problem in problems))
    return tuple(approvals)


def _problems(table: Mapping[str, Any], models: Mapping[str, Model], today: date) -> list[str]:
    found: list[str] = []
    for name in sorted(set(table) - set(_MEMBERS)):
        near = get_close_matches(name, _MEMBERS, n=1)
        found.append(f"{name} is not known" + (f"; is {near[0]} meant?" if near else ""))
    model = table.get("model")
    if model not in models:
        found.append(f"model must be one of {', '.join(models)}")
    for name in ("content_hash", "report_sha256"):
        value = table.get(name)
        if not isinstance(value, str) or not _SHA256.fullmatch(value):
            found.append(f"{name} must be 64 hexadecimal digits in lower case")
    named = _REPORT.fullmatch(str(table.get("report")))
    if named is None:
        found.append("report must be the id of a validation report")
    elif model in models and named["model"] != model:
        found.append("report is of another model")
    for name, wanted in _TEXTS.items():
        value = table.get(name)
        if not isinstance(value, str) or not value.strip():
            found.append(f"{name} must {wanted}")
    return found + _date_problems(table.get("date"), today)


def _date_problems(day: object, today: date) -> list[str]:
    # A TOML moment is a date to Python as well.
    if not isinstance(day, date) or isinstance(day, datetime):
        return ["date must be a day such as 2026-11-22, without quotes"]
    return ["date lies in the future"] if day > today else []


def _report_problems(table: Mapping[str, Any], folder: Path) -> list[str]:
    """Say what keeps the page from being the report that was approved."""
    name = table["report_file"]
    try:
        page = (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no path"
        return [f"report_file {name} cannot be read ({reason})"]
    if hashlib.sha256(page).hexdigest() != table["report_sha256"]:
        return [
            f"report_file {name} is not the page that was approved: its SHA-256 is not report_sha256"
        ]
    # Each report states its id and the content hash that an approval would be for.
    return [
        f"report_file {name} does not name {member} {table[member]}"
        for member in ("report", "content_hash")
        if table[member].encode() not in page
    ]
