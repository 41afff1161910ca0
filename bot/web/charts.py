"""Defines `bar_chart_svg`, a small bar chart as inline SVG: no script, no picture file, colours from the style sheet, read aloud by its
texts."""

from __future__ import annotations

from collections.abc import Sequence

from bot.web.html import Html, el

WIDTH, HEIGHT, FOOT, HEAD = 640, 130, 22, 20
"""Units of the drawing: the whole, the room for the names below the bars and for the counts above them."""
GAP = 0.25


def bar_chart_svg(values: Sequence[tuple[str, str, int]], caption: str) -> Html:
    """Bars of (short name, whole name, count), left to right; the last one is in the colour of now."""
    step = WIDTH / max(1, len(values))
    most = max((n for _, _, n in values), default=0) or 1
    room = HEIGHT - FOOT - HEAD
    drawn = []
    for at, (short, whole, n) in enumerate(values):
        height = max(2.0 if n else 0.0, room * n / most)
        middle = f"{(at + 0.5) * step:.1f}"
        drawn.append(
            el("g", el("title", f"{whole}: {n}"),
               el("rect", x=f"{(at + GAP / 2) * step:.1f}", y=f"{HEIGHT - FOOT - height:.1f}", width=f"{step * (1 - GAP):.1f}",
                  height=f"{height:.1f}", rx=2, class_="last" if at == len(values) - 1 else None),
               el("text", str(n), x=middle, y=f"{HEIGHT - FOOT - height - 4:.1f}") if n else None,
               el("text", short, x=middle, y=HEIGHT - 4))
        )  # fmt: skip
    total = sum(n for _, _, n in values)
    picture = el("svg", *drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=f"{caption}: {total}")
    return el("figure", picture, el("figcaption", f"{caption}: {total}"))
