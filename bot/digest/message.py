"""Defines how a Digest becomes messages: blocks of text in the chat's language, split between blocks, and a picture as the last part.

Pure. Words of feeds pass `render` and `markup`, which make them harmless.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bot.digest.select import MAX_REPEATED_STORIES, Digest, DigestStory, RuleSection
from bot.digest.unusual import unusual_words
from bot.i18n import formats
from bot.message import Message
from bot.render.markup import Block, Span, join, lines, shorten, split
from bot.render.story import format_developments, short, story_block
from bot.sanitize import clean

HEADLINES_TOGETHER = 10
"""Headlines in one block: a long list may be split between them."""


def messages(digest: Digest, *, chart: bytes | None = None) -> list[Message]:
    """The digest's parts in order, each within Telegram's length; `chart` (PNG) is one more."""
    chat, language = digest.chat.id, digest.chat.settings.language
    parts = split(blocks(digest))
    answer = []
    for number, part in enumerate(parts, 1):
        html, plain = join(part, part=number, parts=len(parts))
        answer.append(Message(chat=chat, html=html, plain=plain, silent=number > 1))
    if chart is not None:
        caption = formats.say(language, "chart")
        answer.append(Message(chat=chat, html=caption, plain=caption, photo=chart, silent=True))
    return answer


def blocks(digest: Digest) -> list[Block]:
    """The digest in blocks: heading, rules with their stories, what was held back, what is or may be lost, what is wrong with feeds."""
    language, tz = digest.chat.settings.language, digest.chat.settings.timezone
    answer = [_head(digest, language)]
    for group in digest.groups:
        answer += _group(group, language, tz)
    answer += _foot(digest, language)
    return answer


def _group(group: RuleSection, language: str, tz: str) -> list[Block]:
    title = Span(f"▍{clean(group.title)}", bold=True)
    answer: list[Block] = []
    for told in group.stories:
        block = story_block(told.story, language=language, tz=tz, mark=mark_of(told, language))
        answer.append(replace(block, under=(title,)) if answer else lines((title,), block.runs))
    briefly = [short(story.story, language) for story in group.others]
    together = (briefly[at : at + HEADLINES_TOGETHER] for at in range(0, len(briefly), HEADLINES_TOGETHER))
    answer += (replace(lines(*rows), under=(title,)) for rows in together)
    if group.left_out:
        answer.append(Block((Span(formats.say(language, "left_out", n=group.left_out), italic=True),)))
    return answer


def mark_of(told: DigestStory, language: str) -> str:
    """Why the story stands here now, where that needs saying: it was held back, or something is new in a story told before."""
    held = formats.say(language, f"held_{told.held}") if told.held else ""
    return "; ".join(part for part in (format_developments(told.news, told.story, language) if told.news else "", held) if part)


def _head(digest: Digest, language: str) -> Block:
    title = Span(formats.say(language, "digest", date=formats.day(language, digest.on)), bold=True)
    if not digest.stories:
        return lines((title,), (Span(formats.say(language, "nothing_new" if digest.again else "empty")),))
    counts = formats.say(
        language,
        "digest_counts",
        stories=formats.count(language, "story", "stories", digest.stories),
        sources=formats.count(language, "one_source", "sources", max(1, digest.sources)),
    )
    unusual = unusual_words(digest.unusual, language)
    return lines((title,), (Span(counts),), (Span(formats.say(language, "unusual", counts=unusual)),) if unusual else ())


def _foot(digest: Digest, language: str) -> list[Block]:
    answer = []
    if digest.again:
        head = (Span(formats.say(language, "again"), bold=True),)
        rows = [(*short(story.story, language, story.since),) for story in digest.again[:MAX_REPEATED_STORIES]]
        if len(digest.again) > MAX_REPEATED_STORIES:
            rows.append((Span(formats.say(language, "more", n=len(digest.again) - MAX_REPEATED_STORIES), italic=True),))
        answer.append(lines(head, *rows))
    held = Counter(told.held for group in digest.groups for told in group.stories if told.held)
    if held:
        said = ", ".join(f"{n} ({formats.say(language, f'held_{why}')})" for why, n in sorted(held.items()))
        answer.append(lines((Span(f"{formats.say(language, 'held')}: {said}"),)))
    if digest.perhaps:
        rows = [(Span(formats.say(language, "perhaps"), bold=True),)]
        for perhap in digest.perhaps[:20]:
            times = formats.say(language, "perhaps_line", n=perhap.times)
            rows.append((Span(f"• {shorten(clean(perhap.line), 120)} – {times}"),))
        answer.append(lines(*rows))
    if digest.undelivered:
        rows = [(Span(formats.say(language, "undelivered"), bold=True),)]
        for given_up in digest.undelivered[:20]:
            tries = formats.say(language, "undelivered_line", n=given_up.tries)
            rows.append((Span(f"• {shorten(clean(given_up.line), 120)} – {tries}"),))
        answer.append(lines(*rows))
    if digest.feeds:
        answer.append(lines((Span(formats.say(language, "feeds_wrong", feeds="; ".join(digest.feeds)), italic=True),)))
    return answer
