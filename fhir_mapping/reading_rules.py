"""The reading rules in words, by the anchor that each finding's evidence names."""

from __future__ import annotations

__all__ = ["READING_RULES"]

# Each is argued at its spec test in tests/spec and stands in docs/mapping.md.
READING_RULES: dict[str, str] = {
    "hcc": (
        "HCC needs a confirmed diagnosis of hepatocellular carcinoma. A liver cancer of no stated "
        "type, an unconfirmed diagnosis or a history leaves it open; a refuted one does not count. "
        "The ICD-O-3 topography C22.0 (liver, any histology) is never HCC. A combined carcinoma is "
        "HCC and another liver cancer. A resolved or remitted HCC still counts, for a resected HCC "
        "is often recorded so."
    ),
    "index-operation": (
        "The earliest completed, therapeutic HCC resection. Biopsy, donor and transplant operations "
        "never count, nor do the statuses not-done, stopped, preparation and entered-in-error. In a "
        "staged resection the completing stage counts, however late; until then the patient is before "
        "surgery. "
        "Two resections close to each other with no HCC event between are a question. A date too "
        "coarse to lie surely before today, no date, a status that does not say completed, or an OPS code "
        "of a local excision or destruction (5-501) leaves the phase unclear."
    ),
    "tumour-size": (
        "The longest dimension. Before surgery the last imaging before the operation, also when "
        "asked later; for the others the specimen first. Lesions of one day that are told apart "
        "give the largest; values of one day that exclude each other are a conflict."
    ),
    "other-tumour": (
        "What says of one tumour only (size, number, invasion, capsule, margin, Ki67) is not used where "
        "its body site or its focus names another tumour; nor is a metastasis whose primary is another "
        "cancer on record. Where nothing is named it counts as the HCC's, unless a cancer of another "
        "organ is on record too."
    ),
    "other-person": (
        "A family history, by the category or the words of a diagnosis, and what has somebody else as "
        "its focus (a relative, a donor) is not of the patient and never used."
    ),
    "tumour-number": (
        'The number of tumours; satellites never add to it. "Multiple" without a number is two or '
        "more."
    ),
    "macrovascular": (
        "Tumour thrombus of portal vein, hepatic vein or vena cava, or large vessel invasion. A "
        "thrombosis that does not say tumour, and a bile duct thrombus, are never read as present; "
        "no thrombus in one vein says nothing of the others."
    ),
    "capsule": "As recorded: complete, incomplete, present or absent. Not mentioned is unknown.",
    "satellites": "Satellite nodules of the HCC; colorectal and melanoma codes are not read.",
    "rupture": "Spontaneous, before the operation, by its own code. Haemoperitoneum alone is not it.",
    "afp-unit": (
        "The unit must fit the code: a mass code with international units, or the reverse, is not "
        "used. AFP in other fluids, AFP-L3, presence and interpretation are not AFP."
    ),
    "afp-conversion": (
        "International units are converted by the site's factor and marked. Where a cut-off lies "
        "between what the known factors give, the value is that range, so the category is unknown."
    ),
    "mvi": (
        "Of the specimen, never of imaging. M0 is absent, M1 and M2 are present, under the MVI question only. TNM M0 and M1, lymphatic "
        "L0 and L1, lymphovascular invasion of no stated kind and invasion of nothing stated are never "
        "MVI."
    ),
    "margin": (
        "The nearest distance. R0 without a distance leaves the margin unknown, never below 1 cm. "
        "An involved margin is R1 or R2."
    ),
    "transfusion": (
        "Allogeneic red cells or whole blood during the index operation, linked by partOf or by "
        "time. Other products, later ones and dates without a time leave it unknown."
    ),
    "complication": (
        "Any complication, of any grade, during the index stay. Until discharge, none recorded is "
        "unknown."
    ),
    "spread": (
        "A confirmed diagnosis of a metastasis outside the liver, or TNM M1. M0, a metastasis of no "
        "stated site and one recorded as over leave it unknown. A problem list without metastasis "
        "is no proof of none, and none in one organ says nothing of the others."
    ),
    "recurrence": (
        "A recurrence recorded after the index operation, an HCC whose clinical status is recurrence "
        "or relapse, or spread first recorded after the operation. One recorded before it leaves open "
        "whether the HCC was treated before."
    ),
    "child-pugh-score": "5 to 6 points are class A, 7 to 9 class B, 10 to 15 class C.",
    "child-pugh-computed": (
        "Where no class is recorded, the class of the sum of the five items, from values of the last "
        "90 days; an item that is not known leaves every class that the sum may reach."
    ),
    "nlr": (
        "Absolute neutrophils over absolute lymphocytes of one specimen, or else of one day. "
        "Percentages are not counts, a comparator gives no ratio, and a count outside 0.02 to 100 "
        "10*9/L may be a slip by a thousand and is not used. The range is ours."
    ),
    "ldh-limit": (
        "LDH over the upper limit of its own laboratory, sent with it in the same unit; without a "
        "limit it is unknown, and several limits leave a range."
    ),
    "lung-foci": "The number of foci as stated; a lung metastasis on the problem list is no number.",
    "metastatic-sites": (
        "A stated number of organs, or at least as many as the problem list names (lung, bone, brain, "
        "adrenal gland, peritoneum). Lymph nodes are not counted: no source says that they are."
    ),
    "intrahepatic-control": "Controlled only where a report states it; else unknown.",
    "age": "Completed years at the index operation, or today; a coarse date leaves both ages.",
    "hbv": (
        "HBsAg positive, HBV DNA detected, or the diagnosis. HBV DNA that is low or not detected rules "
        "nothing out, for it is so under treatment."
    ),
    "graded-sign": (
        "Ascites and encephalopathy that are present without a grade leave the grades open; absent is "
        "none; one recorded as over is not now."
    ),
    "in-doubt": (
        "A diagnosis is in doubt by its verification status, or where its own words begin with doubt or "
        'denial ("suspected", "rule out", "no evidence of") beside a code that knows none; it leaves its '
        "input unknown. Refuted says that it was not so, at that time."
    ),
    "over": (
        "A diagnosis is over by its clinical status (inactive, resolved, remission) or by an abatement "
        "up to today. A metastasis, a sign or hepatitis B that is over leaves its input unknown; an HCC "
        "that is over still counts."
    ),
    "given": (
        "A drug or procedure counts by its status: given, taken or running. One that was planned, "
        "cancelled, not done or not taken does not."
    ),
    "as-recorded": (
        "As recorded, converted to the unit of the input where it came in another. A code that is "
        'itself an answer ("MVI M0", "R1") holds where it stands alone or is confirmed; denied, it '
        "says only what is not the case."
    ),
    "none-recorded": (
        "An answered search that finds nothing. Whether that means absent is decided per quantity."
    ),
}
