"""`slasim compare`: a what-if on the same callers, without writing a second file."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import slasim as sl
from slasim.cli.doors import app
from slasim.cli.options import (
    AsJson,
    Engine,
    Metric,
    Out,
    Replications,
    ScenarioFile,
    Seed,
    Settings,
    Threads,
    With,
    changed,
    opened,
)
from slasim.cli.telling import Progress, note, say, say_json
from slasim.errors import InputError, Problem


@app.command()
def compare(
    scenario: ScenarioFile,
    other: Annotated[
        str | None, typer.Argument(metavar="[OTHER]", help="A second scenario; else the first with --set.",
                                   show_default=False)
    ] = None,
    settings: Settings = None,
    replications: Replications = None,
    seed: Seed = 1,
    engine: Engine = "fast",
    threads: Threads = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="KEY", show_default=False,
                     help="Split a metric by queue, group, interval, hour, weekday, day, week or month."),
    ] = None,
    metric: Metric = None,
    out: Out = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """What a change would do, on the same callers."""
    from slasim.show.writing import checked_place, write_table

    if out is not None:
        checked_place(out)
    if other is None and not settings:
        would_do = 'Add --set "queues.billing.volume=+15%", or name a second scenario.'
        raise InputError([Problem("there is nothing to compare with", would_do)])
    first = opened(scenario, None, own)
    second = changed(first if other is None else sl.load(other), settings)
    with Progress() as progress:
        both = sl.compare(
            first, second, replications=replications or 200, seed=seed, engine=engine, executor=threads,
            progress=progress,
        )  # fmt: skip
    keys = [key.strip() for key in (by or "").split(",") if key.strip()]
    named = metric or (sl.level_metric(both.first) if keys else None)
    table = both.table(named, keys) if named or out is not None else None
    if out is not None and table is not None:
        note(f"wrote {write_table(table, out)}")
    if as_json:
        more = {"changes": list(settings or ())}
        rows = (
            {} if table is None else {"table": {"metric": named, "rows": table.to_dict("records")}}
        )
        say_json(both.to_json() | more | rows)
    elif named and table is not None:
        from slasim.show.simulated import table_screen

        found = both.difference(named).estimate
        title = f"{named}: {found.metric}; before, after, and their difference on the same callers"
        rows_shown: Any = table.rename(columns={"first": "before", "second": "after"}).to_dict(
            "records"
        )
        say(table_screen(title, rows_shown, both.first, found.unit))
    else:
        from slasim.show.compared import compared_screen

        say(compared_screen(both, tuple(settings or ()) if other is None else ()))
    return 0
