"""Defines Document and `load_documents`: the articles that the watch grew from, each with what must be found in it.

They are the bot's first archive and the first acceptance test of entities, events and rules: `expect` says what a careful reader finds.
Nothing is matched here.
"""

from __future__ import annotations

import datetime
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict, ValidationError

from seeds.error_messages import describe
from seeds.errors import SeedError

_FENCE = "+++"


class ExpectedEvent(BaseModel):
    """An event that must be found. What is empty or None here is not demanded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tells: str
    """The event in words, for the test's message."""
    type: str
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    """Take part, on whichever side."""
    amount: float | None = None
    currency: str | None = None
    place: str | None = None
    date: str | None = None
    status: str | None = None
    attributed_to: str | None = None


class Expected(BaseModel):
    """What matching must find in a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mentions: tuple[str, ...] = ()
    """Of the watched entities exactly these, subsidiaries counted for their group."""
    surroundings: tuple[str, ...] = ()
    """And these of the others."""
    rules: tuple[str, ...] = ()
    """These hit, among others."""
    events: tuple[ExpectedEvent, ...] = ()


class Document(BaseModel):
    """One seed article, retold, with its front matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    date: datetime.date | None = None
    """As the original gives it; None where it gives none."""
    source: str = ""
    """Who published it, as the original says."""
    attributed: str = ""
    """Whose report it rests on."""
    url: str = ""
    lang: str = "en"
    sponsored: bool = False
    illustration: str = ""
    """What the picture above the article shows, in words."""
    expect: Expected = Expected()
    text: str

    @property
    def published(self) -> datetime.datetime | None:
        """Midnight UTC of `date`: the original names a day, no hour."""
        return datetime.datetime.combine(self.date, datetime.time(), tzinfo=datetime.UTC) if self.date else None


def load_documents() -> tuple[Document, ...]:
    """The packaged documents, by id. Raises SeedError when one of them is not well-formed."""
    folder = files("seeds") / "documents"
    return tuple(sorted((read_document(path) for path in folder.iterdir() if path.name.endswith(".md")), key=lambda document: document.id))


def read_document(path: Traversable) -> Document:
    """A document from a file: TOML between two lines of `+++`, then paragraphs, whose lines are joined."""
    opening, _, rest = path.read_text(encoding="utf-8").partition(f"{_FENCE}\n")
    matter, fence, body = rest.partition(f"\n{_FENCE}\n")
    if opening or not fence:
        raise SeedError(path.name, "", "", f"expected front matter between two lines of {_FENCE} at the top")
    try:
        return Document.model_validate({**tomllib.loads(matter), "text": _paragraphs(body)})
    except tomllib.TOMLDecodeError as error:
        raise SeedError(path.name, "", "", f"front matter is not TOML: {error}") from None
    except ValidationError as error:
        key, problem = describe(error, Document)[0]
        raise SeedError(path.name, "", key, problem) from None


def _paragraphs(body: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in body.split("\n\n") if paragraph.strip())
