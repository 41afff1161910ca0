"""Defines Span and Block, the text of messages before it has a form: what feeds say enters here as plain words and leaves escaped.

    words of a feed ──clean──► Run (text, bold, link) ──► Block ──split──► parts ──► html (escaped last) and plain

Lengths are Telegram's: UTF-16 units of the text without markup. Nothing in here knows what a message is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape

from bot.sanitize import safe_url

LIMIT = 4096
"""UTF-16 units of one message, after entities (Bot API, sendMessage)."""

_DANGLING = re.compile(
    r"(?:\s+(?:\(?[$€£]?\d[\d.,]*|US\$|USD|VND|EUR|a|an|the|of|to|in|on|at|by|for|and|or|with|worth|approximately|about|nearly|some"
    r"|khoảng|gần|hơn|trên|của|và|với|tại|cho|là|một|những|các))+$",
    re.IGNORECASE,
)
"""What must not end a text that was cut: "worth approximately USD 1" of a billion."""
def utf16_length(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    href: str | None = None
    markup: str = ""
    """The whole stretch in Telegram's HTML, where a sentence of ours holds markup already."""

    def html(self) -> str:
        """The stretch in Telegram's HTML."""
        if self.markup:
            return self.markup
        made = escape(self.text, quote=True)
        if self.italic:
            made = f"<i>{made}</i>"
        if self.bold:
            made = f"<b>{made}</b>"
        if self.href:
            made = f'<a href="{escape(self.href, quote=True)}">{made}</a>'
        return made


def link(text: str, url: str, *, bold: bool = False) -> Span:
    """A linked stretch, or the text alone when the address may not be linked."""
    return Span(text, bold=bold, href=safe_url(url))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together; messages are split between blocks. A Run's text may hold line ends of ours."""

    runs: tuple[Span, ...]
    under: tuple[Span, ...] = ()
    """The heading that it stands under, said again where a message begins with this block."""

    @property
    def text(self) -> str:
        """What is shown, without markup."""
        return "".join(run.text for run in self.runs)

    def html(self) -> str:
        """In Telegram's HTML."""
        return "".join(run.html() for run in self.runs)

    def plain(self) -> str:
        """For terminals and services without markup: addresses follow their text."""
        return "".join(f"{run.text} <{run.href}>" if run.href else run.text for run in self.runs)


_TAG = re.compile(r"<[^>]*>")


def plain_text(html: str) -> str:
    """The text of Telegram's HTML, without markup."""
    return unescape(_TAG.sub("", html))


def html_block(html: str) -> Block:
    """A sentence in Telegram's HTML as a block. Where it has to be cut it loses its markup."""
    return Block((Span(plain_text(html), markup=html),))


def lines(*rows: Sequence[Span]) -> Block:
    """One block of these lines; empty ones are left out."""
    runs: list[Span] = []
    for row in rows:
        if any(run.text for run in row):
            if runs:
                runs.append(Span("\n"))
            runs.extend(run for run in row if run.text)
    return Block(tuple(runs))


def shorten(text: str, limit: int) -> str:
    """The text, cut at a word when it has more than `limit` code points, with "…"."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at = cut.rfind(" ")
    kept = cut[:at] if at > limit // 2 else cut
    whole = _DANGLING.sub("", kept)
    return (whole if len(whole) > limit // 2 else kept).rstrip(" ,;:–-") + "…"


def cut_block(block: Block, limit: int) -> list[Block]:
    """A block in pieces of at most `limit` units, cut at white space where there is any, never inside a run's markup."""
    pieces: list[Block] = []
    current: list[Span] = []
    used = 0
    for run in block.runs:
        rest = run.text
        while used + utf16_length(rest) > limit:
            head = _head(rest, limit - used)
            if not head and not current:
                head = rest[:1]  # a limit below one letter: go on all the same
            if head.strip():
                current.append(replace(run, text=head, markup=""))
            if current:
                pieces.append(Block(tuple(current)))
            rest = rest[len(head) :].lstrip() if head else rest
            current, used = [], 0
        if rest:
            current.append(run if rest == run.text else replace(run, text=rest, markup=""))
            used += utf16_length(rest)
    if any(run.text.strip() for run in current):
        pieces.append(Block(tuple(current)))
    return pieces


def _head(text: str, room: int) -> str:
    """The longest beginning of at most `room` units, up to a white space when that keeps at least half of it."""
    taken = 0
    for at, letter in enumerate(text):
        taken += 2 if letter > "\uffff" else 1
        if taken > room:
            space = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at))
            return text[:space] if space > at // 2 else text[:at]
    return text


def split(blocks: Iterable[Block], *, limit: int = LIMIT, between: str = "\n\n", reserve: int = 16) -> list[list[Block]]:
    """Blocks as messages of at most `limit` units. `reserve` units of each are left for "(2/3)"."""
    room = limit - reserve
    parts: list[list[Block]] = [[]]
    used = 0
    for whole in blocks:
        for block in [whole] if utf16_length(whole.text) <= room else cut_block(whole, room):
            size = utf16_length(block.text)
            if not size:
                continue
            if parts[-1] and used + utf16_length(between) + size > room:
                parts.append([])
                used = 0
                if block.under:
                    headed = lines(block.under, block.runs)
                    if utf16_length(headed.text) <= room:
                        block, size = headed, utf16_length(headed.text)  # noqa: PLW2901  (the same block with its heading)
            used += size + (utf16_length(between) if parts[-1] else 0)
            parts[-1].append(block)
    return [part for part in parts if part]


def join(blocks: Sequence[Block], *, part: int = 1, parts: int = 1, between: str = "\n\n") -> tuple[str, str]:
    """The (html, plain) of one message; with more than one part it ends in "(2/3)"."""
    number = f"{between}({part}/{parts})" if parts > 1 else ""
    return between.join(block.html() for block in blocks) + number, between.join(block.plain() for block in blocks) + number
