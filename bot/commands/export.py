"""Answers /export: sends hits as CSV, or this chat's feedback as a labelled set, as a file."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.export.hits import export
from bot.store.feedback import labelled_items
from bot.store.hits import read_hits

if TYPE_CHECKING:
    from bot.store import Store

DAYS = 30


def read(store: Store, request: Request) -> Response:
    """/export · /export 90 · /export labels."""
    words = request.words.strip().lower().removesuffix("d")
    if words == "labels":
        judged = labelled_items(
            store, request.seeds, threshold=request.config.match.salience, chat=None if request.admin else request.known
        )
        found = [json.dumps(one, ensure_ascii=False) for one in judged]
        if not found:
            return text(request.say("export_none"))
        content = ("\n".join(found) + "\n").encode()
        return Response((ReplyMessage(request.say("export_labels", count=len(found)), document=("labels.jsonl", content)),))
    if words and not (words.isdecimal() and 0 < int(words) <= 3650):
        return text(request.say("export_ask"))
    days = int(words or DAYS)
    since = request.now - timedelta(days=days)
    count = len(read_hits(store, since=since))
    if not count:
        return text(request.say("export_none"))
    sheet = "".join(export(store, "csv", request.seeds, since=since, now=request.now))
    content = b"\xef\xbb\xbf" + sheet.encode()  # a byte order mark, by which spreadsheets recognise UTF-8
    return Response((ReplyMessage(request.say("export_hits", count=count, days=days), document=("hits.csv", content)),))


COMMAND = Command(read=read)
