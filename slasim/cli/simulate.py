"""`slasim simulate`: many simulated days or months of a scenario, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import slasim as sl
from slasim.cli.doors import OF_STATUS, app
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
    opened,
)
from slasim.cli.telling import Progress, note, say, say_json
from slasim.errors import InputError, Problem


@app.command()
def simulate(
    scenario: ScenarioFile,
    settings: Settings = None,
    replications: Replications = None,
    seed: Seed = 1,
    precision: Annotated[
        float | None,
        typer.Option(metavar="P", help="Run until each service level is known to +/- P (0.005).", show_default=False),
    ] = None,
    engine: Engine = "fast",
    threads: Threads = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="KEYS", show_default=False,
                     help="Split a metric: queue (or group), and interval, hour, weekday, day, week or month; "
                     "of tickets also level, team, owner or an attribute."),
    ] = None,
    metric: Metric = None,
    trade: Annotated[
        bool, typer.Option("--trade", help="Forecast, AHT, workload, required, on phones, over/under, occupancy.")
    ] = False,
    tight: Annotated[
        bool, typer.Option("--bottleneck", help="What one more agent in each group is worth, by interval too (--out).")
    ] = False,
    named: Annotated[
        bool, typer.Option("--people", help="Named agents: contacts, AHT, occupancy, overtime.")
    ] = False,
    teams: Annotated[bool, typer.Option("--teams", help="The same by team.")] = False,
    out: Out = None,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                     help="Write one replication's contacts, and reports on its tickets: .csv or .parquet."),
    ] = None,
    replication: Annotated[int, typer.Option("--replication", "-r", min=0, help="Which one --log writes.")] = 0,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="A picture: .png or .svg.")
    ] = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Service levels, abandonment, waits and occupancy, with ranges."""
    from slasim.show.writing import checked_place, write_table

    for place, kinds in ((out, None), (log, (".csv", ".parquet")), (plot, (".png", ".svg"))):
        if place is not None:
            checked_place(place, *([kinds] if kinds else []))
    centre = opened(scenario, settings, own)
    if tight:
        return _where_it_is_tight(centre, metric, replications, seed, engine, threads, out, as_json)
    with Progress() as progress:
        result = sl.simulate(
            centre, replications=replications, seed=seed, precision=precision, engine=engine,
            executor=threads, progress=progress,
        )  # fmt: skip
    if log is not None and replication >= result.replications:
        found = f"replication {replication} of {result.replications:,}"
        raise InputError([Problem(found, "Count from 0.", path="--replication")])
    summary = sl.summarise(result)
    asked = metric or summary.level_metric
    wanted = bool(by or metric)
    table: Any = result.table(asked, _keys(by)) if wanted else None
    in_trade = sl.trade(result) if trade else ()
    people = sl.people(result, teams=teams) if named or teams else ()
    if (named or teams) and not people:
        raise InputError([Problem("nobody is named", "Give a group shifts.", path="--people")])
    if out is not None:
        frame = sl.trade_table(in_trade) if trade else sl.people_table(people) if people else table
        note(f"wrote {write_table(summary.table() if frame is None else frame, out)}")
    if log is not None:
        note(f"wrote {result.log(replication).write(log)}")
        _write_ticket_files(result, replication, log)
    if plot is not None:
        sl.plot(result, metric, to=plot)
        note(f"wrote {plot}")
    if as_json:
        more: dict[str, Any] = {}
        if table is not None:
            more["table"] = {"metric": asked, "rows": table.to_dict("records")}
        if trade:
            more["trade"] = [one.to_json() for one in in_trade]
        if people:
            more["people"] = [one.to_json() for one in people]
        say_json(summary.to_json() | more)
    elif table is not None:
        from slasim.show.simulated import table_screen

        whole = result.estimate(asked)
        say(table_screen(f"{asked}: {whole.metric}", table.to_dict("records"), result, whole.unit))
    elif people:
        from slasim.show.operation import people_screen

        say(people_screen(people, result))
    else:
        from slasim.show.simulated import simulated_screen

        say(simulated_screen(summary, trade=in_trade))
    return OF_STATUS[
        summary.verdicts.status if summary.verdicts is not None else "nothing_to_judge"
    ]


def _where_it_is_tight(
    centre: Any, metric: str | None, replications: int | None, seed: int, engine: str, threads: int | None,
    out: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Queues as they are, and what one more agent in each place is worth."""
    from slasim.show.bottleneck import bottleneck_screen
    from slasim.show.writing import write_table

    with Progress() as progress:
        found = sl.bottleneck(
            centre, metrics=(metric,) if metric else (), replications=replications or 100, seed=seed,
            engine=engine, executor=threads, progress=progress,
        )  # fmt: skip
    if out is not None:
        note(f"wrote {write_table(found.by_interval(), out)}")
    if as_json:
        say_json(found.to_json())
    else:
        say(bottleneck_screen(found))
    return 0


def _write_ticket_files(result: Any, replication: int, beside: Path) -> None:
    """Where tickets have clocks, their reports stand beside the log."""
    scenario = result.scenario
    if not scenario.ticket_metrics:
        return
    from slasim.show.ticket_files import write_ticket_files

    clocks = result.clocks(replication, stretches=True)
    for path in write_ticket_files(clocks, beside, since=scenario.start_ms, until=scenario.end_ms):
        note(f"wrote {path}")


def _keys(by: str | None) -> list[str]:
    return [key.strip() for key in (by or "").split(",") if key.strip()]
