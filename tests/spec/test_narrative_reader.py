"""What a report says in words and what is read of it, both sides of every rule.

Each line is a text, the concept asked for and what is read: a value, a range, or nothing.
"""

from __future__ import annotations

import pytest

from fhir_mapping.narrative.reader import read_text
from fhir_mapping.narrative.statements import Amount

MVI, MACRO = "microvascular_invasion", "macrovascular_invasion"
KI67, SIZE, MARGIN, NUMBER = "ki67_percent", "tumour_size_cm", "margin_cm", "tumour_number"


def shown(value: str | Amount) -> str:
    """Return a value as the tables below write it."""
    if isinstance(value, str):
        return value
    mark = " hot spot" if value.hot_spot else ""
    if value.low is not None and value.low == value.high:
        return f"{value.low.normalize():f}{mark}"
    low = "" if value.low is None else f"{value.low.normalize():f}"
    high = "" if value.high is None else f"{value.high.normalize():f}"
    opened, closed = "(" if value.low_open else "[", ")" if value.high_open else "]"
    return f"{opened}{low}, {high}{closed}{mark}"


def read(text: str, concept: str) -> str:
    """Return what is read of one concept, "nothing" if nothing is."""
    found = {item.name: item for item in read_text(text)}
    return shown(found[concept].value) if concept in found else "nothing"


