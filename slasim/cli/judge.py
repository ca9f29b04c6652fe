"""`slasim judge`: may each commitment be promised?"""

from __future__ import annotations

from typing import Annotated

import typer

import slasim as sl
from slasim.cli.app import OF_STATUS, app
from slasim.cli.options import AsJson, Engine, ScenarioFile, Seed, Settings, Threads, With, opened
from slasim.cli.telling import Progress, say, say_json


@app.command()
def judge(
    scenario: ScenarioFile,
    settings: Settings = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=1, metavar="N", help="Simulated days or months.")
    ] = 1000,
    seed: Seed = 1,
    engine: Engine = "fast",
    threads: Threads = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """In how many months of 100 each commitment is met, at least."""
    centre = opened(scenario, settings, own)
    with Progress() as progress:
        result = sl.simulate(
            centre, replications=replications, seed=seed, engine=engine, executor=threads, progress=progress
        )  # fmt: skip
    verdicts = sl.judge(result)
    certain = sl.undoubted(tuple(centre.assumed()))
    hidden = sl.inside(result)
    if as_json:
        say_json({
            "scenario": centre.name, "seed": seed, "replications": result.replications,
            "status": verdicts.status, "taken_as_certain": list(certain),
            "verdicts": [verdict.to_json() for verdict in verdicts],
            "inside": [one.to_json() for one in hidden],
        })  # fmt: skip
    else:
        from slasim.show.judged import judge_screen
        from slasim.show.simulated import certain_line

        say(judge_screen(result, verdicts, hidden, certain_line(certain)))
    return OF_STATUS[verdicts.status]
