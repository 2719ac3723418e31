"""Inline SVG figures by matplotlib: the same data give the same bytes, and colours follow the page's light or dark.

Belongs here: drawing. Does not belong here: what is drawn. matplotlib's object interface only; no global state of
pyplot.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

# Stand-ins that are replaced by the page's own colours.
_INK, _BAR, _SECOND, _LINE = "#010203", "#040506", "#070809", "#0a0b0c"
_COLOURS = {_INK: "currentColor", _BAR: "var(--bar)", _SECOND: "var(--bar-2)", _LINE: "var(--line)"}
_GROUPS = tuple(f"#0b{n:02x}0c" for n in range(1, 13))
_COLOURS |= {stand_in: f"var(--g{n})" for n, stand_in in enumerate(_GROUPS, start=1)}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")
_WIDTH = 4.4
_RC: dict[Any, Any] = {"svg.fonttype": "none", "font.size": 10, "text.color": _INK, "axes.labelcolor": _INK,
       "xtick.color": _INK, "ytick.color": _INK, "axes.edgecolor": _LINE, "font.family": ["DejaVu Sans"]}


def bars(name: str, labels: Sequence[str], values: Sequence[float], axis: str) -> str:
    """Horizontal bars, first on top, each with its number."""
    import matplotlib

    with matplotlib.rc_context({**_RC, "svg.hashsalt": name}):
        canvas, axes = _canvas(0.7 + 0.27 * len(labels))
        places = range(len(labels))
        axes.barh(places, values, color=_BAR, height=0.62)
        axes.set_yticks(places, labels)
        axes.invert_yaxis()
        greatest = max(values, default=1) or 1
        axes.set_xlim(0, greatest * 1.16)
        for place, value in zip(places, values, strict=True):
            axes.text(value + greatest * 0.012, place, f"{value:,.0f}", va="center", fontsize=9)
        axes.tick_params(length=0)
        axes.set_xticks([])
        axes.set_xlabel(axis)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        return _svg(canvas, name)


def histograms(name: str, edges: Sequence[float], series: Sequence[tuple[str, Sequence[int]]], axis: str,
               count: str = "records") -> str:
    """One small histogram above another, over the same bins.

    Args:
        edges: bin edges, one more than values.
        series: (title, records per bin).
    """
    import matplotlib
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context({**_RC, "svg.hashsalt": name}):
        canvas, grid = _canvas(0.5 + 1.65 * len(series), rows=len(series))
        places = range(len(edges) - 1)
        for number, (axes, (title, values)) in enumerate(zip(grid, series, strict=True)):
            axes.bar(places, values, width=0.92, color=_BAR if number == 0 else _SECOND)
            axes.set_title(title, fontsize=10, loc="left")
            axes.set_ylabel(count)
            axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
            axes.set_xticks(places, [_edge(low, high) for low, high in pairwise(edges)],
                            rotation=45, ha="right", fontsize=8)
            axes.tick_params(length=0)
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_axisbelow(True)
            axes.grid(axis="y", color=_LINE, linewidth=0.6)
        grid[-1].set_xlabel(axis)
        return _svg(canvas, name)


def scatter(name: str, places: Sequence[Sequence[float]], groups: Sequence[int], labels: Sequence[str]) -> str:
    """Points in the plane by group; the number of each group stands in the middle of it, the legend says its label.

    Args:
        places: x and y between -1 and 1.
        groups: group of each point.
        labels: of the groups; told apart by colour, by marker and by number.
    """
    import matplotlib

    with matplotlib.rc_context({**_RC, "svg.hashsalt": name}):
        canvas, axes = _canvas(4.3 + 0.24 * len(labels))
        for number, label in enumerate(labels):
            inside = [place for place, group in zip(places, groups, strict=True) if group == number]
            axes.plot([x for x, _ in inside], [y for _, y in inside], linestyle="", marker=_MARKERS[number % 12],
                      markersize=4.5, markeredgewidth=0, color=_GROUPS[number % 12], alpha=0.75,
                      label=f"{number + 1}  {label}", gid=f"{name}-group-{number + 1}")
        for number in range(len(labels)):
            inside = [place for place, group in zip(places, groups, strict=True) if group == number]
            x, y = (sorted(axis)[len(inside) // 2] for axis in zip(*inside, strict=True))
            axes.text(x, y, str(number + 1), fontsize=13, fontweight="bold", ha="center", va="center")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[["top", "right", "bottom", "left"]].set_color(_LINE)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False, fontsize=9, handletextpad=0.3)
        return _svg(canvas, name)


def _edge(low: float, high: float) -> str:
    if high == float("inf"):
        return f"{low:g}+"
    return f"{low:g}\u2013{high - 1:g}" if float(high).is_integer() and high > 1 else f"{low:g}\u2013{high:g}"


def _canvas(height: float, rows: int = 1) -> tuple[Canvas, Any]:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(_WIDTH, height), layout="constrained")
    return canvas, canvas.subplots(rows) if rows == 1 else list(canvas.subplots(rows))


def _svg(canvas: Canvas, name: str) -> str:
    raw = io.StringIO()
    canvas.savefig(raw, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = raw.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg"):], flags=re.S)
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>',
                 r'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="\1" focusable="false" aria-hidden="true">',
                 svg, count=1)
    # Several figures share one page: ids must differ between them.
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'url\(#', f"url(#{name}-", svg)
    svg = re.sub(r'xlink:href="#', f'xlink:href="#{name}-', svg)
    svg = svg.replace("'DejaVu Sans'", "sans-serif")
    for stand_in, colour in _COLOURS.items():
        svg = svg.replace(stand_in, colour)
    return svg
