"""Defines a small watch (`SEEDS`) and `publish`, which writes an item with hits, events and story as a poll does, and tells the chats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from bot.alerts.plan import plan_deliveries
from bot.config import Config
from bot.message import Capabilities
from bot.store import Store
from bot.store.hits import add_hits
from bot.store.items import MatchedItem, add_items, item_time
from bot.store.stories import add_story, join_story
from seeds.entities import Entity
from seeds.events import EventType, Trigger
from seeds.load import Seeds
from seeds.rules import Rule
from tests.support.scripted_chat import CAPABILITIES
from watchers.match.result import Amount, Event, Field, Hit, Match, Mention, Reason, UnknownName
from watchers.models.item import Item
from watchers.stories.developments import Development


def _type(name: str, en: str, vi: str, **behaviour: bool) -> EventType:
    return EventType(id=name, names={"en": en, "vi": vi}, triggers=(Trigger(lang="en", patterns=(name,)),), **behaviour)


SEEDS = Seeds(
    entities={
        "nvidia": Entity(id="nvidia", name="Nvidia", kind="company", watched=True),
        "fpt": Entity(id="fpt", name="FPT", kind="company", watched=True),
        "vinbrain": Entity(id="vinbrain", name="VinBrain", kind="company", part_of="vingroup"),
        "vingroup": Entity(id="vingroup", name="Vingroup", kind="company", watched=True),
        "hanoi": Entity(id="hanoi", name="Hanoi", name_vi="Hà Nội", kind="place"),
    },
    events={
        "investment": _type("investment", "investment", "đầu tư", deed=True, directed=True),
        "acquisition": _type("acquisition", "acquisition", "mua lại", deed=True, directed=True),
        "market": _type("market", "market", "thị trường", market=True),
    },
    rules={
        "deals": Rule(
            id="deals", name="Deals", name_vi="Thương vụ", any=("nvidia", "fpt", "vingroup"), events=("investment", "acquisition")
        ),
        "nvidia": Rule(id="nvidia", name="Nvidia", any=("nvidia",), severity="digest"),
        "fpt": Rule(id="fpt", name="FPT", any=("fpt",), severity="alert"),
    },
    feeds=(),
)
CONFIG = Config()


def investment(
    actor: str,
    item: Item,
    *,
    amount: float | None = None,
    status: Literal["done", "planned", "reported", "denied"] = "done",
    place: str | None = None,
    target: str | None = None,
    attributed_to: str | None = None,
) -> Event:
    """An investment told by the first sentence of the item's text."""
    return Event(
        type="investment",
        actors=(actor,),
        targets=(UnknownName(target),) if target else (),
        amount=Amount(amount, "USD") if amount else None,
        place=place,
        status=status,
        attributed_to=attributed_to,
        end=item.text.find(".") + 1 or len(item.text),
    )


def publish(
    store: Store,
    item: Item,
    now: datetime,
    *,
    hits: Sequence[Hit] = (Hit("deals", 0.8, "alert", (Reason("title.subject", {"text": "Nvidia"}),)),),
    events: Sequence[Event] = (),
    story: int | None = None,
    developments: tuple[Development, ...] = (),
    baseline: bool = False,
    origin: str = "poll",
    config: Config = CONFIG,
    capabilities: Mapping[str, Capabilities] = CAPABILITIES,
) -> int:
    """Writes the item into a new story, or one that is there, and what the chats get. Returns the story's id."""
    fields: tuple[tuple[Field, str], ...] = (("title", item.title), ("text", item.text))
    mentions = [
        Mention(id_, entity.name, field, at, at + len(entity.name), entity.part_of)
        for id_, entity in SEEDS.entities.items()
        for field, text in fields
        if (at := text.find(entity.name)) >= 0
    ]
    match = Match("en", tuple(mentions), tuple(events), item.sponsored, tuple(hits))
    with store.atomic():
        archived = origin != "poll"
        told_at = item_time(item.published, now, archived=True) if archived else now
        number = add_items(store, [MatchedItem(item, (f"u:{item.url or item.title}",), match)], None, now, archived=archived)[0]
        told = add_story(store, number, item.title, at=told_at, sponsored=item.sponsored) if story is None else story
        add_hits(store, number, hits, story=told, now=now, origin=origin)
        if story is not None:
            join_story(store, told, number, item.title, ("test",), at=told_at, sponsored=item.sponsored)
        plan_deliveries(
            store, story=told, item=number, now=now, seeds=SEEDS, config=config, developments=developments, baseline=baseline,
            capabilities=capabilities,
        )  # fmt: skip
    return told
