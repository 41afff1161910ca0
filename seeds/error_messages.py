"""Converts pydantic errors to messages for users: the key, the expected and the actual value, and the nearest known word.

Only texts: nothing is read or checked here. `bot.config` uses the same functions for its own errors.
"""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_TYPES = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list, like [\"…\"]",
    "list_type": "a list, like [\"…\"]",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def suggest_spelling(word: str, known: Iterable[str]) -> str:
    """Returns `; did you mean "…"?` with the nearest of `known`, or "" if none is near."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6) or [name for name in names if name.lower() == word.lower()]
    return f'; did you mean "{near[0]}"?' if near else ""


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """Returns the message for an unknown name: `unknown entity "nvida"; did you mean "nvidia"?`, or with a list of known names."""
    names = sorted(known)
    hint = suggest_spelling(word, names)
    if not hint and names:
        hint = "; known: " + ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    return f'unknown {what} "{word}"{hint}'


def describe(error: ValidationError, model: type[BaseModel]) -> list[tuple[str, str]]:
    """Returns each problem of `error` as (key path, one-line message). The path is "" for the entry itself; `[2]` is a list index."""
    return [(key_path(details["loc"]), _sentence(details, model)) for details in error.errors(include_url=False)]


def key_path(location: Iterable[int | str]) -> str:
    """Returns `names[2].case` for `("names", 2, "case")`. List indexes count from 0."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else part)
    return path


def shown(value: object) -> str:
    """Returns a value as it is written in the file, cut so that the message stays one line."""
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"


def _sentence(details: ErrorDetails, model: type[BaseModel]) -> str:
    kind, value = details["type"], details["input"]
    context: Mapping[str, Any] = details.get("ctx") or {}
    expected = _TYPES.get(kind)
    if kind == "extra_forbidden":
        fields = sorted(_fields_at(model, details["loc"][:-1]))
        return "unknown key" + (suggest_spelling(str(details["loc"][-1]), fields) or "; expected one of " + ", ".join(fields))
    if kind == "literal_error":
        expected = str(context["expected"]).replace("'", '"')
    elif kind == "string_pattern_mismatch":
        expected = f"{'letters' if 'A-Z' in str(context['pattern']) else 'small letters'}, digits and hyphens"
    elif kind == "string_too_short":
        expected = "some text"
    if expected:
        return f"expected {expected}, found {shown(value)}"
    if kind == "too_short":
        return "expected at least one"
    message = details["msg"].removeprefix("Value error, ").replace("\n", " ")
    return "missing" if kind == "missing" else message[:1].lower() + message[1:]


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> set[str]:
    """Returns the keys allowed at `location` inside a model, also inside lists and optional values."""
    nested: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, str) and nested is not None and part in nested.model_fields:
            nested = _model_in(nested.model_fields[part].annotation)
    return set(nested.model_fields) if nested is not None else set()


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Returns the first model inside an annotation such as `tuple[Name, ...] | None`; None if there is none."""
    arguments = typing.get_args(annotation)
    if not arguments:
        return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    for argument in arguments:
        model = _model_in(argument)
        if model is not None:
            return model
    return None
