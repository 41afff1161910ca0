"""Defines the words by which a text names its source, and `read_source`: whom an event is attributed to.

"according to Reuters", "Reuters reported", "the company said", "… - NIKKEI"; "theo Nikkei", "tờ Handelsblatt đưa tin", "Vingroup cho biết".
"""

from __future__ import annotations

from collections.abc import Sequence

from seeds.patterns import words

SOURCE_AFTER = {
    "en": (
        "according to (a|an)? (report|filing|statement|notice|announcement|document|people|note)?+ (by|from|in|of|to)? the?",
        "cite~ (a|an)? (report by|statement from|statement by)? the?", "(report|statement|filing)+ (by|from) the?", "say~ the?",
        "in response to a", "told", "in an interview with", "tell~",
    ),
    "vi": (
        "theo", "theo (tờ|hãng tin|báo|trang|kênh|nguồn tin của tờ|nguồn tin của|thông tin từ|tin từ)",
        "theo (công bố của|thông báo của|báo cáo của)",
        "theo lộ trình của", "dẫn (lời|nguồn|tin)? (từ|của)?", "trích (lời|nguồn|dẫn)?", "trả lời",
    ),
}
"""The source stands right after these."""

SOURCE_BEFORE = {
    "en": ("(say|report|write|announce|confirm|disclose|reveal|note|add)~", "(states|stated)",
     "(have|has|had) (said|reported|announced|confirmed)",
    "said on", "'s report", "report", "told"),
    "vi": ("dẫn (lời|nguồn|thông báo|tin|theo|một)", "cho biết", "cho hay", "đưa tin", "thông báo", "công bố", "tiết lộ", "khẳng định",
    "xác nhận", "viết", "nói", "tuyên bố",
    "thông tin", "nhận định", "cho biet", "thong bao"),
}
"""The source stands right before these."""

OFFICES = frozenset(words(
    "official officials spokesman spokeswoman spokesperson chief executive ceo chairman president news agency analysts analyst a an the "
    "its s ’s 's "
    "also has have had later on monday tuesday wednesday thursday friday saturday sunday người phát ngôn cũng vừa đã mới hôm qua"
))
"""Words that may stand between a source and its word of speech: "a White House official said"."""

AGENCIES = ("reuters", "bloomberg", "nikkei", "nikkei asia", "ap", "afp", "wsj", "wall street journal", "the wall street journal",
            "financial times", "ft", "cnbc", "techcrunch", "the information",
            "xinhua", "yonhap", "kyodo", "dpa", "the verge", "new york times", "washington post", "bbc", "cointelegraph", "ttxvn",
            "vietnam news agency", "digitimes", "caixin", "scmp",
            "south china morning post", "economic times", "handelsblatt", "der spiegel", "axios", "politico", "semafor",
            "business insider", "the guardian", "cnn", "fox business", "barron's", "forbes")
"""News agencies and papers: when one is named as a source it goes before a company that speaks for itself."""


def trailing_source(words: Sequence[str]) -> tuple[int, int] | None:
    """Token positions of an agency at the end of a headline after a dash, a bar or a colon ("… - NIKKEI", "…: Bloomberg")."""
    for place in range(len(words) - 1, max(len(words) - 6, 0), -1):
        if words[place] in {"-", "–", "—", "|", ":"}:
            tail = " ".join(words[place + 1:])
            return (place + 1, len(words)) if tail in AGENCIES or tail in {"source", "sources", "report"} else None
    return None
