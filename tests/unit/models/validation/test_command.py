"""The commands of a site, run on synthetic cohorts."""

import hashlib
import json
import re
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.inputs import exactly
from models.parameter_set import PARAMETERS_FOLDER, load_parameters
from models.quantities import QUANTITIES
from models.validation import command
from models.validation.local_fit import risk_of
from models.validation.scoring import design_matrix
from models.validation.site_fit import additive_model
from models.validation.tripod_ai import CHECKLIST, SITE_ANSWERS

from .synthetic_cohort import (
    hpr_rows,
    metastasis_rows,
    shipped,
    with_outcome,
    write_cohort,
)

SLOPES = np.array([-0.45, 1.0, 0.8, 1.1, 1.2, 1.3])
COMMON = ("--site", "Synthetic Site", "--date", "2026-11-22", "--draws", "100", "--quiet")
URL = ("--report-url", "https://site.example.org/reports")


def hpr_cohort(folder: Path, number: int, *, loss: float = 0.0, **changes: str) -> Path:
    """Write a cohort whose events follow SLOPES; `changes` replace cells of the first row."""
    generator = np.random.default_rng(7)
    rows = hpr_rows(number, generator)
    inputs = [{name: exactly(QUANTITIES[name], cell) for name, cell in row.items()} for row in rows]
    design = design_matrix(shipped("hpr_preoperative").form.terms, inputs)
    risk = risk_of("logit", -2.6 + design @ SLOPES)
    rows = with_outcome(rows, risk, 4, generator, event="recurrence", loss=loss)
    for place, row in enumerate(rows):
        row["sex"] = "female" if place % 6 == 0 else "male"
        if place % 20 == 1:
            row["capsule"] = ""
    rows[0] |= changes
    return write_cohort(folder / "cohort.csv", rows)


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a validation of the shipped model."""
    folder = tmp_path_factory.mktemp("validated")
    path = hpr_cohort(folder, 420, loss=0.05, age_years="15")
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(folder), *COMMON]
    assert command.validate(arguments) == 0
    return folder


@pytest.fixture(scope="module")
def refitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a refit."""
    folder = tmp_path_factory.mktemp("refitted")
    path = hpr_cohort(folder, 420)
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(folder), *COMMON, *URL]
    assert command.refit(arguments) == 0
    return folder


def page_of(folder: Path) -> str:
    """Return the one page in a folder."""
    (page,) = folder.glob("*.html")
    return page.read_text(encoding="utf-8")


def results_of(folder: Path) -> dict[str, object]:
    """Return the results that stand in the page for machines."""
    found = re.search(r'id="results">\n(.*?)\n</script>', page_of(folder), re.DOTALL)
    assert found is not None
    results: dict[str, object] = json.loads(found[1])
    return results


def test_the_page_stands_alone(validated: Path) -> None:
    """No address, no script that runs, no font or picture from elsewhere."""
    page = page_of(validated)

    assert page.count("<svg") == 3
    assert not re.search(r"https?://|//[a-z]|@import|url\((?!#)|<link|<img|<iframe", page)
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="results">']
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_page_says_who_is_in_and_who_is_not(validated: Path) -> None:
    """One under 18, one in twenty with an unknown capsule, nothing filled."""
    page, results = page_of(validated), results_of(validated)

    assert results["patients_in_file"] == 420
    assert results["patients_applicable"] == 419
    assert results["patients_complete"] == 398
    assert 'outside the population: under 18 years</td><td class="number">1</td>' in page
    assert "Nothing unknown was filled. 5 % of the patients" in page
    assert '<td>capsule</td><td class="number">21</td>' in page
    assert re.search(r"Among those with a range: \d+\.\d percentage points", page)


def test_the_page_holds_every_measure_with_its_interval(validated: Path) -> None:
    """And reads the risks as too low, as the cohort was made with more events."""
    measures = results_of(validated)["measures"]

    assert isinstance(measures, dict)
    assert set(measures) == {
        "auc",
        "harrell_c",
        "calibration_intercept",
        "calibration_slope",
        "integrated_calibration_index",
        "brier",
        "scaled_brier",
        "observed_to_expected",
    }
    for value, lower, upper in measures.values():
        assert lower <= value <= upper
    assert "the risks are too low on average here" in page_of(validated)


