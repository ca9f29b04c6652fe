"""The rehearsal of a study, in a process of its own: all of one replication but what happens in it.

Whoever rehearses has compiled what draws and what counts, and keeps the machine code for whoever comes: see ``ahead``.
"""

from __future__ import annotations

import pickle
import sys

from slasim.engine import unplayed
from slasim.outcome.tally import Tally
from slasim.scenario import Scenario
from slasim.study import measures
from slasim.study.plans import plan_of


def rehearse(scenario: Scenario) -> None:
    """Draw one replication and count its log before anything has happened."""
    draw = plan_of(scenario, ()).sample(0, 0)
    Tally.empty(measures.layout(scenario), range(1)).add(draw, unplayed(draw), 0)


if __name__ == "__main__":
    rehearse(pickle.load(sys.stdin.buffer))
