"""Reasons: made from templates, and read back from the stored sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.documents import load_documents
from seeds.load import load_seeds
from seeds.rules import Rule
from tests.watchers.match.world import read as match
from tests.watchers.match.world import seeds
from watchers.match.matcher import Matcher
from watchers.match.reasons import EVENT, JOINERS, TEMPLATES, Reason, event_reason, read, reason, speaks_for
from watchers.match.salience.item_kind import KindName
from watchers.models.item import Item

SLOTS = {
    "text": "Nvidia", "name": "FPT", "office": "chief executive", "count": "7", "kind": "share list", "value": "0.02", "limit": "0.15",
    "reasons": "not in the title; named 3 times", "lang": "en",
}  # fmt: skip
SEVERAL = ("Nvidia", "FPT")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_read_back_to_what_filled_it(template: str) -> None:
    slots = {
        slot: JOINERS[slot].join(SEVERAL) if slot in JOINERS else given
        for slot, given in (SLOTS | dict.fromkeys(JOINERS, "")).items()
        if f"{{{slot}}}" in TEMPLATES[template]
    }
    assert read(reason(template, **slots)) == (Reason(template, slots),)


@pytest.mark.parametrize("template", [one for one in TEMPLATES if "{text}" in TEMPLATES[one]])
@given(text=st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=30).filter(lambda text: ";" not in text))
def test_whatever_words_of_an_item_fill_a_template_it_is_read_back(template: str, text: str) -> None:
    slots = {"text": text} | ({"office": "head"} if "{office}" in TEMPLATES[template] else {})
    slots |= {"kind": "news"} if "{kind}" in TEMPLATES[template] else {}
    sentence = reason(template, **slots)
    found = read(sentence)
    # A name that itself reads like the rest of a template may be read as that one: it still says the same words.
    assert found is not None
    assert reason(found[0].id, **found[0].slots) == sentence


def test_reasons_that_are_told_as_one_are_read_one_by_one() -> None:
    together = f"{reason('title.subject', text='Nvidia')}; {reason('named.most', count=10)}"
    assert read(together) == (Reason("title.subject", {"text": "Nvidia"}), Reason("named.most", {"count": "10"}))


def test_a_sentence_that_no_template_made_is_not_read() -> None:
    assert read("Nvidia is great") is None
    assert read("not in the title; Nvidia is great") is None
    assert read("") is None


@pytest.mark.parametrize(
    ("parts", "slots"),
    [
        ({"actors": "Nvidia and FPT"}, {"actors": "Nvidia and FPT"}),
        (
            {"actors": "Nvidia", "targets": "VinBrain", "details": ["5,000,000 USD", "Hanoi", "2024-12-05", "planned"],
             "attributed_to": "Reuters"},
            {"actors": "Nvidia", "joint": " → ", "targets": "VinBrain", "amount": "5,000,000 USD", "place": "Hanoi", "date": "2024-12-05",
             "status": "planned", "by": "Reuters"},
        ),
        ({"actors": "FPT", "targets": "SK", "mutual": True}, {"actors": "FPT", "joint": " with ", "targets": "SK"}),
        ({"details": ["Bắc Ninh"]}, {"place": "Bắc Ninh"}),
        ({"details": ["2024"]}, {"date": "2024"}),
        ({"actors": "FPT", "details": ["Hanoi, Vietnam", "2024-12"]}, {"actors": "FPT", "place": "Hanoi, Vietnam", "date": "2024-12"}),
    ],
)  # fmt: skip
def test_an_event_is_read_back_part_by_part(parts: dict[str, object], slots: dict[str, str]) -> None:
    sentence = event_reason("export_control", **parts)  # type: ignore[arg-type]
    assert read(sentence) == (Reason(EVENT, {"type": "export control"} | slots),)


def reasons_over(items: Iterable[Item]) -> Iterator[str]:
    """Every reason that the packaged rules give for and against, and those of the weighing."""
    matcher = Matcher(load_seeds())
    for item in items:
        found = matcher.match(item, explain=True)
        for told in (found.hits, found.misses, found.salience.values()):
            for one in told:
                yield from one.why


def test_every_reason_over_the_packaged_documents_is_read() -> None:
    items = [Item(feed="", title=document.title, text=document.text, lang=document.lang) for document in load_documents()]
    sentences = list(reasons_over(items))
    assert len(sentences) > 100
    assert [sentence for sentence in sentences if read(sentence) is None] == []


def test_every_reason_over_labelled_news_is_read(shared: Path) -> None:
    lines = (shared / "eval" / "dev.jsonl").read_text().splitlines()[::2]
    items = [Item(feed="", title=one["title"], text=one["text"], lang=one["lang"]) for one in map(json.loads, lines)]
    sentences = list(reasons_over(items))
    assert len(sentences) > 300
    assert [sentence for sentence in sentences if read(sentence) is None] == []
    given = {said.id for sentence in sentences for said in read(sentence) or ()}
    assert len(given) > len(TEMPLATES) / 2


def test_what_is_hard_about_an_item_is_read_too() -> None:
    titles = (
        "Nvidia supplier SK Hynix falls", "AMD's new chip is faster than Nvidia's", "VN-Index tăng, FPT dẫn đầu", "At Vincom a fair opens",
        "Jensen Huang visits Hanoi", "FPT, Vingroup, Intel, AMD and Amazon lead 5 stocks to watch", "According to Nvidia, demand grows",
    )  # fmt: skip
    for title in titles:
        found = match(title, "Something else happened first. " * 3 + "Nvidia and FPT were named.")
        for sentence in [why for salience in found.salience.values() for why in salience.why]:
            assert read(sentence) is not None, sentence


def test_kinds_of_items_are_those_that_languages_name() -> None:
    from typing import get_args

    assert {"share list", "market report", "match report", "price list", "comparison", "round-up"} == set(get_args(KindName)) - {"news"}


def test_what_speaks_against_explains_no_hit() -> None:
    found = match("FPT, VNM kéo VN-Index tăng điểm", lang="vi")
    assert any(why.startswith("the item is a market report") for why in found.salience["fpt"].why)
    assert not any(speaks_for(why) for why in found.salience["fpt"].why if why.startswith("the item is a"))
    assert speaks_for('"FPT" leads the title')
    matcher = Matcher(seeds(Rule.model_validate({"id": "all-fpt", "any": ["fpt"], "severity": "digest"})))
    hits = match("FPT, VNM kéo VN-Index tăng điểm", lang="vi", matcher=matcher).hits
    assert hits
    assert not any("market report" in why for why in hits[0].why)
