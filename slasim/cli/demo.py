"""`slasim demo`: the main job on a real bank's month."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slasim.cli.doors import app
from slasim.cli.options import AsJson
from slasim.cli.telling import Progress, say, say_json


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where demo.png is written.")] = Path("."),
    as_json: AsJson = False,
) -> int:
    """The main job on a real bank: predicted beside actual."""
    from slasim.demo import run

    with Progress() as progress:
        done = run(folder, progress=progress)
    if as_json:
        say_json(done.to_json())
    else:
        say(done.screen())
    return 0
