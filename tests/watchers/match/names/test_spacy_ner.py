"""A spaCy pipeline of the user's own adds to what the names' conditions show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seeds.load import Seeds, load_seeds
from tests.watchers.match.world import ids, seeds
from watchers.match.matcher import Matcher
from watchers.match.result import UnknownName
from watchers.models.item import Item


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    """A tiny pipeline on disk that knows one company, one person and one place."""
    import spacy

    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "ORG", "pattern": "Amazon"}, {"label": "ORG", "pattern": "NVDA"}, {"label": "PERSON", "pattern": "Vin"},
         {"label": "ORG", "pattern": "Quill and Daughters"}, {"label": "ORG", "pattern": "lowlight labs"},
         {"label": "GPE", "pattern": "Ostrava"}]
    )
    nlp.to_disk(tmp_path / "tiny")
    return str(tmp_path / "tiny")


def test_a_name_without_its_condition_counts_where_the_pipeline_sees_a_company(pipeline: str) -> None:
    text = "Amazon buys the rain forest"
    assert ids(text) == set()
    assert ids(text, matcher=Matcher(seeds(), spacy_model=pipeline)) == {"amazon"}


def test_a_label_of_another_kind_adds_nothing_and_wrong_case_stays_wrong(pipeline: str) -> None:
    matcher = Matcher(seeds(), spacy_model=pipeline)
    assert ids("Vin came home", matcher=matcher) == set()
    assert ids("amazon and the rain forest", matcher=matcher) == set()


def test_what_the_conditions_show_stays(pipeline: str) -> None:
    assert ids("Amazon grows", matcher=Matcher(seeds(), spacy_model=pipeline)) == {"amazon"}


def test_a_pipeline_that_is_not_there_is_named_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="no spaCy pipeline 'vi_none' here; install it"):
        Matcher(seeds(), spacy_model="vi_none")


def with_events() -> Seeds:
    return replace(load_seeds(), rules={})


def test_companies_that_only_the_pipeline_knows_act_and_are_acted_on_in_events(pipeline: str) -> None:
    text = "Nvidia acquired Quill and Daughters for $40 million."
    with_it = Matcher(with_events(), spacy_model=pipeline).match(Item(feed="", title="", text=text, lang="en"))
    bought = next(event for event in with_it.events if event.type == "acquisition")
    assert bought.actors == ("nvidia",)
    assert bought.targets == (UnknownName("Quill and Daughters"),)
    without = Matcher(with_events()).match(Item(feed="", title="", text=text, lang="en"))
    assert next(event for event in without.events if event.type == "acquisition").targets != (UnknownName("Quill and Daughters"),)


def test_a_name_without_capitals_acts_where_the_pipeline_sees_it(pipeline: str) -> None:
    text = "lowlight labs signed a partnership with Nvidia in Ostrava."
    with_it = Matcher(with_events(), spacy_model=pipeline).match(Item(feed="", title="", text=text, lang="en"))
    signed = next(event for event in with_it.events if event.type == "partnership")
    assert set(signed.actors) == {UnknownName("lowlight labs"), "nvidia"}
    assert signed.place == "Ostrava"
    without = Matcher(with_events()).match(Item(feed="", title="", text=text, lang="en"))
    assert all(event.actors == ("nvidia",) for event in without.events if event.type == "partnership")
