"""`slasim init`: ten questions, and a scenario to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from slasim.cli.doors import app
from slasim.cli.options import AsJson
from slasim.cli.telling import note, say, say_json
from slasim.errors import InputError

_Answer = Annotated[str | None, typer.Option(metavar="ANSWER", show_default=False)]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write the scenario and its CSV files.")] = Path("."),
    hours: _Answer = None,
    queues: _Answer = None,
    forecast: _Answer = None,
    aht: _Answer = None,
    abandonment: _Answer = None,
    staffing: _Answer = None,
    shrinkage: _Answer = None,
    target: _Answer = None,
    period: _Answer = None,
    fee: _Answer = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: take defaults for what is not given.")] = False,
    day_first: Annotated[bool, typer.Option("--day-first", help="Dates of your files are written 31.12.2026.")] = False,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of your files: cp1252 and the like.", show_default="utf-8")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
    as_json: AsJson = False,
) -> int:  # fmt: skip
    """Ask ten questions and write a scenario to start from."""
    from slasim import starter

    given = {
        "hours": hours, "queues": queues, "forecast": forecast, "aht": aht, "abandonment": abandonment,
        "staffing": staffing, "shrinkage": shrinkage, "target": target, "period": period, "fee": fee,
    }  # fmt: skip
    answers = {key: text for key, text in given.items() if text is not None}
    starter.check_folder(folder)
    left = [question for question in starter.questions() if question.key not in answers]
    if left and not yes and not as_json:
        if sys.stdin.isatty():
            answers |= {question.key: _asked(question) for question in left}
        else:
            note("not a terminal, so nothing is asked: what no option says is as suggested")
    written = starter.write_scenario(
        folder, answers, force=force, encoding=encoding, day_first=day_first
    )
    scenario = next(path for path in written if path.suffix == ".yaml")
    if as_json:
        say_json({"written": [str(path) for path in written], "scenario": str(scenario)})
    else:
        say("\n".join(f"wrote {path}" for path in written))
        say(f"Next: slasim check {scenario}; then slasim simulate {scenario}")
    return 0


def _asked(question: object) -> str:
    """Ask until the answer can be read. The prompt goes to stderr."""
    from slasim import starter

    assert isinstance(question, starter.Question)
    while True:
        text = str(typer.prompt(question.text, default=question.default, err=True))
        try:
            if text != question.default:
                starter.check_answer(question.key, text)
        except InputError as error:
            note(str(error))
            continue
        return text
