"""Defines bar charts of counts over time, in three forms: inline SVG for pages, text for terminals and chats, a PNG picture for chats.

The PNG imports matplotlib when it is asked for and not before; it uses matplotlib's drawing objects directly, so it needs no window system
and changes no state of pyplot. The SVG has no script, and takes its colours from the page's style sheet.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.i18n import formats
from bot.i18n.translate import t_plain

if TYPE_CHECKING:
    from markupsafe import Markup

INCHES_WIDE = 6.0
DPI = 180
"""1080 pixels wide: a phone's screen, one to one."""


@dataclass(frozen=True, slots=True)
class ChartTheme:
    """Colours."""

    paper: str
    ink: str
    faint: str
    bar: str
    last: str


LIGHT = ChartTheme(paper="#ffffff", ink="#1c1e21", faint="#8a8f98", bar="#9db8d9", last="#1f6fc4")
DARK = ChartTheme(paper="#17212b", ink="#f1f3f5", faint="#7d8b99", bar="#3d5a7a", last="#6ab3f3")


def bar_chart_png(
    counts: Mapping[str, Sequence[int]], days: Sequence[date], *, language: str = "en", dark: bool = False, title: str = ""
) -> bytes:
    """A PNG with one row of bars for each entity that has any; `counts` by name, one number for each of `days`.

    Raises ValueError when there is nothing to draw and ImportError when matplotlib is not installed.
    """
    shown = {name: row for name, row in counts.items() if any(row)}
    if not shown or not days:
        raise ValueError("nothing was found in these days")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    theme = DARK if dark else LIGHT
    figure = Figure(figsize=(INCHES_WIDE, 0.7 + 1.25 * len(shown)), dpi=DPI, facecolor=theme.paper, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title or t_plain(language, "chart"), color=theme.ink, fontsize=15, fontweight="bold")
    for at, (axes, (name, row)) in enumerate(zip(figure.subplots(len(shown), 1, squeeze=False)[:, 0], shown.items(), strict=True)):
        _bars(axes, name, row, days, theme, language, dates=at == len(shown) - 1)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=theme.paper)
    return out.getvalue()


def _bars(axes: object, name: str, row: Sequence[int], days: Sequence[date], theme: ChartTheme, language: str, *, dates: bool) -> None:  # noqa: PLR0917
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    colours = [theme.bar] * (len(row) - 1) + [theme.last]
    bars = axes.bar(range(len(row)), row, color=colours, width=0.78)
    axes.bar_label(bars, labels=[str(n) if n else "" for n in row], color=theme.ink, fontsize=10, padding=1)
    axes.set_title(f"{name}  {sum(row)}", loc="left", color=theme.ink, fontsize=13)
    axes.set_facecolor(theme.paper)
    axes.set_ylim(0, max(row) * 1.3)
    axes.set_yticks([])
    axes.set_xlim(-0.6, len(row) - 0.4)
    step = max(1, len(days) // 7)
    ticks = range((len(days) - 1) % step, len(days), step)
    axes.set_xticks(list(ticks), [formats.day_of_month(language, days[tick]) if dates else "" for tick in ticks])
    axes.tick_params(colors=theme.faint, labelsize=10, length=0)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.faint)




def bar_chart_text(counts: Sequence[int], width: int = 40) -> list[str]:
    """One bar of block characters for each count, in steps of an eighth of a character; the largest is `width` characters long."""
    largest = max(counts, default=0)
    bars = []
    for count in counts:
        whole, eighths = divmod(round(count * width * 8 / largest) if largest else 0, 8)
        bars.append("█" * whole + (" ▏▎▍▌▋▊▉"[eighths] if eighths else ""))
    return bars


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of an SVG chart."""

    label: str
    """Under the bar; short."""
    name: str
    """Shown when a pointer rests on the bar."""
    count: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Sizes of an SVG chart, in its own units: the whole, and the space above and below the bars."""

    width: int
    height: int
    above: int
    below: int


_LARGE = _Drawing(width=640, height=130, above=20, below=22)
_COMPACT = _Drawing(width=300, height=80, above=4, below=14)
_GAP = 0.25
"""Share of a bar's place that stays empty."""


def bar_chart_svg(bars: Sequence[Bar], caption: str, *, compact: bool = False) -> Markup:
    """The bars as an `svg` element, left to right. Screen readers say the caption and the sum.

    A large chart has a label under each bar and the count above it; its last bar is today's and has a colour of its own. A compact one has
    the labels of the first and the last bar alone, and room for many bars.
    """
    from markupsafe import Markup

    drawing = _COMPACT if compact else _LARGE
    step = drawing.width / max(1, len(bars))
    floor = drawing.height - drawing.below
    largest = max((bar.count for bar in bars), default=0) or 1
    parts = []
    for place, bar in enumerate(bars):
        height = max(2.0 if bar.count else 0.0, (floor - drawing.above) * bar.count / largest)
        last = place == len(bars) - 1
        middle = f"{(place + 0.5) * step:.1f}"
        parts += [
            Markup('<g><title>{}: {:,}</title><rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"{}/>').format(
                bar.name, bar.count, (place + _GAP / 2) * step, floor - height, step * (1 - _GAP), height,
                Markup(' class="last"') if last and not compact else "",
            ),
            Markup('<text x="{}" y="{:.1f}">{}</text>').format(middle, floor - height - 4, bar.count) if bar.count and not compact else "",
            "" if compact else Markup('<text x="{}" y="{}">{}</text>').format(middle, drawing.height - 4, bar.label),
            Markup("</g>"),
        ]  # fmt: skip
    if compact and bars:
        parts.append(Markup('<text x="0" y="{}" class="first">{}</text>').format(drawing.height - 2, bars[0].label))
    if compact and len(bars) > 1:
        parts.append(Markup('<text x="{}" y="{}" class="last">{}</text>').format(drawing.width, drawing.height - 2, bars[-1].label))
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}: {}"{}>{}</svg>').format(
        drawing.width, drawing.height, caption, sum(bar.count for bar in bars), Markup(' class="compact"') if compact else "",
        Markup("").join(parts),
    )  # fmt: skip
