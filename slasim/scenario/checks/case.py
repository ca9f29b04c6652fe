"""What a rule is given: the centre, its document, and what was left out as faulty before.

No rule stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slasim.errors import InputError, Problem
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document, Loc
from slasim.scenario.tell import as_written

__all__ = ["Case", "Check", "listed", "mapping", "placed"]


@dataclass(frozen=True)
class Case:
    """A centre to be checked, its document, and the paths that were left out as faulty before."""

    centre: Centre
    document: Document
    faulty: frozenset[Loc] = frozenset()

    def whole(self, *loc: str) -> bool:
        """Nothing inside this part was left out, so what it lacks it lacks in the file too."""
        return not any(left[: len(loc)] == loc for left in self.faulty)

    def problem(self, loc: Loc, found: str, would_do: str = "", *, key: bool = False) -> Problem:
        """A problem at a path of the centre, at its place in the file."""
        place = as_written(loc, self.faulty)
        return self.document.problem(place, found, would_do, key=key)

    @property
    def timed(self) -> bool:
        """Times and calendars are known, so that data files can be placed on the grid."""
        parts = ("start", "end", "interval", "timezone", "warm_up", "calendars")
        return all(self.whole(part) for part in parts)


Check = Callable[[Case], Iterator[Problem]]


def mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def placed(error: InputError, document: Document, loc: Loc) -> Iterator[Problem]:
    """Problems of a data file as they are; those of the scenario itself at `loc`."""
    for problem in error.problems:
        if problem.file:
            line, _ = document.place(loc)
            whose = document.problem(loc, "").path
            known = problem.path or (f"{whose} (line {line} of the scenario)" if line else whose)
            yield Problem(
                problem.found, problem.would_do, known, problem.file, problem.line, problem.column
            )
        else:
            yield document.problem(loc, problem.found, problem.would_do)
