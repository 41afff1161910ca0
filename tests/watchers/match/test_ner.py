"""A spaCy pipeline of the user's own adds to what the names' conditions show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watchers.match.world import ids, seeds
from watchers.match.matcher import Matcher


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    """A tiny pipeline on disk that knows one company, one person and one place."""
    import spacy

    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "ORG", "pattern": "Amazon"}, {"label": "ORG", "pattern": "NVDA"}, {"label": "PERSON", "pattern": "Vin"}]
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
