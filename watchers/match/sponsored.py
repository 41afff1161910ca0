"""Defines `is_sponsored`: whether a text says of itself that somebody paid for it.

Only marks in the places where publishers put them count: a label at the start or end, a dateline of a press-release wire, a line of its own.
The word "sponsor" in a story about a football shirt is none. Values only.
"""

from __future__ import annotations

import re

from watchers.match.fold import fold, plain

_LABEL = (
    r"sponsored(?: (?:ad|ads|content|post|article|story|feature|message|by [^.\n]{2,60}|advertisement))?|advertorial|paid (?:post|content|partnership|program(?:me)?|advertisement|promotion)|"
    r"partner(?:ed)? content|branded content|promoted(?: content| post)?|advertisement feature|special advertising section|brand ?(?:studio|post|voice)|"
    r"press release|in partnership with|thông tin doanh nghiệp|thông tin quảng cáo|nội dung quảng cáo|nội dung tài trợ|bài pr|bài viết pr|"
    r"tin tài trợ|bài tài trợ|bài viết (?:được )?tài trợ|bài quảng cáo|quảng cáo|thông cáo báo chí|doanh nghiệp tự giới thiệu"
)
_FREE = r"press release|thông cáo báo chí|quảng cáo|in partnership with|partner(?:ed)? content"
_OPENING = re.compile(rf"^\W*(?:{_LABEL})\W*(?:\bdate\b|\d|[:|\-–—\]\)•.\n]|$)|^\W*sponsored ad date\b|^[\[(](?:{_LABEL}|ad|pr|qc)[\])]")
_TITLE = re.compile(rf"(?:^|[\[(|:–—\-]\s?)(?:{_LABEL})\s?(?:[\])|:–—\-]|$)|[\[(](?:ad|pr|qc)[\])]")
_CLOSING = re.compile(
    rf"(?:^|[\n.!?…\]\)\"”]\s*|[(\[|]\s?)(?:nguồn: )?(?:{_LABEL})\W*$|[\n.]\s*(?:this (?:article|post|content|story) (?:is|was) (?:sponsored|paid|produced)[^\n]{{0,120}})$"
)
_WIRE = re.compile(
    r"\((?:pr ?newswire|globe ?newswire|business ?wire|accesswire|access newswire|newsfile(?: corp\.?)?|ein ?presswire|newswire|pr web|prweb|marketwired|"
    r"market wire|media outreach(?: newswire)?|acn newswire|antara/pr ?newswire|cision|issuewire|zexprwire|jcn newswire|kyodo jbn)\)|"
    r"/\s?(?:pr ?newswire|einpresswire(?:\.com)?|prnewswire-asianet|media outreach newswire|acn newswire)(?:\.com)?\s?/|"
    r"\bsource:? (?:pr ?newswire|business wire|globenewswire)\b|--\s?\(business wire\)\s?--"
)
_SAYS_SO = re.compile(
    r"\bthis (?:is a|is an|article is|post is|content is|story is|was a|article was|post was|content was) (?:a |an )?(?:sponsored|paid(?: for| post| press release| advert\w*)|advertorial|advertisement)|"
    r"\b(?:sponsored|paid for|produced) (?:content )?(?:by|on behalf of) our (?:advertis\w+|partners?|sponsors?)|\bpaid press release\b|\bdisclosure: this (?:is|article)[^.]{0,40}(?:sponsored|paid)|"
    r"\bbài viết (?:này )?(?:là|do|được) (?:nội dung )?(?:quảng cáo|tài trợ)|\bnội dung (?:này )?do (?:doanh nghiệp|nhãn hàng|đối tác) (?:cung cấp|tài trợ)|\(\s?(?:pr|bài pr|qc)\s?\)\s*$"
)
_HEAD = 400
_TAIL = 160


def is_sponsored(title: str, text: str, *, marked: bool = False) -> bool:
    """Whether the item is paid for: the source marks it (`marked`), or a label, wire dateline or sentence in it says so."""
    return marked or bool(sponsor_mark(title, text))


def sponsor_mark(title: str, text: str) -> str:
    """The words that say so, or ""; the text may have lost its accents."""
    head, tail = fold(title), fold(text[-_TAIL:])
    start = fold(text[:_HEAD]).strip()
    accents = not (start + head).isascii()
    for pattern, part in ((_TITLE, head), (_OPENING, start), (_WIRE, start), (_CLOSING, tail), (_WIRE, tail), (_SAYS_SO, start), (_SAYS_SO, tail)):
        found = pattern.search(part)
        if found and not _weak(found.group()):
            return found.group().strip(" .:-–—|()[]\n\"”")
        if not accents and part and not found:
            found = _BARE[pattern].search(part)
            if found and not _weak(found.group()):
                return found.group().strip(" .:-–—|()[]\n\"”")
    return ""


def _weak(mark: str) -> bool:
    """Labels that also stand at the end of ordinary words count only when nothing else is on the line."""
    return bool(re.search(rf"(?:{_FREE})$", mark)) and not re.match(r"^\W|^(?:thông cáo|press)", mark)


_BARE = {one: re.compile(plain(one.pattern)) for one in (_TITLE, _OPENING, _CLOSING, _WIRE, _SAYS_SO)}
