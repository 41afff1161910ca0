"""The look-ahead over raw bytes must never say no to a record that a rule hits, however its letters are written."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from functools import cache
from html.entities import codepoint2name

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seeds.entities import Entity
from seeds.load import Seeds, load_seeds
from seeds.rules import Rule
from watchers.archives.byte_filter import ByteFilter, prescan_of
from watchers.text.fold import spellings


@cache
def seeds() -> Seeds:
    return load_seeds()


@cache
def scan() -> ByteFilter:
    found = prescan_of(seeds())
    assert found is not None
    return found


SENTENCE = "Hôm nay Vingroup và Phạm Nhật Vượng công bố nhà máy bán dẫn, Nvidia đầu tư tại Việt Nam."
PLAIN = "A quiet afternoon by the river, with nothing to tell and nobody to tell it to."


def written(text: str, how: str) -> bytes:
    match how:
        case "utf-8":
            return text.encode()
        case "decomposed":
            return unicodedata.normalize("NFD", text).encode()
        case "json escapes":
            return json.dumps(text).encode()
        case "json escapes of everything":
            return "".join(f"\\u{ord(letter):04x}" for letter in text).encode()
        case "decimal entities":
            return text.encode("ascii", "xmlcharrefreplace")
        case "decimal entities of everything":
            return "".join(f"&#{ord(letter)};" for letter in text).encode()
        case "hex entities of everything":
            return "".join(f"&#x{ord(letter):X};" for letter in text).encode()
        case "soft hyphens":
            return "\u00ad".join(text).encode()
        case "zero-width entities":
            return "&#8203;".join(text).encode()
        case "named entities":
            return "".join(f"&{codepoint2name[ord(one)]};" if ord(one) in codepoint2name else one for one in text).encode()
        case "entities in escaped JSON":
            return text.encode("ascii", "xmlcharrefreplace").replace(b"&", b"\\u0026")
        case "decomposed json escapes":
            return json.dumps(unicodedata.normalize("NFD", text)).encode()
        case "capitals":
            return text.upper().encode()
        case _:
            return text.encode(how, "replace")


@pytest.mark.parametrize(
    "how",
    [
        "utf-8", "decomposed", "json escapes", "json escapes of everything", "decimal entities", "decimal entities of everything",
        "hex entities of everything", "named entities", "entities in escaped JSON",
        "decomposed json escapes", "soft hyphens", "zero-width entities", "capitals", "utf-16-le", "utf-16-be", "cp1258", "latin-1",
    ],
)  # fmt: skip
def test_a_name_is_seen_however_it_is_written(how: str) -> None:
    assert scan().may_hit(written(SENTENCE, how))


@pytest.mark.parametrize("between", [" ", "\n", "&nbsp;", "\u00a0", "</b> <i class='x y'>", "\\u003c/b\\u003e ", "\\n", "\t\t"])
def test_anything_may_stand_between_the_words_of_a_name(between: str) -> None:
    text = f"<p>Said by Jensen{between}Huang of the chip maker as it is to invest $200 million</p>"
    assert scan().may_hit(text.encode())


def test_an_accent_free_name_of_two_words_is_seen() -> None:
    assert scan().may_hit(b"pham nhat vuong tham nha may")


@pytest.mark.parametrize("before", ["\\n", "\\t", "\\u201c", "(", '"', "_", ">"])
def test_a_short_name_is_seen_after_an_escape(before: str) -> None:
    assert scan().may_hit(f"{before}FPT ký hợp đồng".encode())


def test_a_text_without_names_is_passed_by() -> None:
    assert not scan().may_hit(PLAIN.encode())
    assert not scan().may_hit(b"The servicemen of the aftermath: ftptools, vice and arms.")


def seen_in_every_spelling(entities: Sequence[Entity]) -> None:
    """Each name of each of them alone, by a rule that asks for that entity alone: nothing else in the bytes says yes for it."""
    for entity in entities:
        small = prescan_of(Seeds(seeds().entities, seeds().events, {"r": Rule(id="r", any=(entity.id,))}, ()))
        assert small is not None
        for name in entity.all_names():
            for spelling in spellings(name.text):
                text = spelling.upper() if name.exact_case else spelling
                assert small.may_hit(f"x {text} y".encode()), (entity.id, text)
                assert small.may_hit(f"x {text} y".encode("ascii", "xmlcharrefreplace")), (entity.id, text)
                assert small.may_hit(json.dumps(f"x {text} y").encode()), (entity.id, text)


def by_interest() -> list[Entity]:
    """Those that are watched first."""
    return sorted(seeds().entities.values(), key=lambda entity: (not entity.watched, entity.id))


def test_every_spelling_of_a_name_is_seen() -> None:
    seen_in_every_spelling([next(entity for entity in by_interest() if entity.kind == kind) for kind in ("person", "company")])


@pytest.mark.full
@pytest.mark.timeout(900)
def test_every_spelling_of_every_entity_is_seen() -> None:
    seen_in_every_spelling(by_interest())


def test_a_rule_that_needs_no_name_switches_it_off() -> None:
    everything = Rule(id="all", feeds=("x",), everything=True)
    assert prescan_of(Seeds(seeds().entities, seeds().events, {"all": everything}, ())) is None


def test_two_groups_must_both_be_named() -> None:
    rule = Rule(id="two", groups=(("nvidia",), ("fpt",)))
    small = prescan_of(Seeds(seeds().entities, seeds().events, {"two": rule}, ()))
    assert small is not None
    assert not small.may_hit(b"Nvidia alone")
    assert small.may_hit(b"Nvidia with FPT")


@cache
def america() -> ByteFilter:
    found = prescan_of(Seeds(seeds().entities, seeds().events, {"us": Rule(id="us", any=("us",))}, ()))
    assert found is not None
    return found


@pytest.mark.parametrize("how", ["utf-8", "decomposed", "json escapes", "decomposed json escapes", "decimal entities", "capitals"])
def test_a_short_name_with_an_accent_is_seen_however_it_is_written(how: str) -> None:
    assert america().may_hit(b"x " + written("Thuế của Mỹ tăng", how))


def test_a_short_name_with_an_accent_is_seen_in_an_old_charset() -> None:
    assert america().may_hit(unicodedata.normalize("NFD", "thuế của Mỹ").encode("cp1258", "replace"))


@pytest.mark.parametrize("how", ["utf-8", "decomposed", "json escapes", "decomposed json escapes", "decimal entities", "cp1258"])
@pytest.mark.parametrize("text", ["AI ở đây", "tình thân ái, lòng", "vượt ải.", "thuế đối ứng", "thue doi ung", "BÁN DẪN", "ban dan"])
def test_accents_do_not_count_in_the_words_of_rules(text: str, how: str) -> None:
    if how == "cp1258":
        text = unicodedata.normalize("NFD", text).replace("a\u0302", "â").replace("u\u031b", "ư")
    assert words().may_hit(written(text, how))
    assert not words().may_hit(written("đại hội, hại, thứ đôi", "utf-8"))


@cache
def words() -> ByteFilter:
    found = prescan_of(Seeds(seeds().entities, seeds().events, {"w": Rule(id="w", words=("AI", "thuế đối ứng", "bán dẫn"))}, ()))
    assert found is not None
    return found


@pytest.mark.parametrize("how", ["utf-8", "json escapes"])
def test_words_that_differ_only_in_their_accents_are_no_names(how: str) -> None:
    assert not america().may_hit(written("một món mới mà mọi mẹ đều mê: mỳ khô, hoà hợp, kỳ lạ", how))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([PLAIN, "Nvidia ký thỏa thuận với FPT tại Hà Nội", "plain words", "Vingroup xây nhà máy", ""]), max_size=12)
)
def test_the_lines_of_a_block_are_the_lines_that_may_hit_one_by_one(lines: list[str]) -> None:
    block = "\n".join(lines).encode()
    found = {block[start:end] for start, end in scan().lines(block)}
    wanted = {line.encode() for line in lines if scan().may_hit(line.encode())}
    assert wanted <= found
    assert not {b"plain words", PLAIN.encode()} & found


@cache
def typed_without_accents() -> ByteFilter:
    entities = {"duc-giang": Entity.model_validate({"id": "duc-giang", "name": "Duc Giang Chemicals", "kind": "company"})}
    found = prescan_of(Seeds(entities, {}, {"duc-giang": Rule(id="duc-giang", any=("duc-giang",))}, ()))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "how",
    [
        "utf-8", "decomposed", "json escapes", "json escapes of everything", "decimal entities", "hex entities of everything",
        "named entities", "entities in escaped JSON", "decomposed json escapes", "soft hyphens", "capitals", "utf-16-le", "cp1258",
    ],
)  # fmt: skip
def test_a_name_typed_without_accents_is_seen_with_them(how: str) -> None:
    text = "Hôm nay Đức Giang Chemicals công bố nhà máy."
    assert typed_without_accents().may_hit(written(text, how))
    if how == "utf-8":
        assert typed_without_accents().lines(b"x\n" + text.encode() + b"\nx") == [(2, 2 + len(text.encode()))]
        assert not typed_without_accents().may_hit("Hôm nay Đúc Giảng Chemistry công bố nhà máy.".encode())
