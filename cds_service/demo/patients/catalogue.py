"""The list of the synthetic patients, in the order in which a visitor meets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from cds_service.demo.patients import postoperative, preoperative, systemic
from cds_service.demo.patients.chart import Chart, Resource

__all__ = ["PATIENTS", "DemoPatient"]


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """One synthetic patient: who it is, what it shows and how its record is written."""

    id: str
    label: str
    shows: str
    group: str
    write: Callable[[Chart], None]

    def resources(self, on: date) -> tuple[Resource, ...]:
        """Return the whole record, its dates counted back from `on`."""
        chart = Chart(self.id, on)
        self.write(chart)
        return tuple(chart.resources)


_BEFORE: Final = "Before surgery"
_AFTER: Final = "After surgery"
_SYSTEMIC: Final = "Systemic therapy and spread"
_OUTSIDE: Final = "Outside the models"

_ALL: Final = (
    DemoPatient("clearly-low", "Clearly low", "Small solitary tumour, capsule complete, normal AFP: the service stays quiet when the order is signed.", _BEFORE, preoperative.clearly_low),
    DemoPatient("clearly-high", "Clearly high", "Large, multiple, with tumour thrombus: a warning before surgery.", _BEFORE, preoperative.clearly_high),
    DemoPatient("capsule-not-recorded", "Capsule not recorded", "The report does not mention the capsule: a range instead of a point.", _BEFORE, preoperative.capsule_not_recorded),
    DemoPatient("afp-in-iu", "AFP in IU/mL", "320 IU/mL is above 25 ng/mL, but may be above or below 400 ng/mL.", _BEFORE, preoperative.afp_in_iu),
    DemoPatient("conflicting-sizes", "Conflicting sizes", "CT says 4.8 cm and MRI says 5.3 cm on the same day.", _BEFORE, preoperative.conflicting_sizes),
    DemoPatient("long-chinese-text", "Record in Chinese", "Names and reports in Chinese; capsule incomplete, AFP >1210 ng/mL.", _BEFORE, preoperative.long_chinese_text),
    DemoPatient("broken-record", "Broken record", "A withdrawn result, another patient's result, a unit that cannot be.", _BEFORE, preoperative.broken_record),
    DemoPatient("mvi-present", "MVI present", "Six weeks after R0 resection, solitary 6.2 cm, MVI M2, Child-Pugh A.", _AFTER, postoperative.mvi_present),
    DemoPatient("mvi-not-recorded", "MVI not recorded", "Eight weeks after resection; the specimen report is silent about MVI and Ki67.", _AFTER, postoperative.mvi_not_recorded),
    DemoPatient("mvi-in-words", "MVI in words", "Seven weeks after resection; MVI, satellites and Ki67 stand only in the words of the report. Confirm them in the app.", _AFTER, postoperative.mvi_in_words),
    DemoPatient("surveillance-overdue", "Surveillance overdue", "Eight months after resection, last imaging seven months ago.", _AFTER, postoperative.surveillance_overdue),
    DemoPatient("recurrence-found", "Recurrence found", "Nine months after resection a recurrence is on the problem list.", _AFTER, postoperative.recurrence_found),
    DemoPatient("lung-metastasis", "Lung metastasis", "Two lung metastases at diagnosis: what to discuss, and the flags if immunotherapy is ordered.", _SYSTEMIC, systemic.lung_metastasis),
    DemoPatient("immunotherapy-running", "Immunotherapy running", "Nivolumab for seven weeks: only blood from before the first dose is a baseline.", _SYSTEMIC, systemic.immunotherapy_running),
    DemoPatient("combination-running", "Combination running", "Four lung metastases under an immune checkpoint and a kinase inhibitor, the liver disease controlled.", _SYSTEMIC, systemic.combination_running),
    DemoPatient("earlier-resection", "Earlier resection", "A second tumour three years after a resection.", _OUTSIDE, preoperative.earlier_resection),
    DemoPatient("after-transplantation", "After transplantation", "A combined carcinoma in the graft: two reasons why no model applies.", _OUTSIDE, preoperative.after_transplantation),
    DemoPatient("no-hcc", "No HCC", "A lesion of uncertain nature: the service has nothing to say.", _OUTSIDE, preoperative.no_hcc),
)  # fmt: skip

PATIENTS: Final = MappingProxyType({item.id: item for item in _ALL})
