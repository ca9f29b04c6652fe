# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What if
#
# Three sliders on a real day: Sunday, 7 February 1999, of a bank's telephone centre (`scenarios/bank_1999/README.md`
# says where the calls come from). Move one, and the day is simulated again with the same callers, beside the day as
# it was.
#
# > **Calls grow 20 seconds longer. When does one more agent have to be on the phones, so that service stays as it is?**
#
# The question is the bank's own: in its fourth week AHT was 193 s, after 172 s in the first three.

# %%
import io

import ipywidgets as widgets
import pandas as pd
from matplotlib.figure import Figure

import slasim as sl
from slasim.scenario.bundled import bundled

# %% [markdown]
# ## The day as it was
#
# The month's scenario, cut to one day. Volume, AHT and attendance are as uncertain as the bank's forecasts were.

# %%
bank = sl.load(bundled("bank_1999") / "bank.yaml")
day = bank.but(
    {
        "name": "Sunday, 7 February 1999",
        "start": "1999-02-07",
        "end": "1999-02-08",
        "contract.period": "day",
    }
)
SIMULATED, SEED = 60, 1
baseline = sl.simulate(day, replications=SIMULATED, seed=SEED)
baseline

# %% [markdown]
# From 08:30 to 12:00 there is more work than staff: `over` is below zero, `occupancy` above 1. That the queue does not
# grow for ever is owed to the callers who give up.

# %%
rows = pd.DataFrame(day.workload().rows).set_index("start")
rows.loc["1999-02-07 08:00":"1999-02-07 13:00"].round(2)

# %% [markdown]
# ## Three levers
#
# Functions do the work; the cells below only call them. `what_if` changes the scenario, never a file.


# %%
def what_if(agents: int = 0, volume: int = 0, aht: int = 0) -> sl.Scenario:
    """The day with so much more (or less): agents on the phones, volume in %, AHT in s."""
    # the scenario counts agents present; shrinkage takes a part of them off the phones
    present = agents / day.groups["agents"].to_phones
    changes: dict[str, str] = {"groups.agents.staffing": f"{present:+g}"}
    for queue in day.queues:
        changes[f"queues.{queue}.volume"] = f"{volume:+d}%"
        changes[f"queues.{queue}.aht"] = f"{aht:+d}s"
    return day.but(changes)


def compared(agents: int = 0, volume: int = 0, aht: int = 0) -> sl.Comparison:
    """The day as it was and the changed day, on the same callers."""
    changed = sl.simulate(what_if(agents, volume, aht), replications=SIMULATED, seed=SEED)
    return sl.Comparison(baseline, changed)


def told(comparison: sl.Comparison) -> str:
    """The answer in one line."""
    before = comparison.first.estimate("answered_in_30")
    after = comparison.second.estimate("answered_in_30")
    change = comparison.difference("answered_in_30").estimate
    return (
        f"Answered within 30 s: {after.value:.0%} instead of {before.value:.0%}, {points(change)}"
    )


def points(change: sl.Estimate) -> str:
    """A difference of service levels with its range."""
    low, high = change.low or 0.0, change.high or 0.0
    return f"{100 * change.value:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"


def drawn(comparison: sl.Comparison, name: str) -> Figure:
    """The service level by half hour, both days; half hours with fewer than 5 callers stay empty."""
    return sl.plot(comparison, "answered_in_30", labels=("as it was", name), least=5)


def pictured(comparison: sl.Comparison) -> bytes:
    """The same as a PNG, for a widget."""
    figure = drawn(comparison, "what if")
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110)
    return png.getvalue()


# %% [markdown]
# ## Move a slider
#
# Each move simulates the day anew. Below the two lines stands their difference on the same callers.

# %%
wide = {
    "style": {"description_width": "150px"},
    "layout": {"width": "480px"},
    "continuous_update": False,
    "readout_format": "+d",
}
more_agents = widgets.IntSlider(0, -4, 8, description="agents on the phones", **wide)
more_volume = widgets.IntSlider(0, -30, 30, step=5, description="volume, %", **wide)
longer_aht = widgets.IntSlider(0, -30, 60, step=5, description="AHT, seconds", **wide)
sliders = {"agents": more_agents, "volume": more_volume, "aht": longer_aht}
answer = widgets.Label()
picture = widgets.Image(format="png", layout={"max_width": "880px"})
shown: sl.Comparison = compared()


def redraw(_: object = None) -> None:
    """Simulate what the sliders say, and show it."""
    global shown
    shown = compared(**{name: slider.value for name, slider in sliders.items()})
    answer.value, picture.value = told(shown), pictured(shown)


for slider in sliders.values():
    slider.observe(redraw, names="value")
redraw()
widgets.VBox([*sliders.values(), answer, picture])

# %% [markdown]
# ## Calls grow 20 seconds longer
#
# The same as dragging the third slider.

# %%
longer_aht.value = 20
longer = told(shown)
print(longer)
drawn(shown, "AHT +20 s")

# %% [markdown]
# ## When would one more agent give it back?
#
# All day is a whole shift and more. A part of the day may do: try some, until the difference to today's service is
# surely not below zero. Whoever tries several needs fresh days for the one chosen: another seed, and more of them.


# %%
def one_more(begin: int, end: int) -> sl.Scenario:
    """AHT 20 s longer, and one agent more on the phones from hour to hour."""
    longer_calls = what_if(aht=20)
    group = day.groups["agents"]
    hour = day.grid.local.minute_of_day // 60
    extra = ((hour >= begin) & (hour < end)) / group.to_phones
    agents = (day.staffing("agents") + extra).tolist()
    present = {"agents": agents, "counts": group.counts}
    return longer_calls.but({"groups.agents.staffing": present})


def regained(begin: int, end: int) -> dict[str, object]:
    """Points of service level against today with one more agent in that part of the day."""
    changed = sl.simulate(one_more(begin, end), replications=SIMULATED, seed=SEED)
    found = sl.Comparison(baseline, changed)
    change = found.difference("answered_in_30").estimate
    return {
        "from": begin,
        "to": end,
        "hours": end - begin,
        "in 30 s": changed.estimate("answered_in_30").value,
        "points": 100 * change.value,
        "low": 100 * (change.low or 0.0),
        "high": 100 * (change.high or 0.0),
    }


parts = [(begin, end) for begin in (7, 9, 12, 17) for end in (12, 17, 24) if begin < end]
tries = pd.DataFrame([regained(*part) for part in parts]).sort_values("hours")
tries.set_index(["from", "to"]).round(3)

# %%
enough = tries[tries.low >= 0]
begin, end = (int(hour) for hour in enough.iloc[0][["from", "to"]])
fresh = sl.compare(day, one_more(begin, end), replications=200, seed=2)
regained_fresh = fresh.difference("answered_in_30").estimate
lost = shown.difference("answered_in_30").estimate
print(f"""\
Decision: if calls grow 20 s longer, one more agent on the phones from {begin:02d}:00 to {end:02d}:00.
Without: {points(lost)}, against today.
With, on 200 fresh days: {points(regained_fresh)}.
It costs {end - begin} agent hours on such a day; one more all day would cost {tries.hours.max()}.""")

# %% [markdown]
# The sliders tell the same: one more all day is more than enough, none is not.

# %%
assert regained_fresh.low >= 0
more_agents.value = 1
print(answer.value)
assert shown.difference("answered_in_30").estimate.low >= 0
more_agents.value = 0
print(answer.value)
assert shown.difference("answered_in_30").estimate.high < 0
assert answer.value == longer
