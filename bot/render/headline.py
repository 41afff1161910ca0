"""Defines headline and matched: the words of a story's items that messages show, its headline and the sentence that was matched.

Pure. What feeds say passes `sanitize.clean`; what pages put around their articles, and what a feed cut off, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.i18n.translate import t_plain
from bot.render.markup import Span, shorten
from bot.sanitize import clean
from bot.stories.view import StoryView
from watchers.stories.features import is_chrome
from watchers.text.publishers import host_of, is_publisher

HEADLINE = 140
"""Code points of the first line: what a phone's notification shows."""
SENTENCE = 420
NAME = 60
"""Code points of a name that a line can bear."""
SENTENCES_READ = 12
TITLE_AGAIN = 20
"""Code points from which on a headline at the beginning of a sentence is the page's repetition."""
TELLING_WORDS = 4
"""Long words of a headline, names aside, from which on a sentence that shares none of them is about something else."""

_WORDS = re.compile(r"\w+")
_END = re.compile(r"(?<=[.!?…])[\"'”’»)]*\s+(?=[\"'“‘«(]*[^\W\d_a-zà-ỹ])")
_GLUED = re.compile(r"(?<=[a-zà-ỹ]{2}[.!?])(?=[A-ZÀ-ỸĐ][a-zà-ỹ])")
"""Between sentences that a page's markup alone kept apart: "in the round.Founded in 2016"."""
_CUT_OFF = re.compile(r"\s*[(\[][^)\]]{0,12}$")
"""A bracket that a feed's limit cut: "… Backed by Nvidia (N"."""


def headline(story: StoryView, language: str) -> str:
    """The title without its publisher's name, in one line."""
    title = title_alone(story.lead.title or story.title, (*story.publishers, story.lead.name, host_of(story.lead.url)))
    if not title:
        title = shorten(clean(story.lead.body), HEADLINE)
    return shorten(title, HEADLINE) or t_plain(language, "untitled")


def title_alone(title: str, publishers: Iterable[str]) -> str:
    """A title without the publisher's name that search feeds append, and without the bracket that their limit cut."""
    title = clean(title)
    head, dash, tail = title.rpartition(" | ") if " | " in title else title.replace(" – ", " - ").rpartition(" - ")
    if dash and head and is_publisher(tail, publishers):
        title = title[: len(head)].rstrip()
    return _CUT_OFF.sub("", title) or title


def matched_sentence(story: StoryView, limit: int = SENTENCE) -> Sequence[Span]:
    """The sentence that was matched: the one that tells the event below it, unless the headline says the same."""
    title = clean(story.lead.title)
    told = story.events[0] if story.events else None
    candidates = [_told_alone(told.sentence, title)] if told is not None and not told.in_title else []
    body = _END.split(story.lead.body)
    names = [clean(name) for name in story.names]
    heading = _long_words(title)
    # Pages begin with tips, consent and tickers; what the headline is about shares more of its words than the names.
    about = heading.difference(*(_long_words(name) for name in names))
    body = [_told_alone(one, title) for one in body[:SENTENCES_READ] if len(about) < TELLING_WORDS or about & _long_words(clean(one))]
    candidates += sorted((one for one in body if any(name in one for name in names)), key=lambda one: -len(heading & _long_words(one)))
    candidates += [one for one in body[:1] if not heading or heading & _long_words(one)]
    for candidate in candidates:
        if candidate and not _same(candidate, title) and not is_chrome(candidate):
            return bold_names(shorten(candidate, limit), story.names)
    return ()


def _told_alone(sentence: str, title: str) -> str:
    """The sentence without another that is glued to it, and without the headline that pages repeat in front of their text."""
    words = clean(_GLUED.split(sentence, maxsplit=1)[0])
    again = len(title) >= TITLE_AGAIN and words.casefold().startswith(title.casefold())
    rest = words[len(title) :].lstrip(" .:–-|") if again else ""
    return rest if rest[:1].isupper() else words


def _long_words(text: str) -> set[str]:
    return {word for word in _WORDS.findall(text.casefold()) if len(word) > 3}


def _same(one: str, other: str) -> bool:
    first, second = one.casefold().strip(" .…"), other.casefold().strip(" .…")
    return first == second or (bool(first and second) and (first in second or second.startswith(first)))


def bold_names(text: str, names: Iterable[str]) -> Sequence[Span]:
    """The text with the names in bold, longest first, at word borders only."""
    wanted = sorted({re.escape(clean(name)) for name in names if clean(name)}, key=len, reverse=True)
    if not wanted or not text:
        return (Span(text),)
    runs = []
    for at, part in enumerate(re.split(rf"((?<!\w)(?:{'|'.join(wanted)})(?!\w))", text)):
        if part:
            runs.append(Span(part, bold=at % 2 == 1))
    return runs
