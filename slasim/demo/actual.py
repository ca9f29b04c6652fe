"""What really happened, from the interval report beside the scenario: counts that the usual formulas accept.

This file knows no simulation.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from slasim.arrays import Ints
from slasim.metrics.counts import ReportCounts
from slasim.metrics.ratio import ratio
from slasim.metrics.standard import ContactMetric
from slasim.scenario import Scenario

FILE = "actual.csv"
_WITHIN = "answered_within_"
_LEFT_WITHIN = "abandoned_within_"


@dataclass(frozen=True, eq=False)
class Actual:
    """(I,) sums over all call types, interval by interval of the scenario; times in seconds."""

    columns: dict[str, Ints]

    def counts(self, chosen: Any = None) -> ReportCounts:
        """The intervals as a report; with ``chosen`` (I,) bool, their sums."""
        c = self.columns
        if chosen is not None:
            c = {name: np.asarray(values[chosen].sum()) for name, values in c.items()}
        return ReportCounts(
            offered=c["offered"], answered=c["answered"], abandoned=c["abandoned"],
            answered_in=_by_threshold(c, _WITHIN), abandoned_in=_by_threshold(c, _LEFT_WITHIN),
            wait_total=(c["wait_answered_s"] + c["wait_abandoned_s"]) * 1000,
            wait_answered_total=c["wait_answered_s"] * 1000,
            handle_total=c["service_s"] * 1000,
        )  # fmt: skip

    def value(self, metric: ContactMetric, chosen: Any) -> float:
        """The metric over the chosen intervals together."""
        return float(ratio(*metric.parts(self.counts(chosen))))

    def by_interval(self, metric: ContactMetric) -> tuple[Ints, Ints]:
        """Numerator and denominator, (I,) each."""
        above, below = metric.parts(self.counts())
        return above, below


def _by_threshold(columns: dict[str, Ints], prefix: str) -> dict[int, Ints]:
    return {
        int(name.removeprefix(prefix).removesuffix("s")) * 1000: values
        for name, values in columns.items()
        if name.startswith(prefix)
    }


def read(folder: Path, scenario: Scenario) -> Actual:
    """The report of ``folder``, on the scenario's intervals."""
    starts = scenario.grid.local.text[scenario.grid.warm :]
    place = {str(text).replace(" ", "T"): k for k, text in enumerate(starts)}
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in ("type", "interval_start")]
    at = np.array([place[row["interval_start"]] for row in rows])
    columns = {}
    for name in names:
        sums = np.zeros(scenario.intervals, np.int64)
        np.add.at(sums, at, np.array([int(row[name]) for row in rows]))
        columns[name] = sums
    return Actual(columns)
