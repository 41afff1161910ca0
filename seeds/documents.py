"""Defines Document and `load_documents`: the articles from which the watch was built, each with its expected matches.

They are the bot's first archive and the first acceptance test of entities, events and rules: `expect` has the result of a careful human
reader. This module matches nothing.
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
    """An event that matching must find. Empty and None fields are not checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tells: str
    """A description of the event, for the test's message."""
    type: str
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    """Participants on either side."""
    amount: float | None = None
    currency: str | None = None
    place: str | None = None
    date: str | None = None
    status: str | None = None
    attributed_to: str | None = None


class Expectations(BaseModel):
    """The result that matching must have for a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mentions: tuple[str, ...] = ()
    """Exactly these watched entities are mentioned. Subsidiaries count for their group."""
    surroundings: tuple[str, ...] = ()
    """At least these other entities are mentioned."""
    rules: tuple[str, ...] = ()
    """At least these rules hit."""
    events: tuple[ExpectedEvent, ...] = ()


class Document(BaseModel):
    """One seed article, retold in our words, with its front matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    date: datetime.date | None = None
    """The date in the original; None if it has none."""
    source: str = ""
    """The publisher, as in the original."""
    attributed: str = ""
    """The publisher whose report the article repeats."""
    url: str = ""
    lang: str = "en"
    sponsored: bool = False
    illustration: str = ""
    """A description of the picture above the article."""
    expect: Expectations = Expectations()
    text: str

    @property
    def published(self) -> datetime.datetime | None:
        """Midnight UTC of `date`, because the original has no time."""
        return datetime.datetime.combine(self.date, datetime.time(), tzinfo=datetime.UTC) if self.date else None


def load_documents() -> tuple[Document, ...]:
    """Returns the packaged documents in the order of their ids. Raises SeedError if one is not well-formed."""
    folder = files("seeds") / "documents"
    return tuple(sorted((read_document(path) for path in folder.iterdir() if path.name.endswith(".md")), key=lambda document: document.id))


def read_document(path: Traversable) -> Document:
    """Reads a document: TOML between two lines of `+++`, then paragraphs, whose lines are joined. Raises SeedError."""
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
