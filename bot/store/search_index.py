"""Defines the content of the search index in SQL: titles and texts of items, with đ as d.

The index keeps no copy of the texts (FTS5 without content): to drop an item, its content is computed again. So this may only change
together with a migration that builds the index anew.
"""

from __future__ import annotations

from seeds.folding import PLAIN_D, plain_d


def fold(text: str) -> str:
    """`text` with đ as d. The tokenizer takes case and accents off, composed or not, but đ is a letter of its own to Unicode."""
    return text if text.isascii() else plain_d(text)


def _folded(text: str) -> str:
    """`fold` in SQL, of what needs it: to look whether bytes and letters are equally many is cheap beside six replacements."""
    replaced = text
    for letter, base in PLAIN_D.items():
        replaced = f"replace({replaced}, '{letter}', '{base}')"
    return f"CASE WHEN length({text}) = length(CAST({text} AS BLOB)) THEN {text} ELSE {replaced} END"


_TITLE, _SUMMARY, _TEXT = (_folded(column) for column in ("title", "summary", "text"))
_BODY = (
    f"CASE WHEN text = '' THEN {_SUMMARY} WHEN substr(text, 1, length(summary)) = summary THEN {_TEXT} "
    f"ELSE {_SUMMARY} || char(10) || {_TEXT} END"
)
FILL = f"INSERT INTO search (rowid, title, body) SELECT id, {_TITLE}, {_BODY} FROM items WHERE id > ? AND id <= ? ORDER BY id"  # noqa: S608
"""Folds in SQL: no text passes through the interpreter, and other threads go on meanwhile."""
DROP = (
    f"INSERT INTO search (search, rowid, title, body) SELECT 'delete', id, {_TITLE}, {_BODY} FROM items WHERE id = ?"  # noqa: S608
)
"""Takes an item out; its row must still be there."""
