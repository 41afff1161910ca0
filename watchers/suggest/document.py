"""Defines SourceText and source_text: convert a text or Markdown file to a document. `watchers.sources.article` reads web pages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import cast

from seeds.languages import Language

_FRONT = re.compile(r"\A\s*(\+\+\+|---)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|lang|language)\s*[=:]\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_VIETNAMESE = re.compile(r"[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\W\d_]{3})\.(?=[^\W\d_a-zà-ỹ][a-zà-ỹ]{2})")
_TITLE_LENGTH = 160


@dataclass(frozen=True)
class SourceText:
    """One document: plain text, paragraphs divided by empty lines."""

    name: str
    title: str
    text: str
    lang: Language


def source_text(name: str, text: str, *, title: str = "", lang: str = "") -> SourceText:
    """Converts plain text or Markdown to a document. Without `title`, it comes from the front matter, a heading or a short first line;
    without `lang`, it is guessed."""
    text, title = _clean(text), " ".join(_clean(title).split())
    front = _FRONT.match(text)
    if front:
        text = text[front.end() :]
        matter = {key.lower(): value for key, value in _FIELD.findall(front[2])}
        title = title or matter.get("title", "")
        lang = lang or matter.get("lang", matter.get("language", ""))[:2]
    if not title:
        title, text = _first_line(text)
    # Text of web pages can lack the space between paragraphs: "…in Italy.Later he …" is two sentences.
    text = _GLUED.sub(". ", _without_marks(text))
    if len(title) > 20:
        text = text.replace(title, "\n\n")  # pages repeat their headline
    if lang not in ("en", "vi"):
        lang = guess_language(f"{title} {text}")
    return SourceText(name, title, text, cast("Language", lang))


def _clean(text: str) -> str:
    """Returns NFC without control characters and surrogates, which TOML cannot contain, and without the brackets that `relations` uses."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("⟦", "[").replace("⟧", "]"))
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Cf"))


def guess_language(text: str) -> Language:
    """Returns "vi" if more than 6 % of the letters are Vietnamese ones (a name or two do not reach that); else "en"."""
    letters = sum(map(str.isalpha, text))
    return "vi" if len(_VIETNAMESE.findall(text)) > 0.06 * letters else "en"


def _first_line(text: str) -> tuple[str, str]:
    line, _, rest = text.strip().partition("\n")
    is_short = len(line) <= _TITLE_LENGTH and not line.rstrip().endswith((".", ":", ","))
    if line.startswith("#") or (is_short and rest.strip()):
        return line.lstrip("# ").strip(), rest
    return "", text


def _without_marks(text: str) -> str:
    """Removes the marks of Markdown: headings, emphasis, links and pictures, code fences, quotes and lists."""
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s{0,3}(?:#{1,6}|>|[-*+]|\d+\.)\s+", "\n", text, flags=re.MULTILINE)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    return re.sub(r"https?://\S+", " ", text)
