"""Drafting a watch from documents: names, kinds and ties from any story, and a draft that loads and matches."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.user_seeds.suggest import DocumentError, MatcherEvents, read_documents, suggest
from seeds.documents import load_documents
from seeds.entities import Entity
from seeds.load import Seeds, load_seeds, try_seeds
from seeds.references import check_entities, check_rules
from seeds.rules import Rule
from seeds.warnings import check_warnings
from watchers.match.matcher import Matcher
from watchers.models.item import Item
from watchers.suggest.document import guess_language, source_text
from watchers.suggest.draft import Draft, draft_watch
from watchers.suggest.lexicon import name_key
from watchers.suggest.toml_writer import entities_toml, rules_toml

STORIES = Path(__file__).parent / "stories"


def drafted(*texts: str, lang: str = "en") -> dict[str, Entity]:
    """The entities of a draft from these texts, by id; nothing is known beforehand."""
    draft = draft_watch([source_text(f"text {number}", text, lang=lang) for number, text in enumerate(texts)], known={})
    return {entity.entity.id: entity.entity for entity in draft.entities}


@cache
def story(name: str) -> Draft:
    """The draft from the two documents of a story, with the events that the matcher reads, and no entity known."""
    texts = [text for path in sorted(STORIES.glob(f"{name}-[12].*")) for text in read_documents(path)]
    return draft_watch(texts, known={}, read_events=MatcherEvents(load_seeds().events, {}))


def written(draft: Draft, folder: Path) -> Seeds:
    """The draft as files of a person's own seeds, loaded."""
    (folder / "entities.toml").write_text(entities_toml(draft), encoding="utf-8")
    (folder / "rules.toml").write_text(rules_toml(draft), encoding="utf-8")
    return load_seeds(folder, packaged_rules=False, packaged_feeds=False)


def known_among(draft: Draft) -> tuple[set[str], int]:
    """Which of the project's own entities the draft found (by any of their names), and how many entities it has in all."""
    owners = {name_key(name.text): entity.id for entity in load_seeds().entities.values() for name in entity.all_names()}
    found = set()
    for entity in draft.entities:
        keys = {name_key(name.text) for name in entity.entity.all_names()}
        found |= {owners[key] for key in keys & owners.keys()}
    return found, len(draft.entities)


def test_the_seed_documents_give_twelve_known_entities_and_little_noise() -> None:
    draft = draft_watch([source_text(document.id, document.text, title=document.title) for document in load_documents()], known={})
    found, size = known_among(draft)
    assert len(found) >= 12, sorted(found)
    assert size - len(found) <= size / 3, [entity.entity.id for entity in draft.entities]


def test_the_original_seed_documents_do_too(shared: Path) -> None:
    draft = draft_watch([text for path in sorted((shared / "seeds").glob("*.txt")) for text in read_documents(path)], known={})
    found, size = known_among(draft)
    assert len(found) >= 12, sorted(found)
    assert size - len(found) <= size / 3, [entity.entity.id for entity in draft.entities]
    assert {"nvidia", "amkor", "fpt", "vingroup", "vinbrain", "jensen-huang", "pham-minh-chinh", "boeing"} <= found


def test_what_the_seed_documents_say_of_their_names_is_in_the_draft() -> None:
    entities = drafted(*(document.text for document in load_documents()))
    assert entities["nvidia"].kind == "company"
    assert entities["nvidia"].tickers == ("?:NVDA",)
    assert entities["vinbrain"].part_of == "vingroup"
    assert (entities["jensen-huang"].kind, entities["jensen-huang"].of) == ("person", "nvidia")
    assert (entities["pham-minh-chinh"].office, entities["pham-minh-chinh"].of) == ("prime minister", "vietnam")
    assert entities["vietnam"].kind == "government"
    assert entities["hanoi"].kind == "place"


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("mackerel", {"tindholm": "company", "ices": "organization", "ragnhild-aune": "person", "norway": "government", "bergen": "place"}),
        ("pharma", {"corvella": "company", "alderney": "company", "respivent": "product", "marta-lindqvist": "person"}),
        ("shrimp", {"my-hung": "company", "dongwha": "company", "tran-quoc-bao": "person", "soc-trang": "place", "vasep": "organization"}),
    ],
)
def test_a_wholly_different_story_gives_its_own_names(name: str, kinds: dict[str, str]) -> None:
    entities = {entity.entity.id: entity.entity.kind for entity in story(name).entities}
    assert kinds.items() <= entities.items()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("mackerel", {"tindholm-watch", "tindholm-between", "tindholm-story"}),
        ("pharma", {"corvella-watch", "alderney-watch", "corvella-events", "corvella-between"}),
        ("shrimp", {"my-hung-watch", "my-hung-events", "my-hung-between", "my-hung-story"}),
    ],
)
def test_the_draft_is_a_usable_watch_of_its_story(name: str, rules: set[str], tmp_path: Path) -> None:
    seeds = written(story(name), tmp_path)
    [later] = read_documents(STORIES / f"{name}-later.txt")
    hits = {hit.rule for hit in Matcher(seeds).match(Item(feed="", title=later.title, text=later.text)).hits}
    assert rules <= hits


