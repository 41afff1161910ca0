"""Defines how a story becomes a message: alert, edited alert, follow-up, and the story's block in a digest.

Pure: a StoryView, a language and a zone in, text out. What feeds say passes `markup.clean` before it stands in a Run, links pass
`markup.safe_url`, so nothing from outside can add markup, call a user or look like one of our buttons.

    headline                                       the news, for the notification on a phone
    sentence, names in bold                        what was matched
    Deal: A → B · $200 million · Hanoi · planned   the event
    Reuters · 23 Apr 2024, 14:05 · 3 sources       the better source's link first
    Why: …                                         the rule and its first reason
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from bot.deliver import phrases
from bot.deliver.markup import LIMIT, Block, Run, clean, cut_block, join, lines, link, safe_url, shorten, units
from bot.deliver.message import Button, Message
from bot.local_time import local
from bot.telling import Happening, Reason, Source, StoryView, host_of
from bot.texts.reasons import reason_in

HEADLINE = 140
"""Code points of the first line: what a phone's notification shows."""
SENTENCE = 420
SOURCES_NAMED = 5
SOURCES_SHORT = 3
PARTIES = 4
"""Actors or targets that an event line names."""
NAME = 60

SENTENCES_READ = 12
TELLING_WORDS = 4
"""Long words of a headline, names aside, from which on a sentence that shares none of them is about something else."""
_DIRECTED = frozenset({"acquisition", "investment", "order", "legal", "export_control", "visit"})
"""Events in which one side does something to another; an arrow in any other would say what nobody did."""

_WORDS = re.compile(r"\w+")
_END = re.compile(r"(?<=[.!?…])[\"'”’»)]*\s+(?=[\"'“‘«(]*[^\W\d_a-zà-ỹ])")


def alert(
    story: StoryView,
    *,
    chat: str,
    language: str,
    tz: str,
    note: str = "",
    buttons: tuple[tuple[Button, ...], ...] = (),
    reason: Reason | None = None,
) -> Message:
    """The message about a story now; with more sources than one also what an edited alert becomes. `note` is a last line of ours,
    `reason` why it concerns the chat (the story's best without one)."""
    rows: list[Sequence[Run]] = [
        _headline(story, language),
        matched(story),
        _event(story, language),
        _origin(story, language, tz),
        _others(story, language),
        _why(reason or next(iter(story.reasons), None), language),
    ]
    if note:
        rows.append((Run(note, italic=True),))
    return _message(lines(*rows), chat, buttons)


def news(story: StoryView, added: Sequence[str], item: int, *, chat: str, language: str, tz: str) -> Message:
    """The follow-up to an alert: what `item` adds to the story (`added`: the placement's news)."""
    source = next((one for one in story.sources if one.item == item), story.lead)
    own = [one for one in story.happenings if one.item == item]
    said = "; ".join(dict.fromkeys(_added(one, own, story, language) for one in added))
    told = next((one.sentence for one in own if one.sentence and one.type in {text.partition(":")[0] for text in added}), "")
    rows: list[Sequence[Run]] = [
        (Run(f"{phrases.say(language, 'news')}: {said}", bold=True),),
        _bold_names(shorten(clean(told or source.title), SENTENCE), story.names),
        _source_line(source, story, language, tz),
    ]
    return _message(lines(*rows), chat, ())


def story_block(story: StoryView, *, language: str, tz: str, mark: str = "") -> Block:
    """The story as it stands in a digest: linked headline, sentence, event, sources. `mark` says why it was held back, if it was."""
    head: list[Run] = [Run("• "), link(headline(story, language), story.lead.url, bold=True)]
    if mark:
        head.append(Run(f" ({mark})", italic=True))
    named = ", ".join(_name(name) for name in story.publishers[:3])
    rest = len(story.publishers) - 3
    where = f"{named} {phrases.say(language, 'more', n=rest)}" if rest > 0 else named
    when = phrases.clock(language, local(story.lead.at, tz))
    paid = phrases.say(language, "sponsored") if story.sponsored else ""
    return lines(
        head,
        matched(story, limit=240),
        _event(story, language),
        (Run(" · ".join(part for part in (paid, where, when) if part), italic=True),),
    )


def short(story: StoryView, language: str, sources: Sequence[Source] = ()) -> Sequence[Run]:
    """The story in one line: linked headline and who tells it. `sources`, when given, are the ones to link and name."""
    names = list(dict.fromkeys(_name(one.name) for one in sources if one.name)) or [_name(name) for name in story.publishers]
    more = f" {phrases.say(language, 'more', n=len(names) - SOURCES_SHORT)}" if len(names) > SOURCES_SHORT else ""
    who = ", ".join(names[:SOURCES_SHORT]) + more
    url = next((one.url for one in sources if safe_url(one.url)), story.lead.url)
    return (Run("• "), link(headline(story, language), url), *((Run(f" – {who}", italic=True),) if who else ()))


