"""Defines suggest, which drafts a watch from documents on disk: it reads the files, and the matcher reads events about the drafted
entities.

`watchers.suggest` makes the draft. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seeds.entities import Entity
from seeds.events import EventType
from seeds.load import Seeds
from watchers.match.matcher import Matcher
from watchers.models.item import Item
from watchers.models.json_record import read_lines
from watchers.suggest.document import SourceText, source_text
from watchers.suggest.draft import Draft, draft_watch
from watchers.suggest.rules import FoundEvent
from watchers.text.html_text import is_html


class DocumentError(ValueError):
    """A file without a readable document; the message names the file and the reason in one line."""


class MatcherEvents:
    """Reads events with the matcher, for the drafted entities and the event types of the seeds."""

    def __init__(self, types: Mapping[str, EventType], entities: Mapping[str, Entity]) -> None:
        self._types, self._seed_entities = types, entities
        self._cached: tuple[Mapping[str, Entity], Matcher] | None = None

    def __call__(self, entities: Mapping[str, Entity], text: SourceText) -> Iterable[FoundEvent]:
        """Yields the events of the text with a drafted participant; other participants are left out."""
        if self._cached is None or self._cached[0] is not entities:
            # The entities of the seeds are needed, too: a drafted one may be part of one that the text does not name.
            self._cached = (entities, Matcher(Seeds({**self._seed_entities, **entities}, self._types, {}, ())))
        item = Item(feed=text.name, title=text.title, text=text.text, lang=text.lang)
        for event in self._cached[1].match(item).events:
            body = item.title if event.field == "title" else item.text
            yield FoundEvent(
                event.type,
                tuple(actor for actor in event.actors if isinstance(actor, str) and actor in entities),
                tuple(target for target in event.targets if isinstance(target, str) and target in entities),
                body[event.start : event.end],
            )


def suggest(files: Sequence[Path], seeds: Seeds) -> Draft:
    """Returns a draft from text, Markdown, HTML or JSON Lines files. Raises DocumentError for the first unreadable file."""
    texts = [text for file in files for text in read_documents(file)]
    return draft_watch(texts, known=seeds.entities, read_events=MatcherEvents(seeds.events, seeds.entities))


def read_documents(file: Path) -> list[SourceText]:
    """Returns the documents of a file: one, or one per line of a JSON Lines file. Raises DocumentError."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise DocumentError(f"{file}: cannot be read: {error.strerror or error}") from None
    if not raw.strip():
        raise DocumentError(f"{file}: empty")
    if is_html(raw):
        return [_read_page(raw, file)]
    if raw.lstrip()[:1] == b"{":
        return _read_records(raw, file)
    return [source_text(str(file), raw.decode("utf-8-sig", "replace"))]


def _read_page(raw: bytes, file: Path) -> SourceText:
    from watchers.sources.article import article_of

    page = article_of(raw, url="")
    if page is None:
        raise DocumentError(f"{file}: no article text found in this page")
    return source_text(str(file), page.text, title=page.title or file.stem)


def _read_records(raw: bytes, file: Path) -> list[SourceText]:
    texts = []
    for line in read_lines(raw, str(file)):
        if line.item is None:
            raise DocumentError(line.problem)
        item = line.item
        texts.append(source_text(f"{file}:{line.number}", item.text or item.summary, title=item.title, lang=item.lang))
    return texts
