"""`slasim recommend`: what may be signed with this staffing, with which chance, and at what price."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import slasim as sl
from slasim.cli.doors import app
from slasim.cli.options import (
    AsJson,
    Budget,
    Months,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    WhichContract,
    With,
    opened,
)
from slasim.cli.telling import Progress, note, say, say_json

OF_DECISION = {"commit": 0, "commit with clause": 0, "do not commit": 1, "not enough evidence": 3}


@app.command()
def recommend(
    scenario: ScenarioFile,
    settings: Settings = None,
    replications: Months = 1000,
    seed: Seed = 1,
    contract: WhichContract = None,
    budget: Budget = None,
    threads: Threads = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", show_default=False,
                     help="The table of recommendations: .csv, .parquet or .xlsx."),
    ] = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """What may be signed: targets, chances, clauses, price."""
    from slasim.show.writing import checked_place, write_table

    if out is not None:
        checked_place(out)
    centre = opened(scenario, settings, own)
    with Progress() as progress:
        offer = sl.recommend(
            centre, replications=replications, seed=seed, contract=contract, budget=budget, executor=threads,
            progress=progress,
        )  # fmt: skip
    if out is not None:
        note(f"wrote {write_table(offer.table(), out)}")
    if as_json:
        say_json(offer.to_json())
    else:
        from slasim.show.recommended import recommended_screen

        say(recommended_screen(offer))
    return OF_DECISION.get(offer.decision or "", 0)
