"""Defines read_keyboard: an inline keyboard checked as Telegram checks it, with its error texts."""

from __future__ import annotations

import re
from typing import Any

from tests.support.bot_api.parameters import Refused

_ADDRESS = re.compile(r"(?:https?|tg|ton)://[^\s/?#]+\S*|[^\s/?#:@]+\.[^\s/?#:@.]{2,}\S*", re.IGNORECASE)
_KINDS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "copy_text", "pay")


def read_keyboard(markup: dict[str, Any] | None) -> list[list[dict[str, Any]]]:
    """The rows of keys; empty for any other markup. Raises Refused."""
    if not markup or "inline_keyboard" not in markup:
        return []
    rows: list[list[dict[str, Any]]] = markup["inline_keyboard"]
    if sum(len(row) for row in rows) > 100:
        raise Refused(400, "Bad Request: reply markup is too long")
    for row in rows:
        if len(row) > 8:
            raise Refused(400, "Bad Request: too many buttons in a row")
        for key in row:
            _check(key)
    return [row for row in rows if row]


def _check(key: dict[str, Any]) -> None:
    if not key["text"].strip():
        raise Refused(400, "Bad Request: can't parse inline keyboard button: Text buttons must be non-empty")
    kinds = [kind for kind in _KINDS if kind in key]
    if not kinds:
        raise Refused(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise Refused(400, f"Bad Request: an inline keyboard button has {' and '.join(kinds)}; exactly one is allowed")
    if "callback_data" in key and not 1 <= len(key["callback_data"].encode()) <= 64:
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    if "url" in key and not _ADDRESS.fullmatch(key["url"]):
        raise Refused(400, f"Bad Request: inline keyboard button URL '{key['url']}' is invalid: Wrong HTTP URL")
