"""Named agents one by one, and their teams: contacts, AHT, occupancy, overtime, late starts.

    people(result)                 -> one Person per named agent
    people(result, teams=True)     -> one per team (the group, where no team is named)
    late_starts(result)            -> one line per group in which any shift began late

This file only asks a result; it knows no screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.outcome import estimates
from slasim.outcome.columns import (
    BUSY,
    CONTACTS,
    HANDLED_BY,
    LATE,
    LATE_STINTS,
    OVERTIME,
    STAFFED,
    STINTS,
)
from slasim.outcome.estimates import Estimate
from slasim.study.plans import plan_of
from slasim.study.result import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LateStarts", "Person", "late_starts", "people", "people_table"]


@dataclass(frozen=True)
class Person:
    """One agent, or one team together.

    ``contacts``, ``shifts``, ``overtime`` and ``late`` (ms) are those of an average replication; ``aht`` is handling
    of the contacts they finished / these, ``occupancy`` time with a contact in hand / time on duty, ``late_starts``
    shifts that began late / shifts worked.
    """

    name: str
    group: str
    team: str
    contacts: Estimate
    aht: Estimate
    occupancy: Estimate
    overtime: Estimate
    late_starts: Estimate
    late: Estimate
    shifts: float

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "group": self.group,
            "team": self.team,
            "contacts": self.contacts.to_json(),
            "aht": self.aht.to_json(),
            "occupancy": self.occupancy.to_json(),
            "overtime": self.overtime.to_json(),
            "late_starts": self.late_starts.to_json(),
            "late": self.late.to_json(),
            "shifts": self.shifts,
        }


def people(result: Result, *, teams: bool = False) -> tuple[Person, ...]:
    """Every named agent in the order of the scenario, or every team; () where nobody is named."""
    if not result.tally.layout.agents:
        return ()
    agents = plan_of(result.scenario, ()).agents
    cells = result.tally.by_agent()
    sizes = result.tally.sizes[result.tally.sizes > 0]
    if not teams:
        return tuple(
            _person(result, agent.name, agent.group, agent.team or agent.group, cells[:, a], sizes)
            for a, agent in enumerate(agents)
        )
    named: dict[str, list[int]] = {}
    for a, agent in enumerate(agents):
        named.setdefault(agent.team or agent.group, []).append(a)
    made = []
    for team, members in named.items():
        groups = ", ".join(dict.fromkeys(agents[a].group for a in members))
        made.append(_person(result, team, groups, team, cells[:, members].sum(axis=1), sizes))
    return tuple(made)


def _person(result: Result, name: str, group: str, team: str, cells: Any, sizes: Any) -> Person:
    """``cells`` (B, P) by batch of replications, of which batch b holds ``sizes[b]``."""

    def ratio(
        above: Any, below: Any, unit: estimates.Kind, metric: str, *, part: bool = False
    ) -> Estimate:
        return estimates.pooled(
            above, below, level=result.level, replications=result.replications, share=part, unit=unit,
            metric=metric,
        )  # fmt: skip

    return Person(
        name,
        group,
        team,
        ratio(cells[:, CONTACTS], sizes, "number", "contacts finished"),
        ratio(cells[:, HANDLED_BY], cells[:, CONTACTS], "time", "handling / contacts finished"),
        ratio(cells[:, BUSY], cells[:, STAFFED], "share", "time with a contact in hand / on duty"),
        ratio(cells[:, OVERTIME], sizes, "time", "time worked past the end of the shift"),
        ratio(cells[:, LATE_STINTS], cells[:, STINTS], "share", _LATE_STARTS, part=True),
        ratio(cells[:, LATE], sizes, "time", "time by which shifts began late"),
        float(np.sum(cells[:, STINTS])) / result.replications,
    )


_LATE_STARTS = "shifts that began late / shifts worked"


@dataclass(frozen=True)
class LateStarts:
    """A group of named agents: the share of shifts that began late, and ms of it in an average replication."""

    group: str
    share: Estimate
    length: Estimate

    def to_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "share": self.share.to_json(),
            "length": self.length.to_json(),
        }


def late_starts(result: Result) -> tuple[LateStarts, ...]:
    """Every group in which any shift began late."""
    if not result.tally.layout.agents:
        return ()
    agents, cells = plan_of(result.scenario, ()).agents, result.tally.by_agent()
    sizes = result.tally.sizes[result.tally.sizes > 0]
    found = []
    for group in result.scenario.groups:
        members = [a for a, agent in enumerate(agents) if agent.group == group]
        together = cells[:, members].sum(axis=1)
        if members and together[:, LATE_STINTS].any():
            one = _person(result, group, group, group, together, sizes)
            found.append(LateStarts(group, one.late_starts, one.late))
    return tuple(found)


def people_table(found: Sequence[Person]) -> pd.DataFrame:
    """One row per agent or team; AHT in seconds, overtime and lateness in hours."""
    import pandas as pd

    rows = []
    for one in found:
        row: dict[str, Any] = {
            "name": one.name,
            "group": one.group,
            "team": one.team,
            "shifts": one.shifts,
        }
        for key, unit in (
            ("contacts", 1.0),
            ("aht", 1000.0),
            ("occupancy", 1.0),
            ("overtime", 3_600_000.0),
            ("late_starts", 1.0),
            ("late", 3_600_000.0),
        ):
            e: Estimate = getattr(one, key)
            label = {"aht": "aht_s", "overtime": "overtime_h", "late": "late_h"}.get(key, key)
            for part, value in (("", e.value), ("_low", e.low), ("_high", e.high)):
                row[label + part] = float("nan") if value is None else value / unit
        rows.append(row)
    return pd.DataFrame(rows)
