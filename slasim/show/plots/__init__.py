"""Pictures of results: one call, one figure.

    plot(result)                       a metric by half hour (or by time of day), its band, actual values as dots
    plot(comparison)                   both scenarios, and below them the difference on the same callers
    plot(offer, "levers")              of a Recommendation: chance, frontier, credits, levers or steps (`offers.py`)
    plot(drafts)                       of drafts of a contract
    plot(..., to="service_level.svg")  written by a temporary file, so that nothing is left half written

Pictures read well on paper, in grey and for the colour-blind: what differs in colour differs in shape or dashes too.
No pyplot and no global state: a figure belongs to whoever asked for it. This file computes no numbers
(``cells.py`` does) and knows only result types.
"""

from __future__ import annotations

import io
import tempfile
import textwrap
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from slasim.arrays import Floats
from slasim.errors import InputError, Problem, did_you_mean
from slasim.planner.drafts import Drafts
from slasim.planner.offer import Recommendation
from slasim.show import cells
from slasim.show.cells import Cells, Grid, Series
from slasim.study import Comparison, Result, measures
from slasim.study.measures import Asked

__all__ = ["Picture", "plot"]

BLUE, BAND, INK, GREY, PALE = "#0072B2", "#C6DDEE", "#1A1A1A", "#5F5F5F", "#DDDDDD"
"""Blue after Okabe and Ito's palette for the colour-blind; all else is grey."""

WIDTH = 8.0
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "text.color": INK,
    "svg.hashsalt": "slasim",  # the same picture is the same bytes
    "svg.fonttype": "path",
}
_PLURAL = {"day": "days", "week": "weeks", "month": "months", "run": "runs"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Picture(Figure):
    """A matplotlib Figure that shows itself in a notebook, also where pyplot was never imported."""

    def _repr_png_(self) -> bytes:
        return _bytes(self, "png")


def plot(thing: Result | Comparison | Recommendation | Drafts, metric: str | None = None, *, by: str | None = None,
         queue: str | None = None, days: Any = None, actual: Any = None,
         band: Literal["spread", "mean"] = "spread", labels: tuple[str, str] | None = None,
         least: float = 1.0, title: str | None = None, to: str | Path | None = None,
         **settings: Any) -> Picture:  # fmt: skip
    """A picture of a Result or a Comparison, of an offer or of drafts.

    ``metric`` and further settings (``threshold="30s"``) as in ``Result.estimate``; the scenario's first service level
    when not given. ``by``: ``interval``, ``time`` (of day, all days together) or ``day``; by default the first for up
    to two days, else the second. ``days=["sun", "mon"]`` takes these weekdays only.
    ``actual`` (of a Result): values by cell, a mapping such as ``{"08:30": 0.71}`` or one per cell; seconds for times.
    ``band`` (of a Result): ``spread``, in which 95 of 100 simulated months (or days) lie, or ``mean``, the
    range of the mean. ``labels`` names the two scenarios of a Comparison. Cells with less than ``least`` contacts
    stay empty.
    Of a Recommendation ``metric`` names the picture: chance (the default), frontier, credits, levers, steps; of it and
    of drafts nothing else but ``title`` and ``to`` is asked.
    ``to`` writes the picture as .png or .svg. Raises InputError for what does not exist or cannot be written.
    """
    target = None if to is None else _checked(Path(to))
    with rc_context(STYLE):
        if isinstance(thing, Result):
            if labels is not None:
                raise InputError([Problem("labels belong to a Comparison", path="labels")])
            figure = _result(thing, metric, by, queue, days, actual, band, least, title, settings)
        elif isinstance(thing, Comparison):
            if actual is not None:
                raise InputError(
                    [Problem("a Comparison has no actual values", "Plot a Result.", path="actual")]
                )
            figure = _comparison(thing, metric, by, queue, days, labels, least, title, settings)
        elif isinstance(thing, Recommendation | Drafts):
            from slasim.show.plots.offers import draft_picture, offer_picture

            if isinstance(thing, Recommendation):
                figure = offer_picture(thing, metric, title)
            else:
                figure = draft_picture(thing, title)
        else:
            raise InputError(
                [
                    Problem(
                        f"nothing to plot in a {type(thing).__name__}",
                        "Give a Result, a Comparison, a Recommendation or Drafts.",
                    )
                ]
            )
    if target is not None:
        _write(figure, target)
    return figure


# ------------------------------------------------------------------ the two pictures


def _result(result: Result, metric: str | None, by: str | None, queue: str | None, days: Any,
            actual: Any, band: str, least: float, title: str | None,
            settings: dict[str, Any]) -> Picture:  # fmt: skip
    asked = measures.ask(result.scenario, metric or cells.default_metric(result), queue, **settings)
    grid = cells.grid_of(result, by, days)
    shown = cells.placed(result, asked, grid, band=band, least=least)
    (series,) = shown.series
    figure = _figure(3.9)
    axes = _axes(figure, bottom=0.8, height=2.2)
    scale = _scale(asked)
    _draw(axes, grid, series, scale, BLUE, BAND, "-", "predicted")
    if actual is not None:
        unit = 100.0 if asked.measure.unit == "share" else 1.0
        dots = np.where(np.isnan(series.value), np.nan, cells.actual_of(grid, actual) * unit)
        middle = (grid.edges[:-1] + grid.edges[1:]) / 2
        axes.plot(
            middle, dots, "o", color=INK, markersize=4, markeredgecolor="white",
            markeredgewidth=0.6, label="actual", zorder=5,
        )  # fmt: skip
    _target(axes, cells.promised_target(result, asked), scale)
    _scales(axes, shown, asked)
    _words(figure, axes, title or result.scenario.name, _subtitle(asked, queue, grid))
    _caption(figure, _result_caption(result, shown, actual is not None, least))
    return figure


def _comparison(both: Comparison, metric: str | None, by: str | None, queue: str | None, days: Any,
                labels: tuple[str, str] | None, least: float, title: str | None,
                settings: dict[str, Any]) -> Picture:  # fmt: skip
    name = metric or cells.default_metric(both.first)
    one, other = (
        measures.ask(r.scenario, name, queue, **settings) for r in (both.first, both.second)
    )
    grid = cells.grid_of(both.first, by, days)
    shown = cells.compared(both, one, other, grid, least=least)
    first, second, change = shown.series
    names = labels or _names(both)
    figure = _figure(5.4)
    upper = _axes(figure, bottom=2.4, height=2.1)
    lower = _axes(figure, bottom=0.8, height=1.2, share=upper)
    scale = _scale(one)
    _draw(upper, grid, first, scale, GREY, PALE, "--", names[0])
    _draw(upper, grid, second, scale, BLUE, BAND, "-", names[1])
    _target(upper, cells.promised_target(both.first, one), scale)
    _scales(upper, shown, one)
    upper.tick_params(labelbottom=False)
    lower.axhline(0, color=GREY, linewidth=0.8)
    _draw(lower, grid, change, scale, BLUE, BAND, "-", "difference")
    lower.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    unit = {"share": ", points", "time": ", s"}.get(one.measure.unit, "")
    lower.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _signed(y)))
    _room_around_zero(lower, change, scale)
    _time_axis(lower, shown)
    lower.set_title(f"difference{unit}", loc="left", fontsize=9, color=GREY, pad=4)
    lower.grid(axis="y", color=PALE, linewidth=0.6)
    _words(figure, upper, title or both.first.scenario.name, _subtitle(one, queue, grid))
    _caption(figure, _comparison_caption(both, shown, least))
    return figure