PRESENCE = [
    # MVI: M0 is absent, M1 and M2 present; TNM, L and an unspecified vessel are never MVI.
    ("MVI (M0).", MVI, "absent"),
    ("MVI: M1.", MVI, "present"),
    ("微血管侵犯分级：M2。", MVI, "present"),
    ("pT2 N0 M0, L1.", MVI, "nothing"),
    ("Lymphovascular invasion is identified.", MVI, "nothing"),
    ("脉管内见癌栓。", MVI, "nothing"),
    ("未见微血管侵犯。", MVI, "absent"),
    ("Microvascular invasion (MVI): not identified.", MVI, "absent"),
    ("可疑微血管侵犯。", MVI, "uncertain"),
    ("Microvascular invasion cannot be excluded.", MVI, "uncertain"),
    ("Microvascular invasion cannot be assessed.", MVI, "nothing"),
    ("微血管侵犯待免疫组化。", MVI, "nothing"),
    ("No micro- or macrovascular invasion is seen.", MVI, "absent"),
    ("大血管及微血管均未见侵犯。", MACRO, "absent"),
    ("Vascular invasion micro/macro: yes/no.", MVI, "present"),
    ("Vascular invasion micro/macro: yes/no.", MACRO, "absent"),
    # Small and large vessels named together; "or" denies both and affirms neither.
    ("Vascular invasion (large or small vessel): none.", MVI, "absent"),
    ("Large and small vessels are uninvolved.", MACRO, "absent"),
    ("Vascular invasion (micro or macro): present.", MVI, "nothing"),
    ("血管侵犯（微/大）：均无。", MACRO, "absent"),
    ("Suspicious for, but not diagnostic of, microvascular invasion.", MVI, "uncertain"),
    ("I do not think there is microvascular invasion.", MVI, "absent"),
    ("No MVI or Ki-67.", MVI, "nothing"),
    ("No tissue for MVI.", MVI, "nothing"),
    ("MVI risk is high on imaging.", MVI, "nothing"),
    ("The report is silent about MVI.", MVI, "nothing"),
    ("Angioinvasion: neither microscopic nor macroscopic invasion.", MACRO, "absent"),
    ("Angioinvasion: both macroscopic (portal branch) and microscopic.", MVI, "present"),
    ("Two venules outside the capsule contain tumour emboli.", MVI, "present"),
    ("Angioinvasion: microscopic only.", MVI, "present"),
    ("微血管侵犯：無。", MVI, "absent"),
    # Capsule: of the tumour, and how complete.
    ("Unencapsulated tumour with an infiltrating border.", "capsule", "absent"),
    ("The capsule is intact throughout.", "capsule", "complete"),
    ("fc(+), fc-inf(+).", "capsule", "incomplete"),
    ("fc(+), fc-inf(-).", "capsule", "present"),
    ("包膜灶性缺失。", "capsule", "incomplete"),
    ("No capsule tissue in the core.", "capsule", "nothing"),
    ("包膜完整。", "capsule", "complete"),
    ("包膜不完整。", "capsule", "incomplete"),
    ("Capsule: present, infiltrated by tumour.", "capsule", "incomplete"),
    ("The capsule is not invaded.", "capsule", "present"),
    ("Unencapsulated tumour.", "capsule", "absent"),
    ("The liver capsule is smooth.", "capsule", "nothing"),
    ("Tamsulosin capsule at night.", "capsule", "nothing"),
    # Satellites never add to the number.
    ("3 nodules including 2 satellites.", "satellites", "present"),
    ("3 nodules including 2 satellites.", NUMBER, "1"),
    ("A satellite clinic.", "satellites", "nothing"),
    ("I looked for satellites and found none.", "satellites", "absent"),
    ("Satellite nodules (n=6) accompany the tumour.", "satellites", "present"),
    ("无包膜，MVI及卫星灶均有。", "satellites", "present"),
    ("未见卫星灶可供评价。", "satellites", "nothing"),
    ("子灶：未见。", "satellites", "absent"),
    # Tumour thrombus is macrovascular invasion, a bland one is not, of no kind is open.
    ("门静脉右支癌栓形成。", MACRO, "present"),
    ("Bland thrombus in the left portal vein.", MACRO, "absent"),
    ("Portal vein thrombosis.", MACRO, "uncertain"),
    ("Portal vein thrombosis, nature not stated.", MACRO, "uncertain"),
    ("Thrombus in the portal vein (tumour thrombus).", MACRO, "present"),
    ("Bile duct tumour thrombus.", MACRO, "nothing"),
    ("The portal vein is patent.", MACRO, "nothing"),
    ("Vp0.", MACRO, "absent"),
    ("考虑门静脉癌栓形成可能。", MACRO, "uncertain"),
    ("门静脉内未及癌栓。", MACRO, "absent"),
    ("HCC growing into the middle hepatic vein.", MACRO, "present"),
    ("Enhancing thrombus in the right portal vein.", MACRO, "present"),
    ("PV soft, no thrombus.", MACRO, "absent"),
    ("Tumour is present within the lumen of the left portal vein.", MACRO, "present"),
    ("LR-TIV.", MACRO, "present"),
    ("A small portal vein branch contains a tumour plug.", MACRO, "nothing"),
    ("A small portal vein branch contains a tumour plug.", MVI, "present"),
    # Rupture: of the tumour and spontaneous.
    ("Ruptured HCC in segment 6.", "rupture", "present"),
    ("肿瘤未破裂。", "rupture", "absent"),
    ("Haemoperitoneum.", "rupture", "uncertain"),
    ("The tumour ruptured during mobilisation.", "rupture", "nothing"),
    ("食管静脉曲张破裂。", "rupture", "nothing"),
    ("Impending but not yet ruptured.", "rupture", "absent"),
    ("Nothing to suggest rupture of the tumour.", "rupture", "absent"),
    ("Course uneventful. FHx: father died from ruptured HCC.", "rupture", "nothing"),
    ("1.原发性肝癌破裂出血。", "rupture", "present"),
    ("The tumour had bled into the peritoneal cavity.", "rupture", "present"),
    ("None ruptured.", "rupture", "absent"),
    ("No CT evidence of tumor rupture.", "rupture", "absent"),
    ("Hepatic haemangioma without rupture.", "rupture", "nothing"),
    ("Fall from ladder, haemoperitoneum.", "rupture", "nothing"),
    ("Haemoperitoneum from the spleen.", "rupture", "nothing"),
    ("肿瘤随时有破裂可能。", "rupture", "nothing"),
]  # fmt: skip

