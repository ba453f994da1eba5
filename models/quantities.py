"""Every input once: its name, canonical unit, plausible range, meaning and source.

A plausible range is a limit of reading, not of medicine: a value outside it is not used, and an
unknown value may be anything inside it. The ranges are ours and are marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = [
    "ABSENT",
    "PRESENT",
    "QUANTITIES",
    "Quantity",
    "quantity",
]

ABSENT = "absent"
PRESENT = "present"
_PRESENCE = (ABSENT, PRESENT)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One clinical quantity that a model may ask for.

    Parameters
    ----------
    name : str
        Identifier in all packages; a number carries its unit in its name.
    label : str
        What a clinician reads.
    unit : str
        Canonical UCUM unit; empty for a category.
    meaning : str
        What exactly is meant, in one sentence.
    lower, upper : Decimal or None
        Plausible range in the canonical unit (numbers only).
    integer : bool
        Only whole numbers are possible.
    categories : tuple of str
        The possible categories, in order (categories only).
    """

    name: str
    label: str
    unit: str
    meaning: str
    lower: Decimal | None = None
    upper: Decimal | None = None
    integer: bool = False
    categories: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # Each name stands for one quantity; the inputs of a call are looked up by it again and again.
        return hash(self.name)

    @property
    def is_number(self) -> bool:
        """Whether values are numbers (and not categories)."""
        return not self.categories


def _number(
    name: str, label: str, unit: str, lower: str, upper: str, meaning: str, *, integer: bool = False
) -> Quantity:
    return Quantity(name, label, unit, meaning, Decimal(lower), Decimal(upper), integer)


def _category(
    name: str, label: str, meaning: str, categories: tuple[str, ...] = _PRESENCE
) -> Quantity:
    return Quantity(name, label, "", meaning, categories=categories)


