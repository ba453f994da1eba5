"""A site's file: read strictly, every problem named, nothing filled, no value repeated."""

from decimal import Decimal
from pathlib import Path

import pytest

from models.inputs import Interval, Knowledge
from models.validation.cohort import CohortError, columns_of, read_cohort

from .synthetic_cohort import shipped

HPR = shipped("hpr_preoperative")
METASTASIS = shipped("distant_metastasis")
HEADER = "patient,first_event,months_to_first_event,age_years,afp_ng_ml,capsule"


def write(folder: Path, *lines: str) -> Path:
    """Write lines as a file."""
    path = folder / "cohort.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems(path: Path, model: object = HPR) -> list[str]:
    """Return every problem of a file, as lines."""
    with pytest.raises(CohortError) as caught:
        read_cohort(path, model)
    return str(caught.value).splitlines()


def test_values_are_read_as_the_sets_they_stand_for(tmp_path: Path) -> None:
    """A number, a limit, a category, and an empty cell that stays unknown."""
    path = write(
        tmp_path,
        HEADER,
        "a,recurrence,3.5,61,>1210,",
        "b,none,12,55,<=20,Absent",
        "c,death,2,70,,complete",
    )

    cohort = read_cohort(path, HPR)

    assert cohort.inputs[0]["age_years"].value == Decimal(61)
    afp = cohort.inputs[0]["afp_ng_ml"]
    assert afp.numbers == (Interval(Decimal(1210), Decimal(10000000), lower_open=True),)
    assert cohort.inputs[0]["capsule"].knowledge is Knowledge.UNKNOWN
    assert cohort.inputs[1]["afp_ng_ml"].numbers[0].upper == Decimal(20)
    assert cohort.inputs[1]["capsule"].value == "absent"
    assert cohort.follow_up.months.tolist() == [3.5, 12.0, 2.0]
    assert cohort.follow_up.first_event.tolist() == [1, 0, 2]
    assert cohort.rows == (2, 3, 4)


def test_an_input_without_a_column_is_unknown_in_everybody(tmp_path: Path) -> None:
    """Nothing is assumed about it, and the cohort says which they are."""
    cohort = read_cohort(write(tmp_path, HEADER, "a,none,12,55,20,absent"), HPR)

    assert "tumour_size_cm" in cohort.absent_columns
    assert "tumour_size_cm" not in cohort.inputs[0]


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """As some spreadsheets write them."""
    path = tmp_path / "cohort.csv"
    path.write_bytes("\ufefffirst_event;months_to_first_event;age_years\nnone;12;55\n".encode())

    assert read_cohort(path, HPR).inputs[0]["age_years"].value == Decimal(55)


def test_every_problem_is_named_by_row_and_column_and_no_value_is_repeated(tmp_path: Path) -> None:
    """All at once, so that a file is corrected in one go."""
    path = write(
        tmp_path,
        HEADER,
        "a,recurred,3.5,61,25,absent",
        "b,none,,61.5,25,absent",
        "a,none,12,150,1210.7x,thick",
        "d,none,-3,44,12,complete",
        'e,none,"3,5",44,"12,7",complete',
        "f,,1300,44,12,complete",
    )

    found = problems(path)

    assert found == [
        "row 2, column first_event: not a known event; expected one of none, recurrence, intrahepatic_recurrence, distant_metastasis, death",
        "row 3, column age_years: age_years is a whole number",
        "row 3, column months_to_first_event: empty",
        "row 4, column afp_ng_ml: not a number",
        "row 4, column age_years: age_years is plausible from 0 to 120 a",
        "row 4, column capsule: expected one of complete, incomplete, present, absent, or nothing",
        "row 4, column patient: the same patient as in row 2",
        "row 5, column months_to_first_event: not a number from 0 up",
        "row 6, column afp_ng_ml: not a number: write a point, not a comma, before the decimals",
        "row 6, column months_to_first_event: not a number: write a point, not a comma, before the decimals",
        "row 7, column first_event: empty; expected one of none, recurrence, intrahepatic_recurrence, distant_metastasis, death",
        "row 7, column months_to_first_event: more than 1200 months",
    ]
    assert not any("1210" in line or "61.5" in line or "recurred" in line for line in found)


def test_a_limit_on_the_time_is_refused(tmp_path: Path) -> None:
    """Follow-up of more than twelve months is not a time."""
    assert problems(write(tmp_path, HEADER, "a,none,>12,55,20,absent")) == [
        "row 2, column months_to_first_event: not a number"
    ]


def test_a_limit_outside_the_plausible_range_is_refused(tmp_path: Path) -> None:
    """An age above 130 has no plausible value left."""
    (found,) = problems(write(tmp_path, HEADER, "a,none,12,>130,20,absent"))

    assert found.startswith("row 2, column age_years: ")
    assert "130" not in found


def test_the_header_is_checked_before_the_rows(tmp_path: Path) -> None:
    """Missing outcome, a column twice and one nobody knows."""
    assert problems(write(tmp_path, "first_event,afp,age_years,age_years", "none,1,2,3")) == [
        "row 1, column months_to_first_event: this column is required",
        "row 1, column afp: no column of this name is known; see `columns`",
        "row 1, column age_years: this column stands more than once",
    ]


def test_a_row_of_another_length_is_named(tmp_path: Path) -> None:
    """A missing cell shifts everything after it, so nothing of the file is used."""
    assert problems(write(tmp_path, HEADER, "a,none,12,55,20")) == [
        "row 2: has 5 cells, the header has 6"
    ]


def test_a_column_of_another_model_may_stay(tmp_path: Path) -> None:
    """One file serves several models."""
    path = write(tmp_path, "first_event,months_to_first_event,ki67_percent", "none,12,20")

    assert read_cohort(path, HPR).inputs[0]["ki67_percent"].value == Decimal(20)


def test_the_metastasis_model_needs_the_site_of_a_recurrence(tmp_path: Path) -> None:
    """A recurrence of unknown site may be the event or compete with it."""
    path = write(
        tmp_path, "first_event,months_to_first_event", "recurrence,3", "distant_metastasis,3"
    )

    assert problems(path, METASTASIS) == [
        "row 2, column first_event: this model needs the site of the recurrence; expected one of none, intrahepatic_recurrence, distant_metastasis, death"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file: is empty"),
        (b"first_event,months_to_first_event\n", "file: holds no patients"),
        (
            "first_event,months_to_first_event\nnône,2\n".encode("latin-1"),
            "file: is not UTF-8 text",
        ),
    ],
)
def test_a_file_without_content_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """Empty, header only, or not text."""
    path = tmp_path / "cohort.csv"
    path.write_bytes(content)

    assert problems(path) == [said]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the reason of the system."""
    assert problems(tmp_path / "none.csv") == ["file: cannot be read: No such file or directory"]


def test_the_columns_are_documented_with_unit_range_and_categories() -> None:
    """Outcome, every input of the model, and what decides who is outside."""
    found = {column.name: column for column in columns_of(HPR)}

    assert found["first_event"].role == "outcome, required"
    assert "A number in ng/mL from 0 to 10000000" in found["afp_ng_ml"].content
    assert "A whole number of years from 0 to 120" in found["age_years"].content
    assert "A whole number from 1 to 100" in found["tumour_number"].content
    assert found["sex"].role == "group"
    assert "One of complete, incomplete, present, absent" in found["capsule"].content
    assert found["liver_transplantation"].role == "who is outside"
    assert {need.quantity.name for need in HPR.needs} <= found.keys()
    assert not {"resection", "recurrence", "hcc", "months_since_resection"} & found.keys()
