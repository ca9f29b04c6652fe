"""What a planner may write: one frozen record per section of a scenario file.

Keys are those of the file, durations are milliseconds, shares run from 0 to 1, distributions are
`slasim.distributions.Distribution`. Each record knows what is wrong inside itself; what concerns several records
stands in `checks/`, and what the data files hold in `interval_files/`. Unknown keys are errors.
"""

from __future__ import annotations

from slasim.scenario.schema.arrivals import Arrivals, Profile
from slasim.scenario.schema.attributes import Attributes
from slasim.scenario.schema.chats import Slowdown, Turns
from slasim.scenario.schema.contract import Commitment, Contract, Feasibility
from slasim.scenario.schema.demand import AttendanceDoubt, Demand, TimeDoubt, VolumeDoubt
from slasim.scenario.schema.following import (
    Backlog,
    CallBack,
    Owner,
    Redial,
    Reopen,
    Repeat,
    Tier2,
    Transfer,
)
from slasim.scenario.schema.groups import Group, Take
from slasim.scenario.schema.metrics import AnyMetric, Metric
from slasim.scenario.schema.people import LateStart, Person
from slasim.scenario.schema.promises import ClockMetric
from slasim.scenario.schema.queues import Aht, Queue
from slasim.scenario.schema.records import NameList, Record, Source
from slasim.scenario.schema.routing import Routing
from slasim.scenario.schema.satisfaction import Satisfaction
from slasim.scenario.schema.staffing import Break, Grid, Shift, Shrinkage, Staffing
from slasim.scenario.schema.whole import Drain, ScenarioRecord

__all__ = [
    "Aht",
    "AnyMetric",
    "Arrivals",
    "AttendanceDoubt",
    "Attributes",
    "Backlog",
    "Break",
    "CallBack",
    "ClockMetric",
    "Commitment",
    "Contract",
    "Demand",
    "Drain",
    "Feasibility",
    "Grid",
    "Group",
    "LateStart",
    "Metric",
    "NameList",
    "Owner",
    "Person",
    "Profile",
    "Queue",
    "Record",
    "Redial",
    "Reopen",
    "Repeat",
    "Routing",
    "Satisfaction",
    "ScenarioRecord",
    "Shift",
    "Shrinkage",
    "Slowdown",
    "Source",
    "Staffing",
    "Take",
    "Tier2",
    "TimeDoubt",
    "Transfer",
    "Turns",
    "VolumeDoubt",
]