def test_groups_below_a_hundred_events_are_counted_and_not_judged(validated: Path) -> None:
    """Women are a sixth of the cohort: too few."""
    assert re.search(
        r"<td>women</td>(<td class=\"number\">\d+</td>){2}<td class=\"number\">too few to judge</td>",
        page_of(validated),
    )


def test_every_tripod_item_is_answered(validated: Path) -> None:
    """27 items in 52 parts; what only the site knows is asked for."""
    page = page_of(validated)

    assert len({re.match(r"\d+", item.number)[0] for item in CHECKLIST}) == 27
    assert all(f"<td>{item.number}</td><td>{item.topic}</td><td>" in page for item in CHECKLIST)
    assert page.count(SITE_ANSWERS) == sum(item.key == "site" for item in CHECKLIST)
    assert "the official wording was not read" in page


def test_the_record_names_report_page_and_model(validated: Path) -> None:
    """An approval refers to these three."""
    (record_file,) = validated.glob("validate-*.json")
    record = json.loads(record_file.read_text(encoding="utf-8"))
    page = validated / record["report_file"]

    assert record["report_id"] == record_file.stem == page.stem
    assert record["report_sha256"] == hashlib.sha256(page.read_bytes()).hexdigest()
    assert record["model_content_hash"] == shipped("hpr_preoperative").provenance.content_hash
    assert record["date"] == "2026-11-22"
    assert record["overridden"] == []
    assert re.fullmatch(r"validate-hpr_preoperative-20261122-[0-9a-f]{8}", record["report_id"])


def test_the_same_run_gives_the_same_page(
    validated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Equal file, model, seed and date: equal id and equal hash, which an approval would state."""
    arguments = [str(validated / "cohort.csv"), "--model", "hpr_preoperative", *COMMON]

    assert command.validate([*arguments, "--output", str(tmp_path)]) == 0

    assert page_of(tmp_path) == page_of(validated)
    (page,) = validated.glob("*.html")
    stated = tomllib.loads(
        capsys.readouterr().out.split("approvals gets:")[1].replace("<YYYY-MM-DD>", "2026-11-22")
    )
    assert stated["approval"] == [
        {
            "model": "hpr_preoperative",
            "content_hash": shipped("hpr_preoperative").provenance.content_hash,
            "report": page.stem,
            "report_file": page.name,
            "report_sha256": hashlib.sha256(page.read_bytes()).hexdigest(),
            "approver": "<name and function>",
            "date": date(2026, 11, 22),
        }
    ]


def test_too_few_events_are_refused_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written."""
    path = hpr_cohort(tmp_path, 100)

    status = command.validate(
        [str(path), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON]
    )

    said = capsys.readouterr().err
    assert status == 1
    assert re.fullmatch(
        r"refused: \d\d events: fewer than 100, so that calibration cannot be told from chance\.\n"
        r"`--allow-few-events` goes on; the report then says so\.\n",
        said,
    )
    assert not list(tmp_path.glob("*.html"))


def test_a_refusal_that_was_overridden_stands_in_the_report(tmp_path: Path) -> None:
    """In the page, in the results and in the record."""
    path = hpr_cohort(tmp_path, 100)
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON]

    assert command.validate([*arguments, "--allow-few-events"]) == 0

    page, results = page_of(tmp_path), results_of(tmp_path)
    assert "Refused, and overridden by whoever ran it" in page
    (reason,) = results["overridden"]
    assert str(reason).endswith(
        "events: fewer than 100, so that calibration cannot be told from chance"
    )


def test_without_two_events_nothing_is_computed_even_with_the_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No measure exists."""
    rows = [
        {**row, "first_event": "none", "months_to_first_event": "9"}
        for row in hpr_rows(20, np.random.default_rng(1))
    ]
    path = write_cohort(tmp_path / "cohort.csv", rows)
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON]

    assert command.validate([*arguments, "--allow-few-events"]) == 1
    assert capsys.readouterr().err == (
        "refused: 0 patients with the event and 20 known to be without: no measure exists with "
        "fewer than two of each.\n"
    )


def test_without_any_complete_patient_nothing_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file with outcome columns alone."""
    rows = [{"first_event": "recurrence", "months_to_first_event": "3"}] * 5
    path = write_cohort(tmp_path / "cohort.csv", rows)

    assert command.validate([str(path), "--model", "hpr_preoperative", *COMMON]) == 1
    assert (
        "no patient has every input known: there is nothing to measure" in capsys.readouterr().err
    )


