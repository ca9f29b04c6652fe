"""What a planner writes: a scenario file, its data files, and the checked Scenario they make.

    load(path), load_text(text, folder=...)   -> Scenario, or InputError with every problem at once
    check(path)                               -> the problems, none when all is well
    scenario.but({"queues.billing.volume": "+15%"})   a variant
    parse_setting("queues.billing.aht=+20s")          what `--set` takes
    schema_json()                                     JSON Schema of the file, for editors

It refuses to draw anything at random (`inputs/`) and to judge anything (`sla/`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from slasim.scenario.files import check, load, load_text
from slasim.scenario.interval_files import QueueForecast
from slasim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from slasim.scenario.json_schema import schema_json as schema_json
    from slasim.scenario.variants import parse_setting as parse_setting

__all__ = [
    "QueueForecast",
    "Scenario",
    "check",
    "load",
    "load_text",
    "parse_setting",
    "schema_json",
]

_LATER = {"schema_json": "json_schema", "parse_setting": "variants"}


def __getattr__(name: str) -> Any:
    """What reading a file does not need is imported when it is asked for (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module 'slasim.scenario' has no attribute {name!r}")
    return getattr(import_module(f"slasim.scenario.{_LATER[name]}"), name)
