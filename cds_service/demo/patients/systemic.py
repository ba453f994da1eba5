"""Synthetic patients with spread, or under systemic therapy."""

from __future__ import annotations

from cds_service.demo.patients.chart import Chart

__all__ = ["combination_running", "immunotherapy_running", "lung_metastasis"]


def _good_liver(chart: Chart, days_ago: int) -> None:
    chart.laboratory(
        days_ago,
        ("bilirubin", "12.0", "umol/L"),
        ("albumin", "42", "g/L"),
        ("INR", "1.05", "INR"),
    )


def _blood(
    chart: Chart, days_ago: int, neutrophils: str, lymphocytes: str, ldh: str, *, when: str = ""
) -> None:
    """Write a blood count and LDH with its laboratory's limit."""
    for name, value in (("neutrophils", neutrophils), ("lymphocytes", lymphocytes)):
        amount = chart.quantity(value, "10^9/L", "10*9/L")
        chart.observation(name, days_ago, amount, id_as=f"{name} {when}")
    limit = {"value": 250, "unit": "U/L", "system": "http://unitsofmeasure.org", "code": "U/L"}
    chart.observation(
        "LDH",
        days_ago,
        chart.quantity(ldh, "U/L"),
        id_as=f"LDH {when}",
        referenceRange=[{"high": limit}],
    )


def lung_metastasis(chart: Chart) -> None:
    """Write two lung metastases at diagnosis; the blood count has an NLR of 5.1, the LDH is raised."""
    chart.patient("Hugo", "male", 57)
    chart.condition("hcc", 35)
    chart.condition("lung metastasis", 12)
    chart.condition("hepatitis B", 365 * 12)
    chart.observation("HBsAg", 14, chart.answer("positive"))
    chart.medicine("entecavir", 14)
    chart.laboratory(6, ("AFP", "1210", "ng/mL"))
    _good_liver(chart, 6)
    chart.observation("Child-Pugh class", 6, chart.answer("Child-Pugh A"), category="exam")
    _blood(chart, 6, "5.1", "1.0", "310")
    chart.laboratory(6, ("haemoglobin", "13.1", "g/dL"))
    chart.imaging(
        12,
        "Solitary 4.2 cm liver tumour. Two nodules of 8 and 6 mm in the right lung, metastases.",
        ("tumour size", "4.2"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("capsule", "capsule complete"),
        ("lung foci", "2"),
        study="CT chest and abdomen",
    )


def immunotherapy_running(chart: Chart) -> None:
    """Write seven weeks of nivolumab, with blood from before the first dose and from after it."""
    chart.patient("Nora", "female", 71)
    chart.condition("hcc", 200)
    chart.condition("hepatitis C", 365 * 25)
    chart.observation("HBsAg", 190, chart.answer("negative"))
    chart.medicine("nivolumab", 49)
    for days_ago in (49, 35, 21, 7):
        chart.dose("nivolumab", days_ago)
    chart.laboratory(55, ("AFP", "310", "ng/mL"))
    _good_liver(chart, 55)
    _blood(chart, 55, "4.9", "1.9", "205", when="before the first dose")
    _blood(chart, 7, "7.7", "1.1", "290", when="under treatment")
    for name in ("ascites", "encephalopathy"):
        chart.observation(name, 55, chart.answer("absent"), category="exam")
    chart.imaging(
        60,
        "Five lesions in both lobes, the largest 6.4 cm. No macrovascular invasion. No lesion in the "
        "chest, no enlarged lymph node.",
        ("tumour size", "6.4"),
        ("tumour number", "5"),
        ("macrovascular invasion", "absent"),
        ("extrahepatic disease", "absent"),
        study="CT chest and abdomen",
    )


def combination_running(chart: Chart) -> None:
    """Write four lung metastases under an inhibitor of both kinds, the liver disease controlled."""
    chart.patient("Ivo", "male", 63)
    chart.condition("hcc", 260)
    chart.condition("lung metastasis", 120)
    chart.condition("hepatitis B", 365 * 20)
    chart.observation("HBsAg", 100, chart.answer("positive"))
    chart.medicine("entecavir", 255)
    for name in ("pembrolizumab", "lenvatinib"):
        chart.medicine(name, 110)
    chart.laboratory(9, ("AFP", "48", "ng/mL"))
    _good_liver(chart, 9)
    for name in ("ascites", "encephalopathy"):
        chart.observation(name, 9, chart.answer("absent"), category="exam")
    chart.imaging(
        11,
        "Liver disease controlled: solitary 3.8 cm lesion, smaller than before. Four nodules in both "
        "lungs.",
        ("tumour size", "3.8"),
        ("tumour number", "1"),
        ("macrovascular invasion", "absent"),
        ("intrahepatic control", "present"),
        ("lung foci", "4"),
        study="CT chest and abdomen",
    )
