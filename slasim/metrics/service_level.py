"""Service level: six named formulas, each one sentence long.

The first line of a formula's docstring is the formula, and is what a report prints under the number. Both parts are
counts, so intervals, days and queues add up by themselves. Add a formula with ``@service_level(name)``.

Definitions: answered within t is a wait of at most t; a contact still waiting at the end counts as late once it has
waited longer than t, and is left out while that is open (``bounds`` says how much that matters). Contacts that
flowed out to voicemail or were still waiting when the queue closed are offered and not answered within t: they
must not improve a service level. Blocked contacts are no part of offered. (Who uses which formula: Cisco's
"negative", "positive" and "ignored"; Genesys with and without short abandons; UCCX "only handled".)

This file knows no ratio of nothing (``ratio.py``) and no source of counts (``counts.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from slasim import registry
from slasim.clock import format_duration
from slasim.metrics.counts import Counts, Numbers

Parts = tuple[Numbers, Numbers]
"""Numerator and denominator."""

Formula = Callable[[Counts, int, int], Parts]
"""counts, threshold in ms, short-abandon threshold in ms -> numerator, denominator."""


def service_level(name: str) -> Callable[[Formula], Formula]:
    """Register a formula under the name that scenario files use."""
    return registry.kind("service_level", name)


def judged(c: Counts, t: int) -> Numbers:
    """All offered, but for those whose wait is still open: waiting, and for at most t so far."""
    return c.offered - c.waiting_within(t)


@service_level("negative")
def negative(c: Counts, t: int, short: int) -> Parts:
    """answered within {t} / all offered"""
    return c.answered_within(t), judged(c, t)


@service_level("exclude_short")
def exclude_short(c: Counts, t: int, short: int) -> Parts:
    """answered within {t} / all offered but those who abandoned within {short}"""
    return c.answered_within(t), judged(c, t) - c.abandoned_within(short)


@service_level("exclude_abandoned_within")
def exclude_abandoned_within(c: Counts, t: int, short: int) -> Parts:
    """answered within {t} / all offered but those who abandoned within {t}"""
    return c.answered_within(t), judged(c, t) - c.abandoned_within(t)


@service_level("positive")
def positive(c: Counts, t: int, short: int) -> Parts:
    """answered or abandoned within {t} / all offered"""
    return c.answered_within(t) + c.abandoned_within(t), judged(c, t)


@service_level("short_positive")
def short_positive(c: Counts, t: int, short: int) -> Parts:
    """(answered within {t} + abandoned within {short}) / all offered"""
    return c.answered_within(t) + c.abandoned_within(short), judged(c, t)


@service_level("answered_only")
def answered_only(c: Counts, t: int, short: int) -> Parts:
    """answered within {t} / all answered"""
    return c.answered_within(t), c.answered


def sentence(formula: Formula, t: int, short: int | None = None) -> str:
    """The formula in words, with its thresholds.

    >>> sentence(negative, 30_000)
    'answered within 30 s / all offered'
    """
    shown = "?" if short is None else format_duration(short)
    return registry.meaning(formula).format(t=format_duration(t), short=shown)


def needs_short(formula: Formula) -> bool:
    """Whether the formula's own sentence speaks of short abandons."""
    return "{short}" in registry.meaning(formula)


def bounds(c: Counts, t: int) -> tuple[Numbers, Numbers, Numbers]:
    """(lowest numerator, highest numerator, denominator) of ``negative`` over the contacts whose wait is still open.

    Lowest takes all of them as late, highest takes all as answered in time.
    """
    within = c.answered_within(t)
    return within, within + c.waiting_within(t), c.offered
