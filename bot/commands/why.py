"""Answers /why (as a reply to an alert, or with a story's id) and the button "Why?": rules, reasons and the matched sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import escaped, rule_title, story_of_reply
from bot.i18n import formats
from bot.i18n.reasons import reasons_in
from bot.i18n.translate import Markup
from bot.store.hits import ExplainedHit, explain_item_hits, explain_story_hits

if TYPE_CHECKING:
    from bot.store import Store


def read(store: Store, request: Request) -> Response:
    """Explains the replied-to message, or the story with this id."""
    digits = request.words.strip().lstrip("#")
    number = int(digits) if digits.isdecimal() and len(digits) < 16 else story_of_reply(store, request) if request.answers else None
    if number is None:
        return text(request.say("why_ask"))
    hits = explain_story_hits(store, number)
    return explained(request, hits) if hits else text(request.say("story_none", n=number))


def of_hit(store: Store, request: Request, hit: int) -> Response | None:
    """Explains one hit; None if it no longer exists."""
    hits = explain_item_hits(store, hit)
    return explained(request, hits) if hits else None


def explained(request: Request, hits: Sequence[ExplainedHit]) -> Response:
    """Lists each rule once with its new reasons; rules without new reasons are only named."""
    parts = [request.say("why_head")]
    seen: set[str] = set()
    said: set[str] = set()
    also: list[str] = []
    for hit in hits:
        if hit.rule in seen:
            continue
        seen.add(hit.rule)
        sentences = reasons_in(request.lang, hit.reasons, hit.why, request.seeds.naming)
        reasons = [sentence for sentence in sentences if sentence not in said]
        said.update(reasons)
        title = rule_title(request, hit.rule)
        if reasons or len(seen) == 1:
            bullets = [Markup(f"• {escaped(reason)}") for reason in reasons]
            parts.append(join_lines([request.say("why_rule", rule=title, score=formats.decimal(request.lang, hit.score)), *bullets]))
        else:
            also.append(title)
    if also:
        parts.append(request.say("why_also", rules=", ".join(also)))
    passage = hits[0].sentence or hits[0].title
    if passage:
        parts.append(request.say("why_passage", passage=passage[:600]))
    return text(*parts)


COMMAND = Command(read=read)