def _names(both: Comparison) -> tuple[str, str]:
    first, second = both.first.scenario.name, both.second.scenario.name
    return (first, second) if first != second else ("as it was", "changed")


# ------------------------------------------------------------------ what both are made of


def _figure(height: float) -> Picture:
    figure = Picture(figsize=(WIDTH, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _axes(figure: Picture, *, bottom: float, height: float, share: Axes | None = None) -> Axes:
    """A panel, placed in inches from below."""
    tall = figure.get_figheight()
    return figure.add_axes((0.085, bottom / tall, 0.885, height / tall), sharex=share)


_SIGN = {100.0: " %", 0.001: " s", 1.0: ""}
"""What stands behind a number, by its scale."""


def _scale(asked: Asked) -> float:
    """From shares to percent, from ms to seconds; plain numbers as they are."""
    return {"share": 100.0, "time": 0.001}.get(asked.measure.unit, 1.0)


def _draw(axes: Axes, grid: Grid, series: Series, scale: float, colour: str, shade: str,
          dashes: str, label: str) -> None:  # fmt: skip
    """A stepped line, as wide as its cells, on its band."""
    known = ~np.isnan(series.low)
    if known.any():
        for begin, end in _stretches(known):
            axes.stairs(
                series.high[begin:end] * scale, grid.edges[begin : end + 1],
                baseline=series.low[begin:end] * scale, fill=True, color=shade, linewidth=0, zorder=1,
            )  # fmt: skip
    told = False
    for begin, end in _stretches(~np.isnan(series.value)):
        axes.stairs(
            series.value[begin:end] * scale, grid.edges[begin : end + 1], baseline=None,
            color=colour, linewidth=1.7, linestyle=dashes, zorder=3, label=None if told else label,
        )  # fmt: skip
        told = True


def _stretches(known: Any) -> list[tuple[int, int]]:
    """(first, one beyond the last) of each run of True.

    >>> _stretches([True, True, False, True])
    [(0, 2), (3, 4)]
    """
    turns = np.flatnonzero(np.diff(np.concatenate(([0], np.asarray(known, np.int8), [0]))))
    return [(int(a), int(b)) for a, b in turns.reshape(-1, 2)]


def _target(axes: Axes, target: float | None, scale: float) -> None:
    if target is not None:
        axes.axhline(
            target * scale, color=INK, linewidth=0.9, linestyle=":", zorder=2,
            label=f"target {_number(target * scale)}{_SIGN[scale]}",
        )  # fmt: skip


def _scales(axes: Axes, shown: Cells, asked: Asked) -> None:
    if asked.measure.unit == "share":
        top = 100.0
        if asked.measure.better == "lower":  # abandonment of 5 % is not read off a scale to 100 %
            highest = np.nanmax([np.nanmax(np.append(_ends(s), 0.01)) for s in shown.series[:2]])
            top = min(100.0, 100 * float(highest) * 1.15)
        axes.set_ylim(0, top)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g} %"))
    else:
        axes.set_ylim(bottom=0)
        sign = _SIGN[_scale(asked)]
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}{sign}"))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    _time_axis(axes, shown)


