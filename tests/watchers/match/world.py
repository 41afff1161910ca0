"""A small made-up world of entities for the tests of matching, and a short way to ask what is found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from seeds.entities import Entity
from seeds.rules import Rule
from watchers.match.matcher import Matcher
from watchers.match.result import Match
from watchers.models.item import Item


def entity(name_of: str, name: str, *names: Any, kind: str = "company", **more: Any) -> Entity:
    """An entity as the TOML gives it."""
    return Entity.model_validate({"id": name_of, "name": name, "kind": kind, "names": list(names), **more})


WORLD = (
    entity("nvidia", "Nvidia", tickers=["NASDAQ:NVDA"]),
    entity("geforce", "GeForce", kind="product", part_of="nvidia", beside_owner=True),
    entity("fpt", "FPT", {"text": "FPT", "case": True, "nowhere": ["first past the post"], "after": ["mật khẩu"]}, tickers=["HOSE:FPT"]),
    entity("fpt-software", "FPT Software", part_of="fpt"),
    entity("fpt-play", "FPT Play", part_of="fpt"),
    entity("fpt-telecom", "FPT Telecom", part_of="fpt", tickers=["UPCOM:FOX"]),
    entity("fpt-engines", "FPT Industrial"),
    entity("vingroup", "Vingroup", {"text": "Vin", "case": True, "near": ["tập đoàn"]}, tickers=["HOSE:VIC"]),
    entity("vincom", "Vincom", part_of="vingroup", venue=True),
    entity("intel", "Intel", {"text": "Intel", "case": True, "before": ["report", "officers"], "after": ["military"]}),
    entity("amazon", "Amazon", {"text": "Amazon", "case": True, "not_near": ["rain forest"]}),
    entity("amd", "AMD", "Advanced Micro Devices", {"text": "AMD", "case": True}),
    entity("hoa-phat", "Hòa Phát"),
    entity("vietnam", "Việt Nam", {"text": "VN", "case": True, "lang": "vi"}, kind="government"),
    entity("da-nang", "Đà Nẵng", kind="place", part_of="vietnam"),
    entity("huang", "Jensen Huang", kind="person", of="nvidia", office="chief executive"),
)


def seeds(*rules: Rule, entities: tuple[Entity, ...] = WORLD, feeds: tuple[Any, ...] = ()) -> Any:
    """What Matcher takes, without events: those have their own tests."""
    return SimpleNamespace(
        entities={one.id: one for one in entities}, events={}, rules={rule.id: rule for rule in rules}, feeds=feeds
    )


MATCHER = Matcher(seeds())


def read(title: str, text: str = "", *, lang: str = "en", matcher: Matcher = MATCHER, **more: Any) -> Match:
    """Matches one item and checks on the way that every place given is right."""
    found = matcher.match(Item(feed="", title=title, text=text, lang=lang, **more), explain=True)
    for mention in found.mentions:
        assert {"title": title, "text": text, "summary": more.get("summary", "")}[mention.field][
            mention.start : mention.end
        ] == mention.text
    return found


def named(title: str, text: str = "", *, lang: str = "en", **more: Any) -> list[tuple[str, str]]:
    """Entity and words of every mention, in order."""
    return [(mention.entity, mention.text) for mention in read(title, text, lang=lang, **more).mentions]


def ids(title: str, text: str = "", *, lang: str = "en", **more: Any) -> set[str]:
    """Ids of the entities mentioned."""
    return {one for one, _ in named(title, text, lang=lang, **more)}
