"""The command itself: how errors are said, and which exit code they have; the same for every verb."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import slasim
from slasim.cli import VERBS
from slasim.cli.telling import say_problems, told
from slasim.errors import InputError, NothingToJudge, Problem, SlasimError

MET, MISSED, WRONG_INPUT, UNDECIDED, OUR_MISTAKE, BROKEN_PIPE = 0, 1, 2, 3, 70, 141
"""Exit codes; 70 and 141 as elsewhere (sysexits.h, 128 + SIGPIPE)."""

WrongCommandLine: Any = typer.BadParameter.__mro__[2]
"""What typer raises for a command line it cannot read; it has no name that all its versions share."""

OF_STATUS = {"met": MET, "nothing_to_judge": MET, "missed": MISSED, "undecided": UNDECIDED}


class Doors(TyperGroup):
    """All verbs. What a verb raises on purpose becomes lines on stderr and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Verbs in the order of `slasim --help`, in whatever order they were loaded."""
        return [verb for verb in VERBS if verb in self.commands]

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        before: Callable[[], None] | None = None,
        **extra: Any,
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in given
        try:
            if before is not None:
                before()
            code = super().main(
                args=given, prog_name=prog_name or "slasim", complete_var=complete_var,
                standalone_mode=False, windows_expand_args=windows_expand_args, **extra,
            )  # fmt: skip
            sys.stdout.flush()
        except InputError as error:
            say_problems(error.problems, as_json)
            code = WRONG_INPUT
        except NothingToJudge as error:
            say_problems([Problem(str(error))], as_json)
            code = UNDECIDED
        except SlasimError as error:
            say_problems([Problem(str(error))], as_json)
            code = WRONG_INPUT
        except WrongCommandLine as error:  # an unknown option, a missing argument
            say_problems([told(error)], as_json)
            code = WRONG_INPUT
        except (typer.Abort, KeyboardInterrupt):
            code = 130
        except (BrokenPipeError, SystemExit):  # typer exits where the reader of our output has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = BROKEN_PIPE
        if code == 130:
            sys.stderr.write("\ninterrupted; nothing half written is left\n")
        code = int(code or 0)
        if standalone_mode:
            sys.exit(code)
        return code


app = typer.Typer(
    cls=Doors,
    name="slasim",
    help="How often a call centre answers in time, how sure that is, and what may be promised.",
    epilog="Exit codes: 0 met or done, 1 a commitment is missed, 2 the input is wrong, 3 undecided.",
    invoke_without_command=True,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"slasim {slasim.__version__}")
        raise typer.Exit


@app.callback()
def _every(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """How often a call centre answers in time, how sure that is, and what may be promised."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: Sequence[str], before: Callable[[], None] | None = None) -> int:
    """Run the command, and ``before`` just before it; returns its exit code. A mistake of our own shows its traceback
    and gives 70, never 1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a letter must not stop a command
            stream.reconfigure(errors="replace")
    try:
        code: int = app(args=arguments, standalone_mode=False, before=before)
    except Exception:  # noqa: BLE001  (not swallowed: told in full; exit code 1 would say "missed")
        import traceback

        traceback.print_exc()
        return OUR_MISTAKE
    return code
