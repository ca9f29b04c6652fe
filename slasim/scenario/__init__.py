"""What a planner writes: a scenario file, its data files, and the checked Scenario they make.

    load(path), load_text(text, folder=...)   -> Scenario, or InputError with every problem at once
    check(path)                               -> the problems, none when all is well
    scenario.but({"queues.billing.volume": "+15%"})   a variant
    parse_setting("queues.billing.aht=+20s")          what `--set` takes
    schema_json()                                     JSON Schema of the file, for editors

It refuses to draw anything at random (`inputs/`) and to judge anything (`sla/`).
"""

from __future__ import annotations

from slasim.scenario.files import check, load, load_text
from slasim.scenario.interval_files import QueueForecast
from slasim.scenario.json_schema import schema_json
from slasim.scenario.scenario import Scenario
from slasim.scenario.variants import parse_setting

__all__ = [
    "QueueForecast",
    "Scenario",
    "check",
    "load",
    "load_text",
    "parse_setting",
    "schema_json",
]
