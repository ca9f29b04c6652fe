"""`slasim drafts`: two or more drafts of a contract, on the same simulated months."""

from __future__ import annotations

from typing import Annotated

import typer

import slasim as sl
from slasim.cli.doors import app
from slasim.cli.options import AsJson, Months, Out, Seed, Threads, With, opened
from slasim.cli.telling import Progress, note, say, say_json


@app.command()
def drafts(
    scenarios: Annotated[
        list[str],
        typer.Argument(metavar="DRAFT DRAFT...", help="Scenario files that differ in their contract alone.",
                       show_default=False),
    ],
    replications: Months = 500,
    seed: Seed = 1,
    threads: Threads = None,
    out: Out = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Drafts of a contract, side by side."""
    from slasim.show.writing import checked_place, write_table

    if out is not None:
        checked_place(out)
    centres = [
        opened(file, None, own if place == 0 else None) for place, file in enumerate(scenarios)
    ]
    with Progress() as progress:
        made = sl.compare_drafts(
            *centres, replications=replications, seed=seed, executor=threads, progress=progress
        )
    if out is not None:
        note(f"wrote {write_table(made.table(), out)}")
    if as_json:
        say_json(made.to_json())
    else:
        from slasim.show.drafted import drafted_screen

        say(drafted_screen(made))
    return 0
