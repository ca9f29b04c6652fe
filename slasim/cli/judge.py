"""`slasim judge`: may each commitment of a scenario be promised; was a policy kept in a real history; by how much was a
scenario too kind of weeks that it had not seen?
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

import slasim as sl
from slasim.cli.doors import MET, OF_STATUS, app
from slasim.cli.options import (
    AsJson,
    Engine,
    Seed,
    Settings,
    Threads,
    With,
    changed,
    opened,
    register_own,
)
from slasim.cli.telling import Progress, note, say, say_json
from slasim.errors import InputError, Problem

HISTORIES = (".csv", ".txt", ".tsv")
_OF_HISTORIES = "Of a history (CSV)"


@app.command()
def judge(
    scenario: Annotated[
        str,
        typer.Argument(metavar="SCENARIO.yaml | HISTORY.csv", show_default=False,
                       help="A scenario, or an export of tickets, contacts or intervals.")
    ],
    settings: Settings = None,
    replications: Annotated[
        int, typer.Option("--replications", "-n", min=1, metavar="N", help="Simulated days or months.")
    ] = 1000,
    seed: Seed = 1,
    engine: Engine = "fast",
    threads: Threads = None,
    own: With = None,
    policy: Annotated[
        str | None, typer.Option(metavar="POLICY.yaml", help=f"{_OF_HISTORIES}: what was promised.", show_default=False)
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="SCENARIO.yaml", show_default=False,
                     help="Of an interval report: the scenario to back-test on it, set on earlier weeks.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", show_default=False, help=f"{_OF_HISTORIES}: of times without offset.")
    ] = None,
    statuses: Annotated[
        list[str] | None,
        typer.Option(metavar="THEIRS=OURS", show_default=False,
                     help='A status of the export, as "Awaiting User Info=pending". May be repeated.')
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Look at tickets as of then.", show_default="the last event")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="WORD", show_default=False,
                     help="Tickets' compliance by day, week, month, department, level, agent, team; may be repeated.")
    ] = None,
    near: Annotated[str, typer.Option(metavar="TIME", help="Business time left that is near due.")] = "1h",
    forecast: Annotated[
        str | None, typer.Option(metavar="FORECAST.csv", help="To set an interval report beside.", show_default=False)
    ] = None,
    bad_rows: Annotated[
        str, typer.Option(metavar="refuse|drop", help="What becomes of rows that cannot be right.")
    ] = "refuse",
    sort: Annotated[bool, typer.Option("--sort", help="Put a ticket's events in order of time.")] = False,
    day_first: Annotated[bool, typer.Option("--day-first", help="Dates are written 31.12.2026.")] = False,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="cp1252 and the like.", show_default="utf-8")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE|FOLDER", show_default=False,
                     help="Scenarios and --against: a table (.csv, .parquet, .xlsx). Histories: a folder of reports.")
    ] = None,
    written_as: Annotated[
        str, typer.Option("--format", metavar="csv|xlsx|parquet|json", help="Of the reports in FOLDER.")
    ] = "csv",
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """What may be promised; with --policy, what was met; with --against, how far a prediction missed."""
    if against is not None:
        unused = {
            "--policy": policy, "--statuses": statuses, "--until": until, "--by": by, "--forecast": forecast,
            "--sort": sort,
        }  # fmt: skip
        return _against(
            scenario, against, [name for name, value in unused.items() if value], settings, own, replications, seed,
            engine, threads, timezone, encoding, day_first, bad_rows, out, as_json,
        )  # fmt: skip
    if Path(scenario).suffix.lower() in HISTORIES:
        return _history(
            scenario, policy, timezone, statuses, until, by, near, forecast, bad_rows, sort, day_first, encoding, out,
            written_as, own, as_json,
        )  # fmt: skip
    if policy is not None:
        found = f"--policy belongs to a history, and {scenario} is no CSV file"
        raise InputError([Problem(found, "Name an export (.csv), or leave --policy out.")])
    from slasim.show.writing import checked_place, write_table

    if out is not None:
        checked_place(out)
    centre = opened(scenario, settings, own)
    with Progress() as progress:
        result = sl.simulate(
            centre, replications=replications, seed=seed, engine=engine, executor=threads, progress=progress
        )  # fmt: skip
    verdicts = sl.judge(result)
    certain = sl.undoubted(tuple(centre.assumed()))
    hidden, lost = sl.inside(result), sl.unserved(result)
    if out is not None:
        note(f"wrote {write_table(verdicts.table(), out)}")
    if as_json:
        say_json({
            "scenario": centre.name, "seed": seed, "replications": result.replications,
            "status": verdicts.status, "taken_as_certain": list(certain),
            "verdicts": [verdict.to_json() for verdict in verdicts],
            "inside": [one.to_json() for one in hidden],
            "unserved": [one.to_json() for one in lost],
        })  # fmt: skip
    else:
        from slasim.show.judged import judge_screen
        from slasim.show.simulated import certain_line

        say(judge_screen(result, verdicts, hidden, lost, certain_line(certain)))
    return OF_STATUS[verdicts.status]


def _against(
    report: str,
    scenario: str,
    unused: list[str],
    settings: list[str] | None,
    own: list[str] | None,
    replications: int,
    seed: int,
    engine: str,
    threads: int | None,
    timezone: str | None,
    encoding: str | None,
    day_first: bool,
    bad_rows: str,
    out: Path | None,
    as_json: bool,
) -> int:
    from slasim.show.back_tested import back_test_screen
    from slasim.show.writing import checked_place, write_table

    problems = [
        Problem("says nothing beside --against", "Leave it out.", path=name) for name in unused
    ]
    if Path(report).suffix.lower() not in HISTORIES:
        would_do = "Write slasim judge REPORT.csv --against SCENARIO.yaml"
        problems.append(Problem("this is no interval report (CSV)", would_do, file=report))
    problems += _bad_rows(bad_rows)
    if problems:
        raise InputError(problems)
    if out is not None:
        checked_place(out)
    drop: Literal["drop", "refuse"] = "drop" if bad_rows == "drop" else "refuse"
    register_own(own)
    try:
        centre = changed(sl.load(scenario), settings)
    except InputError as error:
        # the report's own problems are told with the scenario's; its zone may be what is wrong there
        try:
            sl.read_intervals(
                report, timezone=timezone or "UTC", encoding=encoding, day_first=day_first, bad_rows=drop
            )  # fmt: skip
        except InputError as more:
            raise InputError([*error.problems, *more.problems]) from None
        raise
    with Progress() as progress:
        found = sl.back_test(
            centre, report, replications=replications, seed=seed, engine=engine, timezone=timezone, encoding=encoding,
            day_first=day_first, bad_rows=drop, executor=threads, progress=progress,
        )  # fmt: skip
    if out is not None:
        note(f"wrote {write_table(found.table(), out)}")
    if as_json:
        say_json(found.to_json())
    else:
        say(back_test_screen(found))
    return MET


def _bad_rows(word: str) -> list[Problem]:
    if word in ("refuse", "drop"):
        return []
    return [Problem(f"'{word}' is unknown", "It is refuse or drop.", path="--bad-rows")]


def _history(
    history: str,
    policy: str | None,
    timezone: str | None,
    statuses: list[str] | None,
    until: str | None,
    by: list[str] | None,
    near: str,
    forecast: str | None,
    bad_rows: str,
    sort: bool,
    day_first: bool,
    encoding: str | None,
    out: Path | None,
    written_as: str,
    own: list[str] | None,
    as_json: bool,
) -> int:
    from slasim.clock import parse_duration
    from slasim.show.history import FORMATS, history_screen, write_reports

    problems: list[Problem] = []
    if policy is None:
        problems.append(
            Problem(
                "a history needs a policy",
                f"Write slasim judge {history} --policy POLICY.yaml, or --against SCENARIO.yaml for a back-test.",
            )
        )
    if written_as not in FORMATS:
        problems.append(
            Problem(
                f"'{written_as}' is no format", f"Use one of {', '.join(FORMATS)}.", path="--format"
            )
        )
    problems += _bad_rows(bad_rows)
    words: dict[str, str] = {}
    for text in statuses or ():
        theirs, equals, ours = text.rpartition("=")
        if not equals:
            problems.append(
                Problem(
                    f"'{text}' is no THEIRS=OURS", 'Write "In progress=open".', path="--statuses"
                )
            )
        words[theirs.strip()] = ours.strip()
    ms = 0
    try:
        ms = parse_duration(near)
    except ValueError as error:
        problems.append(Problem(str(error).rstrip("."), path="--near"))
    if problems or policy is None:
        raise InputError(problems)
    register_own(own)
    verdict = sl.judge_history(
        history, policy, timezone=timezone, statuses=words, until=until, near=ms, forecast=forecast, encoding=encoding,
        day_first=day_first, sort=sort, bad_rows="drop" if bad_rows == "drop" else "refuse",
    )  # fmt: skip
    if by and verdict.clocks is None:
        found = (
            f"--by {by[0]} groups the compliance report of tickets, and these are {verdict.kind}"
        )
        raise InputError([Problem(found, "Leave --by out.")])
    if out is not None:
        for path in write_reports(verdict, out, written_as, by or ()):
            note(f"wrote {path}")
    if as_json:
        say_json(verdict.to_json(by or ("day",)))
    else:
        say(history_screen(verdict, by or ()))
    return OF_STATUS[verdict.status]
