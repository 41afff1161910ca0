"""Reasons: codes with their arguments, the same for every text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import msgspec

from seeds.documents import load_documents
from seeds.load import load_seeds
from seeds.rules import Rule
from tests.watchers.match.world import read as match
from tests.watchers.match.world import seeds
from watchers.match.matcher import Matcher
from watchers.match.reasons import ARGUMENTS, EVENT, EventArguments
from watchers.match.result import Reason
from watchers.match.salience.item_kind import KindName
from watchers.models.item import Item


def reasons_over(items: Iterable[Item]) -> Iterator[Reason]:
    """Every reason that the packaged rules give for and against, and those of the salience; also those inside others."""
    matcher = Matcher(load_seeds())
    for item in items:
        found = matcher.match(item, explain=True)
        for results in (found.hits, found.misses, found.salience.values()):
            for result in results:
                yield from unfolded(result.reasons)


def unfolded(reasons: Iterable[Reason]) -> Iterator[Reason]:
    for reason in reasons:
        yield reason
        yield from unfolded(reason.args.get("reasons", ()))  # type: ignore[arg-type]


def has_its_arguments(reason: Reason) -> bool:
    if reason.code == EVENT:
        return bool(msgspec.convert(reason.args, EventArguments).type) and reason.args.keys() <= set(ARGUMENTS[EVENT])
    return tuple(reason.args) == ARGUMENTS[reason.code]


def news(shared: Path) -> list[Item]:
    lines = (shared / "eval" / "dev.jsonl").read_text().splitlines()[::2]
    return [Item(feed="", title=line["title"], text=line["text"], lang=line["lang"]) for line in map(json.loads, lines)]


def test_every_reason_over_the_packaged_documents_has_its_arguments() -> None:
    items = [Item(feed="", title=document.title, text=document.text, lang=document.lang) for document in load_documents()]
    reasons = list(reasons_over(items))
    assert len(reasons) > 100
    assert [reason for reason in reasons if not has_its_arguments(reason)] == []


def test_every_reason_over_labelled_news_has_its_arguments(shared: Path) -> None:
    reasons = list(reasons_over(news(shared)))
    assert len(reasons) > 300
    assert [reason for reason in reasons if not has_its_arguments(reason)] == []
    assert len({reason.code for reason in reasons}) > len(ARGUMENTS) / 2


def test_reasons_are_the_same_after_they_were_stored(shared: Path) -> None:
    reasons = tuple(reasons_over(news(shared)[:40]))
    assert msgspec.json.decode(msgspec.json.encode(reasons), type=tuple[Reason, ...]) == reasons


def test_hard_items_give_known_reasons_too() -> None:
    titles = (
        "Nvidia supplier SK Hynix falls", "AMD's new chip is faster than Nvidia's", "VN-Index tăng, FPT dẫn đầu", "At Vincom a fair opens",
        "Jensen Huang visits Hanoi", "FPT, Vingroup, Intel, AMD and Amazon lead 5 stocks to watch", "According to Nvidia, demand grows",
    )  # fmt: skip
    for title in titles:
        found = match(title, "Something else happened first. " * 3 + "Nvidia and FPT were named.")
        for reason in unfolded(reason for salience in found.salience.values() for reason in salience.reasons):
            assert has_its_arguments(reason), reason


def test_kinds_of_items_are_those_that_languages_name() -> None:
    assert {"share list", "market report", "match report", "price list", "comparison", "round-up"} == set(get_args(KindName)) - {"news"}


def test_what_speaks_against_explains_no_hit() -> None:
    found = match("FPT, VNM kéo VN-Index tăng điểm", lang="vi")
    kinds = [reason for reason in found.salience["fpt"].reasons if reason.code == "kind"]
    assert [(reason.args["kind"], reason.supports) for reason in kinds] == [("market report", False)]
    assert all(reason.supports for reason in found.salience["fpt"].reasons if reason.code == "title.subject")
    matcher = Matcher(seeds(Rule.model_validate({"id": "all-fpt", "any": ["fpt"], "severity": "digest"})))
    hits = match("FPT, VNM kéo VN-Index tăng điểm", lang="vi", matcher=matcher).hits
    assert hits
    assert all(reason.supports for reason in unfolded(hits[0].reasons))
    assert "kind" not in {reason.code for reason in unfolded(hits[0].reasons)}