NUMBERS = [
    ("Ki-67 (+, 约40%)", KI67, "40"),
    ("Ｋｉ－６７：３０％～４０％", KI67, "[30, 40]"),
    ("Ki-67 <5%", KI67, "[0, 5)"),
    ("Ki-67 ≤5%", KI67, "[0, 5]"),
    ("Ki-67 > 70 %", KI67, "(70, ]"),
    ("Ki-67 at least 60 %", KI67, "[60, ]"),
    ("Ki-67约百分之三十五", KI67, "35"),
    ("Ki-67 20 % (hot spot 60 %)", KI67, "20"),
    ("Ki-67 60 % in hot spots", KI67, "60 hot spot"),
    ("Ki-67: strongly positive", KI67, "nothing"),
    ("Ki-67 of background hepatocytes 2 %", KI67, "nothing"),
    ("Approximately 45 % of nuclei stain for Ki-67.", KI67, "45"),
    ("HCC; NET component Ki-67 4 %", KI67, "nothing"),
    ("Ki-67 pending, glypican-3 80 %", KI67, "nothing"),
    ("Ki-67 250 %", KI67, "nothing"),
    ("Tumour 8.5×6×5 cm", SIZE, "8.5"),
    ("肿瘤最大径56毫米", SIZE, "5.6"),
    ("The tumour measures 4,5 cm.", SIZE, "4.5"),
    ("Three nodules (4.0, 2.2 and 1.1 cm).", SIZE, "4"),
    ("Specimen 12 x 9 x 6 cm.", SIZE, "nothing"),
    ("Lone tumour, segment 5/8, 6.0 cm.", SIZE, "6"),
    ("★肿瘤大小（cm）：4.5×4.2×4.0", SIZE, "4.5"),
    ("Solitary 4.8-cm HCC.", SIZE, "4.8"),
    ("A 9.2 cm wedge of liver with a mass.", SIZE, "nothing"),
    ("A nodule of 3 mm may be a satellite.", SIZE, "nothing"),
    ("癌旁见3mm结节。", SIZE, "nothing"),
    ("3.0 cm lesion, classic hemangioma.", SIZE, "nothing"),
    ("Satellite nodule of 0.6 cm.", SIZE, "nothing"),
    ("Nodules (S2: 1.1, S4: 2.8, S8: 0.8 cm).", SIZE, "2.8"),
    ("原S8病灶（2.5cm）碘油沉积。", SIZE, "nothing"),
    ("送检部分肝脏，大小15×11×7cm。", SIZE, "nothing"),
    ("脾囊肿6cm。", SIZE, "nothing"),
    ("Tumour 45 mm (previously 30 mm).", SIZE, "4.5"),
    ("肿瘤距肝实质切缘最近1.2cm。", MARGIN, "1.2"),
    ("Tumour 3 mm from the resection margin.", MARGIN, "0.3"),
    ("Margin < 1 mm.", MARGIN, "[0, 0.1)"),
    ("切缘＞2cm。", MARGIN, "(2, ]"),
    ("Resection margin 10 mm or more.", MARGIN, "[1, ]"),
    ("Parenchymal margin: uninvolved; closest distance 8 mm.", MARGIN, "0.8"),
    ("32 mm of parenchyma between the carcinoma and the transection plane.", MARGIN, "3.2"),
    ("Resection line drawn 2 cm from the tumour edge.", MARGIN, "nothing"),
    ("Distance of invasive carcinoma from closest margin: 5 mm.", MARGIN, "0.5"),
    ("切缘未见癌累及（最近0.5cm）。", MARGIN, "0.5"),
    ("The hepatic surface over the 8.4 cm tumour is smooth.", MARGIN, "nothing"),
    ("沿断面每隔1cm切开。", MARGIN, "nothing"),
    ("设计切缘≥1cm。", MARGIN, "nothing"),
    ("Widely clear (2 cm) margin.", MARGIN, "2"),
    ("No invasion of portal veins and a clearance of 12 mm at the cut surface.", MARGIN, "1.2"),
    ("R0, margins clear.", MARGIN, "nothing"),
    ("Bile duct margin 8 mm.", MARGIN, "nothing"),
    ("A 2 cm margin was planned.", MARGIN, "nothing"),
    ("目测切缘约1cm。", MARGIN, "nothing"),
    ("Solitary tumour.", NUMBER, "1"),
    ("肿瘤2枚。", NUMBER, "2"),
    ("Four nodules in both lungs.", NUMBER, "nothing"),
    ("Both lungs show several nodules.", NUMBER, "nothing"),
    ("双肺见4枚结节，最大1.2cm。", SIZE, "nothing"),
    ("Two grey-white firm tumours.", NUMBER, "2"),
    ("Multifocal HCC.", NUMBER, "[2, ]"),
    ("At least 4 nodules.", NUMBER, "[4, ]"),
    ("肿瘤3个，其中2个为卫星灶。", NUMBER, "1"),
    ("A tumour in segment 6.", NUMBER, "nothing"),
    ("Five lymph nodes.", NUMBER, "nothing"),
    ("HCC (3.9 cm).", NUMBER, "nothing"),
    ("Two LR-5 in total.", NUMBER, "2"),
    ("A single focus is suspicious for microvascular invasion.", NUMBER, "nothing"),
    ("HCC on biopsy. Size per requisition 2.2 cm, solitary.", NUMBER, "nothing"),
    ("Bifocal HCC.", NUMBER, "2"),
    ("双灶HCC。", NUMBER, "2"),
    ("肝内见结节，共2枚。", NUMBER, "2"),
    ("Two small nodules lie beside the main tumour.", NUMBER, "nothing"),
    ("A second tumour in segment 5.", NUMBER, "2"),
    ("A second tumour three years after a resection.", NUMBER, "nothing"),
    ("Vascular invasion: microscopic, multiple.", NUMBER, "nothing"),
    ("肝硬化，多发再生结节。", NUMBER, "nothing"),
]  # fmt: skip

