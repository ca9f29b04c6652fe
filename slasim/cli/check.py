"""`slasim check`: every problem of a scenario and its data files; what was assumed; work against staff."""

from __future__ import annotations

from typing import Annotated

import typer

import slasim as sl
from slasim.cli.doors import app
from slasim.cli.options import AsJson, Out, Settings, With, opened, register_own
from slasim.cli.telling import note, say, say_json
from slasim.errors import InputError, Problem


@app.command()
def check(
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A scenario file (YAML).", show_default=False)
    ] = None,
    settings: Settings = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of scenario files.")] = False,
    out: Out = None,
    own: With = None,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Find every problem, say what was assumed, set work against staff."""
    if schema:
        register_own(own)
        say_json(sl.schema_json())
        return 0
    if scenario is None:
        raise InputError([Problem("no scenario is named", "Write slasim check FILE.yaml")])
    from slasim.show.checked import check_json, check_screen, workload_rows

    if out is not None:
        from slasim.show.writing import checked_place

        checked_place(out)
    centre = opened(scenario, settings, own)
    if out is not None:
        from slasim.show.writing import write_rows

        note(f"wrote {write_rows(workload_rows(centre.workload()), out)}")
    if as_json:
        say_json(check_json(centre))
    else:
        say(check_screen(centre))
    return 0
