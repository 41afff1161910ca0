"""Defines the table `labels`: what people in chats said of hits, which gives each rule a precision and the labelled set new lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from bot.store.store import Store, iso

if TYPE_CHECKING:
    from seeds.load import Seeds

Verdict = Literal["relevant", "irrelevant", "wrong-entity"]
VERDICTS: tuple[str, ...] = get_args(Verdict)
EVENTS = 3
"""Of an item in a labelled set, at most."""


@dataclass(frozen=True, slots=True)
class RulePrecision:
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


def precisions(store: Store) -> list[RulePrecision]:
    """Of each rule that somebody judged, the worst first."""
    rows = store.conn.execute(
        "SELECT rule, sum(verdict = 'relevant') AS good, sum(verdict != 'relevant') AS bad FROM labels GROUP BY rule"
    ).fetchall()
    found = [RulePrecision(row["rule"], row["good"], row["bad"]) for row in rows]
    return sorted(found, key=lambda precision: (precision.share, -precision.wrong, precision.rule))


def mistaken_titles(store: Store, rule: str, verdict: Verdict, entity: str = "") -> list[str]:
    """Titles and texts of the items that were judged so under this rule (and for this entity), the newest first."""
    rows = store.conn.execute(
        "SELECT DISTINCT items.id, items.title || char(10) || items.summary || char(10) || items.text AS said FROM labels "
        "JOIN items ON items.id = labels.item WHERE labels.rule = ? AND verdict = ? AND (? = '' OR entity = ?) ORDER BY labels.id DESC",
        (rule, verdict, entity, entity),
    ).fetchall()
    return [row["said"] for row in rows]


def labelled_items(store: Store, seeds: Seeds, *, threshold: float, chat: str | None = None) -> Iterator[dict[str, Any]]:
    """Each judged item in the form of the labelled set: what was found in it, corrected by what people said of its hits.

    `threshold` is the salience from which an item is about an entity. Labels name watched entities only; a part counts for its group.
    """
    where, values = ("WHERE labels.chat = ?", (chat,)) if chat else ("", ())
    rows = store.conn.execute(
        "SELECT DISTINCT items.id, items.guid, items.lang, items.source, items.published_at, items.title, items.summary, items.text, "  # noqa: S608
        f"items.sponsored, items.salience FROM labels JOIN items ON items.id = labels.item {where} ORDER BY items.id",
        values,
    ).fetchall()
    for row in rows:
        said = store.conn.execute("SELECT rule, verdict, entity FROM labels WHERE item = ? ORDER BY id", (row["id"],)).fetchall()
        yield {
            "id": row["guid"] or f"item-{row['id']}", "lang": row["lang"], "source": row["source"], "published": row["published_at"],
            "title": row["title"], "text": row["text"] or row["summary"],
            "labels": _labels(store, seeds, row, said, threshold), "feedback": [dict(one) for one in said],
        }  # fmt: skip


def _labels(store: Store, seeds: Seeds, item: Mapping[str, Any], said: Sequence[Mapping[str, Any]], threshold: float) -> dict[str, Any]:
    named = store.conn.execute("SELECT DISTINCT entity, coalesce(part_of, entity) AS whole FROM mentions WHERE item = ?", (item["id"],))
    whole = {row["entity"]: row["whole"] for row in named.fetchall()}
    wrong = {one["entity"] for one in said if one["verdict"] == "wrong-entity"}
    mentions = {one for one in whole.values() if one in seeds.entities and seeds.entities[one].watched} - wrong
    salience = {entity: float(value[0]) for entity, value in json.loads(item["salience"] or "{}").items()}
    about = {mention for mention in mentions if salience.get(mention, 0.0) >= threshold} - _not_about(seeds, said)
    events: dict[str, set[str]] = {}
    for row in store.conn.execute("SELECT type, actors, targets FROM events WHERE item = ? ORDER BY id", (item["id"],)).fetchall():
        parties = [load for side in ("actors", "targets") for load in json.loads(row[side] or "[]") if isinstance(load, str)]
        events.setdefault(row["type"], set()).update(mentions & {whole.get(party, party) for party in parties})
    told = [{"type": kind, "entities": sorted(who)} for kind, who in list(events.items())[:EVENTS]]
    return {"mentions": sorted(mentions), "about": sorted(about), "events": told, "sponsored": bool(item["sponsored"])}


def _not_about(seeds: Seeds, said: Sequence[Mapping[str, Any]]) -> set[str]:
    """Entities that people said the item is not about: "not relevant" says so where the rule asks for nothing else, unless another rule
    that looks for the entity was right."""
    denied: set[str] = set()
    held: set[str] = set()
    for one in said:
        rule = seeds.rules.get(one["rule"])
        if rule is None or not rule.about:
            continue
        looked_for = {*rule.any, *rule.all, *(entity for group in rule.groups for entity in group)}
        if one["verdict"] == "relevant":
            held |= looked_for
        elif one["verdict"] == "irrelevant" and not (rule.events or rule.words):
            denied |= looked_for
    return denied - held


def texts_without_complaint(store: Store, rule: str, *, limit: int = 300) -> list[str]:
    """Titles and texts of the latest items that the rule caught and that were not judged wrong, the newest first."""
    rows = store.conn.execute(
        "SELECT items.title || char(10) || items.summary || char(10) || items.text FROM hits JOIN items ON items.id = hits.item "
        "WHERE hits.rule = ? AND hits.id NOT IN (SELECT hit FROM labels WHERE verdict != 'relevant') ORDER BY hits.id DESC LIMIT ?",
        (rule, limit),
    )
    return [row[0] for row in rows]


def move_labels(store: Store, old: str, new: str) -> None:
    """What the chat `old` said of hits belongs to the chat `new` from now on; where both judged a hit, the verdict of `old` counts."""
    store.conn.execute("UPDATE OR REPLACE labels SET chat = ? WHERE chat = ?", (new, old))
