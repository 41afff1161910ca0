"""Defines the table `labels`: what people in chats said of hits, which gives each rule a precision and the labelled set new lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from bot.store.store import Store, iso

Verdict = Literal["relevant", "irrelevant", "wrong-entity"]
VERDICTS: tuple[str, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Precision:
    """How often people found the hits of a rule right."""

    rule: str
    right: int
    wrong: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.right / (self.right + self.wrong)


def add_label(store: Store, hit: int, verdict: Verdict, *, chat: str, person: str, now: datetime, entity: str = "") -> bool:
    """Writes (or changes) what this chat says of the hit; False when there is no such hit any more."""
    row = store.conn.execute("SELECT item, rule FROM hits WHERE id = ?", (hit,)).fetchone()
    if row is None:
        return False
    store.conn.execute(
        "INSERT INTO labels (hit, item, rule, chat, person, verdict, entity, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (hit, chat) DO UPDATE SET verdict = excluded.verdict, entity = excluded.entity, person = excluded.person, "
        "created_at = excluded.created_at",
        (hit, row["item"], row["rule"], chat, person, verdict, entity, iso(now)),
    )
    return True


def precisions(store: Store) -> list[Precision]:
    """Of each rule that somebody judged, the worst first."""
    rows = store.conn.execute(
        "SELECT rule, sum(verdict = 'relevant') AS good, sum(verdict != 'relevant') AS bad FROM labels GROUP BY rule"
    ).fetchall()
    found = [Precision(row["rule"], row["good"], row["bad"]) for row in rows]
    return sorted(found, key=lambda one: (one.share, -one.wrong, one.rule))


def mistaken_titles(store: Store, rule: str, verdict: Verdict, entity: str = "") -> list[str]:
    """Titles and texts of the items that were judged so under this rule (and for this entity), the newest first."""
    rows = store.conn.execute(
        "SELECT DISTINCT items.id, items.title || char(10) || items.summary || char(10) || items.text AS said FROM labels "
        "JOIN items ON items.id = labels.item WHERE labels.rule = ? AND verdict = ? AND (? = '' OR entity = ?) ORDER BY labels.id DESC",
        (rule, verdict, entity, entity),
    ).fetchall()
    return [row["said"] for row in rows]


def labelled_items(store: Store, chat: str | None = None) -> Iterator[dict[str, Any]]:
    """Each judged item in the form of the labelled set: what was found in it, less what people called wrong."""
    where, values = ("WHERE labels.chat = ?", (chat,)) if chat else ("", ())
    rows = store.conn.execute(
        "SELECT DISTINCT items.id, items.guid, items.lang, items.source, items.published_at, items.title, items.summary, items.text, "  # noqa: S608
        f"items.sponsored FROM labels JOIN items ON items.id = labels.item {where} ORDER BY items.id",
        values,
    ).fetchall()
    for row in rows:
        said = store.conn.execute("SELECT rule, verdict, entity FROM labels WHERE item = ? ORDER BY id", (row["id"],)).fetchall()
        wrong = {one["entity"] for one in said if one["verdict"] == "wrong-entity"}
        named = store.conn.execute("SELECT DISTINCT coalesce(part_of, entity) FROM mentions WHERE item = ?", (row["id"],)).fetchall()
        mentions = sorted({str(one[0]) for one in named} - wrong)
        events = store.conn.execute("SELECT DISTINCT type FROM events WHERE item = ? ORDER BY id LIMIT 3", (row["id"],)).fetchall()
        yield {
            "id": row["guid"] or f"item-{row['id']}", "lang": row["lang"], "source": row["source"], "published": row["published_at"],
            "title": row["title"], "text": row["text"] or row["summary"],
            "labels": {
                "mentions": mentions, "about": mentions,
                "events": [{"type": one["type"], "entities": mentions} for one in events], "sponsored": bool(row["sponsored"]),
            },
            "feedback": [dict(one) for one in said],
        }  # fmt: skip
