"""Languages are files; a third one is one more file."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from bot.i18n.translate import CATALOGS, FOLDER, Markup, languages, load, t, t_plain
from tests.support.bot_api.entities import parse_html
from watchers.models.problem import SENTENCES

PROBLEMS = "\n".join(f"'{code}' = '''{sentence}'''" for code, sentence in SENTENCES.items())
ENGLISH = f"{(FOLDER / 'en.toml').read_text('utf-8')}\n[problem]\n{PROBLEMS}\n"


def slots(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("lang", languages())
def test_every_sentence_is_html_that_telegram_takes_with_any_argument(lang: str) -> None:
    for key, sentence in CATALOGS[lang].sentences.items():
        text, _ = parse_html(t(lang, key, **dict.fromkeys(slots(sentence), "A & <b>B")))
        assert "A & <b>B" in text or not slots(sentence), key
    assert t("en", "watch_line", name=Markup("<b>x</b>"), count=3) == "<b>x</b>: 3"


def test_plain_text_is_not_escaped_but_cleaned() -> None:
    assert t("en", "latest_none", name="R&D\n") == "Nothing about R&amp;D so far."
    assert t_plain("en", "latest_none", name="R&D\n") == "Nothing about R&D so far."


def test_plural_forms_follow_the_language() -> None:
    assert [t_plain("en", "sources", n=n) for n in (0, 1, 2)] == ["0 sources", "1 source", "2 sources"]
    assert [t_plain("vi", "sources", n=n) for n in (0, 1, 2)] == ["0 nguồn", "1 nguồn", "2 nguồn"]


def test_an_unknown_language_is_english_and_an_unknown_key_an_error() -> None:
    assert t_plain("xx", "sources", n=2) == "2 sources"
    with pytest.raises(KeyError):
        t("en", "no such key")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('help_admin_only = "(admin)"\n', "", "key 'help_admin_only' is missing"),
        ('help_admin_only = "(admin)"\n', 'help_admin_only = "(admin)"\nextra = ""\n', "key 'extra' is unknown"),
        ("I do not know {command}.", "I do not know that.", "the slots of 'unknown_command' are not ['command']"),
        ('one = "1 source", ', "", "the forms of 'sources' are not ['one', 'other']"),
        ('other = "{n} stories"', 'other = "stories"', "the slots of 'stories' are not ['n']"),
    ],
)
def test_a_file_that_lacks_something_is_refused(tmp_path: Path, before: str, after: str, problem: str) -> None:
    assert before in ENGLISH
    (tmp_path / "eo.toml").write_text(ENGLISH.replace(before, after), "utf-8")
    with pytest.raises(ValueError, match=r"eo\.toml") as error:
        load(FOLDER, tmp_path)
    assert str(error.value) == f"eo.toml: {problem}"


def test_a_file_must_have_the_code_of_a_language(tmp_path: Path) -> None:
    (tmp_path / "nonsense.toml").write_text(ENGLISH, "utf-8")
    with pytest.raises(ValueError, match="'nonsense' is not the code of a language"):
        load(FOLDER, tmp_path)


def test_no_module_outside_names_a_language() -> None:
    modules = [path for path in FOLDER.parent.rglob("*.py") if path.parent != FOLDER]
    assert len(modules) > 100
    assert [path.name for path in modules if re.search("""["']vi["']""", path.read_text("utf-8"))] == []
