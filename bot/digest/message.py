"""Defines how a Digest becomes messages: blocks of text in the chat's language, split between blocks, and a picture as the last part.

Pure. Words of feeds pass `render` and `markup`, which make them harmless.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bot.digest.model import Digest, DigestStory, RuleSection
from bot.digest.unusual import feed_trouble_words, unusual_words
from bot.i18n import formats
from bot.i18n.translate import t_plain
from bot.message import Message
from bot.render.markup import LIMIT, Block, Span, join, lines, shorten, split
from bot.render.story import format_developments, short, story_block
from bot.sanitize import clean

MAX_REPEATED_STORIES = 12
"""Stories of earlier digests that one digest names."""
MAX_UNARRIVED = 20
"""Unconfirmed messages, and messages given up, that one digest names."""
HEADLINES_TOGETHER = 10
"""Headlines in one block: a long list may be split between them."""


def messages(digest: Digest, *, chart: bytes | None = None, max_units: int = LIMIT) -> list[Message]:
    """The digest's parts in order, each of at most `max_units` UTF-16 units; `chart` (PNG) is one more."""
    chat, language = digest.chat.id, digest.chat.settings.language
    parts = split(blocks(digest), limit=max_units)
    answer = []
    for number, part in enumerate(parts, 1):
        html, plain = join(part, part=number, parts=len(parts))
        answer.append(Message(chat=chat, html=html, plain=plain, silent=number > 1))
    if chart is not None:
        caption = t_plain(language, "chart")
        answer.append(Message(chat=chat, html=caption, plain=caption, photo=chart, silent=True))
    return answer


def blocks(digest: Digest) -> list[Block]:
    """The digest in blocks: heading, rules with their stories, repeated stories, held alerts, lost messages, feeds in trouble."""
    language, tz = digest.chat.settings.language, digest.chat.settings.timezone
    answer = [_head(digest, language)]
    for section in digest.sections:
        answer += _section(section, language, tz)
    answer += _foot(digest, language)
    return answer


def _section(section: RuleSection, language: str, tz: str) -> list[Block]:
    title = Span(f"▍{clean(section.title)}", bold=True)
    answer: list[Block] = []
    for entry in section.stories:
        block = story_block(entry.story, language=language, tz=tz, mark=mark_of(entry, language))
        answer.append(replace(block, under=(title,)) if answer else lines((title,), block.runs))
    briefly = [short(entry.story, language) for entry in section.headlines]
    together = (briefly[at : at + HEADLINES_TOGETHER] for at in range(0, len(briefly), HEADLINES_TOGETHER))
    answer += (replace(lines(*rows), under=(title,)) for rows in together)
    if section.left_out:
        answer.append(Block((Span(t_plain(language, "left_out", n=section.left_out), italic=True),)))
    return answer


def mark_of(entry: DigestStory, language: str) -> str:
    """The mark beside a story: its developments since an earlier digest, and why its alert was held back; "" without either."""
    held = t_plain(language, f"held_{entry.held}") if entry.held else ""
    added = format_developments(entry.developments, entry.story, language) if entry.developments else ""
    return "; ".join(part for part in (added, held) if part)


def _head(digest: Digest, language: str) -> Block:
    title = Span(t_plain(language, "digest", date=formats.day(language, digest.on)), bold=True)
    if not digest.stories:
        return lines((title,), (Span(t_plain(language, "nothing_new" if digest.repeated else "empty")),))
    counts = t_plain(
        language,
        "digest_counts",
        stories=t_plain(language, "stories", n=digest.stories),
        sources=t_plain(language, "sources", n=max(1, digest.sources)),
    )
    unusual = unusual_words(digest.unusual, language)
    return lines((title,), (Span(counts),), (Span(t_plain(language, "unusual", counts=unusual)),) if unusual else ())


def _foot(digest: Digest, language: str) -> list[Block]:
    answer = []
    if digest.repeated:
        head = (Span(t_plain(language, "again"), bold=True),)
        rows = [(*short(repeated.story, language, repeated.since),) for repeated in digest.repeated[:MAX_REPEATED_STORIES]]
        if len(digest.repeated) > MAX_REPEATED_STORIES:
            rows.append((Span(t_plain(language, "more", n=len(digest.repeated) - MAX_REPEATED_STORIES), italic=True),))
        answer.append(lines(head, *rows))
    held = Counter(entry.held for section in digest.sections for entry in section.stories if entry.held)
    if held:
        said = ", ".join(f"{n} ({t_plain(language, f'held_{why}')})" for why, n in sorted(held.items()))
        answer.append(lines((Span(f"{t_plain(language, 'held')}: {said}"),)))
    for title, unarrived in (("perhaps", digest.unconfirmed), ("undelivered", digest.undelivered)):
        if unarrived:
            rows = [(Span(t_plain(language, title), bold=True),)]
            for delivery in unarrived[:MAX_UNARRIVED]:
                attempts = t_plain(language, f"{title}_line", n=delivery.attempts)
                rows.append((Span(f"• {shorten(clean(delivery.line), 120)} – {attempts}"),))
            answer.append(lines(*rows))
    if digest.feeds:
        feeds = feed_trouble_words(digest.feeds, language)
        answer.append(lines((Span(t_plain(language, "feeds_wrong", feeds=feeds), italic=True),)))
    return answer
