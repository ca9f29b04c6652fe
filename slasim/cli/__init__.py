"""The command line: the same verbs as `import slasim`, with words, layout and exit codes.

A verb reads its options, calls the public face, and prints what `show/` lays out; none has logic of its own.
One file a verb; `app.py` holds what is the same for all (errors, exit codes), `options.py` the options they share.

Exit codes: 0 met or done, 1 a commitment is missed, 2 the input is wrong, 3 undecided, 70 a mistake in slasim
itself, 130 interrupted.
"""

from __future__ import annotations

from slasim.cli import (  # isort: skip  (in the order of `slasim --help`)
    init,
    check,
    simulate,
    compare,
    judge,
    erlang,
    kinds,
    demo,
)
from slasim.cli.app import app, main

__all__ = [
    "app",
    "check",
    "compare",
    "demo",
    "erlang",
    "init",
    "judge",
    "kinds",
    "main",
    "simulate",
]
