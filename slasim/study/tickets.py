"""What a result says of tickets: shares in time with their bounds, by level, team and owner, and the times achieved.

Open clocks are in no share; two bounds say what they may still become. Numbers come from the tally's tickets, ranges
from `outcome/estimates.py`; the reports of one replication are those of real history (`slasim.sla.compliance`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from slasim.errors import InputError, Problem, did_you_mean
from slasim.outcome import estimates
from slasim.outcome.estimates import Estimate
from slasim.outcome.tally import Period, Tally
from slasim.outcome.ticket_layout import STANDINGS

if TYPE_CHECKING:
    import pandas as pd

    from slasim.outcome.tickets import TicketTally
    from slasim.sla.clocks import Clocks
    from slasim.study.measures import Asked
    from slasim.study.result import Result

__all__ = ["TicketLine", "achieved", "clocks_of", "table_by", "ticket_lines", "used"]


# ------------------------------------------------------------------ numerators and denominators


def _counted(tally: Tally) -> TicketTally:
    assert tally.tickets is not None  # a scenario with a ticket clock has a layout for it
    return tally.tickets


def parts(tally: Tally, asked: Asked) -> tuple[Any, Any]:
    """Numerator and denominator, (R,) each, by replication."""
    found = _counted(tally).counts(asked.name_of_clock, asked.queues, tally.counted)
    return asked.measure.parts(cast(Any, found))


def parts_by_interval(tally: Tally, asked: Asked) -> tuple[Any, Any]:
    """Numerator and denominator, (B, I) each, by batch and interval of SLA start."""
    found = _counted(tally).counts_by_interval(asked.name_of_clock, asked.queues, tally.sizes > 0)
    return asked.measure.parts(cast(Any, found))


def parts_by_period(tally: Tally, asked: Asked, period: Period) -> tuple[Any, Any]:
    """Numerator and denominator, (R, P) each, by replication and period of SLA start."""
    from slasim.study.measures import spans_of

    found = _counted(tally).by_period(
        asked.name_of_clock, asked.queues, period, tally.counted, spans_of(asked)
    )
    return asked.measure.parts(cast(Any, found))


def knows(tally: Tally, asked: Asked, period: Period | None) -> bool:
    """Can these sums answer, by this period where one is asked for?"""
    from slasim.study.measures import spans_of

    key = (asked.name_of_clock, asked.queues, period, spans_of(asked))
    whole = period is None or (period == "horizon" and asked.only is None)
    return whole or key in {f.key for f in _counted(tally).layout.followed}


# ------------------------------------------------------------------ by level, team, owner ...


def table_by(result: Result, asked: Asked, by: Sequence[str]) -> pd.DataFrame:
    """value, low, high, what became of the clocks in an average replication; one row per value of one aspect.

    ``by`` is level, team, owner, queue or an attribute; the row with "" is of those that have none. Raises
    InputError.
    """
    import pandas as pd

    tally = _counted(result.tally)
    known = [aspect.name for aspect in tally.layout.aspects]
    if len(by) != 1 or by[0] not in known:
        wrong = next((name for name in by if name not in known), ", ".join(by))
        would = did_you_mean(wrong, known, what="Splits") if wrong not in known else "Give one."
        raise InputError([Problem(f"tickets cannot be split by {wrong!r}", would)])
    aspect = next(one for one in tally.layout.aspects if one.name == by[0])
    counted = result.tally.counted
    cells = tally.by_standing(asked.name_of_clock, aspect.name, counted).astype(np.int64)
    found = tally.by_aspect(asked.name_of_clock, aspect.name, counted)
    above, below = asked.measure.parts(cast(Any, found))
    made = estimates.ranges(above, below, level=result.level)
    frame = pd.DataFrame(
        {
            aspect.name: aspect.labels,
            "value": made.value,
            "low": made.low,
            "high": made.high,
            **{
                standing: cells[:, :, place].sum(axis=0) / result.replications
                for place, standing in enumerate(STANDINGS)
            },
            "replications": result.replications,
        }
    )
    some = cells.sum(axis=(0, 2)) > 0
    kept: pd.DataFrame = frame[some].reset_index(drop=True)
    return kept


# ------------------------------------------------------------------ times achieved


def achieved(
    result: Result,
    metric: str,
    share: float,
    *,
    queue: str | Sequence[str] | None = None,
    stopped_only: bool = False,
) -> Estimate:
    """The time on the clock (ms) that this share (0..1) of tickets did not exceed, whatever their targets.

    What was never finished took longer than any time, unless only the stopped are asked for. Raises InputError.
    """
    return _percentile(result, metric, share, queue, used_=False, stopped_only=stopped_only)


def used(
    result: Result,
    metric: str,
    share: float,
    *,
    queue: str | Sequence[str] | None = None,
    stopped_only: bool = False,
) -> Estimate:
    """The part of its target (1 = all of it) that this share of tickets did not exceed: how far below the limit.

    Only targets in time have parts; points of the calendar have none. Raises InputError.
    """
    found = _percentile(result, metric, share, queue, used_=True, stopped_only=stopped_only)
    low, high = (None if x is None else x / 1000 for x in (found.low, found.high))
    return replace(found, value=found.value / 1000, low=low, high=high, unit="number")


def _percentile(
    result: Result,
    metric: str,
    share: float,
    queue: str | Sequence[str] | None,
    *,
    used_: bool,
    stopped_only: bool,
) -> Estimate:
    from slasim.study import measures

    if not 0 < share <= 1:
        raise InputError([Problem(f"a share of {share:g}", "Give 0.95 for 95 of 100 tickets.")])
    asked = measures.ask(result.scenario, metric, queue)
    if asked.measure.over != "tickets":
        would = "Ask for `percentile`, the wait of contacts."
        raise InputError([Problem(f"{metric} is no ticket clock", would)])
    edges, counts = _counted(result.tally).histogram(
        asked.name_of_clock, asked.queues, used=used_, stopped_only=stopped_only,
        batches=result.tally.sizes > 0,
    )  # fmt: skip
    of = "tickets that ended" if stopped_only else "tickets"
    what = "part of the target" if used_ else "time on the clock"
    return estimates.percentile(
        edges, counts, share, level=result.level, replications=result.replications,
        metric=f"{metric}: {what} of {share:.0%} of the {of}",
    )  # fmt: skip


# ------------------------------------------------------------------ a first look


SHARES = (0.5, 0.9, 0.95)
"""Shares of tickets whose longest time is told."""


@dataclass(frozen=True)
class TicketLine:
    """One ticket clock, or promise of the second line, over its queues.

    value          met / (met + missed); ``low`` and ``high``: if all that is open were missed, or met
    per_replication  STANDINGS in an average replication
    achieved, used   by share of tickets: time on the clock (ms), and part of the target
    ola            whether it is owed by the second line
    """

    metric: str
    text: str
    queues: tuple[str, ...]
    value: Estimate
    low: Estimate
    high: Estimate
    per_replication: dict[str, float]
    achieved: dict[float, Estimate]
    used: dict[float, Estimate]
    ola: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "metric": self.metric,
            "text": self.text,
            "queues": list(self.queues),
            "kind": "ola" if self.ola else "sla",
            "value": self.value.to_json(),
            "if_open_missed": self.low.to_json(),
            "if_open_met": self.high.to_json(),
            "in_a_replication": self.per_replication,
            "achieved": {f"{share:g}": e.to_json() for share, e in self.achieved.items()},
            "target_used": {f"{share:g}": e.to_json() for share, e in self.used.items()},
        }


def ticket_lines(result: Result) -> tuple[TicketLine, ...]:
    """Every ticket clock of the scenario, then what the second line promised; nothing where there are none."""
    if result.tally.tickets is None:
        return ()
    return tuple(_line(result, metric) for metric in result.tally.tickets.layout.metrics)


def _line(result: Result, metric: str) -> TicketLine:
    from slasim.study import measures

    asked = measures.ask(result.scenario, metric)
    tally = _counted(result.tally)
    cells = tally.by_standing(metric, "queue", result.tally.counted).sum(
        axis=(0, 1), dtype=np.int64
    )
    bounds = [
        replace(asked, measure=cast(Any, replace(cast(Any, asked.measure), open_is=open_is)))
        for open_is in ("left_out", "missed", "met")
    ]
    value, low, high = (result._pooled(one, *result.parts(one)) for one in bounds)
    return TicketLine(
        metric, asked.measure.text, asked.queues, value, low, high,
        {name: float(count) / result.replications for name, count in zip(STANDINGS, cells, strict=True)},
        {share: achieved(result, metric, share) for share in SHARES},
        {share: used(result, metric, share) for share in SHARES},
        metric not in tally.layout.policy.metrics,
    )  # fmt: skip


# ------------------------------------------------------------------ one replication, as reports of real history


def clocks_of(result: Result, replication: int, *, stretches: bool = False) -> Clocks:
    """Every clock of one replication, for `compliance_report`, `log_report` and, with ``stretches``, `warnings`.

    Raises InputError where the scenario has no ticket clock, IndexError beyond the last replication.
    """
    layout = result.tally.layout.tickets
    if layout is None or not layout.policy.metrics:
        raise InputError(
            [Problem("the scenario has no ticket clock", "Add a metric of type ticket_clock.")]
        )
    log, draw = result.log(replication), result.draw(replication)
    from slasim.outcome.cycles import judged_log

    return judged_log(layout, draw, log, teams=True, stretches=stretches)[1]
