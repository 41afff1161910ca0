"""Defines the words by which a text names its source, and what tells papers, offices and parties that speak for themselves apart.

"according to Reuters", "Reuters reported", "the company said", "… - NIKKEI"; "theo Nikkei", "tờ Handelsblatt đưa tin", "Vingroup cho biết".
"""

from __future__ import annotations

from collections.abc import Sequence

from seeds.pattern_syntax import words

SOURCE_AFTER = {
    "en": (
        "according to (a|an)? (report|filing|statement|notice|announcement|document|people|note)?+ (by|from|in|of|to)? the?",
        "cite~ (a|an)? (report by|statement from|statement by)? the?", "(report|statement|filing)+ (by|from) the?", "say~ the?",
        "in response to a", "(tell|inform)~ the?", "in an interview with", "(seen|reviewed|obtained) by the?",
        "(initiate|upgrade|downgrade|reiterate)~ ..4 by", "rated ..3 by", "price target ..6 by",
        "according to ..4 (cited|quoted|briefed|seen|obtained|reviewed) by the?",
    ),
    "vi": (
        "theo", "theo (tờ|hãng tin|báo|trang|kênh|nguồn tin của tờ|nguồn tin của|thông tin từ|tin từ)",
        "theo (công bố của|thông báo của|báo cáo của)",
        "theo lộ trình của", "dẫn (lời|nguồn|tin)? (từ|của)?", "trích (lời|nguồn|dẫn)?", "trả lời",
        "góc nhìn ..2 của", "theo ..2 (nguồn tin|nguồn thạo tin|người thạo tin|người am hiểu) ..2 của (tờ|hãng|báo|hãng tin)?",
        "theo (phân tích|nhận định|đánh giá|dự báo|ước tính) của",
    ),
}
"""The source stands right after these."""

SOURCE_BEFORE = {
    "en": ("(say|report|write|announce|confirm|disclose|reveal|note|add|warn|predict)~", "(states|stated)",
     "(have|has|had) (said|reported|announced|confirmed)",
    "said on", "'s report", "report", "(tell|inform)~"),
    "vi": ("dẫn (lời|nguồn|thông báo|tin|theo|một)", "cho biết", "cho hay", "đưa tin", "thông báo", "công bố", "tiết lộ", "khẳng định",
    "xác nhận", "viết", "nói", "tuyên bố",
    "thông tin", "nhận định", "cho biet", "thong bao"),
}
"""The source stands right before these."""

OFFICES = frozenset(words(
    "official officials spokesman spokeswoman spokesperson chief executive ceo chairman president news agency analysts analyst a an "
    "the its s ’s 's also has have had later on monday tuesday wednesday thursday friday saturday sunday người phát ngôn cũng vừa đã "
    "mới hôm qua sáng chiều tối trưa ngày nay / {number} earlier today yesterday late early"
))
"""Words that may stand between a source and its word of speech: "a White House official said"."""

AGENCIES = ("reuters", "bloomberg", "nikkei", "nikkei asia", "ap", "afp", "wsj", "wall street journal", "the wall street journal",
            "financial times", "ft", "cnbc", "techcrunch", "the information",
            "xinhua", "yonhap", "kyodo", "dpa", "the verge", "new york times", "washington post", "bbc", "cointelegraph", "ttxvn",
            "vietnam news agency", "digitimes", "caixin", "scmp",
            "south china morning post", "economic times", "handelsblatt", "der spiegel", "axios", "politico", "semafor",
            "business insider", "the guardian", "cnn", "fox business", "barron's", "forbes")
"""News agencies and papers: when one is named as a source it goes before a company that speaks for itself."""

_PRESS = frozenset(words(
    "times post journal daily news herald ledger tribune gazette press telegraph standard observer chronicle examiner mail weekly "
    "wire review tv radio broadcaster newspaper"
))
_PRESS_BEFORE = frozenset(words("tờ báo trang kênh newspaper broadcaster daily magazine tạp chí nhật"))

ACTS = frozenset(words("report reports reported announce announces announced công thông tuyên"))
"""First words of speech that are acts when a party speaks them of itself: "VinFast reported a loss" has no source, "said" has one."""

TELLING = frozenset(words("tell tells told telling inform informs informed informing"))
"""After these stands the source where it is a paper ("told Reuters"), otherwise it stands before ("told the stock exchange")."""

DOCUMENTS = frozenset(words("filing filings prospectus"))
"""Papers that are the source where nobody else is: "the filing says"."""

SPEAKERS = frozenset(words(
    "official officials ministry committee council police prosecutors prosecutor regulator watchdog lawyer lawyers union unit office "
    "media press outlets department authority authorities government mayor governor minister commission bureau administration "
    "lawmaker lawmakers chief"
))
"""Unnamed parties that speak: "the provincial people's committee said", "his lawyer said"."""

FOR_OTHERS = frozenset(words("spokesperson spokesman spokeswoman representative executives management"))
"""Those who speak for the party that the text is about."""


def is_press(text: str, before: str = "") -> bool:
    """Whether a name is that of an agency or a paper; `before` is the word before it ("tờ", "newspaper")."""
    plain = text.lower().removeprefix("the ")
    return plain in AGENCIES or plain.removesuffix(" news") in AGENCIES or plain.rpartition(" ")[2] in _PRESS or before in _PRESS_BEFORE


_CREDITS = frozenset(words("exclusive report reports says sources scoop"))


def trailing_source(words: Sequence[str]) -> tuple[int, int] | None:
    """Token positions of an agency at the end of a headline after a dash, a bar or a colon ("… - NIKKEI", "…: Bloomberg")."""
    for place in range(len(words) - 1, max(len(words) - 6, 0), -1):
        if words[place] in {"-", "–", "—", "|", ":"}:
            tail = " ".join(word for word in words[place + 1:] if word not in _CREDITS)
            end = next((at for at in range(place + 1, len(words)) if words[at] in _CREDITS and at > place + 1), len(words))
            return (place + 1, end) if tail in AGENCIES or words[place + 1:] in (["source"], ["sources"], ["report"]) else None
    return None
