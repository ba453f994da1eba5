"""Chinese counts, sizes, margins and Ki67: which numbers are of the tumour, and which are not."""

import pytest

from fhir_mapping.narrative.reader import read_text
from fhir_mapping.narrative.statements import Amount


def amount(name: str, text: str) -> tuple[str, str] | None:
    """Return the two ends that are read of one quantity, None if it is not read."""
    for finding in read_text(text):
        if finding.name == name and isinstance(finding.value, Amount):
            low, high = finding.value.low, finding.value.high
            return ("" if low is None else str(low), "" if high is None else str(high))
    return None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("肝右葉共三顆動脈期顯影、靜脈期washout之腫瘤。", ("3", "3")),
        ("肿瘤数目(枚):3", ("3", "3")),
        ("S5、S6各见一病灶,共2枚。", ("2", "2")),
        ("癌结节至少3个。", ("3", "")),
        ("病灶2-3個。", ("2", "3")),
        ("肝S7见一类圆形异常信号,动脉期明显强化,门脉期廓清。", ("1", "1")),
        ("若干大小不等肿块。", ("2", "")),
        ("肿瘤并非两枚,而是三枚。", ("3", "3")),
        ("非单发,为多发肿瘤。", ("2", "")),
    ],
)
def test_counts_of_tumours_are_read(text: str, ends: tuple[str, str]) -> None:
    """A count is read with its ends."""
    assert amount("tumour_number", text) == ends


@pytest.mark.parametrize(
    "text",
    [
        "肝S7见一类圆形低密度影,未见强化,考虑囊肿。",
        "MVI灶位于癌旁0.8cm处,共3个。",
        "微血管浸润(+),数目:12枚。",
        "周围见多发小结节,考虑子灶。",
        "肿瘤数目代码说明:1=单发;2=2~3个。",
        "HCC TACE后,原有两颗肿瘤均已无活性。",
        "肿瘤细胞散在多核。",
    ],
)
def test_other_counts_are_not_read(text: str) -> None:
    """Satellites, MVI, keys and dead lesions are no tumours."""
    assert amount("tumour_number", text) is None
