"""Names in Vietnamese messages: of rules, countries, offices and event types."""

from __future__ import annotations

from seeds.load import load_seeds

SEEDS = load_seeds()


def test_every_packaged_rule_has_a_vietnamese_title_unless_it_is_a_name() -> None:
    names = {entity.name for entity in SEEDS.entities.values()}
    assert [rule.id for rule in SEEDS.rules.values() if not rule.name_vi and rule.name not in names] == []


def test_every_packaged_event_type_has_both_names() -> None:
    assert [event.id for event in SEEDS.events.values() if event.reported and not {"en", "vi"} <= event.names.keys()] == []


def test_a_country_is_called_as_vietnamese_readers_call_it_and_anything_else_as_it_is() -> None:
    naming = SEEDS.naming
    assert naming.name("vi", "United States") == "Mỹ"
    assert naming.name("en", "United States") == "United States"
    assert naming.name("vi", "Nvidia") == "Nvidia"
    assert naming.name("vi", "Ha Noi") == naming.name("vi", "Hanoi") == "Hà Nội"
    assert [naming.name("vi", one) for one in ("Bac Ninh", "Da Nang", "Yen Phong")] == ["Bắc Ninh", "Đà Nẵng", "Yen Phong"]
    assert naming.name("vi", "White House") == "White House", "only places by all their spellings"
    assert naming.event("vi", "acquisition") == SEEDS.events["acquisition"].names["vi"]
    assert naming.event("vi", "rocket_launch") == "rocket launch"


def test_a_president_is_another_word_in_hanoi_than_in_washington() -> None:
    offices = {name: SEEDS.naming.office("vi", name, "president") for name in ("Donald Trump", "Lương Cường", "Somebody")}
    assert offices == {"Donald Trump": "tổng thống", "Lương Cường": "chủ tịch nước", "Somebody": "president"}


def test_a_vietnamese_heading_is_no_spelling_that_texts_are_searched_for() -> None:
    japan = SEEDS.entities["japan"].model_copy(update={"names": ()})
    assert [name.text for name in japan.all_names()] == ["Japan"]
    assert (japan.name_in("vi"), japan.name_in("en")) == ("Nhật Bản", "Japan")
