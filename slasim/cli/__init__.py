"""The command line: the same verbs as `import slasim`, with words, layout and exit codes.

A verb reads its options, calls the public face, and prints what `show/` lays out; none has logic of its own.
One file a verb, loaded when it is asked for; `doors.py` holds what is the same for all (errors, exit codes),
`options.py` the options they share.

Exit codes: 0 met or done, 1 a commitment is missed, 2 the input is wrong, 3 undecided, 70 a mistake in slasim
itself, 130 interrupted.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

from slasim.kept_code import keeping_code
from slasim.loading import StandIn, put_off

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slasim.cli.doors import app as app

__all__ = ["VERBS", "app", "main"]

VERBS = (
    "init", "check", "simulate", "compare", "judge", "recommend", "report", "drafts", "erlang", "kinds", "demo",
)  # fmt: skip
"""In the order of `slasim --help`; each is the module of that name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code. Without arguments it is that of the process, which is then ours: what no
    verb uses need not be loaded."""
    _start_quickly()
    words = list(sys.argv[1:] if arguments is None else arguments)
    asked = next((word for word in words if not word.startswith("-")), "")
    verb = asked if asked in VERBS else ""
    ours = arguments is None
    with keeping_code(verb) if ours else contextlib.nullcontext():
        _load([verb] if verb else VERBS)
        from slasim.cli import doors

        computes = verb and not {"-h", "--help"} & set(words)
        return doors.run(words, _load_numpy if ours and computes else None)


def _start_quickly() -> None:
    """Half of a short command would be spent on things that it does not need."""
    # Imports make much and drop little, and at the end the whole memory goes back at once: nothing to collect.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    # No linear algebra here is large: threads of a library would only stand beside those of the simulated months.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Plugins of pydantic would be looked for in every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    # pydantic imports what reads installed packages, mail headers and all, and then looks for no plugin.
    _load_later("importlib.metadata", "entry_points")
    # typer and pydantic import these to open a browser and to compare passwords.
    for name in ("platform", "secrets", "subprocess"):
        _load_later(name)


def _load_later(name: str, *functions: str) -> None:
    """It is loaded when something of it is used, by those libraries or by anybody."""
    above, _, last = name.rpartition(".")
    package = sys.modules.get(above)
    spec = PathFinder.find_spec(name, list(package.__path__) if package else None)
    if name in sys.modules or spec is None:
        return
    stand_in = sys.modules[name] = StandIn(name, spec, functions)
    if package is not None:
        setattr(package, last, stand_in)


def _load_numpy() -> None:
    """Without its linear algebra, loaded when somebody calls or imports some of it, and without what `help` and
    `inspect` say of its functions, loaded before code of others."""
    found = PathFinder.find_spec("numpy")
    folders = (found and found.submodule_search_locations) or ()
    with (
        put_off("numpy.linalg", folders, "eigvals", "inv", "lstsq", "matrix_power"),
        put_off("numpy._core._add_newdocs"),
        put_off("numpy._core._add_newdocs_scalars"),
    ):
        importlib.import_module("numpy")


def _load(verbs: Sequence[str]) -> None:
    for verb in verbs:
        importlib.import_module(f"slasim.cli.{verb}")


def __getattr__(name: str) -> Any:
    """`app` with all verbs, for whoever embeds it; the command itself loads the verb it is asked for."""
    if name != "app":
        raise AttributeError(f"module 'slasim.cli' has no attribute {name!r}")
    _load(VERBS)
    from slasim.cli import doors

    return doors.app
