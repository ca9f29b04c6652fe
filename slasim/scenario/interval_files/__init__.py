"""Numbers by interval: what the arrivals and the staffing of a scenario come to on its grid of intervals.

Files may hold the scenario's own interval, a divisor of it or a multiple. A missing interval is an error
inside open hours and means 0 outside them. Every refusal is an `InputError` with file and line.
Nothing here draws at random.
"""

from __future__ import annotations

from slasim.scenario.interval_files.agents import staffing
from slasim.scenario.interval_files.forecast import QueueForecast, expected
from slasim.scenario.interval_files.grid import Horizon

__all__ = ["Horizon", "QueueForecast", "expected", "staffing"]
