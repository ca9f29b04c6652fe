"""Kinds by name: what anyone may add in one file, with one decorated definition.

A kind has a family (``distribution``, ``routing``, ``metric``, ``service_level``, ``channel``), a
name that stands in scenario files, and a docstring whose first line is its meaning. Installed packages add theirs
through the entry point group ``slasim.kinds``; a notebook needs only the decorator.
This file knows which names stand in which of our homes, so that none is loaded before one of its kinds is asked for;
what a kind is, only its home knows. Others' homes are loaded when a name is asked for that ours do not have, and when
all names are.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from importlib.machinery import PathFinder
from typing import Any, TypeVar

from slasim.errors import InputError, Problem, did_you_mean
from slasim.loading import load_put_off

T = TypeVar("T")

_kinds: dict[str, dict[str, Any]] = {}
_homes: dict[str, dict[str, tuple[str, ...]]] = {
    "distribution": {
        "slasim.distributions.exponential": ("exponential",),
        "slasim.distributions.lognormal": ("lognormal",),
        "slasim.distributions.gamma": ("gamma", "erlang"),
        "slasim.distributions.weibull": ("weibull",),
        "slasim.distributions.hyperexponential": ("hyperexponential",),
        "slasim.distributions.constant": ("deterministic", "constant"),
        "slasim.distributions.uniform": ("uniform",),
        "slasim.distributions.empirical": ("empirical",),
    },
    "channel": {"slasim.channels": ("voice", "chat", "ticket")},
    "routing": {
        "slasim.routing.policies": (
            "priority_then_longest_wait", "longest_wait", "overflow", "weighted_wait", "earliest_due", "least_slack",
        ),
    },
    "service_level": {
        "slasim.metrics.service_level": (
            "negative", "exclude_short", "exclude_abandoned_within", "positive", "short_positive", "answered_only",
        ),
    },
    "metric": {
        "slasim.metrics.standard": ("service_level", "abandonment_rate", "asa", "mean_wait", "aht"),
        "slasim.metrics.agents": ("occupancy", "concurrency", "slot_utilisation", "overtime"),
        "slasim.metrics.chains": (
            "attempts_per_caller", "redial_rate", "call_backs_in_time", "call_backs_made", "repeat_rate",
            "contacts_per_resolution", "first_contact_resolution",
        ),
        "slasim.metrics.after_service": ("satisfaction", "churn"),
    },
}  # fmt: skip
"""family -> home -> the names that are added there, in the order in which they are listed."""
_group = "slasim.kinds"
_others_loaded = False


def kind(family: str, name: str) -> Callable[[T], T]:
    """Register the decorated thing as ``name`` of ``family``. A second one of a name replaces it
    only when it is the same definition loaded again; otherwise ValueError."""

    def register(thing: T) -> T:
        if getattr(thing, "__module__", "") not in _homes.get(family, ()):
            has(family, name)  # ours may be in a home that nobody has asked for yet
        members = _kinds.setdefault(family, {})
        before = members.get(name)
        if before is not None and _origin(before) != _origin(thing):
            raise ValueError(f"{family} {name!r} exists already, in {_origin(before)}")
        members[name] = thing
        return thing

    return register


def _origin(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '?')}.{getattr(thing, '__qualname__', '?')}"


def load_all() -> None:
    """Import every home of kinds: ours, then the installed packages' (``slasim.kinds``)."""
    for homes in _homes.values():
        for home in homes:
            importlib.import_module(home)
    _load_others()


def _load_others() -> None:
    global _others_loaded
    if _others_loaded:
        return
    _others_loaded = True
    if _others_may_add():
        from importlib import metadata

        for point in metadata.entry_points(group=_group):
            load_put_off()
            point.load()


def _others_may_add() -> bool:
    """Whether an installed package may name our group: a look at each one's `entry_points.txt`, which is quicker than
    the library that reads them. What cannot be looked at (a zip, an egg, a finder of its own) may."""
    own_finders = [f for f in sys.meta_path if f is not PathFinder]
    if any(hasattr(finder, "find_distributions") for finder in own_finders):
        return True
    for place in sys.path:
        try:
            entries = os.listdir(place or os.curdir)
        except NotADirectoryError:
            return True
        except OSError:
            continue
        for entry in entries:
            if entry.endswith(".egg"):
                return True
            if entry.endswith((".dist-info", ".egg-info")):
                try:
                    with open(os.path.join(place, entry, "entry_points.txt"), "rb") as points:
                        if _group.encode() in points.read():
                            return True
                except OSError:
                    continue
    return False


def names(family: str) -> list[str]:
    """The names of a family: ours, then others' in the order in which they were added."""
    _load_others()
    ours = [name for names_there in _homes.get(family, {}).values() for name in names_there]
    return list(dict.fromkeys((*ours, *_kinds.get(family, {}))))


def has(family: str, name: object) -> bool:
    """Whether the family has a kind of that name."""
    if not isinstance(name, str):
        return False
    if name not in _kinds.get(family, {}):
        for home, names_there in _homes.get(family, {}).items():
            if name in names_there:
                importlib.import_module(home)
                return True
        _load_others()
    return name in _kinds.get(family, {})


def get(family: str, name: str) -> Any:
    """The kind of that name. Raises InputError with the near miss when there is none."""
    has(family, name)
    try:
        return _kinds[family][name]
    except KeyError:
        known = names(family)
        raise InputError(
            [Problem(f"no {family} is called {name!r}", did_you_mean(name, known))]
        ) from None


def meaning(thing: Any) -> str:
    """The first line of a kind's docstring."""
    lines = (getattr(thing, "__doc__", "") or "").strip().splitlines()
    return lines[0] if lines else ""


def families() -> list[str]:
    """Ours, then those that others added."""
    _load_others()
    return list(dict.fromkeys((*_homes, *_kinds)))
