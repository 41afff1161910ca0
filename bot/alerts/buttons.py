"""Defines what stands behind buttons: a signed word of at most 64 bytes that says what was pressed, and the buttons under an alert.

`action:argument:signature`. The signature is an HMAC with this database's secret, so a button that another bot, another database or a
hand made is told from ours. Buttons outlive what they speak of: whoever reads one must expect that story or hit to be gone. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from bot.i18n.translate import t_plain
from bot.message import Button, Rows
from bot.sanitize import safe_url

CALLBACK_DATA_BYTES = 64
"""Bytes of callback data (Bot API, InlineKeyboardButton)."""
_SIGNATURE = 11
"""Characters: 66 bits, far beyond what anybody can try against a chat's flood limit."""


@dataclass(frozen=True, slots=True)
class CallbackData:
    """What a button says."""

    action: str
    argument: str

    @property
    def number(self) -> int:
        """The argument as a number, 0 when it is none."""
        return int(self.argument) if self.argument.isdigit() else 0


def button_data(secret: bytes, action: str, argument: object = "") -> str:
    """The signed word. Raises ValueError when it would be longer than a button may be."""
    said = f"{action}:{argument}"
    data = f"{said}:{_sign(secret, said)}"
    if len(data.encode()) > CALLBACK_DATA_BYTES:
        raise ValueError(f"too long for a button: {said!r}")
    return data


def read_button(secret: bytes, data: str) -> CallbackData | None:
    """What was pressed, or None for a word that this database did not sign."""
    said, _, signature = data.rpartition(":")
    action, colon, argument = said.partition(":")
    if not colon or not hmac.compare_digest(_sign(secret, said).encode(), signature.encode()):
        return None
    return CallbackData(action, argument)


def is_menu(rows: Rows) -> bool:
    """True for keys among which somebody chooses before they go back to the usual ones."""
    return any((key.data or "").startswith("back:") for row in rows for key in row)


def _sign(secret: bytes, said: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret, said.encode(), hashlib.sha256)).decode()[:_SIGNATURE]


def alert_buttons(secret: bytes, lang: str, *, story: int, hit: int, url: str) -> Rows:
    """The buttons under an alert: open, why, more · mute the story, snooze the rule · not relevant."""

    def key(label: str, action: str, argument: int) -> Button:
        return Button(t_plain(lang, label), data=button_data(secret, action, argument))

    address = safe_url(url)
    opening = (Button(t_plain(lang, "button.open"), url=address),) if address else ()
    return (
        (*opening, key("button.why", "why", hit), key("button.more", "more", story)),
        (key("button.mute", "mute", story), key("button.snooze", "snz", hit), key("button.wrong", "fb", hit)),
    )
