"""The study: many simulated months of one scenario or of two, and what they say.

    simulate(scenario, replications=200, seed=1)    -> Result
    compare(one, other, replications=200, seed=1)   -> Comparison, on the same callers
    judge(result)                                   -> one Verdict per commitment

Replications are independent of each other and of who computes them: any number of threads, and any
``concurrent.futures.Executor``, give identical numbers.
"""

from __future__ import annotations

from slasim.study.comparison import Comparison, compare
from slasim.study.judging import judge
from slasim.study.result import Result
from slasim.study.simulating import simulate

__all__ = ["Comparison", "Result", "compare", "judge", "simulate"]