def said_news(added: str, story: StoryView, language: str) -> str:
    """What is new in a story, as `watchers.stories.progress` says it, in the chat's language."""
    return _added(added, (), story, language)


def notice(text: str, *, chat: str) -> Message:
    """A message of ours about the bot itself; `text` may hold words from outside, already cleaned."""
    return _message(Block((Run(text),)), chat, ())


def event_line(told: Happening, language: str) -> str:
    """One event in a line: what, who and to whom, how much, where, when, how sure, by whose word."""
    def named(name: str) -> str:
        return _name(told.naming.name(language, name))

    who = ", ".join(named(name) for name in told.actors[:PARTIES])
    whom = ", ".join(named(name) for name in told.targets[:PARTIES])
    parts = [
        (" → " if told.type in _DIRECTED else ", ").join(part for part in (who, whom) if part),
        phrases.money(language, told.amount, _name(told.currency or "")) if told.amount else "",
        named(told.place or ""),
        phrases.event_date(language, _name(told.date or "")),
        phrases.PHRASES[language].get(f"status_{told.status}", ""),
        phrases.say(language, "according_to", who=named(told.attributed_to)) if told.attributed_to else "",
    ]
    if told.place and _name(told.place) in {_name(name) for name in (*told.actors, *told.targets)}:
        parts[2] = ""
    return f"{type_name(told, language)}: {' · '.join(part for part in parts if part)}".rstrip(": ")


def _name(text: str) -> str:
    """A name from outside at a length that a line can bear."""
    return shorten(clean(text), NAME)


def type_name(told: Happening, language: str) -> str:
    """How people call the kind of event, with a capital."""
    name = _name(told.type_names.get(language) or told.type.replace("_", " "))
    return name[:1].upper() + name[1:]


def _message(block: Block, chat: str, buttons: tuple[tuple[Button, ...], ...]) -> Message:
    whole = block if units(block.text) <= LIMIT else cut_block(block, LIMIT)[0]
    html, plain = join([whole])
    return Message(chat=chat, html=html, plain=plain, buttons=buttons)


def headline(story: StoryView, language: str) -> str:
    """The title without its publisher's name, in one line."""
    title = clean(story.lead.title or story.title)
    head, dash, tail = title.rpartition(" | ") if " | " in title else title.replace(" – ", " - ").rpartition(" - ")
    if dash and head and _is_publisher(tail, story):  # search feeds append the publisher
        title = title[: len(head)].rstrip()
    if not title:
        title = shorten(clean(story.lead.body), HEADLINE)
    return shorten(title, HEADLINE) or phrases.say(language, "untitled")


def _is_publisher(tail: str, story: StoryView) -> bool:
    """True when the words are how a source calls itself: "24/7 Wall St." of 247wallst.com, "Yahoo Finance" of finance.yahoo.com."""
    said = _letters(tail)
    names = [*story.publishers, story.lead.name, host_of(story.lead.url)]
    if not said or len(tail) > NAME:
        return False
    words = {_letters(word) for word in tail.split()} - {""}
    for name in filter(None, names):
        if said == _letters(name) or ("." in name and _letters(name).startswith(said)):
            return True
        if words <= set(_WORDS.findall(name.casefold())):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _headline(story: StoryView, language: str) -> Sequence[Run]:
    paid = [Run(f"[{phrases.say(language, 'sponsored')}] ")] if story.sponsored else []
    return (*paid, Run(headline(story, language), bold=True))


def matched(story: StoryView, limit: int = SENTENCE) -> Sequence[Run]:
    """The sentence that was matched: the one that tells the event below it, unless the headline says the same."""
    title = clean(story.lead.title)
    told = story.happenings[0] if story.happenings else None
    candidates = [clean(told.sentence)] if told is not None and not told.in_title else []
    body = [clean(one) for one in _END.split(story.lead.body)]
    names = [clean(name) for name in story.names]
    heading = _long_words(title)
    # Pages begin with tips, consent and tickers; what the headline is about shares more of its words than the names.
    about = heading.difference(*(_long_words(name) for name in names))
    body = [one for one in body[:SENTENCES_READ] if len(about) < TELLING_WORDS or about & _long_words(one)]
    candidates += sorted((one for one in body if any(name in one for name in names)), key=lambda one: -len(heading & _long_words(one)))
    candidates += [one for one in body[:1] if not heading or heading & _long_words(one)]
    for one in candidates:
        if one and not _same(one, title):
            return _bold_names(shorten(one, limit), story.names)
    return ()