SCOPE = [
    # Only the tumour reported now: not history, the request, another organ, a plan, the literature.
    ("History of HCC with microvascular invasion.", MVI, "nothing"),
    ("Clinical information: ruptured HCC.\nDiagnosis: HCC, no MVI.", "rupture", "nothing"),
    ("Clinical information: ruptured HCC.\nDiagnosis: HCC, no MVI.", MVI, "absent"),
    ("既往史：MVI阳性。本次：未见微血管侵犯。", MVI, "absent"),
    ("Prior CT: 3 cm HCC. Current study: HCC 4 cm.", SIZE, "4"),
    ("MVI? satellites?", MVI, "nothing"),
    ("MVI? None.", MVI, "absent"),
    ("Lung: carcinoid, Ki-67 3 %.", KI67, "nothing"),
    ("Spleen 13 cm. No satellites.", "satellites", "absent"),
    ("His father died of ruptured HCC.", "rupture", "nothing"),
    ("外院病理示MVI阳性。", MVI, "nothing"),
    ("In the literature, MVI carries a poor prognosis.", MVI, "nothing"),
    ("Differential diagnosis: portal vein tumour thrombus.", MACRO, "nothing"),
    ("建议加做Ki-67。", KI67, "nothing"),
    ("包膜完整，建议复查。", "capsule", "complete"),
    # A bare name counts only among plain words or in a frame, never by default.
    ("Satellites in A3.", "satellites", "present"),
    ("The report includes assessment of MVI, satellites and capsule.", "capsule", "nothing"),
    ("MVI and capsule are outside the scope of cytology.", MVI, "nothing"),
    ("Capsule and margin were described in the main report.", "capsule", "nothing"),
    ("Wound rupture on day 6.", "rupture", "nothing"),
    ("A tumour rupture on day 6.", "rupture", "present"),
    ("There was worry about rupture of the tumour.", "rupture", "nothing"),
    # What ends or opens a list is said of all of it.
    ("MVI, capsule formation and satellite lesions are all absent.", MVI, "absent"),
    ("The following were sought and are not present: MVI, rupture.", "rupture", "absent"),
    ("No perineural, lymphatic, micro or macro vascular invasion.", MACRO, "absent"),
    ("Vascular invasion\nMicroscopic: nil\nMacroscopic: yes", MACRO, "present"),
    ("Vascular invasion: microscopic - present; macroscopic - no.", MACRO, "absent"),
    ("Microscopic: nil of note.", MVI, "nothing"),
    ("Except for MVI no adverse feature.", MVI, "present"),
    ("No capsule, tumour rupture+.", "rupture", "present"),
    ("[x] Capsule  [ ] Ki-67 done", "capsule", "present"),
    ("Tumour integrity: not intact.", "rupture", "present"),
    ("Tumour integrity: intact.", "rupture", "absent"),
    # What is behind the name and a colon must say that it is there.
    ("Macrovascular invasion: by radiology.", MACRO, "nothing"),
    ("Satellites: three, up to 8 mm.", "satellites", "present"),
    # A contrast, a suspicion that is settled, one that is refuted.
    ("Invasion of microscopic vessels but the large hilar branches are free.", MVI, "present"),
    ("MVI suspected on MRI was not confirmed histologically.", MVI, "absent"),
    ("Suspected MVI was confirmed on paraffin.", MVI, "present"),
    ("CT raised suspicion of rupture. At laparotomy no rupture.", "rupture", "absent"),
    ("The possible satellite is a haemangioma.", "satellites", "nothing"),
    ("Thrombus and not bland: tumour thrombus in the portal vein.", MACRO, "present"),
    ("Portal vein thrombosis, bland versus tumour.", MACRO, "uncertain"),
    ("?MVI in block B3.", MVI, "uncertain"),
    ("CT. Comparison: MRI from March. HCC with several satellites.", "satellites", "present"),
    ("Comparison: MRI from March showed satellites.", "satellites", "nothing"),
    ("MVI within the capsule. Complete capsule.", "capsule", "complete"),
    ("In blocks 4 and 6 the capsule is lacking.", "capsule", "incomplete"),
    ("The capsule is lacking.", "capsule", "absent"),
    ("Large veins spared.", MACRO, "absent"),
    ("Ruptured HCC of the left lateral section.", "rupture", "present"),
    ("Laparotomy for suspected ruptured HCC. The tumour was not ruptured.", "rupture", "absent"),
    ("Vascular invasion (select all)\n[x] Present, small vessel\n[ ] Not found", MVI, "present"),
    ("Vascular invasion (select all)\n[ ] Present, small vessel\n[x] Not found", MVI, "nothing"),
    ("Vascular invasion: present\n - small vessel: no\n - large vessel: yes", MVI, "absent"),
    ("Number of satellite nodules: 0", "satellites", "absent"),
    ("Tumour capsule: Present / Incomplete", "capsule", "incomplete"),
    ("Tumour capsule: Present / Absent", "capsule", "nothing"),
    ("The venules are uninvolved.", MVI, "absent"),
    ("Satellite cyst of the left kidney.", "satellites", "nothing"),
    ("Tumour thrombus in the right renal vein.", MACRO, "nothing"),
    ("In this series, MVI was present.", MVI, "nothing"),
    ("A3: tumour with capsule; A4 satellite.", "satellites", "nothing"),
    ("A3: no satellite.", "satellites", "absent"),
    ("MVI was not seen on H&E but is confirmed on CD31.", MVI, "present"),
    ("MVI was suspected on H&E but excluded by CD31.", MVI, "absent"),
    ("The capsule is present except posteriorly.", "capsule", "incomplete"),
    ("No breach of the capsule, which is complete.", "capsule", "complete"),
    ("Regenerative nodule with a thin capsule.", "capsule", "nothing"),
    ("Should MVI be confirmed, enrol in the trial.", MVI, "nothing"),
    ("No tumour cells within endothelium-lined spaces.", MVI, "absent"),
    ("HCC 7 cm, completely encapsulated, M0, Ki67 20 %.", MVI, "absent"),
    ("pT2, N0, M0.", MVI, "nothing"),
    ("No satellites, Ki67 around 30 %.", "satellites", "absent"),
    ("Two arterial foci next to it: satellites?", "satellites", "uncertain"),
    ("Not sure whether there is MVI.", MVI, "uncertain"),
    ("Poor prognostic features: lack of capsule, MVI.", MVI, "present"),
    ("The following are all present: MVI, satellites.", "satellites", "present"),
    ("Vascular invasion: none, large or small vessel.", MACRO, "absent"),
    ("Capsule and MVI: N/A.", "capsule", "nothing"),
    ("Rupture cannot be judged; neither can MVI.", MVI, "nothing"),
    ("Portal vein thrombosis prophylaxis with enoxaparin.", MACRO, "nothing"),
    ("Rupture of the tumour through its capsule.", "capsule", "incomplete"),
    ("Encapsulated HCC w/o satellites.", "satellites", "absent"),
    ("Negative for satellites and for macrovascular invasion.", MACRO, "absent"),
    ("Macrovascular - (7) satellite - (8) Ki-67 37%", "satellites", "absent"),
    ("Negative for: large vessel invasion, small vessel invasion.", MACRO, "absent"),
    ("The biopsy permits no statement on satellites or margins.", "satellites", "nothing"),
    ("Unaccompanied by satellites.", "satellites", "absent"),
    ("Tumour ruptured while being delivered.", "rupture", "nothing"),
    ("Specimen shows a ruptured tumour.", "rupture", "present"),
    # A key, a frequency in general, an earlier tumour.
    ("MVI0 = absent; MVI1 = present near.", MVI, "nothing"),
    ("MVI is found in about a third of resected HCC.", MVI, "nothing"),
    ("First tumour (2020): MVI present. Present tumour: no MVI.", MVI, "absent"),
    ("Recurrence in the graft (explant: MVI present).", MVI, "nothing"),
    ("Satellite lesions protocol.", "satellites", "nothing"),
    # What only may come, is asked for or warned of is not read; the clauses before it are.
    ("If rupture or MVI is found, follow-up is shortened.", MVI, "nothing"),
    ("Tumour 5 cm, at risk of rupture.", SIZE, "5"),
    ("Tumour 5 cm, at risk of rupture.", "rupture", "nothing"),
    ("Blocks: A1 tumour with capsule, A2 for MVI.", "capsule", "nothing"),
    # A table, a line of fields, and a list under its heading.
    ("| Satellite nodules | 0 |", "satellites", "absent"),
    ("HCC / capsule complete / MVI M1 / satellites no / margin 8 mm", "satellites", "absent"),
    ("Absent: MVI, satellites.", MVI, "absent"),
    ("未评估项目：包膜、卫星灶。", "capsule", "nothing"),
    # Templates: only what is ticked.
    ("MVI: Y/N.", MVI, "nothing"),
    ("卫星灶：×有 √无", "satellites", "absent"),
    ("MVI: [x] present [ ] absent", MVI, "present"),
    ("MVI：有□ 无☑", MVI, "absent"),
    ("MVI ( ) yes ( ) no", MVI, "nothing"),
    ("Satellites: yes / no", "satellites", "nothing"),
    # Corrections outweigh what they correct, and take back what they withdraw.
    ("No MVI. Addendum: MVI present (M1).", MVI, "present"),
    ("Ki-67 was reported as 27 %; the correct value is 37 %.", KI67, "37"),
    ("更正：包膜由完整更正为不完整。", "capsule", "incomplete"),
    ("Capsule complete. Correction: the remark on the capsule is withdrawn.", "capsule", "nothing"),
    ("The previous version stated MVI present in error. No MVI is identified.", MVI, "absent"),
    # Joined mentions share what is said; a comma in Chinese divides.
    ("Neither MVI nor satellites.", MVI, "absent"),
    ("No capsule, satellite nodule, portal venous tumour thrombus or rupture.", MACRO, "absent"),
    ("Neither capsule, satellite nodule nor rupture is demonstrated.", "rupture", "absent"),
    ("No satellites, microvascular invasion (+).", MVI, "present"),
    ("无包膜形成、卫星灶、MVI及肿瘤破裂。", MVI, "absent"),
    ("无包膜，MVI及卫星灶均有。", MVI, "present"),
    ("None of the following was seen: MVI, satellites.", "satellites", "absent"),
    ("No rupture, satellites: 2.", "satellites", "present"),
    ("No MVI except in one small vein.", MVI, "nothing"),
    ("Neither the capsule nor the existence of satellites can be ascertained.", "capsule", "nothing"),
    ("MVI\nM1\nCAPSULE\nInvaded\nKI-67\n65%", "capsule", "incomplete"),
    ("Negative for: MVI; macrovascular invasion; satellites.", "satellites", "absent"),
    ("阴性发现：MVI、卫星灶。", "satellites", "absent"),
    ("周边可见卫星灶，腹腔未见积血。", "satellites", "present"),
    ("Satellites............ no", "satellites", "absent"),
    ("MVI无从评价。", MVI, "nothing"),
    ("Should the final histology show MVI, plans change.", MVI, "nothing"),
    ("Tumour size is 4.8 cm, not 8.4 cm.", SIZE, "4.8"),
    ("断面7×4cm。", MARGIN, "nothing"),
    ("MVI及卫星灶均未见。", MVI, "absent"),
    ("No MVI, satellites present.", "satellites", "present"),
    ("无卫星灶，包膜完整。", "capsule", "complete"),
    # Places that contradict each other: present anywhere is present, but not where it is only named.
    ("No MVI in block A. MVI is present in block B.", MVI, "present"),
    ("No MVI in block A. MVI in block B.", MVI, "nothing"),
    ("Lesion 1: capsule yes. Lesion 2: capsule no.", "capsule", "nothing"),
    # A benign diagnosis without a malignant one.
    ("Focal nodular hyperplasia. Ki-67 1 %.", KI67, "nothing"),
    ("Rectal cancer, Ki-67 80 %. Liver biopsy: metastatic adenocarcinoma.", KI67, "nothing"),
    ("HCC. Bile duct hamartoma, thinly encapsulated.", "capsule", "nothing"),
    ("局灶性结节增生，非肝癌。未见破裂。", "rupture", "nothing"),
    ("HCC; FNH in another segment. Ki-67 30 %.", KI67, "30"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "concept", "expected"), [*PRESENCE, *NUMBERS, *SCOPE])
def test_what_is_read(text: str, concept: str, expected: str) -> None:
    """Each text gives what the table says of the concept."""
    assert read(text, concept) == expected


def test_a_finding_quotes_the_exact_words_and_names_its_rules() -> None:
    """The quote is the original text, full-width signs included."""
    (found,) = read_text("镜下：ＭＶＩ（Ｍ１）。")
    assert found.name == MVI
    assert found.quote == "ＭＶＩ（Ｍ１）"
    assert found.rule == "mvi/mvi-grade"
