"""Answers /why (to an alert, or with a story's number) and the key "Why?": the rules that caught it, their reasons, the passage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import escaped, rule_title, story_of_reply
from bot.i18n import Markup, formats
from bot.i18n.reasons import reason_in

if TYPE_CHECKING:
    from bot.store import Store

_SELECT = (
    "SELECT hits.rule, hits.score, hits.why, hits.item, items.title, coalesce((SELECT sentence FROM events WHERE events.item = hits.item "
    "AND sentence != '' ORDER BY id LIMIT 1), '') AS sentence FROM hits JOIN items ON items.id = hits.item "
)


def read(store: Store, ask: Request) -> Response:
    """Of the answered message, or of the story of that number."""
    digits = ask.words.strip().lstrip("#")
    number = int(digits) if digits.isdecimal() and len(digits) < 16 else story_of_reply(store, ask) if ask.answers else None
    if number is None:
        return text(ask.say("why_ask"))
    rows = store.conn.execute(f"{_SELECT} WHERE hits.story = ? ORDER BY hits.score DESC, hits.id", (number,)).fetchall()
    return explained(ask, rows) if rows else text(ask.say("story_none", n=number))


def of_hit(store: Store, ask: Request, hit: int) -> Response | None:
    """Of one hit; None when it is gone."""
    where = "WHERE hits.item = (SELECT item FROM hits WHERE id = ?) ORDER BY hits.id = ? DESC"
    found = store.conn.execute(f"{_SELECT} {where}", (hit, hit)).fetchall()
    return explained(ask, found) if found else None


def explained(ask: Request, rows: Sequence[Mapping[str, Any]]) -> Response:
    """Each rule once with the reasons that none before it gave; rules that add none are only named."""
    parts = [ask.say("why_head")]
    seen: set[str] = set()
    said: set[str] = set()
    also: list[str] = []
    for row in rows:
        reasons = [str(load) for load in json.loads(row["why"]) if load not in said]
        if row["rule"] in seen:
            continue
        seen.add(row["rule"])
        said.update(reasons)
        title = rule_title(ask, row["rule"])
        if reasons or len(seen) == 1:
            bullets = [Markup(f"• {escaped(reason_in(ask.lang, reason, ask.seeds.naming))}") for reason in reasons]
            parts.append(join_lines([ask.say("why_rule", rule=title, score=formats.decimal(ask.lang, row["score"])), *bullets]))
        else:
            also.append(title)
    if also:
        parts.append(ask.say("why_also", rules=", ".join(also)))
    passage = rows[0]["sentence"] or rows[0]["title"]
    if passage:
        parts.append(ask.say("why_passage", passage=str(passage)[:600]))
    return text(*parts)


COMMAND = Command(read=read)
