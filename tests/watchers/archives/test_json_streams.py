"""JSON that is neither a list nor one record a line: objects one after the other, and lists with a broken element."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.support.archive_files import as_lines, read
from watchers.archives.formats import chunks_of, form_of
from watchers.archives.source import UnreadableError, bytes_source

RECORDS: list[dict[str, object]] = [
    {"id": number, "title": f"Nvidia opens centre {number}", "authors": [{"name": "A"}, {"name": "B"}], "text": "x" * 400}
    for number in range(400)
]
TITLES = [record["title"] for record in RECORDS]


def titles(data: bytes) -> list[str]:
    """The titles of all items."""
    return [item.title for item in read(data)[0]]


@pytest.mark.parametrize("between", ["", "\n", "\n\n", " ", ",\n", "\r\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_objects_one_after_the_other_are_read(between: str, indent: int | None) -> None:
    data = between.join(json.dumps(record, indent=indent) for record in RECORDS).encode()
    assert titles(data) == TITLES
    assert titles(gzip.compress(data)) == TITLES


def test_the_first_object_may_be_longer_than_what_is_looked_at() -> None:
    records: list[dict[str, object]] = [{"title": "Nvidia opens a long centre", "text": "y" * 200_000}, *RECORDS[:5]]
    data = "\n".join(json.dumps(record, indent=1) for record in records).encode()
    assert titles(data) == ["Nvidia opens a long centre", *TITLES[:5]]


def test_answers_one_after_the_other_give_their_records() -> None:
    answers = [{"status": "ok", "articles": RECORDS[:3]}, {"status": "ok", "articles": RECORDS[3:5]}]
    assert titles("\n".join(json.dumps(answer, indent=2) for answer in answers).encode()) == TITLES[:5]


def test_one_object_alone_is_one_record_or_holds_some() -> None:
    assert titles(json.dumps(RECORDS[0], indent=2).encode()) == TITLES[:1]
    assert titles(json.dumps({"articles": RECORDS[:2]}, indent=2).encode()) == TITLES[:2]


BROKEN = ['{"id": 3, "title": nope}', '{"id": 3, "a"', '{"id": 3 "title": "Nvidia"}']
MENDED = ['{"id": 3, "title": "Nvidia, "text": "y"}', '{"id": 3, "title": "The "Nvidia" city", "text": "y"}']


@pytest.mark.parametrize("mended", MENDED)
@pytest.mark.parametrize("kind", ["list", "stream"])
def test_an_element_with_a_wrong_quote_is_mended(mended: str, kind: str) -> None:
    elements = [json.dumps(record, indent=1) for record in RECORDS[:6]]
    elements.insert(3, mended)
    items, hauls = read(("[" + ",\n".join(elements) + "]" if kind == "list" else "\n".join(elements)).encode())
    assert [item.title for item in items][:3] == TITLES[:3]
    assert "Nvidia" in items[3].title
    assert [item.title for item in items][4:] == TITLES[3:6]
    assert not any(haul.broken_count for haul in hauls)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("kind", ["list", "stream"])
def test_a_broken_element_loses_itself_alone(broken: str, kind: str) -> None:
    elements = [json.dumps(record, indent=1) for record in RECORDS]
    elements.insert(3, broken)
    data = "[" + ",\n".join(elements) + "]" if kind == "list" else "\n".join(elements)
    items, hauls = read(data.encode())
    assert [item.title for item in items] == TITLES
    assert [one.offset for haul in hauls for one in haul.broken] == [3]


@pytest.mark.parametrize("mended", MENDED)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_first_object_of_a_stream_is_mended_like_a_later_one(mended: str, indent: int | None) -> None:
    between = "\n" if indent else " "
    data = between.join([mended, *(json.dumps(record, indent=indent) for record in RECORDS[:6])]).encode()
    items, hauls = read(data)
    assert "Nvidia" in items[0].title
    assert [item.title for item in items[1:]] == TITLES[:6]
    assert not any(haul.broken_count for haul in hauls)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_first_object_of_a_stream_that_is_broken_loses_itself_alone(broken: str, indent: int | None) -> None:
    between = "\n" if indent else " "
    data = between.join([broken, *(json.dumps(record, indent=indent) for record in RECORDS[:6])]).encode()
    items, hauls = read(data)
    assert [item.title for item in items] == TITLES[:6]
    assert [record.offset for haul in hauls for record in haul.broken] == [0]


def test_a_value_that_begins_like_the_first_object_is_no_next_one() -> None:
    first = '{"id": 0, "user": {"id": 9}, "friends": [{"id": 1}], "title": "The "Nvidia" city"}'
    data = "\n".join([first, *(json.dumps(record, indent=1) for record in RECORDS[:3])]).encode()
    items, hauls = read(data)
    assert "Nvidia" in items[0].title
    assert [item.title for item in items[1:]] == TITLES[:3]
    assert not any(haul.broken_count for haul in hauls)


def test_a_broken_answer_with_records_stays_one_document() -> None:
    data = '{"id": 1, "articles": [' + ",".join(json.dumps(record) for record in RECORDS[:3]) + '], "said": "a "word""}'
    assert titles(data.encode()) == TITLES[:3]


def test_a_cut_stream_gives_what_is_whole_and_says_so() -> None:
    data = "\n".join(json.dumps(record, indent=1) for record in RECORDS[:3]).encode()[:-30]
    items, hauls = read(data)
    assert [item.title for item in items] == TITLES[:2]
    assert sum(haul.broken_count for haul in hauls) == 1


def test_a_run_goes_on_inside_a_stream() -> None:
    data = "\n".join(json.dumps(record, indent=1) for record in RECORDS[:5]).encode()
    source = bytes_source("given", data)
    (chunk,) = chunks_of(source, (3,))
    assert chunk.next == (5,)
    assert b"centre 3" in chunk.data
    assert b"centre 2" not in chunk.data


def test_lines_stay_lines() -> None:
    assert form_of(as_lines(RECORDS)) == "jsonl"


def test_what_is_no_json_at_all_is_told() -> None:
    try:
        _, hauls = read(b"{ this is no JSON but begins like some }")
    except UnreadableError:
        return
    assert sum(haul.broken_count for haul in hauls) == 1
