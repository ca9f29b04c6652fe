"""Two engines, one truth: each turns a Draw into the same ContactLog.

``reference`` tells the centre as SimPy processes, to be read, stepped through and extended. ``fast`` is the same
story as one compiled loop. What happens at a centre stands once, in ``rules``; both call it.
"""

from __future__ import annotations

from collections.abc import Callable

from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.errors import InputError, Problem, did_you_mean

ENGINES = ("fast", "simpy")


def engine(name: str) -> Callable[[Draw], ContactLog]:
    """The ``run`` function of an engine: ``fast`` (compiled) or ``simpy`` (to be read).

    Raises InputError for another name.
    """
    if name == "fast":
        from slasim.engine import fast

        return fast.run
    if name == "simpy":
        from slasim.engine import reference

        return reference.run
    raise InputError([Problem(f"no engine is called {name!r}", did_you_mean(name, ENGINES))])
