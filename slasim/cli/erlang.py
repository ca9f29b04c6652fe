"""`slasim erlang`: how many agents a forecast file needs, by formula."""

from __future__ import annotations

from typing import Annotated

import typer

import slasim as sl
from slasim.cli.doors import app
from slasim.cli.options import AsJson, Out
from slasim.cli.telling import note, say, say_json
from slasim.errors import InputError, Problem


@app.command()
def erlang(
    forecast: Annotated[
        str, typer.Argument(metavar="FORECAST.csv", show_default=False,
                            help="queue, interval_start, offered[, aht_s]; or interval_start and a column per queue.")
    ],
    sl_goal: Annotated[str, typer.Option("--sl", metavar="80/30", help="Percent answered within seconds.")] = "80/20",
    shrinkage: Annotated[str, typer.Option(metavar="SHARE", help="Of scheduled time, not on the phones: 0.25.")] = "0",
    max_occupancy: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Nobody busier than this: 0.88.", show_default=False)
    ] = None,
    aht: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where the file has no aht_s: 260s.", show_default=False)
    ] = None,
    patience: Annotated[
        str | None, typer.Option(metavar="TIME", help="Mean patience: Erlang A instead of C.", show_default=False)
    ] = None,
    interval: Annotated[
        str | None, typer.Option(metavar="TIME", help="Staff by another interval: 15min.", show_default="the file's")
    ] = None,
    queue: Annotated[str | None, typer.Option(metavar="NAME", help="Only this queue.", show_default="all")] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Of the file's local times.", show_default="UTC")
    ] = None,
    day_first: Annotated[bool, typer.Option("--day-first", help="Dates are written 31.12.2026.")] = False,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="cp1252 and the like.", show_default="utf-8")
    ] = None,
    modified_offered_load: Annotated[
        bool, typer.Option("--modified-offered-load", help="Let the load rise and fall inside the intervals.")
    ] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Staff a forecast by formula: required, scheduled, FTE, occupancy."""
    from slasim.show.writing import checked_place, write_rows

    if out is not None:
        checked_place(out)
    problems: list[Problem] = []
    goal = (0.8, 20.0)
    try:
        goal = sl.parse_sl_goal(sl_goal)
    except InputError as error:
        problems += [Problem(p.found, p.would_do, path="--sl") for p in error.problems]
    off, cap = (
        _share("--shrinkage", shrinkage, problems),
        _share("--max-occupancy", max_occupancy, problems),
    )
    patient = _seconds("--patience", patience, problems)
    try:
        read = sl.read_forecast(
            forecast, aht=aht, interval=interval, queue=queue, timezone=timezone, encoding=encoding,
            day_first=day_first,
        )  # fmt: skip
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    staffed = read.staffed(
        service_level=goal[0], threshold_s=goal[1], max_occupancy=cap, shrinkage=off or 0.0,
        patience_s=patient, modified_offered_load=modified_offered_load,
    )  # fmt: skip
    if out is not None:
        note(f"wrote {write_rows(staffed.rows(), out)}")
    if as_json:
        say_json(staffed.to_json())
    else:
        from slasim.show.staffed import staffed_screen

        say(staffed_screen(staffed))
    return 0


_EXCLUDED = {"--shrinkage": 1, "--max-occupancy": 0}


def _share(name: str, text: str | None, problems: list[Problem]) -> float | None:
    """`0.25` or `25 %` as a number from 0 to 1: a shrinkage below 1, an occupancy above 0."""
    if text is None:
        return None
    would_do = "Write a share, as 0.25 or 25%."
    try:
        found = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        problems.append(Problem(f"'{text}' is no share", would_do, path=name))
        return None
    if not 0 <= found <= 1 or found == _EXCLUDED[name]:
        problems.append(Problem(f"'{text}' is out of range", would_do, path=name))
    return found


def _seconds(name: str, text: str | None, problems: list[Problem]) -> float | None:
    from slasim.clock import parse_duration

    if text is None:
        return None
    try:
        found = parse_duration(text) / 1000
    except ValueError as error:
        problems.append(Problem(str(error), path=name))
        return None
    if found <= 0:
        problems.append(Problem(f"'{text}' is no patience", "Write for example 180s.", path=name))
    return found
