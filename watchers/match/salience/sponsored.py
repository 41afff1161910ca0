"""Defines `sponsor_mark`: the words by which a text says of itself that somebody paid for it.

Only marks in the places where publishers put them count: a label at the start or end, the dateline of a press-release wire, a sentence
about the article itself. The word "sponsor" in a story about a football shirt is none. Values only.
"""

from __future__ import annotations

from ahocorasick_rs import BytesAhoCorasick, Implementation

from seeds.folding import without_accents
from watchers.match.language.prefilter import PrefilteredRegex, needed, whole
from watchers.text.fold import fold

LABELS = (
    "sponsored", "sponsored (?:ads?|content|post|article|story|feature|message|advertisement)", r"sponsored by [^.,\n]{2,40}",
    "advertorial",
    "paid (?:post|content|partnership|program(?:me)?|advertisement|promotion|press release)", "branded content",
    "promoted(?: content| post)",
    "advertisement feature", "special advertising section", "thông tin doanh nghiệp", "thông tin quảng cáo", "nội dung quảng cáo",
    "nội dung tài trợ", "bài(?: viết)? pr", "tin tài trợ", "bài(?: viết)?(?: được)? tài trợ", "bài quảng cáo",
    "doanh nghiệp tự giới thiệu",
)  # fmt: skip
"""What publishers print over, under or before paid content."""
LABELS_ALONE = ("press release", "thông cáo báo chí", "quảng cáo", "in partnership with", "partner content",
"brand ?(?:studio|post|voice)", "promoted")
"""Labels whose words also stand in ordinary sentences: they count with a colon, in brackets, or on a line of their own."""
WIRES = (
    "pr ?newswire", "globe ?newswire", "business ?wire", "access ?(?:news)?wire", r"newsfile(?: corp\.?)?", "ein ?presswire",
    "pr ?web", "marketwired",
    "market ?wire", "media outreach(?: newswire)?", "acn newswire", "antara/pr ?newswire", "cision", "issuewire", "zexprwire",
    "jcn newswire",
    "kyodo jbn", "newswire", "prnewswire-asianet",
)  # fmt: skip
SENTENCES = (
    (r"this (?:article|post|content|story|feature) (?:is|was) (?:a |an )?"
    r"(?:sponsored|paid(?: for)?|advertorial|advertisement|produced (?:by|for|with))"),
    r"this is (?:a |an )?(?:sponsored|paid|advertorial|advertisement)", r"paid for by",
    r"sponsored (?:content )?by our (?:advertis\w+|partners?|sponsors?)",
    r"view (?:the )?(?:original|source) (?:press release|version)",
    r"bài viết (?:này )?(?:là|do|được)(?: nội dung)? (?:quảng cáo|tài trợ)",
    r"nội dung (?:này )?do (?:doanh nghiệp|nhãn hàng|đối tác|nhà tài trợ) (?:cung cấp|tài trợ)",
)  # fmt: skip

_LABEL, _ALONE, _WIRE_NAME = ("|".join(part) for part in (LABELS, LABELS_ALONE, WIRES))
_MARKS = (*map(needed, (*LABELS, *LABELS_ALONE)), *(opening + word for opening in "[(" for word in ("ad", "pr", "qc")))
_OPENING = PrefilteredRegex(
    rf"^\W*(?:{_LABEL})(?:\W*$|\W*\n|\s?[:|\-–—\]\)•.]|\s(?:ad\s)?(?:date\s)?\d)|^\W*sponsored ad\b|"
    rf"^\W*(?:{_ALONE})\s?(?:[:|\-–—\]\)•]|\n|$)|"
    rf"^[\[(](?:{_LABEL}|{_ALONE}|ad|pr|qc)[\])]",
    _MARKS,
)
_TITLE = PrefilteredRegex(
    rf"^\W?(?:{_LABEL}|{_ALONE})\s?[\])|:–—]|[\[(](?:{_LABEL}|{_ALONE}|ad|pr|qc)[\])]|(?:\s[|–—-]\s)(?:{_LABEL}|{_ALONE})\W*$|^\W*(?:{_LABEL})\W*$",
    _MARKS,
)
_CLOSING = PrefilteredRegex(
    rf"(?:^|[\n\])\"”]\s*|[.!?…]\s+|[(\[|]\s?)(?:nguồn: )?(?:{_LABEL})\W*$|"
    rf"(?:\n\s*|[(\[|]\s?)(?:{_ALONE}|pr|qc)\W*$|\bsource:? (?:{_WIRE_NAME})\b",
    (*_MARKS, whole("pr"), whole("qc"), "source"),
)
_WIRE = PrefilteredRegex(rf"[(/]\s?(?:{_WIRE_NAME})(?:\.com)?\s?(?:[)/]|(?<=newswire)\s)|--\s?\((?:{_WIRE_NAME})\)", map(needed, WIRES))
_SAYS_SO = PrefilteredRegex(rf"\b(?:{'|'.join(SENTENCES)})\b", map(needed, SENTENCES))
_BARE = {
    regex: PrefilteredRegex(without_accents(regex.pattern.pattern), map(without_accents, regex.pieces))
    for regex in (_TITLE, _OPENING, _CLOSING, _WIRE, _SAYS_SO)
}
STEMS = tuple(
    one.encode()
    for one in (
        "sponsor", "advert", "paid ", "promot", "branded", "partner", "press", "wire", "newsfile", "cision", "prweb", "pr web", "outreach",
        "brand", "doanh nghi", "quảng cáo", "quang cao", "tài trợ", "tai tro", "thông cáo", "thong cao", "bài pr", "bai pr", "viết pr",
        "viet pr", "(pr", "[pr", "(qc", "[qc", "(ad)", "[ad]", "kyodo", "jbn", "bài viết", "bai viet", "produced",
    )
)  # fmt: skip
"""A piece of every mark above, as UTF-8: an item with none of them is not looked at further, which spares most items most of the work."""
_STEMS = BytesAhoCorasick(STEMS, implementation=Implementation.DFA)
HEAD, WIRE_HEAD, TAIL = 300, 1_500, 160
"""Characters looked at from the start (datelines stand lower, after the subtitles of a release) and at the end."""


def is_sponsored(title: str, text: str, *, marked: bool = False) -> bool:
    """Whether the item is paid for: its source marks it (`marked`), or it says so itself."""
    return marked or bool(sponsor_mark(title, text))


def sponsor_mark(title: str, text: str) -> str:
    """The words that say so, or "". The text may have lost its accents."""
    looked_at = f"{title}\n{text[:WIRE_HEAD]}\n{text[-TAIL:]}".lower().encode("utf-8", "surrogatepass")
    if b"\xcc" not in looked_at and not _STEMS.find_matches_as_indexes(looked_at):  # 0xCC leads the combining marks: not composed yet
        return ""
    head, start, tail = fold(title).strip(), fold_lines(text[:HEAD]).strip(), fold_lines(text[-TAIL:]).strip()
    wire = fold(text[:WIRE_HEAD])
    bare = (head + start).isascii()
    for pattern, part in (
        (_TITLE, head), (_OPENING, start), (_WIRE, wire), (_CLOSING, tail), (_WIRE, tail), (_SAYS_SO, start), (_SAYS_SO, tail),
    ):  # fmt: skip
        found = part and (pattern.search(part) or (bare and _BARE[pattern].search(part)))
        if found:
            return found.group().strip(" .:-–—|/()[]\n\"”")
    return ""


def fold_lines(text: str) -> str:
    """Folded with its line breaks kept: a label on a line of its own is a sign."""
    return "\n".join(fold(line).strip() for line in text.splitlines())
