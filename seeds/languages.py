"""Defines the languages that seeds and matching know. The languages of messages are the files of `bot/i18n`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Language = Literal["en", "vi"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
TIME_ZONES: Mapping[str, str] = MappingProxyType({"vi": "Asia/Ho_Chi_Minh"})
"""Language → the zone of its feeds, for dates that name no zone. A language of many zones has none."""
