"""Where the scenarios that travel with slasim are: in the installed package, or in a checkout beside it.

This file knows two folders and nothing of what a scenario says.
"""

from __future__ import annotations

from pathlib import Path

from slasim.errors import InputError, Problem, did_you_mean

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "bundled", _PACKAGE.parent / "scenarios")


def bundled(name: str) -> Path:
    """The folder of a bundled scenario, such as ``bank_1999``.

    Raises InputError when no scenario of that name travels with this installation.
    """
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    known = sorted(
        {folder.name for place in _PLACES if place.is_dir() for folder in place.iterdir()}
    )
    raise InputError(
        [Problem(f"no scenario called {name!r} is bundled", did_you_mean(name, known))]
    )
