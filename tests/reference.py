"""Reads the reference cases in ``tests/reference_cases``: numbers we did not make.

``cases("erlang")`` gives every case of a topic, ``case("erlang", name)`` one. ``agrees`` compares
with the exact value to the digits the case states.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent / "reference_cases"


@cache
def _read(topic: str) -> tuple[dict[str, Any], ...]:
    return tuple(YAML(typ="safe").load(FOLDER / f"{topic}.yaml")["cases"])


def cases(topic: str) -> list[dict[str, Any]]:
    """All cases of ``tests/reference_cases/<topic>.yaml``, as plain dictionaries."""
    return list(_read(topic))


def case(topic: str, name: str) -> dict[str, Any]:
    """One case by its name; KeyError if there is none."""
    for found in _read(topic):
        if found["name"] == name:
            return found
    raise KeyError(f"{topic}.yaml has no case {name!r}")


def expected(found: dict[str, Any]) -> dict[str, Any]:
    """The expected values of a case without their units."""
    return {
        name: item["value"] if isinstance(item, dict) and "value" in item else item
        for name, item in found["expected"].items()
    }


def agrees(value: float, exact: float, digits: int) -> bool:
    """Whether ``value`` is ``exact`` to that many significant digits (one unit in the last)."""
    if exact == 0.0:
        return abs(value) <= 10.0**-digits
    unit = 10.0 ** (math.floor(math.log10(abs(exact))) + 1 - digits)
    return abs(value - exact) <= 0.5000001 * unit


def agrees_as_printed(value: float, printed: float) -> bool:
    """Whether ``value`` is what was printed, rounded or cut at the digits that were printed."""
    text = repr(printed)
    decimals = len(text.partition(".")[2]) if "." in text and "e" not in text else 0
    if decimals > 12:  # a float dump, not a rounding
        return abs(value - printed) <= 1e-4 * abs(printed)
    unit = 10.0**-decimals
    return abs(value - printed) <= 0.5000001 * unit or 0.0 <= value - printed < unit