def _ends(series: Series) -> Floats:
    return np.concatenate((series.value, series.low, series.high))


def _room_around_zero(axes: Axes, change: Series, scale: float) -> None:
    ends = np.append(_ends(change)[~np.isnan(_ends(change))], 0.0) * scale
    low, high = float(ends.min()), float(ends.max())
    room = 0.08 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)


def _signed(y: float) -> str:
    return "0" if y == 0 else f"{y:+g}".replace("-", "\N{MINUS SIGN}")


def _time_axis(axes: Axes, shown: Cells) -> None:
    """Local times at the edges of cells, as many as can be read; no wider than there is something to see."""
    grid = shown.grid
    filled = np.flatnonzero(~np.isnan(shown.series[0].value))
    first, last = (filled[0], filled[-1]) if filled.size else (0, len(grid.labels) - 1)
    begin, end = float(grid.edges[first]), float(grid.edges[last + 1])
    if grid.by == "day":
        step = max(1, -(-len(grid.labels) // 8))
        days = range(0, len(grid.labels), step)
        axes.set_xticks([k + 0.5 for k in days], [_date(grid.labels[k]) for k in days])
    elif grid.by == "time":
        hours = _whole_hours(begin, end)
        axes.set_xticks(hours, [f"{h:02d}:00" for h in hours])
    else:
        _interval_ticks(axes, grid, end - begin)
    axes.tick_params(length=3)
    axes.set_xlim(begin, end)


def _whole_hours(begin: float, end: float) -> list[int]:
    """At most ten whole hours, evenly apart.

    >>> _whole_hours(6.5, 24)
    [8, 10, 12, 14, 16, 18, 20, 22, 24]
    """
    step = _hours_apart(end - begin)
    return [h for h in range(int(np.ceil(begin)), int(end) + 1) if h % step == 0]


def _hours_apart(span: float) -> int:
    return next((s for s in (1, 2, 3, 4, 6) if span / s <= 10), 12)


def _interval_ticks(axes: Axes, grid: Grid, wide: float) -> None:
    """Labels come from the local time of each interval, so they hold on days when the clocks change."""
    whole = [k for k, text in enumerate(grid.labels) if text[14:16] == "00"] or [0]
    span = float(grid.edges[-1] - grid.edges[0])
    if span <= 49:
        step = _hours_apart(wide)
        chosen = [k for k in whole if int(grid.labels[k][11:13]) % step == 0] or whole[:1]
        said = [grid.labels[k][11:16] for k in chosen]
        dates = {grid.labels[k][:10] for k in chosen}
        if len(dates) > 1:
            seen: set[str] = set()
            for place, k in enumerate(chosen):
                day = grid.labels[k][:10]
                if day not in seen:
                    said[place] += f"\n{_date(day)}"
                    seen.add(day)
    else:
        chosen = [k for k in whole if grid.labels[k][11:13] == "00"]
        step = max(1, -(-len(chosen) // 8))
        chosen = chosen[::step]
        said = [_date(grid.labels[k]) for k in chosen]
    places = [float(grid.edges[k]) for k in chosen]
    if span <= 49 and float(grid.edges[-1]) % 24 == 0:
        places, said = [*places, float(grid.edges[-1])], [*said, "24:00"]
    axes.set_xticks(places, said)


def _date(text: str) -> str:
    """`1999-02-07` as `Sun 7 Feb`."""
    day = np.datetime64(text[:10])
    weekday = (int(day.astype(np.int64)) + 3) % 7
    return f"{_DAYS[weekday]} {int(text[8:10])} {_MONTHS[int(text[5:7]) - 1]}"


def _words(figure: Picture, axes: Axes, title: str, subtitle: str) -> None:
    tall = figure.get_figheight()
    left = 0.02
    figure.text(left, 1 - 0.16 / tall, title, fontsize=12, fontweight="bold", va="top")
    figure.text(left, 1 - 0.42 / tall, subtitle, fontsize=9, color=GREY, va="top")
    handles, names = axes.get_legend_handles_labels()
    if len(names) > 1:
        axes.legend(
            handles, names, loc="lower left", bbox_to_anchor=(-0.008, 1.0), ncols=len(names),
            frameon=False, borderaxespad=0.2, handlelength=1.8, columnspacing=1.6, fontsize=9,
        )  # fmt: skip


def _subtitle(asked: Asked, queue: str | None, grid: Grid) -> str:
    parts = [asked.measure.text]
    if queue is not None:
        parts.append(queue)
    if grid.days is not None:
        parts.append(_days_said(grid.days))
    if grid.by == "interval" and len({label[:10] for label in grid.labels}) == 1:
        parts.append(_date(grid.labels[0]) + f" {grid.labels[0][:4]}")
    parts.append({"time": "by time of day", "day": "by day", "interval": "by interval"}[grid.by])
    return ", ".join(parts)


def _days_said(days: tuple[str, ...]) -> str:
    """`Sun-Thu` where they follow each other round the week, else all by name.

    >>> _days_said(("mon", "tue", "wed", "thu", "sun"))
    'Sun-Thu'
    """
    at = {cells.WEEK.index(day) for day in days}
    begins = [k for k in sorted(at) if (k - 1) % 7 not in at]
    if len(begins) == 1 and len(at) > 2:
        return f"{_DAYS[begins[0]]}-{_DAYS[(begins[0] + len(at) - 1) % 7]}"
    return ", ".join(_DAYS[k] for k in sorted(at))


def _result_caption(result: Result, shown: Cells, dots: bool, least: float) -> str:
    runs, word = result.replications, simulated_word(result)
    said = f"Line: mean of {runs:,} simulated {word if runs > 1 else word.rstrip('s')}. "
    if runs > 1 and shown.band == "spread":
        said += f"Band: {100 * result.level:g} of 100 simulated {word} lie in it at any one time, "
        said += (
            "with the doubt that the scenario states. " if _doubted(result) else "chance alone. "
        )
    elif runs > 1:
        said += f"Band: range of the mean, {100 * result.level:g} % sure. "
    if dots:
        said += "Dots: what really happened. "
    return said + _left_out(shown, least)


def _comparison_caption(both: Comparison, shown: Cells, least: float) -> str:
    runs, word = both.replications, simulated_word(both.first)
    said = f"Means of {runs:,} simulated {word}, the same callers in both. "
    if runs > 1:
        said += (
            f"Bands: range of the mean and of the paired difference, {100 * both.first.level:g} % sure; "
            "where the lower band misses 0, the difference is no luck. "
        )
    return said + _left_out(shown, least)


def simulated_word(result: Result) -> str:
    return _PLURAL[cells.simulated(result)]


def _doubted(result: Result) -> bool:
    return result.scenario.demand is not None


def _left_out(shown: Cells, least: float) -> str:
    if not shown.left_out:
        return ""
    some = "1 time is" if shown.left_out == 1 else f"{shown.left_out} times are"
    return f"{some} left out: fewer than {_number(least)} contacts."


def _caption(figure: Picture, text: str) -> None:
    tall = figure.get_figheight()
    wrapped = "\n".join(textwrap.wrap(text.strip(), 122))
    figure.text(0.02, 0.14 / tall, wrapped, fontsize=8, color=GREY, va="bottom", linespacing=1.35)


def _number(x: float) -> str:
    return f"{x:.6g}"


# ------------------------------------------------------------------ to a file


def _checked(path: Path) -> Path:
    if path.suffix.lower() not in (".png", ".svg"):
        raise InputError(
            [
                Problem(
                    f"{path.name} is no kind of picture",
                    did_you_mean(path.suffix, [".png", ".svg"]),
                )
            ]
        )
    if not path.parent.is_dir():
        raise InputError([Problem(f"there is no folder {path.parent}", file=str(path))])
    return path


def _bytes(figure: Figure, kind: str) -> bytes:
    """The picture as it would stand in a file; nothing in it depends on the day or the machine."""
    stream = io.BytesIO()
    metadata: dict[str, Any] = {"Software": None} if kind == "png" else {"Date": None}
    with rc_context(STYLE):
        figure.savefig(stream, format=kind, dpi=150, metadata=metadata)
    return stream.getvalue()


def _write(figure: Figure, path: Path) -> None:
    content = _bytes(figure, path.suffix.lower()[1:])
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.stem}-", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as why:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise InputError(
            [Problem(f"cannot be written: {why.strerror or why}", file=str(path))]
        ) from None
