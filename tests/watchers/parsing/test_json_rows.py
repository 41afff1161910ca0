"""Rows out of JSON lists that are sound, broken in their strings, or broken beyond mending."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.parsing.json_rows import parse_broken, parse_valid

FIRST, LAST = '{"n": 1, "t": "A crane arrives"}', '{"n": 3, "t": "A tug leaves", "tags": ["a", "b"]}'


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (r'{"n": 2, "t": "The pilot\'s boat"}', "The pilot's boat"),
        (r'{"n": 2, "t": "Fish \ chips \d 5"}', "Fish  chips d 5"),
        (r'{"n": 2, "t": "A \unit of \u00e9"}', "A unit of é"),
        (r'{"n": 2, "t": "C:\\new and \'old\'"}', r"C:\new and 'old'"),
        (r'{"n": 2, "t": "He said \\"stay\\" twice"}', 'He said "stay" twice'),
        ('{"n": 2, "t": "He said "stay" twice"}', 'He said "stay" twice'),
        ('{"n": 2, "t": "He said "stay", twice"}', 'He said "stay", twice'),
        ('{"t": "He said "stay"", "n": 2}', 'He said "stay"'),
        ('{"n": 2, "t": "Line\none\ttwo"}', "Line\none\ttwo"),
        ('{"t": "No end, "n": 2}', "No end"),
        ('{"n": 2, "t": "No end}', "No end"),
        ('{"n": 2, "t": "No brace"', "No brace"),
        ('{"n": 2, "tags": ["a "big" one", "b"], "t": "Tags"}', "Tags"),
        ('{"n": 2, "deep": {"t": {"x": ["]", "}"]}}, "t": "Deep"}', "Deep"),
    ],
)
def test_a_broken_row_is_mended_and_leaves_the_others(row: str, title: str) -> None:
    text = f'{{"head": "A "good" list", "rows": [{FIRST},\n{row}, {LAST}], "tail": 7}}'
    found = parse_broken(text, "rows")
    assert found is not None
    assert [(one["n"], one["t"]) for one in found.rows] == [(1, "A crane arrives"), (2, title), (3, "A tug leaves")]
    assert (found.lost, found.document) == (0, {"head": 'A "good" list', "rows": [], "tail": 7})


@pytest.mark.parametrize(
    "row", ['{"n": 2, "t": }', '{"n": 2, t: 5}', '{"n": 2 "t": 5}', '{"n": ' + "9" * 5_000 + "}", '{"n": 2]', "oops", '{"n": [}']
)
def test_a_row_that_cannot_be_mended_is_lost_alone(row: str) -> None:
    text = f'{{"rows": [{FIRST}, {row}, {LAST}]}}'
    assert parse_valid(text, "rows") is None
    found = parse_broken(text, "rows")
    assert found is not None
    assert ([one["n"] for one in found.rows], found.lost) == ([1, 3], 1)


def test_rows_without_a_comma_between_them_are_two() -> None:
    found = parse_broken(f'{{"rows": [{FIRST}\n{LAST}]}}', "rows")
    assert found is not None
    assert [row["n"] for row in found.rows] == [1, 3]


def test_of_a_list_that_is_cut_the_whole_rows_are_read() -> None:
    text = f'{{"rows": [{FIRST}, {LAST}, {{"n": 4, "t": "Cut he'
    found = parse_broken(text, "rows")
    assert found is not None
    assert ([row["n"] for row in found.rows], found.lost, found.document) == ([1, 3], 1, {"rows": []})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(alphabet='ab {}[]:,\n\\"é', max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=6,
)
PLAIN_JSON = st.dictionaries(st.text(alphabet="ab c", min_size=1, max_size=9), st.none() | st.integers() | st.text(alphabet="ab c\n\\é'"))


@given(st.lists(PLAIN_JSON, max_size=5), st.sampled_from([None, 2]))
def test_sound_rows_are_read_alike_in_both_ways(rows: list[object], indent: int | None) -> None:
    text = json.dumps({"head": 1, "rows": rows}, indent=indent)
    sound, broken = parse_valid(text, "rows"), parse_broken(text, "rows")
    assert sound is not None
    assert broken is not None
    assert (broken.rows, broken.lost) == (sound.rows, 0)


@given(st.text(alphabet='{}[]:,"\\un1 \n', max_size=60), JSON)
def test_no_text_makes_the_reader_raise(noise: str, value: object) -> None:
    parse_broken('{"rows": [' + noise + json.dumps(value), "rows")
    parse_broken(noise, "rows")
    parse_valid(noise, "rows")


@pytest.mark.parametrize(
    "piece",
    ['"', '{"', "[", '","', '\\"', '{"a":"', '},{"', '" , ', '"a":"b",', '"' + " " * 100, '"' + "a" * 100, "\\", '{"a":"b"},', "[{"],
)
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    text = '{"rows": [{"a": "' + piece * (300_000 // len(piece))
    begun = time.thread_time()
    parse_broken(text, "rows")
    assert time.thread_time() - begun < 3.0
