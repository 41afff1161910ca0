"""Defines item_from_columns: a record with columns of any usual name as an Item.

Pure. Which column means what is guessed from its name (English and Vietnamese), unless a person says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import isnan
from typing import Any

from watchers.models.item import Item
from watchers.text.dates import parse_date
from watchers.text.html_text import line, plain

FIELDS = ("title", "text", "summary", "url", "published", "source", "lang", "author", "id", "sponsored")
"""Fields of an item that a column can be mapped to."""
_USUAL = {
    "title": "title headline name subject heading tieude tieu_de",
    "text": "text content body article maintext main_text full_text fulltext article_text content_text plain_text noidung noi_dung "
    "content_html raw_text",
    "summary": "summary description abstract snippet lead sapo excerpt teaser tomtat tom_tat subtitle dek",
    "url": "url link href permalink loc uri article_url source_url web_url canonical_url documentidentifier",
    "published": "published date pubdate published_at publish_date publication_date published_date date_publish datetime pub_date "
    "created_at timestamp time seendate first_seen date_published publishedat ngay ngay_dang issued posted_at",
    "source": "source publisher site outlet domain source_name sitename site_name newspaper media source_domain sourcecommonname bao nguon",
    "lang": "lang language lang_code ngon_ngu",
    "author": "author authors byline creator tac_gia by",
    "id": "id guid uid uuid _id article_id doc_id item_id",
    "sponsored": "sponsored is_sponsored advertorial",
}
_FIELD_OF = {name: field for field, names in _USUAL.items() for name in names.split()}
_RANK = {name: rank for names in _USUAL.values() for rank, name in enumerate(names.split())}
_LANGUAGES = {"english": "en", "eng": "en", "vietnamese": "vi", "vie": "vi", "tiếng việt": "vi"}
_COMPACT = re.compile(r"\d{8}(?:T?\d{6}Z?)?")
_NOTHING = frozenset({"", "n/a", "na", "none", "null", "nan", "-"})
_LONGEST_NOTHING, _BEGINNING = max(map(len, _NOTHING)), 64
"""Letters of it at most, and so many of a value that mostly tell it apart: no long text is copied to be compared."""


@lru_cache(maxsize=4_096)
def mapping(columns: tuple[str, ...], own: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which columns stand for which field, the best first. `own`: (field, column) pairs that win. ValueError for an unknown column."""
    given = dict(own)
    for field, column in given.items():
        if column not in columns:
            raise ValueError(f"no column {column!r} for {field}; there are {', '.join(columns[:20])}")
    found: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        name = re.sub(r"[\s\-.]+", "_", column.strip().lower()).lstrip("\ufeff")
        usual = _FIELD_OF.get(name)
        if usual and usual not in given:
            found.setdefault(usual, []).append((_RANK[name], column))
    chosen = {field: tuple(column for _, column in sorted(columns)) for field, columns in found.items()}
    chosen.update({field: (column,) for field, column in given.items()})
    return tuple(chosen.items())


def item_from_columns(record: Mapping[str, Any], *, feed: str, own: tuple[tuple[str, str], ...] = ()) -> Item:
    """The item of a record. Raises ValueError where it has neither title nor text, with the reason."""
    values: dict[str, Any] = {}
    for field, columns in mapping(tuple(record), own):
        values[field] = next((record[column] for column in columns if not _is_nothing(record[column])), None)
    title = line(_markup(_text(values.get("title"))))
    text, summary = plain(_markup(_text(values.get("text")))), plain(_markup(_text(values.get("summary"))))
    if not (title or text or summary):
        raise ValueError("no title and no text")
    lang = _text(values.get("lang")).strip().lower()
    return Item(
        feed=feed, url=_text(values.get("url")).strip(), guid=_text(values.get("id")), title=title, summary=summary, text=text,
        lang=_LANGUAGES.get(lang, lang[:2] if lang[:2] in {"en", "vi"} else ""), published=date_of(values.get("published")),
        source=_text(values.get("source")).strip(), author=_text(values.get("author")).strip(),
        sponsored=str(values.get("sponsored")).strip().lower() in {"true", "1", "yes"},
    )  # fmt: skip


def date_of(value: object) -> datetime | None:
    """A date in any usual form as aware UTC: ISO 8601, RFC 822, Vietnamese, 20260109T174500Z, seconds or milliseconds since 1970."""
    if isinstance(value, datetime):
        try:
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except OverflowError:  # at the rim of the calendar
            return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _since_1970(float(value))
    return _date_in(value.strip()) if isinstance(value, str) else None


def _date_in(text: str) -> datetime | None:
    if _COMPACT.fullmatch(text):
        digits = re.sub(r"\D", "", text).ljust(14, "0")
        try:
            return datetime(*(int(digits[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))), tzinfo=UTC)  # type: ignore[misc,arg-type]
        except ValueError:
            return None
    if re.fullmatch(r"\d{9,13}(?:\.\d+)?", text):
        return _since_1970(float(text))
    return parse_date(text)


def _since_1970(seconds: float) -> datetime | None:
    if seconds > 1e11:
        seconds /= 1_000
    if not 1e8 < seconds < 1e10:  # 1973 to 2286: a smaller number is a year or a count
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _is_nothing(value: object) -> bool:
    if isinstance(value, float) and isnan(value):
        return True
    if isinstance(value, str):
        return len(value[:_BEGINNING].strip()) <= _LONGEST_NOTHING and value.strip().lower() in _NOTHING
    return value is None or value in ([], {})


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value if not isinstance(one, (list, dict)))
    if isinstance(value, Mapping):
        return next((_text(value[key]) for key in ("name", "text", "value", "title", "$oid", "url") if key in value), "")
    return "" if value is None else str(value)


def _markup(text: str) -> str:
    """Text as markup: what has no tags in it is escaped, so that "<" and "&" survive."""
    if "<" not in text and "&" not in text:
        return text
    if re.search(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});", text):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;")
