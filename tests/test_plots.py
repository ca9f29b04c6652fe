"""Pictures: what they show is what the result says, they are written whole or not at all, and leave no global state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.patches import StepPatch

import slasim as sl
from slasim.errors import InputError
from slasim.scenario import load_text
from slasim.show import cells
from slasim.show.plots import BAND, BLUE, GREY, Picture, _days_said, _stretches, plot

CENTRE = """
name: Two days
timezone: Europe/Berlin
start: 2026-03-02
end: 2026-03-04
interval: 30min
calendars: {day: {weekly: {mon-sun: ["08:00-18:00"]}}}
queues:
  sales:
    channel: voice
    calendar: day
    arrivals: {per_hour: 40}
    aht: 240s
    patience: {exponential: {mean: 120s}}
  service:
    like: sales
    arrivals: {per_hour: 20}
groups:
  front: {takes: {sales: 1, service: 2}, staffing: 5}
metrics:
  in_20: {type: service_level, threshold: 20s}
contract: {period: day, commitments: [{metric: in_20, target: 0.80}]}
"""


def centre(text: str = CENTRE) -> sl.Scenario:
    return load_text(text)


@pytest.fixture(scope="module")
def result() -> sl.Result:
    return sl.simulate(centre(), replications=40, seed=3)


@pytest.fixture(scope="module")
def comparison() -> sl.Comparison:
    return sl.compare(
        centre(), centre().but({"groups.front.staffing": "+1"}), replications=40, seed=3
    )


def steps(figure: Picture, panel: int = 0) -> list[StepPatch]:
    return [patch for patch in figure.axes[panel].patches if isinstance(patch, StepPatch)]


def words(figure: Picture) -> str:
    """All text of a figure, each caption as one line."""
    every = [*figure.texts, *(t for axes in figure.axes for t in [*axes.texts, axes.title])]
    every += [axes.title for axes in figure.axes] + [axes._left_title for axes in figure.axes]
    for axes in figure.axes:
        legend = axes.get_legend()
        every += [] if legend is None else list(legend.get_texts())
    return " ".join(text.get_text().replace("\n", " ") for text in every)


def test_the_line_is_the_pooled_value_of_each_half_hour(result: sl.Result) -> None:
    figure = plot(result)
    table = result.table("in_20", by="interval")
    lines = [patch for patch in steps(figure) if not patch.get_fill()]
    drawn = {
        edge: v
        for p in lines
        for v, edge in zip(p.get_data()[0], p.get_data()[1][:-1], strict=True)
    }
    known = table[table.value.notna()]
    assert len(known) == 40
    expected = {0.5 * place: 100 * value for place, value in known.value.items()}
    assert drawn == pytest.approx(expected)


def test_the_band_holds_95_of_100_simulated_days(result: sl.Result) -> None:
    by_time = cells.grid_of(result, "time")
    shown = cells.placed(
        result, cells.measures.ask(result.scenario, "in_20"), by_time, band="spread", least=1
    )
    (series,) = shown.series
    above, below = result.by_period(cells.measures.ask(result.scenario, "in_20"), "interval")
    ten = [20, 20 + 48]  # 10:00 on both days
    own = above[:, ten].sum(axis=1) / below[:, ten].sum(axis=1)
    at = by_time.labels.index("10:00")
    assert series.value[at] == pytest.approx(above[:, ten].sum() / below[:, ten].sum())
    assert (series.low[at], series.high[at]) == pytest.approx(
        tuple(np.quantile(own, [0.025, 0.975]))
    )
    assert np.isnan(series.value[by_time.labels.index("07:30")])  # closed


def test_the_range_of_the_mean_is_the_tables_and_far_narrower(result: sl.Result) -> None:
    grid, asked = cells.grid_of(result, "day"), cells.measures.ask(result.scenario, "in_20")
    (mean,) = cells.placed(result, asked, grid, band="mean", least=1).series
    table = result.table("in_20", by="day")
    assert mean.low == pytest.approx(table.low.to_numpy())
    assert mean.high == pytest.approx(table.high.to_numpy())
    (spread,) = cells.placed(result, asked, grid, band="spread", least=1).series
    assert ((spread.high - spread.low) > 2 * (mean.high - mean.low)).all()


def test_two_days_go_by_interval_more_by_time_of_day(result: sl.Result) -> None:
    assert cells.grid_of(result).by == "interval"
    week = centre(CENTRE.replace("2026-03-04", "2026-03-09"))
    longer = sl.simulate(week, replications=2)
    assert cells.grid_of(longer).by == "time"
    assert cells.grid_of(longer, days=["sun"]).cell_of[-1] >= 0
    assert cells.grid_of(longer, days=["mon"]).cell_of[-1] == -1


def test_no_hole_and_no_wrong_time_where_the_clocks_change() -> None:
    """29 March 2026 in Berlin has no 02:00; 25 October has it twice."""
    for day, after, count in (("2026-03-29", "2026-03-30", 46), ("2026-10-25", "2026-10-26", 50)):
        text = CENTRE.replace("2026-03-02", day).replace("2026-03-04", after)
        made = sl.simulate(centre(text), replications=2)
        grid = cells.grid_of(made)
        assert len(grid.labels) == count
        assert np.allclose(np.diff(grid.edges), 0.5)
        assert len(cells.grid_of(made, "time").labels) == 48
        axes = plot(made).axes[0]
        ticks = [text.get_text() for text in axes.get_xticklabels()]
        assert axes.get_xlim()[0] == (count - 48) / 2 + 8  # elapsed hours at 08:00
        assert axes.get_xticks()[ticks.index("08:00")] == axes.get_xlim()[0]


def test_actual_values_are_dots_in_the_middle_of_their_half_hour(result: sl.Result) -> None:
    figure = plot(result, by="time", actual={"09:00": 0.5, "10:30": 0.25})
    dots = next(line for line in figure.axes[0].lines if line.get_label() == "actual")
    found = {x: y for x, y in zip(*dots.get_data(), strict=True) if not np.isnan(y)}
    assert found == {9.25: 50.0, 10.75: 25.0}
    assert "Dots: what really happened" in words(figure)
    with pytest.raises(InputError, match="'25:00', which is no cell"):
        plot(result, by="time", actual={"25:00": 0.5})
    with pytest.raises(InputError, match="3 actual values for 48 cells"):
        plot(result, by="time", actual=[0.5, 0.4, 0.3])


def test_the_caption_says_what_the_band_is(result: sl.Result) -> None:
    assert "95 of 100 simulated runs lie in it at any one time, chance alone" in words(plot(result))
    assert "range of the mean, 95 % sure" in words(plot(result, band="mean"))
    doubted = sl.simulate(centre().but({"demand": {"volume": {"day_cv": 0.1}}}), replications=3)
    assert "with the doubt that the scenario states" in words(plot(doubted))
    once = sl.simulate(centre(), replications=1)
    assert "Band" not in words(plot(once))


def test_both_scenarios_and_the_paired_difference(comparison: sl.Comparison) -> None:
    figure = plot(comparison, by="day", labels=("five", "six"))
    table = comparison.table("in_20", by="day")
    drawn = {}
    for panel, colour, column in ((0, GREY, "first"), (0, BLUE, "second"), (1, BLUE, "difference")):
        line = [p for p in steps(figure, panel) if not p.get_fill()
                and matplotlib.colors.same_color(p.get_edgecolor(), colour)]  # fmt: skip
        drawn[column] = np.concatenate([p.get_data()[0] for p in line])
        assert drawn[column] == pytest.approx(100 * table[column].to_numpy())
    bands = [p for p in steps(figure, 1) if p.get_fill()]
    assert np.concatenate([p.get_data()[2] for p in bands]) == pytest.approx(100 * table.low)
    assert np.concatenate([p.get_data()[0] for p in bands]) == pytest.approx(100 * table.high)
    said = words(figure)
    assert "five" in said
    assert "six" in said
    assert "difference, points" in said
    low, high = figure.axes[1].get_ylim()
    assert low < 0 < 100 * table.high.max() < high


@pytest.mark.parametrize("metric", ["abandonment_rate", "mean_wait", "asa", "aht", "occupancy"])
def test_every_metric_of_a_result_can_be_drawn(result: sl.Result, metric: str) -> None:
    axes = plot(result, metric, by="time").axes[0]
    assert axes.get_ylim()[0] == 0
    unit = " %" if metric in ("abandonment_rate", "occupancy") else " s"
    assert axes.yaxis.get_major_formatter()(10, 0) == "10" + unit


def test_cells_with_few_contacts_are_left_out_and_it_is_said(result: sl.Result) -> None:
    figure = plot(result, queue="service", least=10.0)
    assert "left out: fewer than 10 contacts" in words(figure)


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_same_picture_is_the_same_bytes(result: sl.Result, tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
    for path in paths:
        assert isinstance(plot(result, to=path), Picture)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert first.startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"one{suffix}", f"two{suffix}"]


def test_what_cannot_be_written_is_said_before_and_leaves_nothing(
    result: sl.Result, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no kind of picture"):
        plot(result, to=tmp_path / "a.jpeg")
    with pytest.raises(InputError, match="there is no folder"):
        plot(result, to=tmp_path / "nowhere" / "a.png")
    (tmp_path / "a.png").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        plot(result, to=tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"metric": "in_2O"}, "Did you mean in_20"),
        ({"by": "times"}, "Did you mean time"),
        ({"days": ["tues"]}, "Did you mean tue"),
        ({"days": ["sun"]}, "none of these days"),
        ({"band": "range"}, "no band is called"),
        ({"queue": "sale"}, "Did you mean sales"),
        ({"labels": ("a", "b")}, "labels belong to a Comparison"),
    ],
)
def test_what_does_not_exist_is_an_input_error(
    result: sl.Result, settings: dict, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        plot(result, **settings)


def test_only_results_and_comparisons_are_plotted(comparison: sl.Comparison) -> None:
    with pytest.raises(InputError, match="nothing to plot in a dict"):
        plot({})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no actual values"):
        plot(comparison, actual=[0.5])


def test_a_notebook_shows_it_without_pyplot(result: sl.Result) -> None:
    assert plot(result)._repr_png_().startswith(b"\x89PNG")


def test_no_global_state_is_touched(result: sl.Result) -> None:
    before = dict(matplotlib.rcParams)
    plot(result)
    assert dict(matplotlib.rcParams) == before
    program = "import slasim.show.plots, sys; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_words_of_weekdays() -> None:
    assert _days_said(("mon", "tue", "wed", "thu", "sun")) == "Sun-Thu"
    assert _days_said(("mon", "wed")) == "Mon, Wed"
    assert _days_said(("sat", "sun")) == "Sat, Sun"
    assert _stretches([False, True, True]) == [(1, 3)]
    assert _stretches([]) == []


def test_differences_in_colour_are_differences_in_lightness_too() -> None:
    """So that the picture can be read in print and by the colour-blind."""

    def light(colour: str) -> float:
        red, green, blue = matplotlib.colors.to_rgb(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert light(BAND) - light(BLUE) > 0.3
