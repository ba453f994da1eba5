"""Synthetic patients before a resection."""

from __future__ import annotations

from cds_service.demo.patients.chart import Chart
from cds_service.demo.patients.words import CHINESE

__all__ = [
    "afp_in_iu",
    "after_transplantation",
    "broken_record",
    "capsule_not_recorded",
    "clearly_high",
    "clearly_low",
    "conflicting_sizes",
    "earlier_resection",
    "long_chinese_text",
    "no_hcc",
]


def _good_liver(chart: Chart, days_ago: int) -> None:
    chart.laboratory(
        days_ago,
        ("bilirubin", "12.4", "umol/L"),
        ("albumin", "43", "g/L"),
        ("INR", "1.05", "INR"),
    )
    chart.observation("Child-Pugh class", days_ago, chart.answer("Child-Pugh A"), category="exam")


def _hepatitis_b(chart: Chart, years: int, *, antiviral: str = "entecavir") -> None:
    chart.condition("hepatitis B", 365 * years)
    chart.observation("HBsAg", 40, chart.answer("positive"))
    if antiviral:
        chart.medicine(antiviral, 365 * min(years, 3))


def clearly_low(chart: Chart) -> None:
    """Write a small encapsulated solitary tumour with a normal AFP in an older man."""
    chart.patient("Aron", "male", 61)
    chart.condition("hcc", 24)
    _hepatitis_b(chart, 12)
    chart.laboratory(10, ("AFP", "6.2", "ng/mL"))
    _good_liver(chart, 10)
    chart.imaging(
        14,
        "Solitary 2.8 cm arterially enhancing lesion with washout and a complete capsule in "
        "segment VI. Portal and hepatic veins patent. No satellite nodule. No rupture.",
        ("tumour size", "2.8"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule complete"),
        ("satellites", "absent"),
        ("rupture", "absent"),
    )


def clearly_high(chart: Chart) -> None:
    """Write every factor of early recurrence in a young man."""
    chart.patient("Boris", "male", 38)
    chart.condition("hcc", 20)
    _hepatitis_b(chart, 9)
    chart.laboratory(6, ("AFP", "2350", "ng/mL"))
    _good_liver(chart, 6)
    chart.imaging(
        9,
        "Three tumours, the largest 9.4 cm in the right lobe, without a capsule, with tumour "
        "thrombus in the right anterior portal branch. Satellite nodules around the largest. "
        "No rupture. No lesion in the lung bases.",
        ("tumour size", "9.4"),
        ("tumour number", "3"),
        ("macrovascular invasion", "present"),
        ("capsule", "capsule absent"),
        ("satellites", "present"),
        ("rupture", "absent"),
        study="CT chest and abdomen",
    )


def capsule_not_recorded(chart: Chart) -> None:
    """Write a high class whatever the capsule is, with a range because the report does not mention it."""
    chart.patient("Clara", "female", 45)
    chart.condition("hcc", 18)
    _hepatitis_b(chart, 15)
    chart.laboratory(8, ("AFP", "88", "ng/mL"))
    _good_liver(chart, 8)
    chart.imaging(
        11,
        "Two tumours, 6.1 cm in segment VII and 2.0 cm in segment V. Portal and hepatic veins "
        "patent. No satellite nodule. No rupture.",
        ("tumour size", "6.1"),
        ("tumour number", "2"),
        ("macrovascular invasion", "absent"),
        ("satellites", "absent"),
        ("rupture", "absent"),
        study="MR liver",
    )


def afp_in_iu(chart: Chart) -> None:
    """Write an AFP of 320 IU/mL: above 25 ng/mL by any factor, but on both sides of 400 ng/mL."""
    chart.patient("Dario", "male", 52)
    chart.condition("hcc", 30)
    chart.condition("hepatitis C", 365 * 8)
    chart.observation("HBsAg", 30, chart.answer("negative"))
    chart.laboratory(7, ("AFP units", "320", "IU/mL"))
    _good_liver(chart, 7)
    chart.imaging(
        12,
        "Solitary 5.6 cm lesion in segment IV with a complete capsule. Vessels patent. "
        "No satellite nodule. No rupture.",
        ("tumour size", "5.6"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule complete"),
        ("satellites", "absent"),
        ("rupture", "absent"),
    )


def conflicting_sizes(chart: Chart) -> None:
    """Write a CT and an MRI that disagree about the size, on both sides of 5 cm."""
    chart.patient("Edith", "female", 60)
    chart.condition("hcc", 26)
    _hepatitis_b(chart, 20)
    chart.laboratory(9, ("AFP", "61", "ng/mL"))
    _good_liver(chart, 9)
    chart.imaging(
        13,
        "Solitary lesion of 4.8 cm in segment VIII without a capsule. Vessels patent.",
        ("tumour size", "4.8"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule absent"),
        ("satellites", "absent"),
        ("rupture", "absent"),
    )
    chart.imaging(
        13,
        "Solitary lesion in segment VIII, 5.3 cm on the hepatobiliary phase.",
        ("tumour size", "5.3"),
        ("tumour number", "1"),
        study="MR liver",
    )


def earlier_resection(chart: Chart) -> None:
    """Write a second tumour three years after a resection: the models were made for the first."""
    chart.patient("Felix", "male", 66)
    chart.condition("hcc", 1130)
    _hepatitis_b(chart, 18, antiviral="tenofovir alafenamide")
    chart.operation("segment resection", 1096)
    chart.laboratory(5, ("AFP", "140", "ng/mL"))
    _good_liver(chart, 5)
    chart.imaging(
        8,
        "New 3.1 cm lesion in segment II. Earlier resection of segment VI without local change.",
        ("tumour size", "3.1"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
    )


def after_transplantation(chart: Chart) -> None:
    """Write a combined carcinoma in a transplanted liver: two reasons why no model applies."""
    chart.patient("Ilse", "female", 58)
    chart.condition("mixed liver cancer", 20)
    chart.condition("hepatitis C", 365 * 20)
    chart.operation("liver transplantation", 365 * 4, stay_days=21)
    chart.laboratory(6, ("AFP", "18", "ng/mL"))
    _good_liver(chart, 6)
    chart.observation("ECOG", 6, {"valueInteger": 0}, category="exam")
    for name in ("ascites", "encephalopathy"):
        chart.observation(name, 6, chart.answer("absent"), category="exam")
    chart.imaging(
        10,
        "Solitary 3.4 cm lesion in segment V of the graft. Biopsy: combined carcinoma.",
        ("tumour size", "3.4"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
    )


def no_hcc(chart: Chart) -> None:
    """Write a liver lesion whose nature is not settled: the service stays quiet."""
    chart.patient("Greta", "female", 49)
    chart.condition("uncertain neoplasm", 16)
    chart.laboratory(6, ("AFP", "3.1", "ng/mL"))
    _good_liver(chart, 6)
    chart.imaging(
        9,
        "Solitary 4.0 cm lesion in segment III, indeterminate. Biopsy or resection to be discussed.",
        ("tumour size", "4.0"),
        ("tumour number", "1"),
        study="MR liver",
    )


def long_chinese_text(chart: Chart) -> None:
    """Write a record in Chinese, codes as everywhere, words as the hospital writes them."""
    chart.words, chart.language = CHINESE, "zh"
    chart.patient("秀英", "female", 54, family="合成", text="合成 秀英(模拟患者)")
    chart.condition("hcc", 22)
    chart.condition("hepatitis B", 365 * 11)
    chart.condition("cirrhosis", 365 * 4)
    chart.observation("HBsAg", 15, chart.answer("positive"))
    chart.medicine("entecavir", 365 * 4)
    chart.laboratory(8, ("AFP", ">1210", "ng/mL"))
    _good_liver(chart, 8)
    chart.imaging(
        10,
        "肝右叶见两个结节,最大者约7.2厘米×6.5厘米,动脉期明显强化,门静脉期及延迟期造影剂廓清,"
        "未见完整包膜;门静脉右支未见癌栓,肝静脉及下腔静脉通畅;未见卫星结节;未见破裂出血征象;"
        "所见肺底未见明确转移灶。建议结合甲胎蛋白及多学科会诊意见综合评估。",
        ("tumour size", "7.2"),
        ("tumour number", "2"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule incomplete"),
        ("satellites", "absent"),
        ("rupture", "absent"),
        study="CT chest and abdomen",
    )


def broken_record(chart: Chart) -> None:
    """Write a record as records are: withdrawn copies, another patient's result, a wrong unit."""
    chart.patient("Ivan", "male", 48)
    chart.condition("hcc", 19)
    chart.observation("HBsAg", 20, chart.answer("positive"))
    chart.laboratory(6, ("AFP", "512", "ng/mL"))
    withdrawn = chart.observation(
        "AFP", 5, chart.quantity("5.1", "ng/mL"), id_as="AFP entered in error"
    )
    withdrawn["status"] = "entered-in-error"
    foreign = chart.observation(
        "AFP", 4, chart.quantity("9", "ng/mL"), id_as="AFP of another patient"
    )
    foreign["subject"] = {"reference": "Patient/somebody-else"}
    chart.observation("AFP", 3, chart.quantity("7", "mmol/L"), id_as="AFP with a wrong unit")
    broken = chart.observation("albumin", 6, {}, id_as="albumin without a number")
    broken["valueQuantity"] = {"value": "about forty", "unit": "g/L"}
    _good_liver(chart, 7)
    chart.imaging(
        10,
        "Solitary 3.6 cm lesion in segment V with a complete capsule. Vessels patent.",
        ("tumour size", "3.6"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule complete"),
    )
    copy = chart.observation(
        "tumour number", 10, chart.quantity("4", "1"), category="imaging", id_as="number in error"
    )
    copy["status"] = "entered-in-error"
