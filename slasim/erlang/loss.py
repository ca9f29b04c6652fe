"""Erlang B: a group of lines without a queue.

Who finds every line busy is lost. Holds for any handle-time law (M/G/n/n). This file knows the
load and the lines and nothing about waiting.
"""

from __future__ import annotations

import math

import numpy as np


def erlang_b(load: float, lines: int) -> float:
    """Share of calls that find all ``lines`` busy; ``load`` in erlangs.

    The inverse of the recursion of A. K. Erlang (1917) written as one sum, which has only positive
    terms and stays exact to about 13 digits for thousands of lines:
    ``1 / B = sum over j of n (n-1) ... (n-j+1) / load**j``.

    >>> erlang_b(1.0, 2)
    0.2
    """
    return 1.0 / (1.0 + idle_weight(load, lines))


def idle_weight(load: float, lines: int) -> float:
    """Weight of all states with a free line, against weight 1 for "all busy".

    Equal to ``1 / erlang_b - 1``; infinite where blocking is below the smallest float.

    Raises ValueError if the load is negative or not finite, or the lines are not a whole number.
    """
    check_load(load)
    check_count("lines", lines)
    if load == 0.0:
        return 0.0 if lines == 0 else math.inf
    with np.errstate(over="ignore"):
        return float(np.cumprod(np.arange(lines, 0, -1) / load).sum())


def lines_for_blocking(load: float, max_blocking: float) -> int:
    """Fewest lines that block at most the share ``max_blocking`` of the calls.

    Raises ValueError unless ``0 < max_blocking < 1``.

    >>> lines_for_blocking(10.0, 0.01)
    18
    """
    if not 0.0 < max_blocking < 1.0:
        raise ValueError(f"max_blocking is {max_blocking}; it must lie between 0 and 1")
    check_load(load)
    lines, blocked = 0, 1.0
    while blocked > max_blocking:
        lines += 1
        blocked = load * blocked / (lines + load * blocked)
    return lines


def check_load(load: float) -> None:
    """Raise ValueError unless the load is a finite number of erlangs, 0 or more."""
    if not (math.isfinite(load) and load >= 0.0):
        raise ValueError(f"the load is {load} erlangs; it must be 0 or more")


def check_count(what: str, count: int) -> None:
    """Raise ValueError unless ``count`` is a whole number, 0 or more."""
    if count != int(count) or count < 0:
        raise ValueError(f"{what} is {count}; it must be a whole number, 0 or more")


def check_centre(calls_per_hour: float, aht_s: float, agents: int, threshold_s: float) -> None:
    """Raise ValueError if what every formula needs is out of range."""
    if not (math.isfinite(calls_per_hour) and calls_per_hour >= 0.0):
        raise ValueError(f"calls_per_hour is {calls_per_hour}; it must be 0 or more")
    if not (math.isfinite(aht_s) and aht_s > 0.0):
        raise ValueError(f"aht_s is {aht_s}; it must be more than 0 seconds")
    if not threshold_s >= 0.0:
        raise ValueError(f"threshold_s is {threshold_s}; it must be 0 or more seconds")
    check_count("agents", agents)
