"""Closed forms: Erlang B, C and A, their relatives, and their inverses.

First guess of the planner and oracle of the tests. Nothing here knows a scenario, an engine or a
contact log; rates are calls per hour and times are seconds, unless a name says otherwise.
"""

from .chats import chat_durations, chat_slowdown
from .delay import ErlangC, PlainQueue, erlang_c, mmn, wait_probability
from .forecast import ForecastStaffing, evaluate_staffing, parse_sl_goal, staff_forecast
from .general_patience import Patience, erlang_general_patience
from .loss import erlang_b, lines_for_blocking
from .offered_load import OfferedLoad, modified_offered_load
from .patience import Abandonment, erlang_a
from .priority import (
    PriorityQueue,
    preemptive_time_in_system,
    priority_queue,
    single_agent_preemptive_times,
    single_agent_priority_waits,
)
from .staffing import Goals, fewest_agents, steady_state, tightest_threshold

__all__ = [
    "Abandonment",
    "ErlangC",
    "ForecastStaffing",
    "Goals",
    "OfferedLoad",
    "Patience",
    "PlainQueue",
    "PriorityQueue",
    "chat_durations",
    "chat_slowdown",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "erlang_general_patience",
    "evaluate_staffing",
    "fewest_agents",
    "lines_for_blocking",
    "mmn",
    "modified_offered_load",
    "parse_sl_goal",
    "preemptive_time_in_system",
    "priority_queue",
    "single_agent_preemptive_times",
    "single_agent_priority_waits",
    "staff_forecast",
    "steady_state",
    "tightest_threshold",
    "wait_probability",
]
