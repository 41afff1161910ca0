"""What a dialogue makes of names and words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands.drafts import WORDS, WatchDraft, draft_of, draft_of_rule, entity_id, split_words
from bot.commands.feedback_suggestion import distinguishing_word
from bot.commands.spelling import name_key
from seeds.entities import Entity
from seeds.rules import Rule


@pytest.mark.parametrize(
    ("name", "made"),
    [("Foxconn", "foxconn"), ("Hòa Phát Group", "hoa-phat-group"), ("Đà Nẵng (city)", "da-nang-city"), ("C.P. Group", "c-p-group")],
)
def test_an_id_is_made_from_a_name(name: str, made: str) -> None:
    assert entity_id(name) == made


def test_a_name_without_latin_letters_gets_an_id_of_its_own_that_stays() -> None:
    assert entity_id("鴻海").startswith("name-")
    assert entity_id("鴻海") == entity_id("鴻海") != entity_id("台積電")
    WatchDraft("entity", entity_id("鴻海"), "鴻海").entity()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vietnam Maritime Shipping Corporation (North)", "Vietnam Maritime Shipping Corporation (South)"),
        ("C++", "C#"), ("C", "C++"), ("FPT 鴻海", "FPT 台積電"), ("FPT", "FPT 鴻海"),
    ],
)  # fmt: skip
def test_names_that_people_tell_apart_get_ids_of_their_own(one: str, other: str) -> None:
    assert entity_id(one) != entity_id(other)
    assert max(len(entity_id(one)), len(entity_id(other))) <= 40
    WatchDraft("entity", entity_id(one), one).entity()


@pytest.mark.parametrize("same", ["Hòa Phát!", "HÒA PHÁT", "Ho\u0300a Pha\u0301t", "Ｈoa phat", "«Hòa Phát»", "Hòa\u00a0Phát™", "hoa-phat"])
def test_names_that_people_read_as_one_are_one(same: str) -> None:
    assert name_key(same) == "hoa phat"
    assert entity_id(same) == "hoa-phat"


def test_signs_that_belong_to_a_name_stay_with_it() -> None:
    assert [name_key(name) for name in ("C++", "Disney+", "#nvidia", "McDonald’s", "+ + +", "R&D")] == [
        "c++", "disney+", "nvidia", "mcdonalds", "", "r d",
    ]  # fmt: skip


def test_marks_that_make_another_letter_are_no_accents() -> None:
    assert name_key("が") == name_key("か\u3099") != name_key("か")


def test_words_are_split_cleaned_and_few() -> None:
    assert split_words(' iPhone,  "hon  hai" ;\nfactory,,factory ') == ("iPhone", "hon hai", "factory")
    assert len(split_words(",".join(map(str, range(100))))) == WORDS


def test_a_draft_comes_back_from_its_dialogue_as_it_was() -> None:
    draft = WatchDraft(
        "entity", "x", "X", names=("Y",), case=True, near=("a",), kept=({"text": "X", "near": ["b"]},), base={"kind": "brand"}
    )
    assert WatchDraft.from_state(draft.to_state()) == draft


def test_words_that_were_waited_for_go_where_they_belong_and_a_dash_clears() -> None:
    draft = WatchDraft("entity", "x", "X", waits="near")
    assert draft.with_words("a, b").near == ("a", "b")
    assert replace(draft, near=("a",)).with_words("-").near == ()
    assert replace(draft, near=("a", "b")).with_words("c, -A").near == ("b", "c")


def test_a_spelling_with_conditions_of_its_own_can_be_taken_out_too() -> None:
    names = ({"text": "Vin", "near": ["tập đoàn"]}, {"text": "Vin Corp"})
    draft = WatchDraft("entity", "vin", "Vin Group", names=("VG",), kept=names, waits="names").with_words("-VIN, VGR")
    assert draft.spellings == ("Vin Group", "Vin Corp", "VG", "VGR")


def test_changing_an_entity_keeps_conditions_that_differ_between_its_spellings() -> None:
    names = [{"text": "Vin", "near": ["tập đoàn"]}, "Vin Corp"]
    entity = Entity.model_validate({"id": "vin", "name": "Vin Group", "kind": "company", "tickers": ["HOSE:VIC"], "names": names})
    draft = draft_of(entity, None, tells=False)
    assert draft.entity() == entity.model_copy(update={"watched": True, "names": draft.entity().names})
    changed = replace(draft, not_near=("wine",), names=("VG",)).entity()
    by_text = {name.text: name for name in changed.names}
    assert by_text["Vin"].near == ("tập đoàn",)
    assert {name.not_near for name in changed.names} == {("wine",)}
    assert set(by_text) == {"Vin Group", "Vin", "Vin Corp", "VG"}
    assert changed.tickers == ("HOSE:VIC",)


def test_changing_a_rule_keeps_what_the_dialogue_does_not_speak_of() -> None:
    rule = Rule(id="r", any=("nvidia",), none=("amkor",), languages=("vi",), events=("order",), name="Orders")
    assert draft_of_rule(rule).rule() == rule
    assert replace(draft_of_rule(rule), events=()).rule() == rule.model_copy(update={"events": ()})


def test_a_common_word_is_in_all_mistakes_hardly_elsewhere_and_in_no_name() -> None:
    mistakes = ["Nvidia Shield football cup\nThe cup of the league", "Football fans of Nvidia cheer\nfootball"]
    others = ["Nvidia buys a company\nchips", "Nvidia opens a factory\nchips"]
    assert distinguishing_word(mistakes, others, ["Nvidia"]) == "football"
    assert distinguishing_word(mistakes, ["football", *others], ["Nvidia"]) is None, "half of the right ones hold it too"
    assert distinguishing_word(mistakes[:1], others, ["Nvidia"]) is None
    assert distinguishing_word(["only Nvidia", "Nvidia alone"], [], ["Nvidia"]) is None
    assert distinguishing_word(["FPT thắng trận bóng đá", "Bóng đá: FPT hòa"], ["FPT ký hợp tác"], ["FPT"]) == "bóng đá"
