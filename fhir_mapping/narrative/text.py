"""Prepares a text for the rules, character by character, so that a quote is always the original."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

__all__ = ["BLANK", "MAX_CHARACTERS", "TICK", "PreparedText", "prepare", "strip_html"]

# Longer texts are cut here, and the cut is reported. Ours: some forty dense pages.
MAX_CHARACTERS = 100_000
# Stands where words were taken out: an option that was not ticked, a statement that was corrected.
BLANK = "\x01"
# Stands for a box that is ticked; to the patterns it is a space.
TICK = "\x0b"

_SIGNS = {
    "。": "。", "．": ".", "｡": "。", "〜": "~", "∼": "~", "～": "~", "—": "-", "–": "-", "−": "-",
    "‐": "-", "‑": "-", "―": "-", "﹣": "-", "✕": "×", "✖": "×", "Х": "×", "χ": "×", "╳": "×",
    "﹪": "%", "﹤": "<", "﹥": ">", "〈": "<", "〉": ">", "≦": "≤", "≧": "≥", "⩽": "≤", "⩾": "≥",
    "【": "[", "】": "]", "〔": "[", "〕": "]", "［": "[", "］": "]", "﹙": "(", "﹚": ")",
    "\u3000": " ", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\r": " ", "\ufeff": " ",
    "\u200b": " ", "•": " ", "·": " ", "∶": ":", "︰": ":", "，": ",", "；": ";", BLANK: " ", TICK: " ",
    "’": "'", "‘": "'", "拴": "栓", "範": "范",
}  # fmt: skip
# Traditional characters that stand in the rules or near them, each with its simplified one.
_TRADITIONAL = "腫肿 數数 檢检 臟脏 無无 衛卫 結结 節节 緣缘 離离 靜静 門门 顆颗 個个 雙双 單单 處处 併并 並并 發发 現现 見见 於于 組组 織织 鏡镜 細细 胞胞 顯显 廣广 應应 亞亚 纖纤 維维 連连 續续 斷断 約约 後后 內内 術术 診诊 補补 報报 導导 長长 徑径 間间 較较 達达 圍围 邊边 邏逻 陰阴 陽阳 標标 記记 與与 為为 樣样 側侧 兩两 壓压 實实 質质 體体 寬宽 淨净 腸肠 膽胆 腎肾 動动 葉叶 從从 區区 範范 參参 勢势 難难 評评 確确 認认 證证 測测 終终 進进 過过 擴扩 張张 積积 殘残 塊块 種种 積积 閉闭 損损 壞坏 貫贯 層层 際际 點点 熱热 總总 據据 圖图 訊讯 資资 料料 既既 經经 慮虑 當当 時时 復复 發发 轉转 獨独 鄰邻 靠靠 開开 關关 聯联 輕轻 緊紧 顧顾 顯显 強强 歷历 史史 給给 聲声 這这 還还 沒没 爲为 裡里 遠远 釐厘 歸归 髒脏 瀰弥 漫漫 腔腔 滲渗 癥症 癒愈 縮缩 濃浓 場场 僅仅 輸输 膠胶 鑑鉴 別别 繼继 傷伤 類类 劑剂 圓圆 條条 異异 減减 線线 醫医 預预 級级 遺遗 視视 週周 針针 侷局 佈布 惡恶 頭头 臨临 黃黄 綠绿 隻只 稱称 詳详 請请 備备 註注 誤误 訂订 屬属 親亲 說说 變变 滿满 齡龄 擬拟 議议 該该 計计 設设 護护 鈣钙 錄录 隨随 險险 頂顶 餘余 驗验 脈脉 電电 團团 蹤踪 狀状 燒烧 縫缝 暈晕 環环 對对 學学 敗败 遲迟 脫脱 執执 論论 會会 佔占 潤润 皺皱 暢畅 順顺 響响"
_TABLE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TABLE.update({ord(pair[0]): pair[1] for pair in _TRADITIONAL.split()})
_TABLE.update({ord(sign): plain for sign, plain in _SIGNS.items() if len(sign) == 1})
# "末见" for "未见", a common slip of the pen.
_SLIP = re.compile(r"(?<![周期])末(?=[见查检侵受累]|发现|探及|形成|提示)")
# "4 .3cm×3. 9cm": a space that slipped into a number; the text keeps its length.
_BROKEN_NUMBER = re.compile(r"(?<![\d.])(\d{1,2})(?: \.|(?<=[x×*]\d)\. )(\d)")
_BLOCK_TAGS = frozenset(
    {"address", "article", "br", "div", "dd", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_UNSEEN_TAGS = frozenset({"head", "script", "style", "title"})


@dataclass(frozen=True, slots=True)
class PreparedText:
    """The text as it came and, of the same length, as the rules read it."""

    original: str
    plain: str
    was_cut: bool = False

    def quote(self, start: int, end: int) -> str:
        """Return the original words between two places, on one line."""
        return re.sub(r"\s{1,1000}", " ", self.original[start:end]).strip()


def prepare(text: str) -> PreparedText:
    """Return the text with half-width signs in lower case, cut at the size limit."""
    original = text[:MAX_CHARACTERS]
    plain = "".join(map(_lower, original.translate(_TABLE)))
    plain = _SLIP.sub("未", plain)
    plain = _BROKEN_NUMBER.sub(r" \1.\2", plain)
    return PreparedText(original, plain, len(text) > MAX_CHARACTERS)


def _lower(char: str) -> str:
    lowered = char.lower()
    return lowered if len(lowered) == 1 else char


def strip_html(markup: str) -> str:
    """Return what a reader of the page sees, a line per block."""
    reader = _VisibleText()
    reader.feed(markup[: 4 * MAX_CHARACTERS])
    reader.close()
    return re.sub(r"\n[\s]{0,200}\n", "\n", "".join(reader.parts))


class _VisibleText(HTMLParser):
    """Collects the text outside scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Start a line at a block, and stop reading inside a script."""
        del attrs
        if tag in _BLOCK_TAGS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        if tag in _UNSEEN_TAGS:
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block, and read again after a script."""
        if tag in _BLOCK_TAGS and tag != "br":
            self.parts.append("\n")
        if tag in _UNSEEN_TAGS and self._unseen:
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        """Keep what is seen."""
        if not self._unseen:
            self.parts.append(data)
