"""What a planner may write: one frozen record per section of a scenario file.

Keys are those of the file, durations are milliseconds, shares run from 0 to 1, distributions are
`slasim.distributions.Distribution`. Each record knows what is wrong inside itself; what concerns several records
stands in `checks/`, and what the data files hold in `interval_files/`. Unknown keys are errors.

This file knows only where each record lives: a section that few files have is loaded for those that have it
(`later.py`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what type checkers and editors read; `_HOMES` says the same to Python
    from slasim.scenario.schema.arrivals import Arrivals as Arrivals
    from slasim.scenario.schema.arrivals import Profile as Profile
    from slasim.scenario.schema.attributes import Attributes as Attributes
    from slasim.scenario.schema.contract import Commitment as Commitment
    from slasim.scenario.schema.contract import Contract as Contract
    from slasim.scenario.schema.demand import AttendanceDoubt as AttendanceDoubt
    from slasim.scenario.schema.demand import Demand as Demand
    from slasim.scenario.schema.demand import TimeDoubt as TimeDoubt
    from slasim.scenario.schema.demand import VolumeDoubt as VolumeDoubt
    from slasim.scenario.schema.feasibility import Feasibility as Feasibility
    from slasim.scenario.schema.following import Backlog as Backlog
    from slasim.scenario.schema.following import CallBack as CallBack
    from slasim.scenario.schema.following import Owner as Owner
    from slasim.scenario.schema.following import Redial as Redial
    from slasim.scenario.schema.following import Reopen as Reopen
    from slasim.scenario.schema.following import Repeat as Repeat
    from slasim.scenario.schema.following import Tier2 as Tier2
    from slasim.scenario.schema.following import Transfer as Transfer
    from slasim.scenario.schema.grid import Grid as Grid
    from slasim.scenario.schema.groups import Group as Group
    from slasim.scenario.schema.groups import Take as Take
    from slasim.scenario.schema.metrics import AnyMetric as AnyMetric
    from slasim.scenario.schema.metrics import Metric as Metric
    from slasim.scenario.schema.people import LateStart as LateStart
    from slasim.scenario.schema.people import Person as Person
    from slasim.scenario.schema.promises import ClockMetric as ClockMetric
    from slasim.scenario.schema.queues import Aht as Aht
    from slasim.scenario.schema.queues import Queue as Queue
    from slasim.scenario.schema.records import NameList as NameList
    from slasim.scenario.schema.records import Record as Record
    from slasim.scenario.schema.records import Source as Source
    from slasim.scenario.schema.routing import Routing as Routing
    from slasim.scenario.schema.satisfaction import Satisfaction as Satisfaction
    from slasim.scenario.schema.shifts import Break as Break
    from slasim.scenario.schema.shifts import Shift as Shift
    from slasim.scenario.schema.slowdown import Slowdown as Slowdown
    from slasim.scenario.schema.slowdown import Turns as Turns
    from slasim.scenario.schema.staffing import Shrinkage as Shrinkage
    from slasim.scenario.schema.staffing import Staffing as Staffing
    from slasim.scenario.schema.whole import Drain as Drain
    from slasim.scenario.schema.whole import ScenarioRecord as ScenarioRecord

_HOMES = {
    "Aht": "queues",
    "AnyMetric": "metrics",
    "Arrivals": "arrivals",
    "AttendanceDoubt": "demand",
    "Attributes": "attributes",
    "Backlog": "following",
    "Break": "shifts",
    "CallBack": "following",
    "ClockMetric": "promises",
    "Commitment": "contract",
    "Contract": "contract",
    "Demand": "demand",
    "Drain": "whole",
    "Feasibility": "feasibility",
    "Grid": "grid",
    "Group": "groups",
    "LateStart": "people",
    "Metric": "metrics",
    "NameList": "records",
    "Owner": "following",
    "Person": "people",
    "Profile": "arrivals",
    "Queue": "queues",
    "Record": "records",
    "Redial": "following",
    "Reopen": "following",
    "Repeat": "following",
    "Routing": "routing",
    "Satisfaction": "satisfaction",
    "ScenarioRecord": "whole",
    "Shift": "shifts",
    "Shrinkage": "staffing",
    "Slowdown": "slowdown",
    "Source": "records",
    "Staffing": "staffing",
    "Take": "groups",
    "Tier2": "following",
    "TimeDoubt": "demand",
    "Transfer": "following",
    "Turns": "slowdown",
    "VolumeDoubt": "demand",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    """Import a record where it lives, once (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'slasim.scenario.schema' has no attribute {name!r}")
    record = getattr(importlib.import_module(f"slasim.scenario.schema.{home}"), name)
    globals()[name] = record
    return record
