"""Defines Html and `el`, by which pages are written so that nothing from outside can become markup.

A plain `str` is text and is escaped, whatever it holds; only `el` and `page` make Html. Links pass `safe_url`. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.sanitize import safe_url

_VOID = frozenset({"input", "link", "meta", "br"})


class Html(str):
    """Text that is markup already. Made by this module alone."""

    __slots__ = ()


Part = str | None | Sequence["Part"]
"""What may stand inside an element: text, Html, nothing, or several of these."""


def el(name: str, /, *inside: Part, **attributes: str | int | float | bool | None) -> Html:
    """An element. An attribute's name may end in an underscore (`class_`); others stand for hyphens; False and None leave it out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_attribute(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{_inner(inside)}</{name}>")


def link(text: Part, url: str, **attributes: str) -> Html:
    """A link out, or the text alone where the address is none that may be linked (javascript:, data:, no host)."""
    safe = safe_url(url)
    return el("a", text, href=safe, rel="noreferrer noopener", **attributes) if safe else el("span", text, **attributes)


def page(title: str, body: Part, *, head: Part = None, lang: str = "en") -> Html:
    """A whole document."""
    meta = (
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("link", rel="stylesheet", href="/style.css"),
        el("link", rel="icon", href="/icon.svg", type="image/svg+xml"),
    )
    return Html(f"<!doctype html>\n{el('html', el('head', meta, head), el('body', body), lang=lang)}\n")


def _attribute(value: str) -> str:
    return escape(_sound(value), quote=True)


def _inner(part: Part) -> str:
    if part is None:
        return ""
    if isinstance(part, str):
        return str(part) if isinstance(part, Html) else escape(_sound(part), quote=False)
    return "".join(_inner(one) for one in part)


def _sound(text: str) -> str:
    """Without lone surrogates, which have no UTF-8 form, and NULs, which HTML has no form for."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
