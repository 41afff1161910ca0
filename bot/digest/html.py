"""Defines `page`, a digest as one HTML file for mail and archives: styles and pictures inside it, no script, nothing loaded from anywhere.

Pure. Text of feeds is cleaned as for a message; the template escapes it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from bot.digest.message import mark_of
from bot.digest.model import Digest, DigestStory
from bot.digest.unusual import feed_trouble_words, unusual_words
from bot.i18n import formats
from bot.i18n.translate import t_plain
from bot.render.headline import headline, matched_sentence
from bot.render.html import render_page
from bot.render.story import format_event
from bot.sanitize import clean, safe_url
from bot.stories.view import StorySource, StoryView

_HEADINGS = ("again", "perhaps", "undelivered", "chart")


def page(digest: Digest, *, light: bytes | None = None, dark: bytes | None = None) -> str:
    """The digest as a page; `light` and `dark` are its picture (PNG) for either kind of screen."""
    language = digest.chat.settings.language
    sections = [
        {
            "title": section.title,
            "stories": [_story(entry, digest) for entry in section.stories],
            "headlines": [_line(entry.story, entry.story.sources, language) for entry in section.headlines],
            "left_out": t_plain(language, "left_out", n=section.left_out) if section.left_out else "",
        }
        for section in digest.sections
    ]
    unusual = unusual_words(digest.unusual, language) if digest.unusual else ""
    return render_page(
        "digest.html.j2",
        lang=language,
        title=t_plain(language, "digest", date=formats.day(language, digest.on)),
        headings={heading: t_plain(language, heading) for heading in _HEADINGS},
        counts=_counts(digest, language),
        unusual=t_plain(language, "unusual", counts=unusual) if unusual else "",
        sections=sections,
        repeated=[_line(repeated.story, repeated.since, language) for repeated in digest.repeated],
        unconfirmed=[(delivery.line, t_plain(language, "perhaps_line", n=delivery.attempts)) for delivery in digest.unconfirmed],
        undelivered=[(delivery.line, t_plain(language, "undelivered_line", n=delivery.attempts)) for delivery in digest.undelivered],
        feeds=t_plain(language, "feeds_wrong", feeds=feed_trouble_words(digest.feeds, language)) if digest.feeds else "",
        light=_data_url(light),
        dark=_data_url(dark),
    )


def _counts(digest: Digest, language: str) -> str:
    if not digest.stories:
        return t_plain(language, "nothing_new" if digest.repeated else "empty")
    return t_plain(
        language,
        "digest_counts",
        stories=t_plain(language, "stories", n=digest.stories),
        sources=t_plain(language, "sources", n=max(1, digest.sources)),
    )


def _line(story: StoryView, sources: Sequence[StorySource], language: str) -> dict[str, Any]:
    """A story in one line: its headline, the first of these sources that can be linked, and their names."""
    return {
        "title": headline(story, language),
        "url": next((source.url for source in sources if safe_url(source.url)), ""),
        "names": ", ".join(dict.fromkeys(clean(source.name) for source in sources if source.name)),
    }


def _story(entry: DigestStory, digest: Digest) -> dict[str, Any]:
    story, settings = entry.story, digest.chat.settings
    language = settings.language
    sponsored = t_plain(language, "sponsored") if story.sponsored else ""
    when = formats.moment(language, story.lead.at, settings.timezone)
    return {
        "title": headline(story, language),
        "url": story.lead.url,
        "mark": mark_of(entry, language),
        "sentence": matched_sentence(story),
        "event": format_event(story, language),
        "foot": " · ".join(part for part in (sponsored, ", ".join(clean(name) for name in story.publishers), when) if part),
    }


def _data_url(png: bytes | None) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}" if png is not None else ""