def _long_words(text: str) -> set[str]:
    return {word for word in _WORDS.findall(text.casefold()) if len(word) > 3}


def _same(one: str, other: str) -> bool:
    first, second = one.casefold().strip(" .…"), other.casefold().strip(" .…")
    return first == second or (bool(first and second) and (first in second or second.startswith(first)))


def _bold_names(text: str, names: Iterable[str]) -> Sequence[Run]:
    """The text with the names in bold, longest first, at word borders only."""
    wanted = sorted({re.escape(clean(name)) for name in names if clean(name)}, key=len, reverse=True)
    if not wanted or not text:
        return (Run(text),)
    runs = []
    for at, part in enumerate(re.split(rf"((?<!\w)(?:{'|'.join(wanted)})(?!\w))", text)):
        if part:
            runs.append(Run(part, bold=at % 2 == 1))
    return runs


def _event(story: StoryView, language: str) -> Sequence[Run]:
    if not story.happenings or _says_nothing(story.happenings[0]):
        return ()
    return (Run(event_line(story.happenings[0], language)),)


def _says_nothing(told: Happening) -> bool:
    """A kind and a name, which the headline has too: "Partnership: Nvidia"."""
    parties = len(told.actors) + len(told.targets)
    return parties < 2 and not (told.amount or told.place or told.date or told.attributed_to or told.status != "done")


def _origin(story: StoryView, language: str, tz: str) -> Sequence[Run]:
    return _source_line(story.lead, story, language, tz)


def _source_line(source: Source, story: StoryView, language: str, tz: str) -> Sequence[Run]:
    name = _name(source.name) or "link"
    sources = len(story.publishers) or len(story.sources)
    tail = f" · {phrases.clock(language, local(source.at, tz))} · {phrases.count(language, 'source', 'sources', sources)}"
    paid = f" ({phrases.say(language, 'sponsored')})" if source.sponsored else ""
    return (link(name, source.url), Run(paid + tail))


def _others(story: StoryView, language: str) -> Sequence[Run]:
    """The other sources, each publisher once."""
    shown: dict[str, Source] = {}
    for one in story.sources[1:]:
        name = _name(one.name)
        if name and name != _name(story.lead.name):
            shown.setdefault(name, one)
    if not shown:
        return ()
    runs: list[Run] = [Run(f"{phrases.say(language, 'also_in')}: ")]
    for at, (name, one) in enumerate(list(shown.items())[:SOURCES_NAMED]):
        paid = f" ({phrases.say(language, 'sponsored')})" if one.sponsored else ""
        runs += [Run(", ")] * bool(at) + [link(name, one.url), Run(paid)]
    if len(shown) > SOURCES_NAMED:
        runs.append(Run(f" {phrases.say(language, 'more', n=len(shown) - SOURCES_NAMED)}"))
    return runs


def _why(reason: Reason | None, language: str) -> Sequence[Run]:
    if reason is None:
        return ()
    first = f" – {shorten(clean(reason_in(language, reason.why[0], reason.naming)), 120)}" if reason.why else ""
    return (Run(_named_rule(reason, language) + first, italic=True),)


def _named_rule(reason: Reason, language: str) -> str:
    return phrases.say(language, "why", rule=_name(reason.title_in(language)))


def names_reason(html: str, reason: Reason, language: str) -> bool:
    """True when the alert with this text was sent for the reason's rule."""
    said = f"<i>{escape(_named_rule(reason, language))}"
    return any(line.startswith((f"{said} –", f"{said}</i>")) for line in html.splitlines())


def substance(html: str) -> str:
    """An alert's text without our remarks (why it came, that a limit is reached): only when this changes is an edit worth sending."""
    return "\n".join(line for line in html.splitlines() if not line.startswith("<i>"))


def _added(text: str, own: Sequence[Happening], story: StoryView, language: str) -> str:
    """One of the placement's news ("investment: now denied") in the chat's language."""
    kind, _, what = text.partition(":")
    alike = [one for one in (*own, *story.happenings) if one.type == kind]
    told = next((one for one in alike if one.amount or "amount" not in what), None)
    name = type_name(told, language) if told else clean(kind).replace("_", " ").capitalize()
    if "denied" in what:
        return phrases.say(language, "news_denied", what=name)
    if "done now" in what:
        return phrases.say(language, "news_done", what=name)
    if told is not None and told.amount:
        return phrases.say(language, "news_amount", what=name, amount=phrases.money(language, told.amount, _name(told.currency or "")))
    return clean(text)
