"""The commands a site runs on its own data: validate, recalibrate, refit, columns.

Each takes the words after its name and returns an exit status: 0 done, 1 refused or unreadable
(every reason on standard error), 2 wrong usage (by argparse).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from models.parameter_set import ParameterFileError, load_parameters
from models.registry import PARAMETERS
from models.validation.cohort import FIRST_EVENTS, CohortError, columns_of, read_cohort
from models.validation.local_fit import NoFitError
from models.validation.site_analysis import (
    Patients,
    TooFewEventsError,
    analyse_site,
    applicable_patients,
    too_few_for_validation,
)
from models.validation.site_fit import additive_model, file_name, fit_site
from models.validation.site_report import Report, Run, build_report

__all__ = ["columns", "recalibrate", "refit", "validate"]

_FEWEST_DRAWS = 100  # the schema of a parameter file asks for as many
_MODELS = tuple(FIRST_EVENTS)


def validate(arguments: Sequence[str]) -> int:
    """Hold a model against the site's cohort and write the report."""
    parser = _parser("validate", "Hold a model against your own cohort and write a report.")
    return _guarded(_validate, parser.parse_args(arguments))


def recalibrate(arguments: Sequence[str]) -> int:
    """Move a model's intercept (and stretch its slopes) to the site's cohort."""
    parser = _parser("recalibrate", "Fit a model's intercept to your own cohort.", fits=True)
    parser.add_argument(
        "--slope", action="store_true", help="multiply all slopes by one fitted factor as well"
    )
    return _guarded(_fit, parser.parse_args(arguments))


def refit(arguments: Sequence[str]) -> int:
    """Estimate every term of a model anew on the site's cohort."""
    parser = _parser("refit", "Estimate every term of a model on your own cohort.", fits=True)
    return _guarded(_fit, parser.parse_args(arguments))


def columns(arguments: Sequence[str]) -> int:
    """Print the columns of a cohort file."""
    parser = argparse.ArgumentParser("hcc-cds columns", description="List the columns of a cohort.")
    parser.add_argument("--model", choices=_MODELS, required=True)
    model = additive_model(PARAMETERS[parser.parse_args(arguments).model])
    for column in columns_of(model):
        sys.stdout.write(f"{column.name} ({column.role}): {column.content}\n")
    return 0


def _parser(name: str, description: str, *, fits: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"hcc-cds {name}", description=description)
    parser.set_defaults(command=name)
    parser.add_argument("cohort", type=Path, help="CSV file; `hcc-cds columns` lists its columns")
    parser.add_argument("--model", choices=_MODELS, required=True)
    parser.add_argument(
        "--parameters", type=Path, help="a parameter file of the site in place of the shipped one"
    )
    parser.add_argument(
        "--site", type=_text, required=True, help="name of the site, for the report"
    )
    parser.add_argument(
        "--output", type=Path, default=Path(), help="folder for what is written (default: here)"
    )
    parser.add_argument(
        "--date",
        type=date.fromisoformat,
        default=None,
        help="date of the report, YYYY-MM-DD (default: today)",
    )
    parser.add_argument(
        "--draws", type=_draws, default=1000, help="bootstrap samples (default: 1000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the bootstrap (default: 1)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.add_argument(
        "--allow-few-events",
        action="store_true",
        help="go on with fewer events than asked for; the report and the parameter file say so",
    )
    if fits:
        parser.add_argument(
            "--report-url",
            type=_https,
            required=True,
            help="https address at which the site keeps the report; cards link to it as the source",
        )
    return parser  # fmt: skip


def _text(value: str) -> str:
    if not value.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return value.strip()


def _draws(value: str) -> int:
    if not value.isdigit() or int(value) < _FEWEST_DRAWS:
        raise argparse.ArgumentTypeError(f"must be a whole number from {_FEWEST_DRAWS}")
    return int(value)


def _https(value: str) -> str:
    if not value.startswith("https://") or len(value) == len("https://"):
        raise argparse.ArgumentTypeError("must be an https address")
    return value


def _guarded(run: Callable[[argparse.Namespace], None], chosen: argparse.Namespace) -> int:
    if chosen.date is None:
        chosen.date = datetime.now(tz=UTC).astimezone().date()
    try:
        run(chosen)
    except CohortError as error:
        lines = [f"{chosen.cohort.name}: {problem}\n" for problem in error.problems]
        sys.stderr.writelines([*lines, f"{len(lines)} problems; nothing was computed.\n"])
    except (TooFewEventsError, NoFitError) as error:
        sys.stderr.write(f"refused: {error}.\n")
        if isinstance(error, TooFewEventsError) and not chosen.allow_few_events:
            sys.stderr.write("`--allow-few-events` goes on; the report then says so.\n")
    except ParameterFileError as error:
        sys.stderr.writelines(
            f"{error.file}: {path}: {reason}\n" for path, reason in error.problems
        )
    else:
        return 0
    return 1


def _loaded(chosen: argparse.Namespace) -> tuple[Run, Patients]:
    parameters = PARAMETERS[chosen.model]
    if chosen.parameters is not None:
        parameters = load_parameters(chosen.parameters)
        if parameters.model_id != chosen.model:
            raise ParameterFileError(
                str(chosen.parameters), (("model_id", f"expected '{chosen.model}'"),)
            )
    model = additive_model(parameters)
    cohort = read_cohort(chosen.cohort, model)
    run = Run(chosen.command, chosen.site, chosen.date, model, cohort, chosen.draws, chosen.seed)
    return run, applicable_patients(cohort, model)


def _validate(chosen: argparse.Namespace) -> None:
    run, patients = _loaded(chosen)
    analysis = analyse_site(
        patients,
        run.model,
        draws=chosen.draws,
        seed=chosen.seed,
        allow_few_events=chosen.allow_few_events,
        progress=not chosen.quiet,
    )
    reason = too_few_for_validation(analysis.events)
    run = replace(run, overridden=(reason,) if reason else ())
    _write(build_report(run, analysis), chosen.output)


def _fit(chosen: argparse.Namespace) -> None:
    run, patients = _loaded(chosen)
    report, text = fit_site(
        run,
        patients,
        with_slope=chosen.command == "recalibrate" and chosen.slope,
        report_url=chosen.report_url,
        allow_few_events=chosen.allow_few_events,
        progress=not chosen.quiet,
    )
    _write(report, chosen.output)
    target = chosen.output / file_name(run)
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(f"parameter file {target}\n")


def _write(report: Report, folder: Path) -> None:
    """Write the page and the record beside it, and say what an approval refers to."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{report.id}.html"
    content = report.html.encode()
    page.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    record = {**report.record, "report_file": page.name, "report_sha256": sha256}
    target = folder / f"{report.id}.json"
    target.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(
        f"page {page}\nrecord {target}\n\n"
        "If the site approves the model on this report, its file of approvals gets:\n\n"
        f'[[approval]]\nmodel = "{record["model_id"]}"\n'
        f'content_hash = "{record["model_content_hash"]}"\nreport = "{report.id}"\n'
        f'report_file = "{page.name}"\n'
        f'report_sha256 = "{sha256}"\napprover = "<name and function>"\ndate = <YYYY-MM-DD>\n\n'
    )
