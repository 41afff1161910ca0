"""Defines how a story becomes a message: alert, edited alert, follow-up, and the story's block in a digest.

Pure: a StoryView, a language and a zone in, text out. What feeds say passes `sanitize.clean` before it stands in a Run, links pass
`sanitize.safe_url`, so nothing from outside can add markup, call a user or look like one of our buttons.

    headline                                       the news, for the notification on a phone
    sentence, names in bold                        what was matched
    Deal: A → B · $200 million · Hanoi · planned   the event
    Reuters · 23 Apr 2024, 14:05 · 3 sources       the better source's link first
    Why: …                                         the rule and its first reason
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from bot.i18n import formats
from bot.i18n.reasons import reasons_in
from bot.i18n.translate import t_plain
from bot.message import Button, Message
from bot.render.headline import NAME, SENTENCE, bold_names, headline, matched_sentence, title_alone
from bot.render.markup import LIMIT, Block, Span, cut_block, join, lines, link, shorten, utf16_length
from bot.sanitize import clean, safe_url
from bot.stories.view import EventView, RuleHit, StorySource, StoryView
from watchers.stories.developments import Development
from watchers.text.publishers import host_of

SOURCES_NAMED = 5
SOURCES_SHORT = 3
PARTIES = 4
"""Actors or targets that an event line names."""

UNSURE = frozenset({"planned", "reported", "denied"})
"""Statuses that an event line names."""
SHARE_PRICE = 1e6
"""Below it a sum in market news is a price of shares, in any of the currencies (dong included)."""


def alert(
    story: StoryView,
    *,
    chat: str,
    language: str,
    tz: str,
    note: str = "",
    buttons: tuple[tuple[Button, ...], ...] = (),
    reason: RuleHit | None = None,
) -> Message:
    """The message about a story now; with more sources than one also what an edited alert becomes. `note` is a last line of ours,
    `reason` why it concerns the chat (the story's best without one)."""
    rows = [*_content(story, language, tz), _why(reason or next(iter(story.reasons), None), language)]
    if note:
        rows.append((Span(note, italic=True),))
    return _message(lines(*rows), chat, buttons)


def content_hash(story: StoryView, language: str, tz: str) -> str:
    """Changes when an alert about the story says something else about it. Our remarks (the rule, a limit reached) do not count: an edit
    for these alone is not worth sending."""
    return blake2b(lines(*_content(story, language, tz)).html().encode("utf-8", "replace"), digest_size=16).hexdigest()


def _content(story: StoryView, language: str, tz: str) -> list[Sequence[Span]]:
    """The lines of an alert about the story itself."""
    return [
        _headline(story, language),
        matched_sentence(story),
        _event(story, language),
        _origin(story, language, tz),
        _others(story, language),
    ]


def follow_up(story: StoryView, developments: Sequence[Development], item: int, *, chat: str, language: str, tz: str) -> Message:
    """The follow-up to an alert: what `item` adds to the story."""
    source = next((one for one in story.sources if one.item_id == item), story.lead)
    own = [event for event in story.events if event.item_id == item]
    said = _developments(developments, (*own, *story.events), language)
    kinds = {development.event_type for development in developments}
    told = next((event.sentence for event in own if event.sentence and not event.in_title and event.type in kinds), "")
    rows: list[Sequence[Span]] = [
        (Span(f"{t_plain(language, 'news')}: {said}", bold=True),),
        bold_names(shorten(clean(told) or title_alone(source.title, (source.name, host_of(source.url))), SENTENCE), story.names),
        _source_line(source, story, language, tz),
    ]
    return _message(lines(*rows), chat, ())


def story_block(story: StoryView, *, language: str, tz: str, mark: str = "") -> Block:
    """The story as it stands in a digest: linked headline, sentence, event, sources. `mark` says why it was held back, if it was."""
    head: list[Span] = [Span("• "), link(headline(story, language), story.lead.url, bold=True)]
    if mark:
        head.append(Span(f" ({mark})", italic=True))
    named = ", ".join(_name(name) for name in story.publishers[:3])
    rest = len(story.publishers) - 3
    where = f"{named} {t_plain(language, 'more', n=rest)}" if rest > 0 else named
    when = formats.moment(language, story.lead.at, tz)
    paid = t_plain(language, "sponsored") if story.sponsored else ""
    return lines(
        head,
        matched_sentence(story, limit=240),
        _event(story, language),
        (Span(" · ".join(part for part in (paid, where, when) if part), italic=True),),
    )


def short(story: StoryView, language: str, sources: Sequence[StorySource] = ()) -> Sequence[Span]:
    """The story in one line: linked headline and who tells it. `sources`, when given, are the ones to link and name."""
    names = list(dict.fromkeys(_name(source.name) for source in sources if source.name)) or [_name(name) for name in story.publishers]
    more = f" {t_plain(language, 'more', n=len(names) - SOURCES_SHORT)}" if len(names) > SOURCES_SHORT else ""
    who = ", ".join(names[:SOURCES_SHORT]) + more
    url = next((source.url for source in sources if safe_url(source.url)), story.lead.url)
    return (Span("• "), link(headline(story, language), url), *((Span(f" – {who}", italic=True),) if who else ()))


def format_developments(developments: Sequence[Development], story: StoryView, language: str) -> str:
    """The developments of a story in the chat's language."""
    return _developments(developments, story.events, language)


def notice(text: str, *, chat: str) -> Message:
    """A message of ours about the bot itself; `text` may hold words from outside, already cleaned."""
    return _message(Block((Span(text),)), chat, ())


def format_event(story: StoryView, language: str) -> str:
    """The story's event in a line, "" where it would say no more than a kind and a name, which the headline has too."""
    if not story.events:
        return ""
    told = story.events[0]
    who, *more = event_parts(told, language)
    return event_line(told, language) if more or (len(told.actors) + len(told.targets) > 1 and who) else ""


def event_line(told: EventView, language: str) -> str:
    """One event in a line: what, who and to whom, how much, where, when, how sure, by whose word."""
    return f"{type_name(told, language)}: {' · '.join(part for part in event_parts(told, language) if part)}".rstrip(": ")


def event_parts(told: EventView, language: str) -> list[str]:
    """Who and to whom ("" where nobody is named), and what else is said of it."""

    def format_names(name: str) -> str:
        return _name(told.naming.name(language, name))

    actors, targets = ([format_names(name) for name in dict.fromkeys(part)] for part in (told.actors, told.targets))
    targets = [name for name in targets if name not in actors]
    sides = [", ".join(part[:PARTIES]) for part in (actors, targets) if part]
    parties = {name.casefold() for name in (*actors, *targets)}
    place, source = format_names(told.place or ""), format_names(told.attributed_to or "")
    own_word = len(actors) == 1 and source.casefold() == actors[0].casefold()
    said = [
        formats.money(language, told.amount, _name(told.currency or "")) if told.amount and not _is_price(told) else "",
        "" if place.casefold() in parties else place,
        formats.event_date(language, _name(told.date or "")),
        t_plain(language, f"status_{told.status}") if told.status in UNSURE else "",
        t_plain(language, "according_to", who=source) if source and not own_word else "",
    ]
    between = " → " if told.behaviour.directed else ", "  # an arrow in any other event would say what nobody did
    return [between.join(sides), *(part for part in said if part)]


def _is_price(told: EventView) -> bool:
    """True for what one share costs: beside a company's name it would read as the company's worth."""
    return told.behaviour.market and (told.amount or 0.0) < SHARE_PRICE


def _name(text: str) -> str:
    """A name from outside at a length that a line can bear."""
    return shorten(clean(text), NAME)


def type_name(told: EventView, language: str) -> str:
    """How people call the kind of event, with a capital."""
    name = _name(told.type_names.get(language) or told.type.replace("_", " "))
    return name[:1].upper() + name[1:]


def _message(block: Block, chat: str, buttons: tuple[tuple[Button, ...], ...]) -> Message:
    whole = block if utf16_length(block.text) <= LIMIT else cut_block(block, LIMIT)[0]
    html, plain = join([whole])
    return Message(chat=chat, html=html, plain=plain, buttons=buttons)


def _headline(story: StoryView, language: str) -> Sequence[Span]:
    paid = [Span(f"[{t_plain(language, 'sponsored')}] ")] if story.sponsored else []
    return (*paid, Span(headline(story, language), bold=True))


def _event(story: StoryView, language: str) -> Sequence[Span]:
    said = format_event(story, language)
    return (Span(said),) if said else ()


def _origin(story: StoryView, language: str, tz: str) -> Sequence[Span]:
    return _source_line(story.lead, story, language, tz)


def _source_line(source: StorySource, story: StoryView, language: str, tz: str) -> Sequence[Span]:
    name = _name(source.name) or "link"
    sources = len(story.publishers) or len(story.sources)
    tail = f" · {formats.moment(language, source.at, tz)} · {t_plain(language, 'sources', n=sources)}"
    paid = f" ({t_plain(language, 'sponsored')})" if source.sponsored else ""
    return (link(name, source.url), Span(paid + tail))


def _others(story: StoryView, language: str) -> Sequence[Span]:
    """The other sources, each publisher once."""
    shown: dict[str, StorySource] = {}
    for source in story.sources[1:]:
        name = _name(source.name)
        if name and name != _name(story.lead.name):
            shown.setdefault(name, source)
    if not shown:
        return ()
    runs: list[Span] = [Span(f"{t_plain(language, 'also_in')}: ")]
    for at, (name, one) in enumerate(list(shown.items())[:SOURCES_NAMED]):
        paid = f" ({t_plain(language, 'sponsored')})" if one.sponsored else ""
        runs += [Span(", ")] * bool(at) + [link(name, one.url), Span(paid)]
    if len(shown) > SOURCES_NAMED:
        runs.append(Span(f" {t_plain(language, 'more', n=len(shown) - SOURCES_NAMED)}"))
    return runs


def _why(reason: RuleHit | None, language: str) -> Sequence[Span]:
    if reason is None:
        return ()
    sentences = reasons_in(language, reason.reasons, reason.why, reason.naming)
    first = f" – {shorten(clean(sentences[0]), 120)}" if sentences else ""
    return (Span(t_plain(language, "why", rule=_name(reason.title_in(language))) + first, italic=True),)


def _developments(developments: Sequence[Development], events: Sequence[EventView], language: str) -> str:
    """The developments in words; event types with the same development share one phrase. `events` give the names of event types."""
    types_by_development: dict[Development, list[str]] = {}
    for development in developments:
        types_by_development.setdefault(development._replace(event_type=""), []).append(development.event_type)
    phrases = [_development(development, types, events, language) for development, types in types_by_development.items()]
    return "; ".join(dict.fromkeys(phrases))


def _development(development: Development, types: Sequence[str], events: Sequence[EventView], language: str) -> str:
    named = {event.type: type_name(event, language) for event in reversed(events)}
    names = [named.get(type_id) or _name(type_id.replace("_", " ")) for type_id in types]
    what = ", ".join([names[0][:1].upper() + names[0][1:], *(name[:1].lower() + name[1:] for name in names[1:])])
    if development.kind == "denied":
        return t_plain(language, "news_denied", what=what)
    if development.kind == "confirmed":
        return t_plain(language, "news_done", what=what)
    amount = formats.money(language, development.amount or 0.0, _name(development.currency))
    return t_plain(language, "news_amount", what=what, amount=amount)
