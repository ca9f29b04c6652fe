"""Golden files: what every bundled scenario says today, so that a number moves only with a visible diff.

    python tests/golden.py            compare
    python tests/golden.py --write    renew, then look at `git diff tests/golden`

Each file holds the overall numbers and verdicts of a few simulated months, and the first rows of the first month's log.
"""

from __future__ import annotations

import sys
from pathlib import Path

import slasim as sl

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).parent / "golden"
SCENARIOS = sorted(
    [*ROOT.glob("scenarios/**/*.yaml"), *ROOT.glob("tests/benchmarks/n_design.yaml")]
)
REPLICATIONS, ROWS = 12, 25


def told(scenario: Path) -> str:
    """What the scenario says now."""
    centre = sl.load(scenario)
    result = sl.simulate(centre, replications=REPLICATIONS, seed=1)
    log = result.log(0)
    names = (
        "contact",
        "queue",
        "arrived",
        "outcome",
        "left",
        "group",
        "agent",
        "released",
        "finished",
    )
    rows = zip(*(getattr(log, name)[:ROWS].tolist() for name in names), strict=True)
    return "\n".join(
        [
            f"{scenario.relative_to(ROOT).as_posix()}: {len(log):,} contacts in the first replication",
            "",
            repr(result),
            repr(sl.judge(result)),
            "",
            " ".join(names),
            *(" ".join(map(str, row)) for row in rows),
            "",
        ]
    )


def golden(scenario: Path) -> Path:
    return FOLDER / f"{scenario.stem}.txt"


def main() -> int:
    moved = [
        s for s in SCENARIOS if not golden(s).exists() or golden(s).read_text("utf-8") != told(s)
    ]
    for scenario in moved:
        print(
            f"{scenario.relative_to(ROOT)} says something else than {golden(scenario).relative_to(ROOT)}"
        )
        if "--write" in sys.argv:
            FOLDER.mkdir(exist_ok=True)
            golden(scenario).write_text(told(scenario), "utf-8")
    return int(bool(moved) and "--write" not in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
