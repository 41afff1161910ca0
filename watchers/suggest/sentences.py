"""Defines Token and Sentence, and the cutting of a document into them: just well enough to see names and what stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watchers.suggest.document import SourceText

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_][^\W_]*(?:[.&][^\W_]+|['’](?!s\b)[^\W_]+)*|\d[\d.,]*[^\W_]*|['’]s\b|[^\w\s]")
_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[^\W_])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|Inc|Corp|Ltd|Co|Jr|Sr|Gen|Sen|Rep|Gov|Capt|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|TP|Ts|Th)|\b[A-Z])\.$"
)
_CAPITAL_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign. `glued`: no space before it."""

    text: str
    glued: bool

    @property
    def capital(self) -> bool:
        """Written as a name is: with a capital letter at its start, or inside it as in "iPhone"."""
        return self.text[0].isupper() or (self.text[0].islower() and any(sign.isupper() for sign in self.text[1:]))


@dataclass(frozen=True)
class Sentence:
    """Tokens of one sentence. `lead`: 0 for a title, 1 for the first paragraph, 2 for the others."""

    tokens: tuple[Token, ...]
    text: str
    document: int
    order: int
    lead: int
    lang: str

    @property
    def title_case(self) -> bool:
        """A headline in Title Case, in which capitals tell nothing."""
        words = [token.text for token in self.tokens[1:] if len(token.text) > 3 and token.text.isalpha()]
        if self.lang != "en" or self.text.endswith(".") or len(words) < 3:
            return False
        return sum(word[0].isupper() for word in words) > _CAPITAL_SHARE * len(words)


def sentences_of(documents: list[SourceText]) -> list[Sentence]:
    """Every sentence of every document, titles first."""
    found: list[Sentence] = []
    for number, document in enumerate(documents):
        parts = [(document.title, 0)] if document.title else []
        paragraphs = [part for part in re.split(r"\n\s*\n", document.text) if part.strip()]
        parts += [(" ".join(paragraph.split()), 1 if place == 0 else 2) for place, paragraph in enumerate(paragraphs)]
        for part, lead in parts:
            for text in split(part):
                tokens = tuple(tokens_of(text))
                if tokens:
                    found.append(Sentence(tokens, text, number, len(found), lead, document.lang))
    return found


def split(paragraph: str) -> list[str]:
    """The sentences of a paragraph."""
    pieces: list[str] = []
    start = 0
    for end in _END.finditer(paragraph):
        before = paragraph[start : end.start()].rstrip("\"”’)]")
        if _ABBREVIATION.search(before):
            continue
        pieces.append(paragraph[start : end.start()])
        start = end.end()
    pieces.append(paragraph[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text; a possessive 's is a token of its own."""
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        found.append(Token(match[0], match.start() == end))
        end = match.end()
    return found


def joined(tokens: tuple[Token, ...]) -> str:
    """The tokens as text: a space where one stood."""
    return "".join(token.text if token.glued or place == 0 else f" {token.text}" for place, token in enumerate(tokens))
