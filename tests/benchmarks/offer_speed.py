"""How long a recommendation takes: three commitments on a month of 40,000 contacts, 1,000 simulated months.

    python tests/benchmarks/offer_speed.py [replications]

Prints the seconds until the contract is chosen and certified (the draft's months, their frontier, and as many fresh
ones), those of the whole recommendation with term, levers and the price of the next step, and the peak memory of both,
beside that of a tenth of the months. Nothing is asserted.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import slasim as sl
from slasim.planner.frontier import alternatives, frontier
from slasim.scenario.agreements import agreements
from slasim.study.promised import count, held, odds

HERE = Path(__file__).parent


def peak() -> float:
    """MB of memory at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def certified(scenario: sl.Scenario, replications: int) -> float:
    """Seconds until targets are chosen on these months and the contract is certified on as many fresh ones."""
    began = time.perf_counter()
    (subject,) = agreements(scenario)
    listed = alternatives(subject)
    result = count(scenario, [subject, *(one.agreed for one in listed)], replications=replications)
    frontier(result, listed)
    fresh = count(scenario, [subject], replications=replications, first=replications)
    odds(fresh, held(fresh, subject))
    return time.perf_counter() - began


def main(arguments: list[str]) -> int:
    replications = int(arguments[0]) if arguments else 1_000
    scenario = sl.load(HERE / "offer.yaml")
    contacts = sum(float(scenario.expected(name).volume.sum()) for name in scenario.queues)
    print(
        f"{contacts:,.0f} contacts a month, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    count(scenario, agreements(scenario), replications=2)  # compiled
    tenth = certified(scenario, max(replications // 10, 2))
    small = peak()
    seconds = certified(scenario, replications)
    print(
        f"chosen and certified: {seconds:.1f} s for {replications:,} + {replications:,} months "
        f"({tenth:.1f} s for a tenth)"
    )
    print(f"peak memory: {peak():,.0f} MB ({small:,.0f} MB for a tenth of the months)")
    began = time.perf_counter()
    offer = sl.recommend(scenario, replications=replications)
    print(f"whole recommendation: {time.perf_counter() - began:.1f} s, levers on {offer.paired} paired months; "
          f"peak {peak():,.0f} MB")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
