"""Chinese wordings of what is present or absent, both sides of every rule."""

from __future__ import annotations

import pytest

from fhir_mapping.narrative.reader import read_text

MVI, MACRO = "microvascular_invasion", "macrovascular_invasion"


def read(text: str, concept: str) -> str:
    """Return the value that is read of one concept, "nothing" if none is."""
    return next((str(item.value) for item in read_text(text) if item.name == concept), "nothing")


CASES = [
    # English words right behind Chinese characters are words.
    ("无rupture。", "rupture", "absent"),
    ("未见microvascular invasion。", MVI, "absent"),
    # A part of the capsule that is there, or is missing.
    ("包膜约三分之一缺失。", "capsule", "incomplete"),
    ("癌周可见纤维性包膜，右下角处缺如。", "capsule", "incomplete"),
    ("包膜仅局部存在。", "capsule", "incomplete"),
    ("约三分之一周径未见包膜。", "capsule", "incomplete"),
    ("包膜缺失。", "capsule", "absent"),
    ("包膜资料缺失。", "capsule", "nothing"),
    ("癌组织越过包膜浸及邻近肝组织。", "capsule", "incomplete"),
    ("包膜形成：否。", "capsule", "absent"),
    ("包膜完整性：否。", "capsule", "incomplete"),
    ("包膜：见上", "capsule", "nothing"),
    # A bare name counts where every word of its clause is understood.
    ("肿瘤周围卫星灶。", "satellites", "present"),
    ("卫星灶一栏漏填。", "satellites", "nothing"),
    ("卫星灶检测采用连续切片法。", "satellites", "nothing"),
    ("加染CD34（评估MVI用）。", MVI, "nothing"),
    ("肿瘤破裂指术前自发破裂。", "rupture", "nothing"),
    # The present is taken up again behind a comma.
    ("外院病理MVI阴性，我院会诊：见微血管侵犯。", MVI, "present"),
    ("与前片（上周，未见破裂）比较，本次见肿瘤破裂。", "rupture", "present"),
    ("外院病理MVI阴性，患者要求会诊。", MVI, "nothing"),
    # A question mark in a picture's report is a doubt; a question is none.
    ("肝周新发积血，肿瘤破裂？", "rupture", "uncertain"),
    ("有无肿瘤破裂？", "rupture", "nothing"),
    ("肿瘤有无破裂：无。", "rupture", "absent"),
    # What was only thought earlier counts only as disproved.
    ("原疑为卫星灶，补充连切后排除。", "satellites", "absent"),
    ("术前疑有卫星灶。", "satellites", "nothing"),
    ("可疑微血管侵犯灶，深切后消失，最终判定M0。", MVI, "absent"),
    # A denial with an object of its own is of another thing.
    ("肝肿瘤破裂出血，未见其他脏器损伤。", "rupture", "present"),
    ("卫星灶，未见。", "satellites", "absent"),
    # Lists and their headings.
    ("未见破裂、卫星灶及门脉癌栓。", MACRO, "absent"),
    ("肝癌，未见以下征象：破裂、门静脉癌栓、子灶。", "satellites", "absent"),
    ("以下各项均为阴性：包膜、卫星结节。", "satellites", "absent"),
    ("检查项目：肿瘤破裂", "rupture", "nothing"),
    # Codes, counts and boxes.
    ("包膜：1（0=无，1=有）", "capsule", "present"),
    ("MVI计数：0个", MVI, "absent"),
    ("MVI：0/7", MVI, "absent"),
    ("MVI分级说明：M0未见；M1≤5个。", MVI, "nothing"),
    ("远癌旁MVI：无。", MVI, "nothing"),
    ("MVI 有【 】 无【√】", MVI, "absent"),
    ("门静脉癌栓【√】 肝静脉癌栓【 】", MACRO, "present"),
    ("VP2，VV0。", MACRO, "present"),
    ("VP1-4见规范。", MACRO, "nothing"),
    # A large vein: clots without blood flow are bland, embolisation is a treatment.
    ("门静脉主干血栓，无强化。", MACRO, "absent"),
    ("门静脉主干血栓。", MACRO, "uncertain"),
    ("门静脉右支栓塞术后。", MACRO, "nothing"),
    ("胆总管内癌栓。", MACRO, "nothing"),
    ("肿瘤未累及门静脉主干。", MACRO, "absent"),
    ("门静脉小分支内见癌栓。", MVI, "present"),
    ("门静脉小分支内见癌栓。", MACRO, "nothing"),
    # Rupture: tears at operation, chances, other things; a slip of the pen.
    ("翻肝过程中肿瘤破裂。", "rupture", "nothing"),
    ("为减少肿瘤破裂机会，先离断肝实质。", "rupture", "nothing"),
    ("肿瘤破裂可能性大。", "rupture", "uncertain"),
    ("玻片破裂，重新制片。", "rupture", "nothing"),
    ("S6者已破裂，S3者未破裂。", "rupture", "present"),
    ("肿物质脆，未破。", "rupture", "absent"),
    ("不考虑破裂。", "rupture", "absent"),
    ("末见微血管侵犯。", MVI, "absent"),
    ("未见MVI，Ki-67为10%。", MVI, "absent"),
    ("不能确定为MVI。", MVI, "uncertain"),
    ("包膜：无（浸润性边界）。", "capsule", "absent"),
    ("肿瘤无破裂、包膜完整、无卫星灶。", "capsule", "complete"),
    ("门静脉未见血栓、癌栓。", MACRO, "absent"),
    ("门静脉左支未见显示，考虑癌栓。", MACRO, "present"),
    ("肿瘤累及肝右静脉，未累及下腔静脉。", MACRO, "present"),
    ("为避免破裂，动作轻柔，肿瘤未破裂。", "rupture", "absent"),
    ("无大血管侵犯，微血管侵犯1处。", MVI, "present"),
    ("大、小血管均未见癌栓。", MVI, "absent"),
    ("血管侵犯：未见（包括微血管及大血管）。", MACRO, "absent"),
    ("MVI（M0/M1/M2）：M1", MVI, "present"),
    ("MVI（有/无）：无", MVI, "absent"),
    ("MVI阳性率约为30%。", MVI, "nothing"),
    ("肿瘤9cm，膈面破口长2cm，活动性渗血。", "rupture", "present"),
    ("肿瘤9cm，表面未见破口。", "rupture", "absent"),
    ("脾脏见破口，活动性渗血。", "rupture", "nothing"),
    ("腹腔积血，来源于脾破裂。", "rupture", "nothing"),
    ("切缘需包括卫星灶。", "satellites", "nothing"),
    ("包膜是否完整难以判断。", "capsule", "uncertain"),
    # Each of two joined names has what is said of it.
    ("伴微血管侵犯、没有卫星灶。", "satellites", "absent"),
    ("没有微血管侵犯、卫星灶：有。", "satellites", "present"),
    ("没有微血管侵犯、卫星灶：有。", MVI, "absent"),
    ("可见微血管侵犯、子灶未见。", MVI, "present"),
    ("微血管侵犯未见 门静脉癌栓可见", MVI, "absent"),
    ("MVI无法评价、门静脉癌栓：有。", MVI, "nothing"),
    ("有微血管癌栓，门静脉癌栓（-）。", MVI, "present"),
    ("无微血管侵犯、不除外子灶。", "satellites", "uncertain"),
    ("包膜形成：未见。", "capsule", "absent"),
    ("未能排除肿瘤破裂。", "rupture", "uncertain"),
    ("卫星灶【-】", "satellites", "absent"),
    ("【微血管侵犯】无 【卫星结节】有", MVI, "absent"),
    ("包膜虽完整，但镜下见癌细胞浸润。", "capsule", "incomplete"),
    # What opens or ends a list is said of all of it, also across things that are not read.
    ("未见卫星结节、腹腔积液、微血管癌栓及门静脉癌栓。", MVI, "absent"),
    ("可疑卫星灶、腹腔积液和微血管侵犯。", MVI, "uncertain"),
    ("未评价肿瘤破裂、腹腔积液、MVI。", MVI, "nothing"),
    ("肿瘤破裂、卫星结节及肝内转移均未描述。", "rupture", "nothing"),
    ("可见卫星灶、切缘未见癌。", "satellites", "present"),
    ("若术后病理示MVI阳性，则行TACE，本次未见微血管侵犯。", MVI, "absent"),
    ("如微血管侵犯（+），建议TACE。", MVI, "nothing"),
    ("既往MVI阴性，现复查可见微血管癌栓。", MVI, "present"),
    ("其父亲患肝癌，肝癌破裂出血。", "rupture", "nothing"),
    ("食管静脉曲张破裂出血入院，肝癌未破裂。", "rupture", "absent"),
    ("可见包膜，侵犯膈肌。", "capsule", "present"),
    # Tumour cells in a small vessel, in many words.
    ("门管区小叶间静脉管腔内可见3处瘤细胞巢。", MVI, "present"),
    ("癌旁细小静脉管腔内未检见癌细胞巢。", MVI, "absent"),
    ("薄壁小血管腔内疑见癌细胞团。", MVI, "uncertain"),
    ("小静脉壁增厚。", MVI, "nothing"),
    ("主瘤周围卫星灶散在分布。", "satellites", "present"),
    ("门静脉及胆管癌栓（-）。", MACRO, "absent"),
    ("经门脉右支长入主干。", MACRO, "present"),
    ("术前CT报告肿瘤破裂？", "rupture", "nothing"),
    ("宫外孕破裂。", "rupture", "nothing"),
    ("拟沿包膜外切除。", "capsule", "nothing"),
    ("建议TACE治疗，复查门静脉癌栓变化。", MACRO, "nothing"),
    # Grades, degrees and counts of none.
    ("肝细胞癌，镜下M0。", MVI, "absent"),
    ("pT2，N0，M0。", MVI, "nothing"),
    ("【MVI】1级", MVI, "present"),
    ("【MVI】0级", MVI, "absent"),
    ("MVI：1处，意义不明确，暂不能肯定为MVI。", MVI, "uncertain"),
    ("MVI请见补充。", MVI, "nothing"),
    ("MR信号提示MVI风险较高。", MVI, "uncertain"),
    ("静脉侵犯：大静脉（-）、微小静脉（+）。", MVI, "present"),
    ("静脉侵犯：大静脉（-）、微小静脉（+）。", MACRO, "absent"),
    ("卫星结节0枚。", "satellites", "absent"),
    ("卫星结节2枚。", "satellites", "present"),
    ("“卫星灶”应为第二原发灶。", "satellites", "nothing"),
    # A clause on the wall or the flow between a vein and its denial.
    ("肝右静脉壁光滑，未被侵犯。", MACRO, "absent"),
    ("门静脉血流通畅，未探及明显栓子。", MACRO, "absent"),
    ("余肝及门脉未见癌灶及癌栓。", MACRO, "absent"),
    ("肿瘤被膜完整。", "capsule", "complete"),
    ("肝被膜完整。", "capsule", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "concept", "expected"), CASES)
def test_what_is_read_of_chinese(text: str, concept: str, expected: str) -> None:
    """Each wording reads as the table says."""
    assert read(text, concept) == expected
