"""Predicted against actual: the first action and the resolution of a company's incident tickets.

    python tests/studies/servicenow_predicted.py incident_event_log.csv.gz --months 20

Reads the public log again and simulates `scenarios/servicenow_2016/servicenow.yaml`, whose numbers come from March
2016 alone. Prints percentiles in hours of all tickets opened in March (which set the model) and in April (not seen),
and by how often they were reassigned: the actual one, the median of the simulated ones, and their range over the
simulated months (smallest to largest).

*First action* in the simulation: work begins on the first touch that is not just handed on. *Resolution*: work ends
on the last touch; a ticket that is not done 30 days after the end was never resolved.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

import slasim as sl
from slasim.contactlog import NOT_YET, TIER_2, TRANSFER, ContactLog

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "servicenow_2016"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HOUR = 3_600_000
Key = tuple[str, str, str]
"""Month, measure, and how often reassigned: ``all``, ``0``, ``1``, ``2``, ``3 or more``."""


def derive_module() -> ModuleType:
    """`scenarios/servicenow_2016/derive.py`, which counts what the company did."""
    if "servicenow_derive" not in sys.modules:
        spec = importlib.util.spec_from_file_location("servicenow_derive", FOLDER / "derive.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["servicenow_derive"] = module
        spec.loader.exec_module(module)
    return sys.modules["servicenow_derive"]


@dataclass(frozen=True, eq=False)
class Simulated:
    """The tickets of one replication that arrived: (n,) each. Hours; inf where it did not happen."""

    opened: Ints  # ms since the scenario's start
    first_action: Floats
    resolution: Floats
    reassigned: Ints


def tickets(log: ContactLog) -> Simulated:
    """What became of each ticket that arrived, but for the stock at the start, of which nobody knows the opening.

    ``reassigned``: hand-overs before or after the first action; one more where it came to another team at once.
    """
    stock = np.array([name.endswith("_stock") for name in log.queues])
    order = np.lexsort((log.touch, log.contact))
    order = order[~stock[log.queue[order]]]
    contact, purpose = log.contact[order], log.purpose[order]
    begins = np.flatnonzero(np.diff(contact, prepend=-1) != 0)
    last = np.append(begins[1:], contact.size) - 1
    following = np.append(purpose[1:], -1)
    following[last] = -1
    places = np.arange(contact.size)
    acts = np.minimum.reduceat(
        np.where(following == TRANSFER, contact.size, places), begins
    )  # every ticket's last touch is no hand-over
    handed = np.add.reduceat(np.isin(purpose, (TRANSFER, TIER_2)).astype(np.int64), begins)
    opened = log.arrived[order][begins]
    return Simulated(
        opened,
        hours(log.left[order][acts], opened),
        hours(log.released[order][last], opened),
        handed + (log.queue[order][begins] == log.queues.index("passed_on")),
    )


def hours(until: Ints, since: Ints) -> Floats:
    """Hours between; inf for an instant that never came."""
    return np.where(until == NOT_YET, np.inf, (until - since) / HOUR)


def predicted(scenario: sl.Scenario, replications: int, seed: int) -> dict[Key, Floats]:
    """(replications, 4) percentiles for each key."""
    result = sl.simulate(scenario, replications=replications, seed=seed)
    found: dict[Key, list[Floats]] = {}
    for replication in range(replications):
        for key, row in rows(tickets(result.log(replication)), scenario.start_ms):
            found.setdefault(key, []).append(row)
    return {key: np.array(many) for key, many in found.items()}


def rows(simulated: Simulated, start_ms: int) -> Iterator[tuple[Key, Floats]]:
    """The percentiles of one replication."""
    derive = derive_module()
    for month, days in derive.MONTHS.items():
        first, end = (
            datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp() * 1000 - start_ms for d in days
        )
        mine = (simulated.opened >= first) & (simulated.opened < end)
        for name in derive.REASSIGNED:
            those = mine.copy()
            if name != "all":
                times = np.minimum(simulated.reassigned, derive.MOST)
                those &= times == derive.REASSIGNED.index(name) - 1
            for measure in derive.MEASURES:
                yield (month, measure, name), derive.percentiles(getattr(simulated, measure)[those])


def table(actual: Mapping[Key, tuple[int, Floats]], simulated: Mapping[Key, Floats]) -> str:
    """Actual, and predicted with its range, for every key."""
    derive = derive_module()
    head = "".join(f"{f'p{100 * share:.0f}':^26}" for share in derive.SHARES).rstrip()
    lines = []
    for month in derive.MONTHS:
        seen = "set the model" if month == "march" else "not seen"
        for measure in derive.MEASURES:
            title = f"{measure.replace('_', ' ')}, {month} ({seen}), hours"
            lines += ["", title, f"{'reassigned':<11}{'tickets':>7}{head}"]
            for name in derive.REASSIGNED:
                count, real = actual[month, measure, name]
                many = simulated[month, measure, name]
                cells = [_cell(real[i], many[:, i]) for i in range(len(derive.SHARES))]
                lines.append(f"{name:<11}{count:>7,}" + "".join(cells).rstrip())
    return "\n".join(lines[1:])


def _cell(real: float, simulated: Floats) -> str:
    """Actual, median and range, 26 wide."""
    low, middle, high = (_short(f(simulated)) for f in (np.min, np.median, np.max))
    return f"{_short(real):>6}{middle:>6} " + f"[{low}, {high}]".ljust(13)


def _short(hours: float) -> str:
    return f"{hours:.{2 if hours < 1 else 1 if hours < 100 else 0}f}"


def main() -> None:
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("log", type=Path, help="the event log (.csv or .csv.gz)")
    asked.add_argument("--months", type=int, default=20, help="simulated pairs of months")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    derive = derive_module()
    with derive.opened_log(given.log) as lines:
        incidents = derive.read(lines)
    actual = {key: (count, row) for key, count, row in derive.actual(incidents)}
    simulated = predicted(sl.load(FOLDER / "servicenow.yaml"), given.months, given.seed)
    print("each cell: actual, predicted (median of the simulated months) [smallest, largest]\n")
    print(table(actual, simulated))


if __name__ == "__main__":
    main()