def test_every_problem_of_a_file_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file, and how many there are."""
    path = tmp_path / "cohort.csv"
    path.write_text("first_event,months_to_first_event\nnone,x\nnobody,2\n", encoding="utf-8")

    assert command.validate([str(path), "--model", "hpr_preoperative", *COMMON]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "cohort.csv: row 2, column months_to_first_event: not a number",
        "cohort.csv: row 3, column first_event: not a known event; expected one of none, recurrence, intrahepatic_recurrence, distant_metastasis, death",
        "2 problems; nothing was computed.",
    ]


def test_a_refit_writes_a_valid_local_file(refitted: Path) -> None:
    """Status local, with sample size and date inside, and the slopes the patients were made with."""
    parameters = load_parameters(refitted / "hpr_preoperative.local.json")
    results = results_of(refitted)

    assert parameters.status == "local"
    assert parameters.version == "1.0.0+local.20261122"
    assert parameters.population.n == results["patients_complete"] == 399
    assert parameters.population.events == results["events"]
    assert "2026-11-22" in parameters.status_line
    assert "2026-11-22" in parameters.citations["local"].text
    assert f"refitted on 399 resections with {results['events']} events" in parameters.status_line
    assert parameters.source_url == "https://site.example.org/reports"
    assert [group.name for group in parameters.population.groups][:2] == ["women", "men"]
    assert "too few to judge performance: women" in parameters.population.group_verdict
    measures = {entry.measure: entry.value for entry in parameters.performance}
    assert measures["AUC, corrected for optimism"] < measures["AUC, apparent"]
    assert all(
        term.coefficient.status == "local" for term in parameters.terms if term.kind != "axis"
    )
    slopes = [float(term.coefficient.value) for term in parameters.terms if term.kind != "axis"]
    assert slopes == pytest.approx(SLOPES.tolist(), abs=0.75)
    assert np.sign(slopes).tolist() == np.sign(SLOPES).tolist()


def test_a_local_file_serves_like_a_shipped_one(refitted: Path) -> None:
    """The model built on it answers with a risk, an interval and a class of its own cohort."""
    parameters = load_parameters(refitted / "hpr_preoperative.local.json")
    model = additive_model(parameters)
    row = {
        name: exactly(QUANTITIES[name], cell)
        for name, cell in hpr_rows(1, np.random.default_rng(1))[0].items()
    }

    answer = model.evaluate({**row, "resection": exactly(QUANTITIES["resection"], "planned")})

    assert answer.provenance.status == "local"
    assert answer.risk.is_point
    assert answer.confidence_interval.lower < answer.risk.lower < answer.confidence_interval.upper
    assert "of the cohort the file was refitted on" in answer.class_note


def test_the_report_of_a_refit_names_the_new_model(refitted: Path) -> None:
    """Terms before and now, the shrinkage, and the hash an approval refers to."""
    parameters = load_parameters(refitted / "hpr_preoperative.local.json")
    (record_file,) = refitted.glob("refit-*.json")
    record = json.loads(record_file.read_text(encoding="utf-8"))
    page = page_of(refitted)

    assert record["model_content_hash"] == parameters.content_hash
    assert parameters.content_hash in page
    assert record["report_id"] in parameters.citations["local"].text
    assert "AUC corrected for optimism" in page
    assert "The new model is measured on the patients it was fitted to" in page
    fit = results_of(refitted)["fit"]
    assert isinstance(fit, dict)
    assert 0.8 < fit["shrinkage"] < 1.02


def test_a_local_file_can_be_validated_in_place_of_the_shipped_one(
    refitted: Path, tmp_path: Path
) -> None:
    """On the cohort it was fitted to, it is right on average."""
    local = refitted / "hpr_preoperative.local.json"
    arguments = [str(refitted / "cohort.csv"), "--model", "hpr_preoperative", *COMMON]

    status = command.validate([*arguments, "--parameters", str(local), "--output", str(tmp_path)])

    assert status == 0
    measures = results_of(tmp_path)["measures"]
    assert measures["observed_to_expected"][0] == pytest.approx(1, abs=0.002)
    assert results_of(tmp_path)["model_content_hash"] == load_parameters(local).content_hash


def test_a_recalibration_keeps_the_model_and_moves_its_level(tmp_path: Path) -> None:
    """Slopes and population stay, the intercept and the draws move, the cautions stay and one joins."""
    old = shipped("hpr_preoperative").parameters
    path = hpr_cohort(tmp_path, 300)
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON, *URL]

    assert command.recalibrate(arguments) == 0

    new = load_parameters(tmp_path / "hpr_preoperative.local.json")
    assert new.population == old.population
    assert [term.coefficient.value for term in new.terms if term.kind != "axis"] == [
        term.coefficient.value for term in old.terms if term.kind != "axis"
    ]
    assert new.form.intercept.value > old.form.intercept.value
    assert new.form.intercept.status == "local"
    assert new.cautions[1:] == tuple(
        f"Of the model before recalibration: {caution}" for caution in old.cautions
    )
    assert "events of one site; not yet seen on patients it was not fitted to" in new.cautions[0]
    assert "recalibrated on" in new.status_line


def test_a_refit_of_the_metastasis_model_accounts_for_who_died(tmp_path: Path) -> None:
    """Half of the would-be metastases die first: the local risk is the one that is left."""
    generator = np.random.default_rng(5)
    model = shipped("distant_metastasis")
    rows = metastasis_rows(500, generator)
    inputs = [{name: exactly(QUANTITIES[name], cell) for name, cell in row.items()} for row in rows]
    design = design_matrix(model.form.terms, inputs)
    slopes = np.array([float(term.coefficient) for term in model.form.terms])
    risk = risk_of("complementary log-log", -2.0 + design @ slopes)
    rows = with_outcome(rows, risk, 12, generator, event="distant_metastasis")
    for place, row in enumerate(rows):
        if place % 4 == 0:
            row |= {"first_event": "death", "months_to_first_event": "0.05"}
    path = write_cohort(tmp_path / "cohort.csv", rows, delimiter=";")
    arguments = [
        str(path),
        "--model",
        "distant_metastasis",
        "--output",
        str(tmp_path),
        *COMMON,
        *URL,
    ]

    assert command.refit(arguments) == 0

    new = load_parameters(tmp_path / "distant_metastasis.local.json")
    observed = sum(row["first_event"] == "distant_metastasis" for row in rows) / 500
    measures = results_of(tmp_path)["fit"]["measures"]
    assert measures["observed_to_expected"][0] == pytest.approx(1, abs=0.005)
    assert new.population.events / 500 == pytest.approx(observed)
    assert new.form.kind == "cox"
    assert new.form.baseline_range is None
    assert new.no_interval_because != ""
    assert new.outcome.definition == (
        "distant metastasis at first recurrence, counted to 12 months from the operation; "
        "intrahepatic recurrence or death before it counts as without the event, and patients lost "
        "before it are weighted for"
    )
    assert not any("overstated" in line.lower() for line in (*new.cautions, *new.limits))
    assert all(term.effect is None for term in new.terms)
    leaves = re.findall(
        r'"risk_class": "(\w+)"', (tmp_path / "distant_metastasis.local.json").read_text()
    )
    assert leaves == ["low", "intermediate", "high"]


def test_fewer_than_ten_events_per_term_are_refused_for_a_refit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason names the terms; with the flag the file and the report say so."""
    path = hpr_cohort(tmp_path, 90)
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON, *URL]

    assert command.refit(arguments) == 1
    said = capsys.readouterr().err
    assert re.match(
        r"refused: \d\d events for 6 terms: fewer than 10 events per term \(60 are needed\)\.", said
    )
    assert not list(tmp_path.glob("*.json"))

    assert command.refit([*arguments, "--allow-few-events"]) == 0
    parameters = load_parameters(tmp_path / "hpr_preoperative.local.json")
    assert "Refused and overridden: " in parameters.citations["local"].text
    assert parameters.cautions[1].startswith("Fitted although refused: ")
    assert "Refused, and overridden by whoever ran it" in page_of(tmp_path)
    assert "fewer than 100, so that calibration cannot be told from chance" in page_of(tmp_path)


