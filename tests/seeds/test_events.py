"""Event types as data: the packaged ones load and are whole, and a mistake is named."""

import pytest
from pydantic import ValidationError

from seeds.events import Behaviour, EventType, Trigger
from seeds.load import load_seeds
from seeds.pattern_syntax import parse_pattern, plural, verb_forms, words

GUIDE = {
    "partnership", "acquisition", "investment", "facility", "product", "order", "regulation", "export_control", "diplomacy", "visit",
    "earnings", "market", "personnel", "legal",
}


def phrases(pattern: str) -> set[str]:
    return {" ".join(phrase) for part in parse_pattern(pattern).parts for phrase in part}


def test_the_fourteen_types_are_packaged_in_both_languages_with_names_for_people() -> None:
    types = {event.id: event for event in load_seeds().events.values() if event.reported}
    assert set(types) == GUIDE
    for event_type in types.values():
        assert {trigger.lang for trigger in event_type.triggers} == {"en", "vi"}, event_type.id
        assert event_type.title("en") != event_type.title("vi"), event_type.id


def test_a_reading_that_competes_hides_only_types_that_exist() -> None:
    types = load_seeds().events
    assert all(hidden in types for event_type in types.values() for hidden in event_type.hides)


@pytest.mark.parametrize(("pattern", "expected"), [
    ("buy~", {"buy", "buys", "bought", "buying"}),
    ("acquire~", {"acquire", "acquires", "acquired", "acquiring"}),
    ("ban~", {"ban", "bans", "banned", "banning"}),
    ("factory+", {"factory", "factories"}),
    ("(plant|data centre)+", {"plant", "plants", "data centre", "data centres"}),
    ("take~ over", {"take over", "takes over", "took over", "taken over", "taking over"}),
    ("new? plant", {"plant", "new plant"}),
    ("a? b?", {"a", "b", "a b"}),
    ("break-even", {"break even"}),
    ("{org}", {"{company}", "{government}", "{organization}"}),
    ("hợp tác", {"hợp tác"}),
])
def test_a_pattern_stands_for_these_phrases(pattern: str, expected: set[str]) -> None:
    assert phrases(pattern) == expected


def test_two_dots_part_a_pattern_and_say_how_far() -> None:
    pattern = parse_pattern("build~ .. plant ..3 in")
    assert len(pattern.parts) == 3
    assert pattern.gaps == (6, 3)


@pytest.mark.parametrize(("pattern", "problem"), [
    ("", "expected words"), (".. plant", "needs words before"), ("plant ..", "also after .."),
    ("{planet} .. plant", "unknown kind {planet}"),
    ("plant ..99 in", "at most 20"), ("(a||b)", "expected a word"),
    (" ".join(["(a|b|c|d|e|f|g|h)"] * 5), "split it"),
])
def test_a_wrong_pattern_is_refused_with_what_is_wrong(pattern: str, problem: str) -> None:
    with pytest.raises(ValueError, match="pattern") as caught:
        parse_pattern(pattern)
    assert problem in str(caught.value)


def test_a_trigger_names_the_key_of_a_wrong_pattern() -> None:
    with pytest.raises(ValidationError) as caught:
        Trigger(lang="en", patterns=("sign~ .. deal",), unless=("{nobody}",))
    assert caught.value.errors()[0]["loc"] == ("unless",)


def test_amount_false_says_that_a_type_has_no_sum() -> None:
    kind = EventType.model_validate({"id": "launch", "amount": False, "triggers": [{"lang": "en", "patterns": ["lift~ off"]}]})
    assert kind.amount is None


def own(**more: object) -> EventType:
    return EventType.model_validate({"id": "strike", "triggers": [{"lang": "en", "patterns": ["lay~ down tools"]}], **more})


def test_a_type_that_says_nothing_of_its_behaviour_is_no_deed_no_report_and_has_no_direction() -> None:
    plain = own()
    assert {key for key in Behaviour.model_fields if getattr(plain, key)} == set()
    assert not plain.reports_figures


@pytest.mark.parametrize("key", ["figures", "market"])
def test_a_type_about_results_or_prices_reports_figures(key: str) -> None:
    assert own(**{key: True}).reports_figures


@pytest.mark.parametrize(("keys", "problem"), [
    (("directed", "mutual"), "directed and mutual"), (("deed", "figures"), "deed rules out"), (("deed", "market"), "deed rules out"),
])
def test_behaviours_that_rule_each_other_out_are_refused(keys: tuple[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        own(**dict.fromkeys(keys, True))


@pytest.mark.parametrize("key", ["deed", "directed", "mutual", "figures", "market"])
def test_a_behaviour_is_true_or_false_and_no_word(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        own(**{key: "yes"})
    assert caught.value.errors()[0]["loc"] == (key,)


def test_the_packaged_types_say_how_they_are_treated() -> None:
    types = load_seeds().events.values()
    assert {event_type.id for event_type in types if event_type.deed} == {
        "partnership", "acquisition", "investment", "facility", "order", "export_control", "regulation", "legal",
    }
    assert {event_type.id for event_type in types if event_type.directed} == {
        "acquisition",
        "investment",
        "order",
        "legal",
        "export_control",
        "visit",
    }
    assert {event_type.id for event_type in types if event_type.mutual} == {"partnership", "diplomacy"}
    assert {event_type.id for event_type in types if event_type.market} == {"market"}
    assert {event_type.id for event_type in types if event_type.figures} == {"earnings"}


@pytest.mark.parametrize(("noun", "many"), [
    ("factory", "factories"), ("plant", "plants"), ("dish", "dishes"), ("box", "boxes"), ("play", "plays"),
])
def test_regular_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(("verb", "past"), [("rise", "rose"), ("try", "tried"), ("plan", "planned"), ("open", "opened")])
def test_verb_forms_know_the_past(verb: str, past: str) -> None:
    assert past in verb_forms(verb)


def test_words_keep_figures_initials_and_accents() -> None:
    assert words("The U.S. chip-maker's R&D: 5.000 tỷ đồng") == ("the", "u.s.", "chip", "maker", "'s", "r&d", ":", "5.000", "tỷ", "đồng")
