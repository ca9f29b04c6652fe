"""`slasim report`: an offer as one page, for us or for the client."""

from __future__ import annotations

from enum import StrEnum
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


class Reader(StrEnum):
    """For whom a page is."""

    us = "us"
    client = "client"


@app.command()
def report(
    scenario: ScenarioFile,
    edition: Annotated[
        Reader, typer.Option("--for", help="The client's page holds no cost, margin or credits.")
    ] = Reader.us,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html", help="Where it is written.", show_default="offer-us.html"),
    ] = None,
    settings: Settings = None,
    replications: Months = 1000,
    seed: Seed = 1,
    contract: WhichContract = None,
    budget: Budget = None,
    threads: Threads = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """The offer as one page (HTML), for us or the client."""
    from slasim.show.report import SUFFIXES
    from slasim.show.writing import checked_place

    place = checked_place(out or Path(f"offer-{edition.value}.html"), SUFFIXES)
    centre = opened(scenario, settings, own)
    with Progress() as progress:
        offer = sl.recommend(
            centre, replications=replications, seed=seed, contract=contract, budget=budget, executor=threads,
            progress=progress,
        )  # fmt: skip
    sl.report(offer, to=place, edition=edition.value)
    if as_json:
        say_json(
            {
                "wrote": str(place),
                "edition": edition.value,
                "decision": offer.decision,
                "answer": offer.answer,
            }
        )
    else:
        say(repr(offer))
        note(f"wrote {place}, {edition.value} edition")
    return 0
