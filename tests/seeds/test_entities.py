"""Entities and their names, and the warning of names that mean other things too."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from seeds.ambiguity import ambiguous_names
from seeds.entities import Entity, Name
from seeds.load import load_seeds


def entity(**keys: object) -> Entity:
    return Entity.model_validate({"id": "acme", "name": "Acme", "kind": "company", **keys})


def test_a_name_stands_once_and_its_conditions_win() -> None:
    names = entity(names=["Acme Ltd", {"text": "Acme", "near": ["tools"]}]).all_names()
    assert [(name.text, name.near) for name in names] == [("Acme Ltd", ()), ("Acme", ("tools",))]


def test_a_ticker_is_a_name_that_waits_for_its_market() -> None:
    (_, symbol) = entity(tickers=["NASDAQ:ACM"]).all_names()
    assert (symbol.text, symbol.market, symbol.exchanges, symbol.exact_case) == ("ACM", True, ("NASDAQ",), True)
    assert [name.market for name in entity(tickers=["HOSE:ACM"], names=["ACM"]).all_names()] == [False, False]


@pytest.mark.parametrize(("text", "exact"), [("Vin", True), ("Dell", True), ("Intel", False), ("NVIDIA", True), ("Nvidia", False)])
def test_short_names_and_names_in_capitals_are_exact_in_case(text: str, exact: bool) -> None:
    assert Name(text=text).exact_case is exact
    assert Name(text=text, case=not exact).exact_case is not exact


@pytest.mark.parametrize("keys", [{"id": "Big Acme"}, {"name": ""}, {"kind": "animal"}, {"tickers": ["acm"]}, {"colour": "red"}])
def test_a_mistake_is_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        entity(**keys)


def doubtful(*names: object) -> list[str]:
    one = entity(name="Acme Holdings", names=list(names))
    return [name.text for _, name, _ in ambiguous_names({one.id: one})]


def test_common_words_syllables_and_short_names_without_a_condition_are_doubtful() -> None:
    names = ["Amazon", "Vin", "Target", "ACM", "Huế", "Hòa Phát", "Thắng"]
    assert doubtful(*names) == names


def test_rare_names_and_names_with_a_condition_are_not() -> None:
    named = {"text": "Amazon", "not_near": ["rain forest"]}
    assert doubtful("Nvidia", "Vingroup", "Samsung", named, {"text": "ACM", "case": True}) == []


def test_the_packaged_entities_give_no_doubt() -> None:
    assert list(ambiguous_names(load_seeds().entities)) == []


def test_the_watched_four_and_their_groups_are_there() -> None:
    known = load_seeds().entities
    assert {one.id for one in known.values() if one.watched} == {"nvidia", "amkor", "fpt", "vingroup"}
    assert {"fpt-software", "fpt-retail", "fpt-telecom", "fpt-education"} <= {one.id for one in known.values() if one.part_of == "fpt"}
    assert {"vinfast", "vinbrain", "vinai", "vinhomes", "vinpearl", "vinmec", "gsm", "v-green"} <= {
        one.id for one in known.values() if one.part_of == "vingroup"
    }
