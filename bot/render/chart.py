"""Defines `draw`, the picture of the last days: a small bar chart for each watched entity, readable on a phone, light or dark.

Imports matplotlib when asked for a picture and not before; uses its drawing objects directly, so no window system and no state of pyplot.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.i18n import formats

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


def draw(counts: Mapping[str, Sequence[int]], days: Sequence[date], *, language: str = "en", dark: bool = False, title: str = "") -> bytes:
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
    figure.suptitle(title or formats.say(language, "chart"), color=theme.ink, fontsize=15, fontweight="bold")
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
    axes.set_xticks(list(ticks), [_day(days[tick], language) if dates else "" for tick in ticks])
    axes.tick_params(colors=theme.faint, labelsize=10, length=0)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.faint)


def _day(on: date, language: str) -> str:
    return f"{on.day}/{on.month}" if language == "vi" else formats.day(language, on).rpartition(" ")[0]


def bars(row: Sequence[int], width: int = 40) -> list[str]:
    """The same for a terminal: a bar of blocks for each number, eighths of a character fine."""
    most = max(row, default=0)
    answer = []
    for n in row:
        eighths = round(n * width * 8 / most) if most else 0
        whole, part = divmod(eighths, 8)
        answer.append("█" * whole + (" ▏▎▍▌▋▊▉"[part] if part else ""))
    return answer