def test_the_draft_of_one_story_is_silent_about_another(tmp_path: Path) -> None:
    matcher = Matcher(written(story("mackerel"), tmp_path))
    [other] = read_documents(STORIES / "pharma-later.txt")
    assert matcher.match(Item(feed="", title=other.title, text=other.text)).hits == ()


@pytest.mark.parametrize("name", ["mackerel", "pharma", "shrimp"])
def test_a_draft_raises_no_doubts_about_its_own_rules(name: str, tmp_path: Path) -> None:
    assert [str(doubt) for doubt in check_warnings(written(story(name), tmp_path)) if doubt.kind == "rules"] == []


def test_events_between_the_names_are_found() -> None:
    events = {(event.type, event.actors, event.targets) for event in story("pharma").events}
    assert ("acquisition", ("corvella",), ("alderney",)) in events


def test_tickers_with_their_exchange_are_kept() -> None:
    assert {entity.entity.id: entity.entity.tickers for entity in story("pharma").entities}["corvella"] == ("NYSE:CRVL",)


def test_names_that_the_seeds_have_keep_their_id_and_data(tmp_path: Path) -> None:
    document = tmp_path / "article.txt"
    document.write_text("Nvidia opens a lab\n\nNvidia opened a lab with Quenlow Robotics, a startup, on Friday. Quenlow said so.")
    seeds = load_seeds()
    draft = suggest([document], seeds)
    by_id = {entity.entity.id: entity for entity in draft.entities}
    assert by_id["nvidia"].known
    assert by_id["nvidia"].entity.tickers == seeds.entities["nvidia"].tickers
    assert not by_id["quenlow"].known
    text = entities_toml(draft, new=True)
    assert "quenlow" in text
    assert 'id = "nvidia"' not in text


def test_a_draft_laid_over_the_packaged_seeds_loads(tmp_path: Path) -> None:
    for document in load_documents():
        (tmp_path / f"{document.id}.txt").write_text(f"{document.title}\n\n{document.text}", encoding="utf-8")
    folder = tmp_path / "seeds"
    folder.mkdir()
    draft = suggest(sorted(tmp_path.glob("*.txt")), load_seeds())
    (folder / "entities.toml").write_text(entities_toml(draft), encoding="utf-8")
    (folder / "rules.toml").write_text(rules_toml(draft), encoding="utf-8")
    seeds, errors = try_seeds(folder)
    assert errors == []
    assert seeds.entities["nvidia"].tickers == ("NASDAQ:NVDA",)


def test_spellings_of_one_name_are_one_entity() -> None:
    before = "Quenlow's plan worried NORBYX. Shares of Norbyx fell."
    entities = drafted(f"{before}\n\nNorbyx, a chipmaker, said so. QUENLOW, an airline, did not. Norbyx’s boss left.")
    assert {name_key(entity.name) for entity in entities.values()} >= {"norbyx", "quenlow"}
    assert len([entity for entity in entities if "norbyx" in entity]) == 1


def test_letters_that_a_wire_service_leaves_out_make_no_second_entity() -> None:
    entities = drafted("Ægir, a brewer, sold Bjørnøya, a startup.\n\nAegir said that Bjornoya and Bjørnøya are one. Aegir said so.")
    assert set(entities) == {"aegir", "bjornoya"}


def test_a_last_name_alone_counts_only_beside_what_tells_whose_it_is() -> None:
    entities = drafted("Tindral Ltd named Anna Kolberg, its chief executive, on Monday.\n\nMonths ago Kolberg led a bank. Kolberg left.")
    [short] = [name for name in entities["anna-kolberg"].names if name.text == "Kolberg"]
    assert "Anna" in short.near


def test_a_division_that_carries_its_groups_name_stays_a_company_of_its_own() -> None:
    entities = drafted("Norbyx said on Monday that Norbyx Software, a unit of Norbyx, will hire 300. Norbyx Software is based in Oslo.")
    assert entities["norbyx-software"].part_of == "norbyx"


