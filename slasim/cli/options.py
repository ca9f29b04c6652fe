"""Options that several verbs share, and the scenario that they ask for."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

import slasim as sl
from slasim.errors import InputError, Problem
from slasim.loading import load_put_off

ScenarioFile = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file (YAML).", show_default=False)
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", show_default=False,
        help='Change a value, as "queues.billing.volume=+15%", "queues.billing.aht=+20s", '
        '"groups.front.staffing=+2". May be repeated.',
    ),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write the table: .csv, .parquet or .xlsx.", show_default=False),
]  # fmt: skip
Replications = Annotated[
    int | None,
    typer.Option("--replications", "-n", min=1, metavar="N", help="Simulated days or months.", show_default="200"),
]  # fmt: skip
Months = Annotated[
    int, typer.Option("--replications", "-n", min=1, metavar="N", help="Simulated days or months.")
]
WhichContract = Annotated[
    str | None,
    typer.Option("--contract", metavar="NAME", help="One of `contracts`.", show_default="contract, else the first"),
]  # fmt: skip
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget", min=0, metavar="MONEY", help="For more staffing, a contract period.", show_default=False
    ),
]  # fmt: skip
Seed = Annotated[
    int, typer.Option("--seed", min=0, metavar="N", help="The same seed draws the same callers.")
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine", metavar="fast|simpy", help="The compiled engine, or the readable one."
    ),
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, metavar="N", help="The numbers do not depend on it.", show_default="one per core"),
]  # fmt: skip
Metric = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which metric --by splits.", show_default="the first service level"),
]  # fmt: skip
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="OURS.py", show_default=False,
        help="A Python file that registers kinds of your own. May be repeated.",
    ),
]  # fmt: skip


def opened(file: str, settings: list[str] | None = None, own: list[str] | None = None) -> Any:
    """The scenario of that file with every --set. Raises InputError."""
    register_own(own)
    return changed(sl.load(file), settings)


def changed(centre: Any, settings: list[str] | None) -> Any:
    """The scenario with every --set. Raises InputError with all that cannot be."""
    problems: list[Problem] = []
    changes: dict[str, Any] = {}
    for text in settings or ():
        try:
            path, value = sl.parse_setting(text)
        except InputError as error:
            problems += error.problems
            continue
        if path in changes:
            problems.append(Problem("is set twice", "Give one --set for it.", path=path))
        changes[path] = value
    if problems:
        raise InputError(problems)
    return centre.but(changes) if changes else centre


def register_own(files: list[str] | None) -> None:
    """Run each file, so that the kinds it registers exist. Raises InputError when it cannot be."""
    for number, name in enumerate(files or ()):
        path = Path(name)
        if not path.is_file():
            raise InputError([Problem("there is no such file", "Name a Python file.", file=name)])
        spec = importlib.util.spec_from_file_location(f"slasim_own_{number}_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise InputError([Problem("is no Python file", "Its name ends in .py.", file=name)])
        load_put_off()
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
        except SyntaxError as error:
            found = f"is not valid Python: {error.msg}"
            raise InputError([Problem(found, file=name, line=error.lineno or 0)]) from None
        except Exception as error:  # noqa: BLE001  (whatever somebody's own file raises is told at its line)
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
            found = f"cannot be loaded: {type(error).__name__}: {error}"
            raise InputError([Problem(found, file=name, line=(lines or [0])[-1] or 0)]) from None
