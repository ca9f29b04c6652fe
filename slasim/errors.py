"""What can go wrong, and how it is said.

    SlasimError                 everything this package raises on purpose
    ├── InputError              the input is wrong: a list of problems, all found at once (exit code 2)
    ├── MissingExtra            an optional library is not installed; the text says which to install
    └── NothingToJudge          a number was asked for that does not exist (0 contacts, 1 replication)

This file knows no scenario and no file format: a :class:`Problem` is a place, what was found
there and what would do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath


class SlasimError(Exception):
    """Everything this package raises on purpose."""


class MissingExtra(SlasimError):
    """An optional library is missing; the text says which extra to install."""


class NothingToJudge(SlasimError):
    """A number was asked for that does not exist."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the input.

    ``found`` says what stands there, ``would_do`` what would be right instead. ``line`` and
    ``column`` count from 1; 0 means that no place inside the file is known.
    """

    found: str
    would_do: str = ""
    path: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f", line {self.line}" if place else f"line {self.line}"
            if self.column:
                place += f", column {self.column}"
        said = ": ".join(part for part in (place, self.path, self.found) if part)
        end = "" if said.endswith("?") else "."
        return f"{said}{end} {self.would_do}" if self.would_do else said

    def to_json(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "found": self.found,
            "would_do": self.would_do,
        }


class InputError(SlasimError):
    """The input is wrong. Carries every problem found, sorted by place."""

    def __init__(self, problems: Iterable[Problem] | str):
        if isinstance(problems, str):
            problems = [Problem(problems)]
        self.problems: tuple[Problem, ...] = tuple(
            sorted(problems, key=lambda p: (p.file, p.line, p.column, p.path))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Sequence[str], *, what: str = "", files: bool = False) -> str:
    """A sentence that lists what exists and names the nearest miss.

    Files are near by what stands before the suffix: `.csv` behind both makes no two of them alike.

    >>> did_you_mean("biling", ["billing", "sales"], what="queues")
    'queues are: billing, sales. Did you mean billing?'
    >>> did_you_mean("nope3.csv", ["closed.csv"], what="files", files=True)
    'files are: closed.csv.'
    """
    listed = ", ".join(known) if known else "none"
    sentence = f"{what} are: {listed}." if what else f"Known: {listed}."
    compared = {PurePath(name).stem if files else name: name for name in reversed(known)}
    asked = PurePath(word).stem if files else str(word)
    near = difflib.get_close_matches(asked, compared, n=1, cutoff=0.6)
    return f"{sentence} Did you mean {compared[near[0]]}?" if near else sentence