def test_a_stretched_recalibration_multiplies_every_slope(tmp_path: Path) -> None:
    """One factor for all, so points and classes keep their meaning."""
    old = shipped("hpr_preoperative").parameters
    path = hpr_cohort(tmp_path, 300)
    arguments = [str(path), "--model", "hpr_preoperative", "--output", str(tmp_path), *COMMON, *URL]

    assert command.recalibrate([*arguments, "--slope"]) == 0

    new = load_parameters(tmp_path / "hpr_preoperative.local.json")
    ratios = [
        float(after.coefficient.value / before.coefficient.value)
        for after, before in zip(new.terms, old.terms, strict=True)
    ]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=1e-3)
    assert ratios[0] > 1
    scale = float(new.points.score_of_100_points.value / old.points.score_of_100_points.value)
    assert scale == pytest.approx(ratios[0], rel=1e-3)
    assert f"all slopes multiplied by {ratios[0]:.3f}"[:-1] in page_of(tmp_path)


def test_a_printed_nomogram_can_be_validated_but_not_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made-up axes: its points are printed, so there is nothing to estimate."""
    document = json.loads((PARAMETERS_FOLDER / "hpr_preoperative.json").read_text(encoding="utf-8"))
    made_up = {"status": "published", "source": "own rule"}
    document["form"] = {
        "kind": "nomogram",
        "risk_axis": [
            {"total_points": 0, "risk": {"value": 0.02, **made_up}},
            {"total_points": 200, "risk": {"value": 0.8, **made_up}},
        ],
    }
    names = [term["input"] for term in document["terms"][:3]]
    document["terms"] = [
        {
            "kind": "axis",
            "input": name,
            "label": name,
            "marks": [
                {"value": 0, "points": {"value": 0 if name != "age_years" else 50, **made_up}},
                {"value": 100, "points": {"value": 100 if name != "age_years" else 0, **made_up}},
            ],
        }
        for name in names
    ]
    document |= {"draws": None, "no_interval_because": "a made-up nomogram has none"}
    document["points"]["score_of_100_points"]["value"] = 100
    document["performance"] = []
    local = tmp_path / "nomogram.json"
    local.write_text(json.dumps(document), encoding="utf-8")
    path = hpr_cohort(tmp_path, 420)
    arguments = [
        str(path),
        "--model",
        "hpr_preoperative",
        "--parameters",
        str(local),
        *COMMON,
        *URL,
    ]

    assert command.refit(arguments) == 1
    assert capsys.readouterr().err == (
        "refused: the axes of a printed nomogram cannot be fitted, only validated.\n"
    )


def test_a_file_for_another_model_is_refused(
    refitted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parameter file says which model it is for."""
    local = refitted / "hpr_preoperative.local.json"
    arguments = [str(refitted / "cohort.csv"), "--model", "hpr_postoperative", *COMMON]

    assert command.validate([*arguments, "--parameters", str(local)]) == 1
    assert capsys.readouterr().err == f"{local}: model_id: expected 'hpr_postoperative'\n"


