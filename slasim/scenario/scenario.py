"""Scenario: what a planner wrote, checked and frozen; the noun that the rest of slasim receives.

A variant is a new Scenario (`but`); what was taken for granted is told (`assumed`). Nothing here is random.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr

from slasim.errors import InputError, Problem
from slasim.scenario.assumed import Assumption, assumptions
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document, Loc, unshared
from slasim.scenario.workload import Workload, workload

__all__ = ["Scenario"]


class Scenario(Centre):
    """One centre, checked. Read it with `slasim.load`; change it with `but`."""

    _rebuild: Callable[[Document, Path | None], Scenario] | None = PrivateAttr(default=None)

    def but(self, changes: Mapping[str, Any]) -> Scenario:
        """The same centre with changes, as in `{"queues.billing.volume": "+15%"}`.

        `+x%` and `-x%` multiply, `+x` and `-x` add, anything else replaces (`variants.py`). What `like` had
        copied is written out, so a change of one queue changes no other. Raises InputError with all that is wrong.
        """
        from slasim.scenario import variants

        assert self._rebuild is not None
        document, problems = variants.changed(self, self._document, changes)
        try:
            made: Scenario = self._rebuild(document, self._folder)
        except InputError as error:
            raise InputError([*problems, *error.problems]) from None
        if problems:
            raise InputError(problems)
        return made

    def assumed(self) -> list[Assumption]:
        """What was not given, and what is taken instead."""
        return assumptions(self, self._document)

    def workload(self) -> Workload:
        """Erlangs against staff on the phones by interval, and paid > scheduled > on phones."""
        return workload(self)

    def to_json(self) -> dict[str, Any]:
        """The scenario as plain values, `like` written out: what `load_text` would read."""
        plain: dict[str, Any] = unshared(self._document.value)
        return plain

    def problem(self, loc: Loc, found: str, would_do: str = "") -> Problem:
        """A problem with what the file says at `loc`, such as ("metrics", "voice_80_30"), at its line."""
        return self._document.problem(loc, found, would_do, key=True)

    def __repr__(self) -> str:
        queues, groups = len(self.queues), len(self.groups)
        return (
            f"Scenario({self.name}: {queues} {'queue' if queues == 1 else 'queues'}, "
            f"{groups} {'group' if groups == 1 else 'groups'}, "
            f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}, {self.timezone})"
        )

    __str__ = __repr__
