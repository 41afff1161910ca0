"""Answers /export: hits as CSV, or this chat's feedback in the form of a labelled set, as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.commands.answer import Answer, Ask, Command, Reply, text
from bot.store import iso
from bot.store.hits import hit_record, read_hits
from bot.store.labels import labelled_items

if TYPE_CHECKING:
    from bot.store import Store

DAYS = 30
COLUMNS = ("id", "created_at", "rule", "story", "score", "severity", "title", "url", "source", "lang", "published_at", "why")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read(store: Store, ask: Ask) -> Answer:
    """/export · /export 90 · /export labels."""
    words = ask.words.strip().lower().removesuffix("d")
    if words == "labels":
        found = [json.dumps(one, ensure_ascii=False) for one in labelled_items(store, None if ask.admin else ask.known)]
        if not found:
            return text(ask.say("export_none"))
        content = ("\n".join(found) + "\n").encode()
        return Answer((Reply(ask.say("export_labels", count=len(found)), document=("labels.jsonl", content)),))
    if words and not (words.isdecimal() and 0 < int(words) <= 3650):
        return text(ask.say("export_ask"))
    days = int(words or DAYS)
    hits = read_hits(store, since=iso(ask.now - timedelta(days=days)))
    if not hits:
        return text(ask.say("export_none"))
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    for hit in hits:
        record = hit_record(hit)
        sheet.writerow([_cell(record[name]) for name in COLUMNS])
    content = b"\xef\xbb\xbf" + out.getvalue().encode()  # the mark by which spreadsheets know UTF-8
    return Answer((Reply(ask.say("export_hits", count=len(hits), days=days), document=("hits.csv", content)),))


def _cell(value: Any) -> Any:
    """What a feed wrote must not become a formula in a spreadsheet."""
    said = "; ".join(value) if isinstance(value, list) else value
    return f"'{said}" if isinstance(said, str) and said.startswith(_FORMULA) else said


COMMAND = Command(read=read)
