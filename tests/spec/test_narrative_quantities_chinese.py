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
        "肿瘤细胞多发坏死。",
        "一块肿瘤组织送检。",
        "硬化结节多枚。",
    ],
)
def test_other_counts_are_not_read(text: str) -> None:
    """Satellites, MVI, keys and dead lesions are no tumours."""
    assert amount("tumour_number", text) is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("肿块 7.5×6.2×5.8(cm),切面五彩。", ("7.5", "7.5")),
        ("肿瘤大小:☑≤2cm □>2cm,≤5cm □>5cm", ("0", "2")),
        ("肝内多发癌结节,直径0.5-3.0cm不等。", ("3.0", "3.0")),
        ("无神经侵犯,无胆管侵犯,最大径4.8cm。", ("4.8", "4.8")),
        ("更正:原报告肿瘤大小2.5cm系笔误,应为5.2cm。", ("5.2", "5.2")),
        ("肝右叶5.0cm肿块,外院前次3.0cm。", ("5.0", "5.0")),
        ("肝S7见异常强化灶,3.2×2.6cm,快进快出。", ("3.2", "3.2")),
    ],
)
def test_sizes_of_tumours_are_read(text: str, ends: tuple[str, str]) -> None:
    """A size is read where a frame ties it to the tumour."""
    assert amount("tumour_size_cm", text) == ends


@pytest.mark.parametrize(
    "text",
    [
        "未触及明确肿块,结节直径0.3-0.8cm。",
        "肿物表面有一裂隙,长1.5cm。",
        "瘤旁肝组织内见卫星癌灶一处,直径3mm。",
        "主灶周边约2cm范围内见子结节。",
        "TACE术后,碘油沉积致密,范围约3.6cm,未见活性病灶。",
        "T1a:单个肿瘤≤2cm;T1b:单个肿瘤>2cm。",
        "肝S2动脉期一过性强化,约1.0cm,考虑灌注异常。",
        "取材组织块大小约2cm×1.5cm。",
        "瘤体旁见0.5cm结节,镜下为子灶。",
        "片状低密度区,约5×4cm,未见强化,考虑脂肪浸润。",
        "肿瘤边缘外1cm切除。",
    ],
)
def test_other_lengths_are_no_size(text: str) -> None:
    """Satellites, clefts, treated areas, staging rules and blocks are not the tumour."""
    assert amount("tumour_size_cm", text) is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("距各切缘分别为2.0cm、1.2cm、0.5cm。", ("0.5", "0.5")),
        ("三个癌结节距肝断面依次为1.4、0.3、2.2cm。", ("0.3", "0.3")),
        ("切缘虽未见癌,但仅距0.2cm。", ("0.2", "0.2")),
        ("术中估计切缘1.5cm,病理实测0.8cm。", ("0.8", "0.8")),
        ("癌灶与切面间正常肝组织宽2.5cm。", ("2.5", "2.5")),
        ("肝切缘:阴性\n最近距离:10mm", ("1.0", "1.0")),
        ("距基底切缘1.1cm。", ("1.1", "1.1")),
    ],
)
def test_margins_are_read(text: str, ends: tuple[str, str]) -> None:
    """Of several distances the nearest counts."""
    assert amount("margin_cm", text) == ends


@pytest.mark.parametrize(
    "text",
    [
        "切缘旁见1.1cm囊状无强化影。",
        "卫星灶距主瘤0.5cm,切缘未见癌。",
        "规范:窄切缘指<1cm。",
        "断面距肿瘤目测1cm左右。",
        "软组织肿块影,横断面6.1cm×5.8cm。",
        "断面区包裹性积液4.0cm×2.3cm。",
        "肝切缘:未累及\n胆管切缘:未累及,0.5cm",
    ],
)
def test_other_distances_are_no_margin(text: str) -> None:
    """What lies beside an edge, a satellite, a definition and an estimate are no margin."""
    assert amount("margin_cm", text) is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("原报告Ki-67 2%系录入错误,更正为20%。", ("20", "20")),
        ("癌旁Ki-67<1%,癌区约30%。", ("30", "30")),
        ("Ki-67最多2%。", ("0", "2")),
    ],
)
def test_ki67_is_read(text: str, ends: tuple[str, str]) -> None:
    """The share of the tumour is read."""
    assert amount("ki67_percent", text) == ends


@pytest.mark.parametrize(
    "text",
    [
        "浸润淋巴细胞Ki-67阳性约20%。",
        "低级别异型增生结节,Ki-67约2%,未见癌。",
        "Ki-67判读标准:<10%低增殖。",
        "对照组Ki-67阳性率约90%。",
    ],
)
def test_ki67_of_other_tissue_is_not_read(text: str) -> None:
    """Lymphocytes, dysplastic nodules, controls and scales are not the tumour."""
    assert amount("ki67_percent", text) is None