def test_the_columns_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """One per line, with role and content."""
    assert command.columns(["--model", "distant_metastasis"]) == 0

    said = capsys.readouterr().out
    assert "first_event (outcome, required): What ended the follow-up" in said
    assert "margin_cm (input): Nearest parenchymal distance" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--draws", "99"), "argument --draws: must be a whole number from 100"),
        (("--report-url", "http://site"), "argument --report-url: must be an https address"),
        (("--site", " "), "argument --site: must not be empty"),
        (("--date", "22.11.2026"), "argument --date: invalid fromisoformat value"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_read(
    change: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit status 2, as argparse does."""
    arguments = ["none.csv", "--model", "hpr_preoperative", *COMMON, *URL, *change]

    with pytest.raises(SystemExit, match="2"):
        command.refit(arguments)

    assert said in capsys.readouterr().err


def test_the_date_is_today_unless_given(tmp_path: Path) -> None:
    """Read in the command only, in the machine's own zone."""
    path = hpr_cohort(tmp_path, 100)
    arguments = [
        str(path),
        "--model",
        "hpr_preoperative",
        "--site",
        "S",
        "--draws",
        "100",
        "--quiet",
    ]

    assert command.validate([*arguments, "--allow-few-events", "--output", str(tmp_path)]) == 0

    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(results_of(tmp_path)["date"]))