_ALL = (
    # Who and when
    _number("age_years", "Age", "a", "0", "120", "Completed years at the index operation, or today if none is done yet.", integer=True),
    _category("sex", "Sex", "Administrative sex on the Patient resource.", ("female", "male")),
    _category("hcc", "Hepatocellular carcinoma", "An active or treated HCC is on the problem list."),
    _category("resection", "Resection", "Where the patient stands: no resection planned or done, planned (an order or a scheduled procedure), or done.", ("none", "planned", "done")),
    _number("months_since_resection", "Months since the index operation", "mo", "0", "1200", "Completed calendar months since the date of the index operation.", integer=True),
    # Tumour, before or at the operation
    _number("afp_ng_ml", "AFP", "ng/mL", "0", "10000000", "Serum alpha-fetoprotein, the latest before the operation and before any treatment."),
    _number("tumour_size_cm", "Largest tumour", "cm", "0.1", "40", "Largest diameter over all HCC lesions."),
    _number("tumour_number", "Tumour number", "1", "1", "100", "Number of HCC nodules; satellites are not counted.", integer=True),
    _category("macrovascular_invasion", "Macrovascular invasion", "Tumour thrombus of portal vein, hepatic vein or vena cava; bland or unspecified thrombus is not meant."),
    _category("capsule", "Capsule", "Tumour capsule; 'present' says nothing of its completeness.", ("complete", "incomplete", "present", "absent")),
    _category("satellites", "Satellite nodules", "Satellite nodules of the HCC, on imaging or in the specimen."),
    _category("rupture", "Tumour rupture", "Spontaneous rupture of the HCC before the operation; haemoperitoneum alone is not meant."),
    # Specimen and course of the index stay
    _category("microvascular_invasion", "MVI", "Microvascular invasion in the specimen (M1 or M2); lymphatic invasion is not meant."),
    _number("ki67_percent", "Ki67", "%", "0", "100", "Ki67-positive tumour cell nuclei in the specimen."),
    _number("margin_cm", "Resection margin", "cm", "0", "15", "Nearest parenchymal distance between tumour and resection plane."),
    _category("residual_tumour", "Residual tumour", "Residual tumour class of the index operation.", ("R0", "R1", "R2")),
    _category("transfusion", "Transfusion", "Allogeneic red cells or whole blood during the index operation."),
    _category("complication", "Postoperative complication", "Any complication, of any grade, during the index stay."),
    # What decides applicability
    _category("liver_transplantation", "Liver transplantation", "A liver transplantation is on record."),
    _category("other_liver_cancer", "Other or mixed liver cancer", "Cholangiocarcinoma, combined carcinoma, hepatoblastoma or a liver metastasis of another tumour."),
    _category("extrahepatic_disease", "Extrahepatic disease", "Distant metastasis or nodal disease of the HCC."),
    _category("recurrence", "Recurrence", "Recurrence of the HCC recorded after the index operation."),
    _category("earlier_resection", "Earlier HCC resection", "An HCC resection before the index operation, or before the one now ordered."),
    _category("earlier_treatment", "Earlier HCC treatment", "TACE, HAIC, ablation, radiotherapy or systemic therapy of the HCC before the index operation."),
    _category("child_pugh_class", "Child-Pugh class", "Child-Pugh class on record or computed from its five items.", ("A", "B", "C")),
    _category("hbv", "Hepatitis B", "HBsAg positive or HBV DNA detected."),
    _category("hbv_antiviral", "HBV antiviral", "A nucleos(t)ide analogue against HBV is on record."),
    # Liver function and what forbids an adjuvant draft
    _number("bilirubin_umol_l", "Bilirubin", "umol/L", "0.5", "1500", "Total bilirubin in serum or plasma."),
    _number("albumin_g_l", "Albumin", "g/L", "5", "80", "Albumin in serum or plasma."),
    _number("inr", "INR", "{INR}", "0.5", "20", "International normalised ratio of the prothrombin time."),
    _category("ascites", "Ascites", "Ascites; 'slight' includes ascites controlled by medication.", ("none", "slight", "moderate")),
    _category("encephalopathy", "Hepatic encephalopathy", "Hepatic encephalopathy by West Haven grade.", ("none", "grade-1-2", "grade-3-4")),
    _category("liver_failure", "Liver failure", "Liver failure after the index operation, or now."),
    _category("bile_leak", "Bile leak", "Bile leak after the index operation."),
    _number("ecog", "ECOG performance status", "{score}", "0", "4", "ECOG performance status.", integer=True),
    # Spread and treatment
    _category("pvtt", "Portal vein tumour thrombus", "Tumour thrombus of the portal vein; bland or unspecified thrombus is not meant."),
    _category("lymph_node_metastasis", "Lymph-node metastasis", "Lymph-node metastasis of the HCC."),
    _category("lung_metastasis", "Lung metastasis", "Lung metastasis of the HCC."),
    _number("lung_foci", "Lung foci", "1", "0", "200", "Number of lung metastases.", integer=True),
    _number("metastatic_sites", "Metastatic sites", "1", "0", "20", "Number of organs with metastasis.", integer=True),
    _category("immune_checkpoint_inhibitor", "Immune checkpoint inhibitor", "An immune checkpoint inhibitor is running."),
    _category("kinase_inhibitor", "Kinase inhibitor", "A tyrosine kinase inhibitor is running."),
    _category("intrahepatic_control", "Intrahepatic disease controlled", "A report states that the disease within the liver is controlled."),
    # Biology without a weight in any model
    _category("mycn_expression", "MYCN", "MYCN is expressed or amplified in the tumour."),
    _category("hmga2_expression", "HMGA2", "HMGA2 is expressed in the tumour."),
    # Blood
    _number("nlr", "NLR", "1", "0", "200", "Neutrophil-to-lymphocyte ratio, computed from absolute counts of one specimen."),
    _number("ldh_times_upper_limit", "LDH", "[ULN]", "0", "100", "Lactate dehydrogenase as a multiple of the reporting laboratory's upper limit."),
    _number("haemoglobin_g_l", "Haemoglobin", "g/L", "20", "250", "Haemoglobin in blood."),
)  # fmt: skip

QUANTITIES: dict[str, Quantity] = {item.name: item for item in _ALL}


def quantity(name: str) -> Quantity:
    """Return the quantity of this name.

    Raises
    ------
    KeyError
        If no quantity has this name.
    """
    return QUANTITIES[name]
