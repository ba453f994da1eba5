"""English sizes, margins, counts and Ki67: which numbers are of the tumour, and which are not."""

import pytest

from fhir_mapping.narrative.reader import read_text
from fhir_mapping.narrative.statements import Amount

SIZE, MARGIN, NUMBER, KI67 = "tumour_size_cm", "margin_cm", "tumour_number", "ki67_percent"


def amount(name: str, text: str) -> tuple[str, str] | None:
    """Return the two ends that are read of one quantity, None if it is not read."""
    for finding in read_text(text):
        if finding.name == name and isinstance(finding.value, Amount):
            low, high = finding.value.low, finding.value.high
            return ("" if low is None else str(low), "" if high is None else str(high))
    return None


@pytest.mark.parametrize(
    ("name", "text", "ends"),
    [
        (SIZE, "The mass in segment 6 has grown from 31 mm to 44 mm.", ("4.4", "4.4")),
        (SIZE, "Several tumour nodules ranging from 0.5 to 2.8 cm.", ("2.8", "2.8")),
        (SIZE, "Many enhancing nodules are seen, none larger than 1.5 cm.", ("0", "1.5")),
        (SIZE, "The tumour is five (5) centimetres in diameter.", ("5", "5")),
        (SIZE, "Two HCCs: S2 14 mm and S7 31 mm.", ("3.1", "3.1")),
        (MARGIN, "HCC G2, pT1b, R0 (7 mm).", ("0.7", "0.7")),
        (MARGIN, "Margins: superior 2.4 cm, inferior 1.3 cm, medial 0.8 cm.", ("0.8", "0.8")),
        (MARGIN, "The nodule is 1.7 cm from the staple line.", ("1.7", "1.7")),
        (MARGIN, "The surgical margin exceeds 2 cm.", ("2", "")),
        (NUMBER, "Three nodules; two are HCC. So number of tumours = 2.", ("2", "2")),
        (NUMBER, "Enhancing masses in S2, S6 and S7, three altogether.", ("3", "3")),
        (NUMBER, "Two to three lesions with HCC features.", ("2", "3")),
        (NUMBER, "More than one HCC in the right lobe.", ("2", "")),
        (NUMBER, "A minimum of four HCCs.", ("4", "")),
        (KI67, "Ki-67 is 3% in the cirrhotic liver and 31% in the tumour.", ("31", "31")),
        (KI67, "Ki-67: 60% (solid area), 20% (rest); overall average 35%.", ("35", "35")),
        (KI67, "Ki-67 score: 42", ("42", "42")),
    ],
)
def test_what_is_of_the_tumour_is_read(name: str, text: str, ends: tuple[str, str]) -> None:
    """A number that words tie to the tumour is read with its ends."""
    assert amount(name, text) == ends


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (SIZE, "No arterially enhancing lesion greater than 1 cm."),
        (SIZE, "pT1b: solitary tumour >2 cm without vascular invasion."),
        (SIZE, "Separate from the main tumour by 5 mm of benign liver there is a satellite."),
        (SIZE, "No other nodule is found on slicing at 0.5 cm."),
        (SIZE, "Preoperative CT had shown a 4.2 cm tumour."),
        (MARGIN, "The cut surface shows a tan nodule of 3.9 cm."),
        (MARGIN, "Lesion with ill-defined margins, 5.4 cm."),
        (MARGIN, "Recurrent nodule at the resection margin, 16 mm."),
        (MARGIN, "A margin of less than 1 mm is considered R1."),
        (NUMBER, "Multiple foci of necrosis within the tumour."),
        (NUMBER, "Multifocal recurrence may happen."),
        (NUMBER, "The family recalls two tumours."),
        (KI67, "Ki-67 stains lymphocytes, about 30%."),
        (KI67, "Background cirrhosis: Ki-67 2%."),
        (KI67, "A Ki-67 above 10% is associated with recurrence."),
    ],
)
def test_what_is_of_something_else_is_not_read(name: str, text: str) -> None:
    """Rules, distances, other lesions and other tissue give no number."""
    assert amount(name, text) is None
