"""A third language is one file: a chat that chooses it gets everything in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.i18n import translate
from bot.i18n.translate import FOLDER, load
from tests.support.chat_bot import deal, open_chat_bot
from watchers.models.problem import SENTENCES as PROBLEMS

MARKED = re.compile("«([^«»]*)»")
CODES = ("format", "language")
"""Tables that hold no sentences."""


def marked(table: dict[str, object], *names: str) -> list[str]:
    """The lines of a file whose sentences are those of `table` between « and »."""
    lines, tables = [f"[{'.'.join(names)}]"] if names else [], []
    for name, value in table.items():
        if isinstance(value, dict):
            tables += marked(value, *names, name)
        else:
            words = value if names[:1] and names[0] in CODES else f"«{value}»"
            lines.append(f"'{name}' = '''{words}'''")
    return lines + tables


@pytest.fixture
def _esperanto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """English between « and », under the code of Esperanto."""
    table = tomllib.loads((FOLDER / "en.toml").read_text("utf-8")) | {"problem": dict(PROBLEMS)}
    table["language"] = {"name": "Esperanto", "called": "eo, esperanto"}
    (tmp_path / "eo.toml").write_text("\n".join(marked(table)), "utf-8")
    monkeypatch.setattr(translate, "CATALOGS", load(FOLDER, tmp_path))


@pytest.mark.usefixtures("_esperanto")
async def test_a_chat_in_a_third_language(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path) as bot:
        chat = await bot.paired()
        question = await bot.answer(chat, "/language")
        assert question.buttons == ["English", "Esperanto", "Tiếng Việt"]
        await bot.press(question, "Esperanto")

        helped = (await bot.answer(chat, "/help")).text.splitlines()
        assert len(helped) > 15
        assert [line for line in helped if line and not MARKED.search(line)] == []

        await bot.plant(deal())
        alert = chat.last
        assert {"«Why?»", "«More»", "«Snooze rule…»"} <= set(alert.buttons)
        assert "«1 source»" in alert.text
        assert MARKED.search(alert.text.splitlines()[-1]), "the rule that matched"
        assert "«$«200 million»»" in alert.text or "«200 million»" in alert.text

        digest = (await bot.answer(chat, "/digest")).text
        assert "«Digest, " in digest.splitlines()[0]
        assert "««1 story» from «1 source»»" in digest
