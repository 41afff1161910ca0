"""Defines read_parameters: what came in a request, checked against the method's description and turned into values.

Stricter than Telegram in one thing on purpose: a parameter that the method does not have is refused, for it is always a mistake.
"""

from __future__ import annotations

import json
from typing import Any

from tests.support.bot_api.methods import METHODS, TYPES


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The request gets this status and description."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        self.status, self.description, self.parameters = status, description, parameters
        super().__init__(description)


def fields_of(description: str) -> dict[str, tuple[tuple[str, ...], bool]]:
    """`name!:type|type …` as name → (types, required)."""
    found: dict[str, tuple[tuple[str, ...], bool]] = {}
    for one in description.split():
        name, _, types = one.partition(":")
        found[name.removesuffix("!")] = (tuple(types.split("|")), name.endswith("!"))
    return found


def read_parameters(method: str, given: dict[str, Any]) -> dict[str, Any]:
    """`given` (texts of a form, or JSON values; files as (name, bytes)) as typed values. Raises Refused."""
    known = fields_of(METHODS[method])
    for name in given:
        if name not in known:
            raise Refused(400, f"Bad Request: unknown parameter {name!r} of {method}")
    values: dict[str, Any] = {}
    for name, (types, required) in known.items():
        if name not in given:
            if required:
                raise Refused(400, _missing(name))
            continue
        values[name] = _value(f"{method}.{name}", types, given[name])
    return values


def _missing(name: str) -> str:
    return {"chat_id": "Bad Request: chat_id is empty", "text": "Bad Request: message text is empty"}.get(
        name, f'Bad Request: parameter "{name}" is required'
    )


def _value(where: str, types: tuple[str, ...], raw: Any) -> Any:
    for kind in types:
        ok, value = _read(where, kind, raw)
        if ok:
            return value
    raise Refused(400, f"Bad Request: {where}: expected {' or '.join(types)}, got {raw!r}")


def _read(where: str, kind: str, raw: Any) -> tuple[bool, Any]:
    if kind == "file":
        return isinstance(raw, tuple), raw
    if isinstance(raw, tuple):
        return False, None
    if kind == "str":
        return isinstance(raw, str), raw
    if kind == "int":
        if isinstance(raw, int) and not isinstance(raw, bool):
            return True, raw
        return (True, int(raw)) if isinstance(raw, str) and raw.removeprefix("-").isdigit() else (False, None)
    if kind == "bool":
        if isinstance(raw, bool):
            return True, raw
        return (True, raw.lower() == "true") if isinstance(raw, str) and raw.lower() in {"true", "false"} else (False, None)
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise Refused(400, f"Bad Request: can't parse {where.partition('.')[2]} JSON object") from None
    if kind.startswith("["):
        if not isinstance(raw, list):
            return False, None
        return True, [_value(f"{where}[{at}]", (kind[1:-1],), one) for at, one in enumerate(raw)]
    if not isinstance(raw, dict):
        return False, None
    if kind in TYPES:
        fields = fields_of(TYPES[kind])
        if any(name not in fields for name in raw) or any(required and name not in raw for name, (_, required) in fields.items()):
            return False, None
        return True, {name: _value(f"{where}.{name}", fields[name][0], one) for name, one in raw.items()}
    return True, raw
