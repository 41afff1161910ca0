"""The seed documents: every fact kept, no sentence copied, and what a careful reader finds in them is found."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from seeds.documents import Document, ExpectedEvent, load_documents, read_document
from seeds.errors import SeedError
from seeds.load import load_seeds
from watchers.match.matcher import Matcher
from watchers.match.result import Event, Match
from watchers.models.item import Item

DOCUMENTS = {one.id: one for one in load_documents()}
ORIGINALS = {"us-vietnam-ties": "000_b2f1d753f4b58d73.txt", "nvidia-in-vietnam": "002_d32ee21a34424d56.txt"}
EVENTS = [pytest.param(document, event, id=event.tells) for document in DOCUMENTS.values() for event in document.expect.events]
FACTS = {
    "us-vietnam-ties": (
        "34th", "$450 billion", "October", "70", "one billion", "Last year", "Google", "Intel", "Microsoft", "Nvidia", "Boeing", "Amkor",
        "Hanoi", "cloud computing", "semiconductors", "President", "Vietnam War", "Cointelegraph", "Sponsored ad", "put AI chips together",
        "package", "test",
    ),
    "nvidia-in-vietnam": (
        "NVDA", "Reuters", "Thursday", "Hanoi", "Southeast Asia", "Jensen Huang", "Pham Minh Chinh", "VinBrain", "Vingroup", "FPT",
        "April", "$200 million", "graphics chips", "software", "one year earlier", "solar", "wind", "ocean", "health care",
        "research and development", "not disclosed", "No price",
    ),
}  # fmt: skip


@cache
def matcher() -> Matcher:
    return Matcher(load_seeds())


@cache
def matched(document: Document) -> Match:
    item = Item(
        feed="", title=document.title, text=document.text, lang=document.lang, published=document.published, sponsored=document.sponsored
    )
    return matcher().match(item)


@cache
def original(document: str, shared: Path) -> Match:
    """The original as it was given: a headline in its first line where it has one, and its date where it gives one."""
    text = (shared / "seeds" / ORIGINALS[document]).read_text(encoding="utf-8")
    first, _, rest = text.partition("\n\n")
    title, text = (first, rest) if len(first) < 150 else ("", text)
    return matcher().match(Item(feed="", title=title, text=text, published=DOCUMENTS[document].published))


def answers(event: Event, expected: ExpectedEvent) -> bool:
    """Whether the event is the expected one in all that is demanded."""
    sides = {*event.actors, *event.targets}
    amount = event.amount
    return (
        event.type == expected.type
        and set(expected.actors) <= set(event.actors)
        and set(expected.targets) <= set(event.targets)
        and set(expected.entities) <= sides
        and (expected.amount is None or (amount is not None and (amount.value, amount.currency) == (expected.amount, expected.currency)))
        and (expected.place is None or event.place == expected.place)
        and (expected.date is None or event.date == expected.date)
        and (expected.status is None or event.status == expected.status)
        and (expected.attributed_to is None or event.attributed_to == expected.attributed_to)
    )


def words(text: str) -> list[str]:
    return re.findall(r"[\w$']+", text.lower().replace("’", "'"))


def test_both_documents_are_there_with_what_the_originals_say_of_themselves() -> None:
    ties, centre = DOCUMENTS["us-vietnam-ties"], DOCUMENTS["nvidia-in-vietnam"]
    assert (ties.source, ties.sponsored, ties.date) == ("Cointelegraph", True, None)
    assert (centre.attributed, centre.sponsored, str(centre.date)) == ("Reuters", False, "2024-12-05")
    assert centre.published is not None
    assert centre.published.isoformat() == "2024-12-05T00:00:00+00:00"
    assert ties.published is None


@pytest.mark.parametrize(("document", "fact"), [(document, fact) for document, facts in FACTS.items() for fact in facts])
def test_every_fact_of_the_originals_is_kept(document: str, fact: str) -> None:
    assert re.search("|".join(map(re.escape, fact.split("|"))), DOCUMENTS[document].text)


@pytest.mark.parametrize("document", ORIGINALS)
def test_no_sentence_of_the_originals_is_copied(document: str, shared: Path) -> None:
    original = words((shared / "seeds" / ORIGINALS[document]).read_text(encoding="utf-8"))
    own = words(f"{DOCUMENTS[document].title} {DOCUMENTS[document].illustration} {DOCUMENTS[document].text}")
    runs = {tuple(original[place : place + 6]) for place in range(len(original) - 5)}
    assert [" ".join(own[place : place + 6]) for place in range(len(own) - 5) if tuple(own[place : place + 6]) in runs] == []


def test_every_figure_of_the_originals_is_kept(shared: Path) -> None:
    for document, file in ORIGINALS.items():
        figures = set(re.findall(r"\d[\d,.]*\d|\d", (shared / "seeds" / file).read_text(encoding="utf-8")))
        in_front_matter = {"2024", "12", "05"}
        assert {figure for figure in figures - in_front_matter if figure not in DOCUMENTS[document].text} == set()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_expected_names_are_found(document: Document) -> None:
    found = {id_ for mention in matched(document).mentions for id_ in (mention.entity, mention.part_of) if id_}
    watched = {entity.id for entity in load_seeds().entities.values() if entity.watched}
    assert found & watched == set(document.expect.mentions)
    assert set(document.expect.surroundings) <= found


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_expected_rules_hit(document: Document) -> None:
    assert set(document.expect.rules) <= {hit.rule for hit in matched(document).hits}


@pytest.mark.parametrize(("document", "event"), EVENTS)
def test_the_expected_events_are_found(document: Document, event: ExpectedEvent) -> None:
    assert any(answers(one, event) for one in matched(document).events), [one for one in matched(document).events if one.type == event.type]


@pytest.mark.parametrize(("document", "event"), EVENTS)
def test_the_originals_tell_the_same_events(document: Document, event: ExpectedEvent, shared: Path) -> None:
    found = original(document.id, shared).events
    assert any(answers(one, event) for one in found), [one for one in found if one.type == event.type]


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_originals_name_the_same_companies_and_hit_the_same_rules(document: Document, shared: Path) -> None:
    found = original(document.id, shared)
    watched = {entity.id for entity in load_seeds().entities.values() if entity.watched}
    assert {mention.part_of or mention.entity for mention in found.mentions} & watched == set(document.expect.mentions)
    assert set(document.expect.rules) <= {hit.rule for hit in found.hits}
    assert found.sponsored == document.sponsored


def test_the_sponsored_mark_is_seen_in_the_text_alone() -> None:
    for document in DOCUMENTS.values():
        assert matcher().match(Item(feed="", title=document.title, text=document.text)).sponsored == document.sponsored


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No front matter", "expected front matter between two lines of"),
        ("+++\nid = \n+++\ntext", "front matter is not TOML"),
        ('+++\nid = "x"\ntitle = "t"\nsponsered = true\n+++\ntext', 'sponsered: unknown key; did you mean "sponsored"?'),
    ],
)
def test_a_document_that_is_not_well_formed_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "draft.md"
    file.write_text(text)
    with pytest.raises(SeedError, match=r"draft\.md: ") as raised:
        read_document(file)
    assert said in str(raised.value)
