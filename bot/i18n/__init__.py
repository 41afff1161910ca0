"""Defines `say` and `word`: what the chat commands say, in English and Vietnamese. The sentences stand in en.py and vi.py, one key each.

Sentences are Telegram's HTML; whatever is filled into one is cleaned and escaped on the way, unless it is Html already. Alerts and digests
have their own short words in `bot.i18n.formats`.
"""

from __future__ import annotations

from html import escape

from bot.i18n.en import SENTENCES as EN
from bot.i18n.vi import SENTENCES as VI
from bot.sanitize import clean

SENTENCES = {"en": EN, "vi": VI}
LANGUAGES = ("en", "vi")


class Markup(str):
    """Text that is markup already: `say` puts it in as it is."""

    __slots__ = ()


def say(lang: str, key: str, /, **parts: object) -> Markup:
    """The sentence in that language (English for an unknown one), its parts filled in."""
    made = {name: part if isinstance(part, (Markup, int)) else escape(clean(str(part)), quote=False) for name, part in parts.items()}
    return Markup(_sentences(lang)[key].format(**made))


def word(lang: str, key: str, /, **parts: object) -> str:
    """The same as plain text: for buttons and the short notes over them."""
    return _sentences(lang)[key].format(**{name: part if isinstance(part, int) else clean(str(part)) for name, part in parts.items()})


def _sentences(lang: str) -> dict[str, str]:
    return SENTENCES.get(lang, EN)
