"""Synthetic patients after a resection."""

from __future__ import annotations

from cds_service.demo.patients.chart import Chart

__all__ = [
    "mvi_in_words",
    "mvi_not_recorded",
    "mvi_present",
    "recurrence_found",
    "surveillance_overdue",
]


def _good_course(chart: Chart, days_ago: int) -> None:
    chart.laboratory(
        days_ago,
        ("bilirubin", "14.0", "umol/L"),
        ("albumin", "40", "g/L"),
        ("INR", "1.08", "INR"),
    )
    chart.observation("Child-Pugh class", days_ago, chart.answer("Child-Pugh A"), category="exam")
    for name in ("liver failure", "bile leak", "ascites"):
        chart.observation(name, days_ago, chart.answer("absent"), category="exam")


def mvi_present(chart: Chart) -> None:
    """Write six weeks after an R0 resection of a solitary 6.2 cm tumour with MVI: TACE can be drafted."""
    chart.patient("Jana", "female", 50)
    chart.condition("hcc", 70)
    chart.condition("hepatitis B", 365 * 10)
    chart.observation("HBsAg", 60, chart.answer("positive"))
    chart.medicine("entecavir", 365)
    chart.laboratory(55, ("AFP", "486", "ng/mL"))
    chart.imaging(
        56,
        "Solitary 6.0 cm lesion in segments V and VI, complete capsule, vessels patent.",
        ("tumour size", "6.0"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule complete"),
        ("satellites", "absent"),
        ("rupture", "absent"),
    )
    chart.operation("partial hepatectomy", 42)
    chart.observation("transfusion", 42, chart.answer("absent"), category="procedure")
    chart.observation("complication", 33, chart.answer("absent"), category="exam")
    chart.specimen(
        37,
        "Hepatocellular carcinoma, 6.2 cm, solitary. MVI grade M2. Resection margin 6 mm, R0. "
        "Capsule complete. No satellite nodule. Ki67 about 45 %. MYCN and HMGA2 positive.",
        ("tumour size", "6.2"),
        ("tumour number", "1"),
        ("MVI", "M2"),
        ("macrovascular invasion", "absent"),
        ("satellites", "absent"),
        ("capsule", "capsule complete"),
        ("residual tumour", "R0"),
        ("Ki67", "45"),
        ("margin", "6"),
        ("MYCN", "positive"),
        ("HMGA2", "positive"),
    )
    chart.imaging(
        10,
        "No tumour in the remnant liver, no lesion in the chest. No fluid collection, no ascites.",
        ("recurrence of HCC", "absent"),
        ("extrahepatic disease", "absent"),
        study="CT chest and abdomen",
    )
    _good_course(chart, 10)


def mvi_not_recorded(chart: Chart) -> None:
    """Write eight weeks after a resection whose report does not say whether there was MVI."""
    chart.patient("Karl", "male", 58)
    chart.condition("hcc", 90)
    chart.condition("hepatitis B", 365 * 16)
    chart.observation("HBsAg", 85, chart.answer("positive"))
    chart.laboratory(66, ("AFP", "31", "ng/mL"))
    chart.imaging(
        68,
        "Solitary 5.8 cm lesion in segment VI, complete capsule, vessels patent.",
        ("tumour size", "5.8"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule complete"),
        ("satellites", "absent"),
        ("rupture", "absent"),
    )
    operation = chart.operation("laparoscopic segmentectomy", 56)
    chart.transfusion(operation, 56)
    chart.specimen(
        50,
        "Hepatocellular carcinoma, 5.5 cm, solitary. Resection margin 12 mm, R0.",
        ("tumour size", "5.5"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("satellites", "absent"),
        ("residual tumour", "R0"),
        ("margin", "12"),
    )
    _good_course(chart, 14)


def mvi_in_words(chart: Chart) -> None:
    """Write seven weeks after a resection whose report says MVI, capsule and satellites in words only."""
    chart.patient("Nora", "female", 47)
    chart.condition("hcc", 80)
    chart.condition("hepatitis B", 365 * 14)
    chart.observation("HBsAg", 75, chart.answer("positive"))
    chart.medicine("entecavir", 365)
    chart.laboratory(58, ("AFP", "212", "ng/mL"))
    chart.imaging(
        60,
        "Solitary 6.6 cm lesion in segments VII and VIII. Vessels patent.",
        ("tumour size", "6.6"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("rupture", "absent"),
    )
    chart.operation("partial hepatectomy", 49)
    chart.observation("transfusion", 49, chart.answer("absent"), category="procedure")
    chart.observation("complication", 40, chart.answer("absent"), category="exam")
    chart.specimen(
        44,
        "Hepatocellular carcinoma, 6.8 cm, solitary. Microvascular invasion present, grade M2. "
        "Tumour capsule complete. Satellite nodules present. Resection margin 7 mm, R0. Ki67 about 35 %.",
        ("tumour size", "6.8"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("residual tumour", "R0"),
        ("margin", "7"),
    )
    _good_course(chart, 12)


def surveillance_overdue(chart: Chart) -> None:
    """Write eight months after a resection, the last imaging seven months ago."""
    chart.patient("Lena", "female", 63)
    chart.condition("hcc", 270)
    chart.condition("hepatitis C", 365 * 20)
    chart.observation("HBsAg", 265, chart.answer("negative"))
    chart.laboratory(262, ("AFP", "512", "ng/mL"))
    chart.imaging(
        263,
        "Two lesions, 5.4 cm in segment VII and 1.9 cm in segment VI. Vessels patent.",
        ("tumour size", "5.4"),
        ("tumour number", "2"),
        ("macrovascular invasion", "absent"),
        ("satellites", "present"),
        ("rupture", "absent"),
    )
    chart.operation("partial hepatectomy", 245)
    chart.observation("transfusion", 245, chart.answer("absent"), category="procedure")
    chart.specimen(
        240,
        "Hepatocellular carcinoma, two nodules, 5.4 and 1.9 cm, with satellites. MVI grade M1. "
        "Resection margin 4 mm, R0.",
        ("tumour size", "5.4"),
        ("tumour number", "2"),
        ("MVI", "M1"),
        ("macrovascular invasion", "absent"),
        ("satellites", "present"),
        ("residual tumour", "R0"),
        ("margin", "4"),
    )
    chart.imaging(
        212, "No tumour in the remnant liver. No lesion in the chest.", study="CT chest and abdomen"
    )
    _good_course(chart, 212)


def recurrence_found(chart: Chart) -> None:
    """Write nine months after a resection, a recurrence is on the problem list."""
    chart.patient("Milan", "male", 55)
    chart.condition("hcc", 300)
    chart.condition("recurrence", 12)
    chart.condition("hepatitis B", 365 * 13)
    chart.observation("HBsAg", 290, chart.answer("positive"))
    chart.medicine("tenofovir alafenamide", 280)
    chart.laboratory(286, ("AFP", "730", "ng/mL"))
    chart.imaging(
        288,
        "Solitary 7.0 cm lesion in the right lobe.",
        ("tumour size", "7.0"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
    )
    chart.operation("partial hepatectomy", 274)
    chart.specimen(
        269,
        "Hepatocellular carcinoma, 7.1 cm. MVI grade M1. Margin 8 mm, R0.",
        ("tumour size", "7.1"),
        ("MVI", "M1"),
        ("residual tumour", "R0"),
        ("margin", "8"),
    )
    chart.observation("AFP", 15, chart.quantity("188", "ng/mL"), id_as="AFP of follow-up")
    chart.imaging(
        13,
        "New 2.2 cm lesion in segment IV, typical of recurrent hepatocellular carcinoma.",
        study="MR liver",
    )
    _good_course(chart, 15)
