"""Answers /status: what there is, whether it runs well, how this chat is told, how right the rules were."""

from __future__ import annotations

from datetime import time

from bot.commands.command import Command, Request, Response, join_lines, text
from bot.commands.lookup import rule_title
from bot.i18n.translate import Markup
from bot.local_time import first_instant_at, local_date
from bot.store import Store, iso
from bot.store.feedback import precisions
from bot.store.items import ITEM_TIME
from watchers.version import VERSION

RULES = 12
_ACTIVE = "feeds WHERE active = 1"


def read(store: Store, ask: Request) -> Response:
    """Numbers of the database, nothing that asks the network."""
    today = first_instant_at(local_date(ask.now, ask.settings.timezone), time(0), ask.settings.timezone)

    def count(sql: str, *values: object) -> int:
        return int(store.conn.execute(f"SELECT count(*) FROM {sql}", values).fetchone()[0])  # noqa: S608 - texts of this function

    rows: list[Markup] = [
        ask.say("status_head", version=VERSION),
        ask.say(
            "status_items", items=count("items"), hits=count("hits"), stories=count("stories"),
            today=count(f"hits JOIN items ON items.id = hits.item WHERE {ITEM_TIME} >= ?", iso(today)),
        ),
        ask.say("status_feeds", well=count(f"{_ACTIVE} AND failures = 0 AND last_ok_at IS NOT NULL"), count=count(_ACTIVE)),
        ask.say(
            "status_outbox", waiting=count("deliveries WHERE state IN ('waiting', 'sending')"),
            uncertain=count("deliveries WHERE state = 'uncertain'"),
        ),
        _chat(ask),
    ]  # fmt: skip
    judged = [
        ask.say(
            "status_precision_line",
            rule=rule_title(ask, precision.rule),
            share=round(100 * precision.share),
            count=precision.right + precision.wrong,
        )
        for precision in precisions(store)[:RULES]
    ]
    feedback = [ask.say("status_precision"), *judged] if judged else [ask.say("status_no_feedback")]
    return text(join_lines(rows), Markup(""), join_lines(feedback))


def _chat(ask: Request) -> Markup:
    settings = ask.settings
    role = ask.say("role_admin" if ask.admin else "role_reader")
    quiet = str(settings.quiet_hours) if settings.quiet_hours else ask.say("none")
    return ask.say("status_chat", role=role, lang=ask.lang, at=f"{settings.digest_at:%H:%M}", zone=settings.timezone, quiet=quiet)


COMMAND = Command(read=read)
