"""The models a site has approved, as one readable file states them.

    [[approval]]
    model = "hpr_preoperative"
    content_hash = "dd59..."          # 64 hexadecimal digits; `hcc-cds check` prints each model's
    report = "validate-hpr_preoperative-20261122-1f2e3d4c"
    report_sha256 = "0a1b..."         # of the report's page
    approver = "Dr Example, head of liver surgery"
    date = 2026-11-22

Report and hashes stand in the record that the validation writes beside its page. An approval is of one
content hash: when the model changes the approval has ended, and the model runs in shadow again.
"""

from __future__ import annotations

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

_MEMBERS = ("model", "content_hash", "report", "report_sha256", "approver", "date")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPORT = re.compile(r"(validate|recalibrate|refit)-(?P<model>[a-z0-9_]+)-[0-9]{8}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which version of which model, on which report, when."""

    model: str
    content_hash: str
    report: str
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
        wrong = _problems(table, models, today)
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
    report = table.get("report")
    named = _REPORT.fullmatch(report) if isinstance(report, str) else None
    if named is None:
        found.append("report must be the id of a validation report")
    elif model in models and named["model"] != model:
        found.append("report is of another model")
    approver = table.get("approver")
    if not isinstance(approver, str) or not approver.strip():
        found.append("approver must name a person")
    day = table.get("date")
    # A TOML moment is a date to Python as well.
    if not isinstance(day, date) or isinstance(day, datetime):
        found.append("date must be a day such as 2026-11-22, without quotes")
    elif day > today:
        found.append("date lies in the future")
    return found
