"""What goes to stdout and what to stderr: results to the one, problems and progress to the other."""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from slasim.errors import Problem

WAIT_TO_EXPLAIN_S = 1.5
"""Seconds without a first simulated day after which a terminal is told what takes so long."""


def say(text: str) -> None:
    """A screen, to stdout."""
    typer.echo(text)


def say_json(thing: Mapping[str, Any]) -> None:
    """One object, to stdout; what is not a finite number is null."""
    typer.echo(json.dumps(_plain(thing), ensure_ascii=False, indent=2, allow_nan=False))


def note(text: str) -> None:
    """A line beside the result, to stderr."""
    typer.echo(text, err=True)


def say_problems(problems: Iterable[Problem], as_json: bool) -> None:
    """One line each on stderr, never wrapped; with --json also one object on stdout."""
    listed = list(problems)
    for problem in listed:
        sys.stderr.write(f"{problem}\n")
    if as_json:
        say_json({"errors": [problem.to_json() for problem in listed]})


def told(error: Any) -> Problem:
    """What typer found wrong with the command line."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "slasim"
    found = str(error.format_message()).rstrip(".")
    return Problem(found, f"{where} --help shows what there is.")


def _plain(thing: Any) -> Any:
    if isinstance(thing, float):
        return thing if math.isfinite(thing) else None
    if isinstance(thing, Mapping):
        return {str(key): _plain(item) for key, item in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(item) for item in thing]
    if thing is None or isinstance(thing, str | int | bool):
        return thing
    return _plain(thing.tolist()) if hasattr(thing, "tolist") else str(thing)


class Progress:
    """A bar on stderr, only where that is a terminal. `with Progress("months") as progress: ...`

    Called as ``progress(done, total)``. When the first call with anything done is long in coming, one line
    says why: the engine is being compiled for this machine, which later runs need not.
    """

    def __init__(self, what: str = "simulated") -> None:
        self._what = what
        self._shown = sys.stderr.isatty()
        self._timer: threading.Timer | None = None
        self._last = 0.0
        self._wrote = False

    def __enter__(self) -> Progress:
        if self._shown:
            self._timer = threading.Timer(WAIT_TO_EXPLAIN_S, self._explain)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __call__(self, done: int, total: int) -> None:
        if not self._shown:
            return
        if done and self._timer is not None:
            self._timer.cancel()
        now = time.monotonic()
        if total and (done >= total or now - self._last > 0.1):
            self._last, self._wrote = now, True
            full = 30 * min(done, total) // total
            bar = "#" * full + "." * (30 - full)
            sys.stderr.write(f"\r{bar}  {done:,} of {total:,} {self._what} ")
            sys.stderr.flush()

    def __exit__(self, *error: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._wrote:
            sys.stderr.write("\r" + " " * 78 + "\r")
            sys.stderr.flush()

    def _explain(self) -> None:
        sys.stderr.write(
            "compiling the engine for this machine, once: seconds for calls, half a minute with chats or tickets\n"
        )
        sys.stderr.flush()
