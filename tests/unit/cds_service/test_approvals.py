"""The approvals file: strict, and with every problem in words at once."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from cds_service.approvals import load_approvals
from cds_service.errors import ConfigurationError
from models.registry import MODELS
from models.validation import command
from tests.unit.models.validation.test_command import COMMON, hpr_cohort

TODAY = date(2026, 11, 22)
HASH = MODELS["albi"].provenance.content_hash
PAGE = f"validate-albi-20261101-0a1b2c3d {'a' * 64} {HASH}".encode()
GOOD = {
    "model": '"albi"',
    "content_hash": f'"{"a" * 64}"',
    "report": '"validate-albi-20261101-0a1b2c3d"',
    "report_file": '"reports/page.html"',
    "report_sha256": f'"{hashlib.sha256(PAGE).hexdigest()}"',
    "approver": '"Dr Example, head of liver surgery"',
    "date": "2026-11-22",
}


def written(folder: Path, *tables: dict[str, str], more: str = "") -> Path:
    """Write an approvals file, and below it the page of the report."""
    (folder / "reports").mkdir(exist_ok=True)
    (folder / "reports/page.html").write_bytes(PAGE)
    path = folder / "approvals.toml"
    blocks = [
        "[[approval]]\n" + "".join(f"{name} = {value}\n" for name, value in table.items())
        for table in tables
    ]
    path.write_text(more + "".join(blocks), encoding="utf-8")
    return path


def problems(path: Path) -> tuple[str, ...]:
    """Return what is wrong with a file, without its path."""
    with pytest.raises(ConfigurationError) as caught:
        load_approvals(path, MODELS, today=TODAY)
    assert all(problem.startswith(f"{path}: ") for problem in caught.value.problems)
    return tuple(problem.removeprefix(f"{path}: ") for problem in caught.value.problems)


def test_approval_is_read_whole(tmp_path: Path) -> None:
    """Who approved which version of which model, on which report, when."""
    path = written(tmp_path, GOOD, {**GOOD, "content_hash": f'"{HASH}"'})
    other, current = load_approvals(path, MODELS, today=TODAY)
    assert current.approver == "Dr Example, head of liver surgery"
    assert current.date == TODAY
    assert (current.report, current.report_file) == (
        "validate-albi-20261101-0a1b2c3d",
        "reports/page.html",
    )
    assert current.report_sha256 == hashlib.sha256(PAGE).hexdigest()
    assert current.covers(MODELS)
    assert not other.covers(MODELS)


def test_empty_file_approves_nothing(tmp_path: Path) -> None:
    """No approval is no problem."""
    assert load_approvals(written(tmp_path), MODELS, today=TODAY) == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model": '"hpr"'}, "model must be one of hpr_preoperative"),
        ({"content_hash": '"A"'}, "content_hash must be 64 hexadecimal digits in lower case"),
        ({"content_hash": "5"}, "content_hash must be 64 hexadecimal digits in lower case"),
        ({"report_sha256": '"b"'}, "report_sha256 must be 64 hexadecimal digits in lower case"),
        ({"report": '"by word of mouth"'}, "report must be the id of a validation report"),
        ({"report": "5"}, "report must be the id of a validation report"),
        ({"report": '"refit-bclc_2022-20261101-0a1b2c3d"'}, "report is of another model"),
        ({"report_file": '" "'}, "report_file must be the path of the report's page"),
        ({"report_file": "[]"}, "report_file must be the path of the report's page"),
        (
            {"report_file": '"reports/lost.html"'},
            "report_file reports/lost.html cannot be read (No such file or directory)",
        ),
        ({"report_file": '"reports"'}, "report_file reports cannot be read (Is a directory)"),
        ({"report_file": r'"a\u0000b"'}, "report_file a\x00b cannot be read (its name is no path)"),
        (
            {"report_sha256": f'"{"b" * 64}"'},
            "report_file reports/page.html is not the page that was approved: its SHA-256",
        ),
        (
            {"report": '"refit-albi-20261101-0a1b2c3d"'},
            "report_file reports/page.html does not name report refit-albi-20261101-0a1b2c3d",
        ),
        (
            {"content_hash": f'"{"c" * 64}"'},
            f"report_file reports/page.html does not name content_hash {'c' * 64}",
        ),
        ({"approver": '" "'}, "approver must name a person"),
        ({"approver": "[]"}, "approver must name a person"),
        ({"date": '"2026-11-22"'}, "date must be a day such as 2026-11-22, without quotes"),
        ({"date": "2026-11-22T10:00:00Z"}, "date must be a day such as 2026-11-22"),
        ({"date": "2026-11-23"}, "date lies in the future"),
        ({"aprover": '"x"'}, "aprover is not known; is approver meant?"),
        ({"zzz": '"x"'}, "zzz is not known"),
    ],
)
def test_wrong_member_is_named(tmp_path: Path, change: dict[str, str], says: str) -> None:
    """Each problem names the approval and what is wanted."""
    (problem,) = problems(written(tmp_path, GOOD, {**GOOD, **change}))
    assert problem.startswith(f"approval 2: {says}")


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    """A file with nothing in an approval gets every problem in one go."""
    path = written(tmp_path, {}, more="extra = 1\n")
    assert len(problems(path)) == 8
    assert problems(written(tmp_path, more="approval = 5\n")) == (
        "write each approval as a table [[approval]]",
    )


def test_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A missing file and one that is no TOML are problems of the configuration."""
    assert problems(tmp_path / "none.toml") == ("cannot be read (No such file or directory)",)
    path = tmp_path / "broken.toml"
    path.write_bytes(b"= \xff")
    assert problems(path)[0].startswith("is not TOML")


def test_what_validate_prints_is_an_approval(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table that the command prints, with a name and a day put in, approves the model that runs."""
    cohort = hpr_cohort(tmp_path, 420)
    arguments = [str(cohort), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON]
    assert command.validate(arguments) == 0
    printed = capsys.readouterr().out.split("approvals gets:")[1]
    path = tmp_path / "approvals.toml"
    path.write_text(printed.replace("<YYYY-MM-DD>", "2026-11-22"), encoding="utf-8")
    (approval,) = load_approvals(path, MODELS, today=TODAY)
    assert approval.covers(MODELS)
    (page,) = tmp_path.glob("*.html")
    page.write_bytes(page.read_bytes() + b" ")
    (problem,) = problems(path)
    assert problem.startswith(
        f"approval 1: report_file {page.name} is not the page that was approved"
    )
