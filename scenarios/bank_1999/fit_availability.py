"""Set the availability factor: which share of the estimated presence counts as on the phones.

    python scenarios/bank_1999/fit_availability.py && python scenarios/bank_1999/derive.py

The bank's roster is not in the data. Presence is estimated from the calls, and an agent who is
present is not always ready for the next call. How often is the one number here that no count gives.
It is chosen so that on weeks 1-3 the simulated callers abandon as often as the real ones did: total
abandoned / total offered, chance alone, by bisection. Abandonment, because it is a count over all
calls, rests on no threshold, and is what too few agents cause.

Each step meets the same callers (one seed), so that abandonment falls smoothly as availability
rises and the halving is safe. Reads actual.csv up to 21 February and weeks_1_3.yaml with what that
names, writes fitted.json. Nothing of week 4 is looked at. Takes about half a minute.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import slasim as sl

HERE = Path(__file__).resolve().parent
MODEL_ENDS = "1999-02-22"  # the first day that is not looked at
REPLICATIONS = 400
SEED = 1999
BETWEEN = (0.5, 1.0)
STEP = 0.001  # the scenarios carry three decimals


def actual_abandonment() -> float:
    """Abandoned / offered on weeks 1-3."""
    with (HERE / "actual.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["interval_start"] < MODEL_ENDS]
    return sum(int(row["abandoned"]) for row in rows) / sum(int(row["offered"]) for row in rows)


def predicted_abandonment(availability: float, replications: int = REPLICATIONS) -> float:
    """Abandoned / offered of many simulated weeks 1-3, chance alone, at this availability."""
    centre = sl.load(HERE / "weeks_1_3.yaml").but(
        {"demand": None, "groups.agents.shrinkage.in_office": 1.0 - availability}
    )
    return sl.simulate(centre, replications=replications, seed=SEED).estimate("abandoned").value


def fit(replications: int = REPLICATIONS) -> float:
    """The availability at which predicted equals actual, to the nearest thousandth."""
    aim = actual_abandonment()
    low, high = BETWEEN
    while high - low > STEP / 4:
        middle = (low + high) / 2
        if predicted_abandonment(middle, replications) > aim:
            low = middle
        else:
            high = middle
    return round((low + high) / 2, 3)


def main() -> None:
    availability = fit()
    found = {
        "availability": availability,
        "status": "fitted on weeks 1-3",
        "method": "share of the estimated presence that counts as on the phones, by "
        "fit_availability.py: abandonment of weeks 1-3, predicted = actual",
        "abandonment_actual": round(actual_abandonment(), 5),
        "abandonment_predicted": round(predicted_abandonment(availability), 5),
        "simulated_weeks_1_to_3": REPLICATIONS,
        "seed": SEED,
    }
    text = json.dumps(found, indent=2) + "\n"
    (HERE / "fitted.json").write_text(text, encoding="utf-8", newline="\n")
    print(text, end="")


if __name__ == "__main__":
    main()