@pytest.mark.parametrize(
    ("text", "ticker"),
    [
        ("Shares of Norbyx (NASDAQ: NRBX) rose on Monday.", "NASDAQ:NRBX"),
        ("Shares of Norbyx (NRBX.O) rose on Monday.", "NASDAQ:NRBX"),
        ("Shares of Norbyx (NRBX) rose on Monday.", "?:NRBX"),
    ],
)
def test_tickers_are_read_in_their_spellings(text: str, ticker: str) -> None:
    assert drafted(text)["norbyx"].tickers == (ticker,)


def test_a_short_form_in_brackets_is_a_name_and_no_ticker() -> None:
    entities = drafted("It asked the Nordic Salmon Agency (NSA) for help. The NSA said no.")
    [agency] = [entity for entity in entities.values() if entity.kind == "government"]
    assert agency.tickers == ()
    assert {name.text for name in agency.all_names()} == {"NSA", "Nordic Salmon Agency"}


def test_capitals_at_the_start_of_a_sentence_or_in_a_headline_make_no_name() -> None:
    text = "Workers met on Monday. Residents were angry. However, nothing changed. Mood was bad."
    assert drafted(f"Big Changes Ahead For Every Worker In Town\n\n{text}") == {}


def test_a_text_without_names_gives_an_empty_draft() -> None:
    draft = draft_watch([source_text("empty", "nothing happened here, and nobody said why.")], known={})
    assert draft == Draft((), (), ())
    assert "[[" not in entities_toml(draft) + rules_toml(draft)


def test_quotes_backslashes_and_control_signs_survive_being_written(tmp_path: Path) -> None:
    draft = draft_watch([source_text("x", 'Norbyx "Q\\1" Ltd, a chipmaker, said \x7f\x01 on Monday that Norbyx "Q" grows.')], known={})
    (tmp_path / "entities.toml").write_text(entities_toml(draft), encoding="utf-8")
    (tmp_path / "rules.toml").write_text(rules_toml(draft), encoding="utf-8")
    assert try_seeds(tmp_path)[1] == []


WORDS = st.sampled_from(
    ["Norbyx", "Quenlow", "Ltd", "of", "the", "and", "Bank", "Ministry", "U.S.", "Hà", "Nội", "Bộ", "học", "và", "Công",
     "CEO", "Mr.", ",", ".", "(", ")", "(NASDAQ: NRBX)", "'s", "-", "said", "owned by", "in", '"', "⟦1⟧", "\n\n", "3", "iPhone", "ﬁ", "Đ"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(WORDS | st.text(max_size=6), max_size=40), lang=st.sampled_from(["en", "vi", ""]))
def test_any_text_gives_a_draft_that_loads(parts: list[str], lang: str) -> None:
    draft = draft_watch([source_text("x", " ".join(parts), lang=lang)], known={})
    entities = tomllib.loads(entities_toml(draft)).get("entities", [])
    rules = tomllib.loads(rules_toml(draft)).get("rules", [])
    made = {entity.id: entity for entity in (Entity.model_validate(row) for row in entities)}
    assert len(made) == len(entities)
    assert list(check_entities(made, dict.fromkeys(made, ""))) == []
    by_id = {rule.id: rule for rule in (Rule.model_validate(row) for row in rules)}
    assert list(check_rules(by_id, made, set(), dict.fromkeys(by_id, ""))) == []


def test_front_matter_markdown_and_language_are_read() -> None:
    text = source_text("x", "+++\ntitle = \"A plan\"\nlang = \"en\"\n+++\n# Heading\n\nSee **Norbyx** in [the report](https://example.org/x).")
    assert (text.title, text.lang) == ("A plan", "en")
    assert "Norbyx in the report" in text.text
    assert "example.org" not in text.text


@pytest.mark.parametrize(
    ("text", "lang"), [("Công ty cho biết sẽ xây nhà máy", "vi"), ("Phạm Minh Chính met the company's board in Hanoi on Monday", "en")]
)
def test_the_language_is_guessed(text: str, lang: str) -> None:
    assert guess_language(text) == lang


def test_pages_and_json_lines_are_documents_too(tmp_path: Path) -> None:
    lines = tmp_path / "items.jsonl"
    lines.write_text('{"title": "Norbyx grows", "text": "Norbyx said so."}\n{"text": "Quenlow bought it."}\n', encoding="utf-8")
    assert [text.title for text in read_documents(lines)] == ["Norbyx grows", ""]


def test_a_file_that_gives_no_document_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    with pytest.raises(DocumentError, match=r"empty\.txt: empty"):
        read_documents(empty)
    with pytest.raises(DocumentError, match=r"nowhere\.txt: cannot be read: No such file"):
        read_documents(tmp_path / "nowhere.txt")
