"""Defines `render_page`: a template of bot/web/templates and its values in, an HTML page out.

Jinja2 escapes every value (autoescape); a template that names a value it was not given fails. Templates pass text from outside through
`plain` or `clean` and addresses through `safe_url`; the only markup that comes from Python is the style sheet and the charts.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sanitize import clean, plain, safe_url

if TYPE_CHECKING:
    from jinja2 import Environment

_WEB = Path(__file__).parents[1] / "web"
STYLE_SHEET = _WEB / "style.css"
"""The only style sheet: the web view serves it, pages that stand alone hold it."""


def render_page(template: str, *, lang: str = "en", **values: object) -> str:
    """The page as text that can always be sent as UTF-8: lone surrogates become "?", NULs become U+FFFD.

    Raises jinja2.UndefinedError when the template names a value that is missing.
    """
    page = _environment().get_template(template).render(lang=lang, **values)
    return page.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from bot.render.chart import bar_chart_svg

    environment = Environment(
        loader=FileSystemLoader(_WEB / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.filters |= {"clean": clean, "plain": plain, "safe_url": safe_url}
    style_sheet = Markup(STYLE_SHEET.read_text("utf-8"))  # noqa: S704  (a file of ours)
    environment.globals |= {"bar_chart_svg": bar_chart_svg, "style_sheet": lambda: style_sheet}
    return environment
