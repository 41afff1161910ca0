"""How words become terms that both languages share."""

from __future__ import annotations

import pytest

from watchers.stories.concepts import CONCEPTS
from watchers.stories.terms import fold, stem, terms, tokens


def said(text: str) -> list[str]:
    return [term for term, _ in terms(tokens(text))]


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("signs partnership", "ký kết hợp tác"),
        ("data centers in Ho Chi Minh City", "trung tâm dữ liệu TP HCM"),
        ("electric vehicles", "xe điện"),
        ("artificial intelligence chips", "chip trí tuệ nhân tạo"),
    ],
)
def test_a_meaning_is_one_term_in_both_languages(english: str, vietnamese: str) -> None:
    assert {term for term in said(english) if term[0] == "="} == {term for term in said(vietnamese) if term[0] == "="}


def test_the_longest_phrase_wins() -> None:
    assert said("record high") == ["=record"]
    assert said("never produces gasoline cars again") == ["=never", "=produce", "=petrol", "=car", "=again"]


def test_possessives_hyphens_and_ampersands() -> None:
    words = [token.word for token in tokens("Lumora’s AI-ready R&D hub isn't open")]
    assert words == ["lumora", "ai", "ready", "r&d", "hub", "isn", "open"]


@pytest.mark.parametrize(
    "forms", [("launch", "launches", "launched", "launching"), ("target", "targets", "targeting"), ("plan", "planned", "planning")]
)
def test_the_forms_of_a_word_are_one(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_folding_drops_accents_and_levels_d() -> None:
    assert fold("đường") == "duong"
    assert fold("plain") == "plain"


def test_no_phrase_of_the_glossary_means_two_things() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for concept, forms in CONCEPTS.items():
        for form in forms.split(","):
            words = tuple(stem(word) for word in form.strip().replace("-", " ").split())
            assert seen.setdefault(words, concept) == concept, form
