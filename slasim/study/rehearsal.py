"""The rehearsal of a study, in a process of its own: all of one replication but what happens in it.

Whoever rehearses has compiled what draws and what counts, and keeps the machine code for whoever comes: see ``ahead``.
It takes the memory of one replication. Nobody's own code is run: a scenario that has kinds of somebody's own is not
rehearsed, for the module that they stand in may be the study itself.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

from slasim.engine import unplayed
from slasim.outcome.tally import Tally
from slasim.scenario import Scenario
from slasim.study import measures
from slasim.study.plans import plan_of

_KNOWN = sys.stdlib_module_names | {"slasim", "numpy", "pydantic", "pydantic_core"}


class Told(pickle.Unpickler):
    """Reads what is made of our own things. Raises UnpicklingError for others."""

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] not in _KNOWN:
            raise pickle.UnpicklingError(f"{module} is somebody's own")
        return super().find_class(module, name)


def rehearse(scenario: Scenario) -> None:
    """Draw one replication and count its log before anything has happened."""
    draw = plan_of(scenario, ()).sample(0, 0)
    Tally.empty(measures.layout(scenario), range(1)).add(draw, unplayed(draw), 0)


if __name__ == "__main__":
    rehearse(Told(sys.stdin.buffer).load())
