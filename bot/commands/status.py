"""Answers /status: counts, the state of feeds and outbox, this chat's settings, and the precision of rules."""

from __future__ import annotations

from datetime import time

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import rule_title
from bot.i18n.translate import Markup
from bot.local_time import first_instant_at, local_date
from bot.store import Store
from bot.store.deliveries import count_by_state
from bot.store.feedback import precisions
from bot.store.feeds import summarize_feeds
from bot.store.hits import count_hits
from bot.store.items import count_items
from bot.store.stories import count_stories
from watchers.version import VERSION

RULES = 12


def read(store: Store, request: Request) -> Response:
    """Reads the database only; sends no requests."""
    today = first_instant_at(local_date(request.now, request.settings.timezone), time(0), request.settings.timezone)
    feeds = summarize_feeds(store)
    deliveries = count_by_state(store)
    rows: list[Markup] = [
        request.say("status_head", version=VERSION),
        request.say(
            "status_items", items=count_items(store), hits=count_hits(store), stories=count_stories(store),
            today=count_hits(store, since=today),
        ),
        request.say("status_feeds", well=sum(not feed.failures and feed.last_ok_at is not None for feed in feeds), count=len(feeds)),
        request.say(
            "status_outbox", waiting=deliveries.get("waiting", 0) + deliveries.get("sending", 0),
            uncertain=deliveries.get("uncertain", 0),
        ),
        _chat(request),
    ]  # fmt: skip
    judged = [
        request.say(
            "status_precision_line",
            rule=rule_title(request, precision.rule),
            share=round(100 * precision.share),
            count=precision.right + precision.wrong,
        )
        for precision in precisions(store)[:RULES]
    ]
    feedback = [request.say("status_precision"), *judged] if judged else [request.say("status_no_feedback")]
    return text(join_lines(rows), Markup(""), join_lines(feedback))


def _chat(request: Request) -> Markup:
    settings = request.settings
    role = request.say("role_admin" if request.admin else "role_reader")
    quiet = str(settings.quiet_hours) if settings.quiet_hours else request.say("none")
    return request.say("status_chat", role=role, lang=request.lang, at=f"{settings.digest_at:%H:%M}", zone=settings.timezone, quiet=quiet)


COMMAND = Command(read=read)
