"""Defines WordToken and DocumentSentence, and splits documents into them: exact enough to find names and the words around them."""

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
class WordToken:
    """A word, number or punctuation mark. `glued`: no space before it."""

    text: str
    glued: bool

    @property
    def capital(self) -> bool:
        """True if it has a capital letter like a name: at its start, or inside it as in "iPhone"."""
        return self.text[0].isupper() or (self.text[0].islower() and any(sign.isupper() for sign in self.text[1:]))


@dataclass(frozen=True)
class DocumentSentence:
    """Tokens of one sentence. `lead`: 0 for a title, 1 for the first paragraph, 2 for the others."""

    tokens: tuple[WordToken, ...]
    text: str
    document: int
    order: int
    lead: int
    lang: str

    @property
    def title_case(self) -> bool:
        """True for a headline in Title Case, in which capital letters do not mark names."""
        words = [token.text for token in self.tokens[1:] if len(token.text) > 3 and token.text.isalpha()]
        if self.lang != "en" or self.text.endswith(".") or len(words) < 3:
            return False
        return sum(word[0].isupper() for word in words) > _CAPITAL_SHARE * len(words)


def sentences_of(documents: list[SourceText]) -> list[DocumentSentence]:
    """Returns the sentences of all documents in order, the title of each document first."""
    sentences: list[DocumentSentence] = []
    for number, document in enumerate(documents):
        parts = [(document.title, 0)] if document.title else []
        paragraphs = [part for part in re.split(r"\n\s*\n", document.text) if part.strip()]
        parts += [(" ".join(paragraph.split()), 1 if index == 0 else 2) for index, paragraph in enumerate(paragraphs)]
        for part, lead in parts:
            for text in split(part):
                tokens = tuple(tokens_of(text))
                if tokens:
                    sentences.append(DocumentSentence(tokens, text, number, len(sentences), lead, document.lang))
    return sentences


def split(paragraph: str) -> list[str]:
    """Splits a paragraph into sentences."""
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


def tokens_of(text: str) -> list[WordToken]:
    """Splits a text into tokens; a possessive 's is a separate token."""
    tokens: list[WordToken] = []
    end = -1
    for match in _TOKEN.finditer(text):
        tokens.append(WordToken(match[0], match.start() == end))
        end = match.end()
    return tokens


def joined(tokens: tuple[WordToken, ...]) -> str:
    """Joins tokens to text with the original spaces."""
    return "".join(token.text if token.glued or index == 0 else f" {token.text}" for index, token in enumerate(tokens))
