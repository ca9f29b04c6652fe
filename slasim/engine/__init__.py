"""Two engines, one truth: each turns a Draw into the same ContactLog.

``reference`` tells the centre as SimPy processes, to be read, stepped through and extended. ``fast`` and ``whole`` are
the same story as compiled loops, the first for voice centres, the second for Draws with a Floor. What happens at a
centre stands once, in ``rules``; all call it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.errors import InputError, Problem, did_you_mean

ENGINES = ("fast", "simpy")


def engine(name: str) -> Callable[[Draw], ContactLog]:
    """The ``run`` function of an engine: ``fast`` (compiled) or ``simpy`` (to be read).

    Raises InputError for another name.
    """
    if name == "fast":
        return _compiled
    if name == "simpy":
        from slasim.engine import reference

        return reference.run
    raise InputError([Problem(f"no engine is called {name!r}", did_you_mean(name, ENGINES))])


def _compiled(draw: Draw) -> ContactLog:
    """The loop that is enough for the draw: who has no Floor neither compiles nor pays for one."""
    return _room_for(draw)(draw)


def unplayed(draw: Draw) -> ContactLog:
    """What the compiled engine would write if nothing happened: everybody waits to the end. For whoever wants to read a
    log before there is one."""
    return _room_for(draw)(draw, _nothing)


def _room_for(draw: Draw) -> Callable[..., ContactLog]:
    if draw.floor is None:
        from slasim.engine import fast

        return fast.run
    from slasim.engine import whole

    return whole.run


def _nothing(*_: Any) -> None:
    """The story of a replication in which nothing happens."""
