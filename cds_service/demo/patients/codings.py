"""The codes that the synthetic patients are written with, each by a short name.

Only codes that the value sets of `fhir_mapping` ship, or that HL7 itself defines, stand here.
"""

from __future__ import annotations

from typing import Final

from fhir_mapping.codes import HCC_CDS_SYSTEM

__all__ = ["CODINGS", "coding"]

LOINC: Final = "http://loinc.org"
SNOMED_CT: Final = "http://snomed.info/sct"
ICD_10_CM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC: Final = "http://www.whocc.no/atc"
NCIT: Final = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"

_TABLE: Final = (
    # Problems
    ("hcc", SNOMED_CT, "109841003", "Hepatocarcinoma"),
    ("uncertain neoplasm", ICD_10_CM, "D37.6", "Neoplasm of uncertain behavior of liver, gallbladder and bile ducts"),
    ("recurrence", SNOMED_CT, "314963000", "Local recurrence of malignant tumor of liver"),
    ("mixed liver cancer", SNOMED_CT, "274902006", "Mixed hepatocellular and bile duct carcinoma"),
    ("lung metastasis", SNOMED_CT, "94391008", "Secondary malignant neoplasm of lung"),
    ("hepatitis B", SNOMED_CT, "186639003", "Chronic viral hepatitis B without delta-agent (disorder)"),
    ("hepatitis C", SNOMED_CT, "128302006", "Chronic hepatitis C (disorder)"),
    ("cirrhosis", SNOMED_CT, "19943007", "Cirrhosis of liver (disorder)"),
    ("encephalopathy", SNOMED_CT, "13920009", "Hepatic encephalopathy"),
    ("ascites", SNOMED_CT, "389026000", "Ascites"),
    ("recurrence of HCC", HCC_CDS_SYSTEM, "hcc-recurrence", "Recurrence of HCC"),
    ("extrahepatic disease", HCC_CDS_SYSTEM, "extrahepatic-disease", "Extrahepatic disease of HCC"),
    # Laboratory
    ("AFP", LOINC, "1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma"),
    ("AFP units", LOINC, "19176-7", "Alpha-1-Fetoprotein [Units/volume] in Serum or Plasma"),
    ("bilirubin", LOINC, "14631-6", "Bilirubin.total [Moles/volume] in Serum or Plasma"),
    ("bilirubin mass", LOINC, "1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma"),
    ("albumin", LOINC, "1751-7", "Albumin [Mass/volume] in Serum or Plasma"),
    ("INR", LOINC, "6301-6", "INR in Platelet poor plasma by Coagulation assay"),
    ("neutrophils", LOINC, "751-8", "Neutrophils [#/volume] in Blood by Automated count"),
    ("lymphocytes", LOINC, "731-0", "Lymphocytes [#/volume] in Blood by Automated count"),
    ("haemoglobin", LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood"),
    ("LDH", LOINC, "2532-0", "Lactate dehydrogenase [Enzymatic activity/volume] in Serum or Plasma"),
    ("HBsAg", LOINC, "5195-3", "Hepatitis B virus surface Ag [Presence] in Serum"),
    ("HBV DNA", LOINC, "42595-9", "Hepatitis B virus DNA [Units/volume] (viral load) in Serum or Plasma by NAA"),
    # Clinical scores
    ("Child-Pugh class", NCIT, "C121007", "Child-Pugh Clinical Classification"),
    ("Child-Pugh A", NCIT, "C113691", "Child-Pugh Class A"),
    ("Child-Pugh B", NCIT, "C113692", "Child-Pugh Class B"),
    ("ECOG", LOINC, "89247-1", "ECOG Performance Status score"),
    # Tumour
    ("tumour size", LOINC, "21889-1", "Size Tumor"),
    ("longest dimension", LOINC, "33728-7", "Size.maximum dimension in Tumor"),
    ("tumour number", LOINC, "42032-3", "Number of tumors at diagnosis Cancer"),
    ("macrovascular invasion", SNOMED_CT, "371493002", "Status of venous (large vessel) invasion by tumor"),
    ("Ki67", LOINC, "29593-1", "Cells.Ki-67 nuclear Ag/cells in Tissue by Immune stain"),
    ("margin", LOINC, "33737-8", "Distance of tumor from closest margin"),
    ("residual tumour", SNOMED_CT, "17964000", "Residual tumor stage (observable entity)"),
    ("R0", SNOMED_CT, "258254000", "Residual tumor stage R0 (finding)"),
    ("R1", SNOMED_CT, "278271003", "Residual tumor stage R1 (finding)"),
    ("MVI", HCC_CDS_SYSTEM, "microvascular-invasion", "Microvascular invasion (MVI)"),
    ("M0", HCC_CDS_SYSTEM, "mvi-m0", "MVI grade M0"),
    ("M1", HCC_CDS_SYSTEM, "mvi-m1", "MVI grade M1"),
    ("M2", HCC_CDS_SYSTEM, "mvi-m2", "MVI grade M2"),
    ("capsule", HCC_CDS_SYSTEM, "tumour-capsule", "Tumour capsule"),
    ("capsule complete", HCC_CDS_SYSTEM, "capsule-complete", "Capsule complete"),
    ("capsule incomplete", HCC_CDS_SYSTEM, "capsule-incomplete", "Capsule incomplete"),
    ("capsule absent", HCC_CDS_SYSTEM, "capsule-absent", "Capsule absent"),
    ("intrahepatic control", HCC_CDS_SYSTEM, "intrahepatic-disease-controlled", "Intrahepatic disease is controlled"),
    ("lung foci", HCC_CDS_SYSTEM, "lung-metastasis-number", "Number of lung metastases"),
    ("MYCN", HCC_CDS_SYSTEM, "mycn-expression", "MYCN in the tumour"),
    ("HMGA2", HCC_CDS_SYSTEM, "hmga2-expression", "HMGA2 in the tumour"),
    ("satellites", HCC_CDS_SYSTEM, "satellite-nodules", "Satellite nodules"),
    ("rupture", HCC_CDS_SYSTEM, "tumour-rupture", "Spontaneous rupture of HCC"),
    # Course of the index stay
    ("transfusion", HCC_CDS_SYSTEM, "intraoperative-transfusion", "Intraoperative red cell transfusion"),
    ("complication", HCC_CDS_SYSTEM, "postoperative-complication", "Postoperative complication of the index stay"),
    ("liver failure", SNOMED_CT, "59927004", "Hepatic failure (disorder)"),
    ("bile leak", HCC_CDS_SYSTEM, "bile-leak", "Bile leak"),
    # Answers
    ("present", SNOMED_CT, "52101004", "Present"),
    ("absent", SNOMED_CT, "2667000", "Absent"),
    ("positive", SNOMED_CT, "10828004", "Positive"),
    ("negative", SNOMED_CT, "260385009", "Negative"),
    # Methods
    ("CT", SNOMED_CT, "77477000", "Computerized axial tomography (procedure)"),
    ("MRI", SNOMED_CT, "113091000", "Magnetic resonance imaging (procedure)"),
    ("gross pathology", SNOMED_CT, "787377000", "Gross examination and sampling of tissue specimen (procedure)"),
    # Procedures and orders
    ("partial hepatectomy", SNOMED_CT, "71273005", "Partial hepatectomy"),
    ("segment resection", SNOMED_CT, "174430004", "Resection of segment of liver"),
    ("laparoscopic segmentectomy", SNOMED_CT, "708589000", "Laparoscopic liver segmentectomy"),
    ("liver transplantation", SNOMED_CT, "18027006", "Transplantation of liver"),
    ("red cell transfusion", SNOMED_CT, "116863004", "Transfusion of red blood cells (procedure)"),
    ("adjuvant TACE", HCC_CDS_SYSTEM, "adjuvant-tace", "Adjuvant TACE after liver resection"),
    ("CT chest and abdomen", LOINC, "42277-4", "CT Chest and Abdomen WO and W contrast IV"),
    ("CT liver", LOINC, "30612-6", "CT Liver WO and W contrast IV"),
    ("MR liver", LOINC, "30670-4", "MR Liver WO and W contrast IV"),
    # Medicines
    ("entecavir", ATC, "J05AF10", "entecavir"),
    ("tenofovir alafenamide", ATC, "J05AF13", "tenofovir alafenamide"),
    ("nivolumab", RXNORM, "1597876", "nivolumab"),
    ("lenvatinib", ATC, "L01EX08", "lenvatinib"),
    ("pembrolizumab", ATC, "L01FF02", "pembrolizumab"),
    ("atezolizumab", RXNORM, "1792776", "atezolizumab"),
)  # fmt: skip

CODINGS: Final = {
    name: {"system": system, "code": code, "display": display}
    for name, system, code, display in _TABLE
}


def coding(name: str) -> dict[str, str]:
    """Return a fresh FHIR Coding by its short name."""
    return dict(CODINGS[name])
