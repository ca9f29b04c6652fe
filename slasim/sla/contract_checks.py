"""What is wrong with a contract: every problem at once, each with its path, what was found and what would do.

A contract is checked as it stands, and against what stands around it (`Around`): metrics, forecast, hiring plan, how
long the scenario is. What is not known of the surroundings is not asked. This file knows no file and no line; paths
are those of the `contract:` section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from itertools import pairwise

from slasim.errors import Problem, did_you_mean
from slasim.metrics.ratio import ZERO_OFFERED
from slasim.sla.contract import (
    AGGREGATES,
    CREDIT_BASES,
    PERIODS,
    PRICED_BY,
    RELIEFS,
    ROUNDING_MODES,
    Better,
    Commitment,
    Contract,
    Period,
    Tier,
    Unit,
)

__all__ = ["Around", "contract_problems", "version_problems"]


@dataclass(frozen=True)
class Around:
    """What is known of the surroundings of a contract; None is not known, and not asked.

    metrics      name -> unit of each metric there is
    forecast     is there a locked forecast of the client?
    hiring_plan  is there a hiring plan, for the ramp?
    longest      the longest period of which the scenario holds a whole one
    """

    metrics: Mapping[str, Unit] | None = None
    forecast: bool | None = None
    hiring_plan: bool | None = None
    longest: Period | None = None


def contract_problems(contract: Contract, around: Around | None = None) -> list[Problem]:
    """Everything that is wrong with a contract, by its place in it."""
    there = around or Around()
    found = [
        *_words(contract),
        *_clauses(contract, there),
        *_ramp(contract, there),
        *_money(contract, there),
        *_titles(contract),
    ]
    for number, commitment in enumerate(contract.commitments):
        path = f"contract.commitments[{number}]"
        found += _commitment(contract, commitment, path, there)
        found += _steps(commitment, path)
    return found


def version_problems(versions: Sequence[Contract]) -> list[Problem]:
    """Versions of one contract whose days overlap, or leave days with no version between them."""
    found = []
    dated = sorted(versions, key=lambda version: version.effective[0] or date.min)
    for earlier, later in pairwise(dated):
        ends, starts = earlier.effective[1], later.effective[0]
        if ends is None or starts is None or starts <= ends:
            said = "version {} and version {} hold on the same days"
        elif (starts - ends).days > 1:
            said = "no version holds between version {} and version {}"
        else:
            continue
        would_do = "A version starts on the day after the one before it ends."
        found.append(
            Problem(said.format(earlier.version, later.version), would_do, "contract.effective")
        )
    return found


# ------------------------------------------------------------------ the contract


def _words(contract: Contract) -> Iterator[Problem]:
    said: list[tuple[str, str | None, Sequence[str]]] = [
        ("period", contract.period, PERIODS),
        ("credit_base", contract.credit_base, CREDIT_BASES),
        ("credits_as", contract.credits_as, ("deduction", "future_fees")),
    ]
    if contract.forecast is not None:
        said += [
            ("forecast.relief", contract.forecast.relief, RELIEFS),
            ("forecast.sided", contract.forecast.sided, ("upper", "both")),
            ("forecast.by", contract.forecast.by, ("interval", "period")),
        ]
    if contract.rounding is not None:
        said.append(("rounding.mode", contract.rounding.mode, ROUNDING_MODES))
    if contract.price is not None:
        said.append(("price.per", contract.price.per, PRICED_BY))
    if contract.termination is not None:
        said.append(("termination.of", contract.termination.of, ("any", "same")))
    for number, exclusion in enumerate(contract.exclusions):
        said.append((f"exclusions[{number}].scope", exclusion.scope, ("contacts", "intervals")))
    for number, commitment in enumerate(contract.commitments):
        path = f"commitments[{number}]"
        said += [
            (f"{path}.better", commitment.better, ("higher", "lower")),
            (f"{path}.unit", commitment.unit, ("share", "time", "number")),
            (f"{path}.period", commitment.period, PERIODS),
            (f"{path}.aggregate", commitment.aggregate, AGGREGATES),
            (f"{path}.zero_offered", commitment.zero_offered, ZERO_OFFERED),
        ]
    for path, word, known in said:
        if word is not None and word not in known:
            yield Problem(f"'{word}' is unknown", did_you_mean(word, known), f"contract.{path}")


def _clauses(contract: Contract, around: Around) -> Iterator[Problem]:
    starts, ends = contract.effective
    if starts is not None and ends is not None and ends < starts:
        yield Problem(f"it ends on {ends}, before {starts}", path="contract.effective")
    forecast = contract.forecast
    if forecast is not None:
        path = "contract.forecast"
        if forecast.relief != "none" and not _forecast_known(contract, around):
            would_do = "Name the client's locked forecast (file:), or write relief: none."
            yield Problem(f"relief {forecast.relief} and no forecast", would_do, path)
        if forecast.tolerance < 0:
            would_do = "Write for example tolerance: 0.15."
            yield Problem("the tolerance is negative", would_do, f"{path}.tolerance")
        if forecast.lock_days < 0:
            yield Problem("lock_days is negative", "Write 0 or more.", f"{path}.lock_days")
        if forecast.sided == "both" and forecast.relief in _UPWARDS:
            would_do = "It acts on volume above the forecast only; leave sided out."
            yield Problem(f"sided: both beside {forecast.relief}", would_do, f"{path}.sided")
    for number, exclusion in enumerate(contract.exclusions):
        path = f"contract.exclusions[{number}]"
        if exclusion.until <= exclusion.since:
            yield Problem("it ends before it starts", "Write from: before to:.", path)
        titles = [c.title for c in contract.commitments]
        for title in exclusion.commitments:
            if title not in titles:
                would_do = did_you_mean(title, titles, what="Commitments")
                yield Problem(f"'{title}' is no commitment", would_do, f"{path}.commitments")
    if contract.min_volume < 0:
        yield Problem("it is negative", "Write 0 or more contacts.", "contract.min_volume")
    if contract.rounding is not None and not 0 <= contract.rounding.decimals <= 12:
        would_do = "Write 0 to 12, for example decimals: 1."
        yield Problem(
            f"{contract.rounding.decimals} decimals", would_do, "contract.rounding.decimals"
        )


_UPWARDS = ("first_in_arrival_order", "cap_denominator")


def _ramp(contract: Contract, around: Around) -> Iterator[Problem]:
    if contract.credit_free_months < 0:
        yield Problem("it is negative", "Write 0 or more.", "contract.credit_free_months")
    if not contract.ramp:
        return
    if around.hiring_plan is False:
        would_do = "Write the hiring plan: class size, date, weekly AHT factor, attrition."
        yield Problem("a ramp and no hiring plan", would_do, "contract.ramp")
    known = {c.title: c for c in contract.commitments}
    for month, targets in contract.ramp.items():
        for title, target in targets.items():
            path = f"contract.ramp.{month}.{title}"
            if month < 1:
                yield Problem(f"month {month}", "Contract months count from 1.", path)
            if title not in known:
                would_do = did_you_mean(title, list(known), what="Commitments")
                yield Problem(f"'{title}' is no commitment", would_do, path)
                continue
            yield from _target(known[title], target, path)
            if _sign(known[title].side) * (target - known[title].target) > 0:
                would_do = "A ramp is easier than the target it leads to."
                yield Problem("the ramp is stricter than the target", would_do, path)
    for title in known:
        months = sorted(month for month, targets in contract.ramp.items() if title in targets)
        if months and months != list(range(1, len(months) + 1)):
            listed = ", ".join(map(str, months))
            would_do = "It begins with month 1 and leaves no month out."
            yield Problem(f"the ramp of {title} has months {listed}", would_do, "contract.ramp")


def _forecast_known(contract: Contract, around: Around) -> bool:
    if around.forecast is not None:
        return around.forecast
    return contract.forecast is not None and bool(contract.forecast.source)


def _money(contract: Contract, around: Around) -> Iterator[Problem]:
    costly = [c.title for c in contract.commitments if c.costs_money]
    weighted = any(c.weight for c in contract.commitments)
    if costly and contract.price is None:
        said = "weights" if weighted else "credits"
        would_do = "Write price: {per: month, amount: ...}, or leave weights, tiers and bonus out."
        yield Problem(f"{said} and no price", would_do, "contract.price")
    if costly and contract.at_risk is None:
        would_do = "Write at_risk: 0.10, the share of the credit base that a period can cost."
        yield Problem("credits and no money at risk", would_do, "contract.at_risk")
    if contract.at_risk is not None and not 0 <= contract.at_risk <= 1:
        yield Problem("it is no share", "Write 0.10 or 10 %.", "contract.at_risk")
    price = contract.price
    if price is not None:
        least = price.minimum_of_forecast
        if price.amount < 0 or price.minimum < 0:
            yield Problem("a negative amount", "Write what is paid, 0 or more.", "contract.price")
        if least is not None and not 0 <= least <= 1:
            would_do = "Write 0.85 or 85 %."
            yield Problem("it is no share", would_do, "contract.price.minimum_of_forecast")
        if least is not None and not _forecast_known(contract, around):
            would_do = "Name the client's locked forecast (forecast: {file: ...})."
            path = "contract.price.minimum_of_forecast"
            yield Problem("a share of the forecast and no forecast", would_do, path)
    back = contract.earn_back
    if back is not None:
        path = "contract.earn_back"
        if not costly:
            yield Problem("there is no credit to earn back", "Give commitments weights.", path)
        if back.good_periods is None and not back.year_average:
            would_do = "Write good_periods: 3, or year_average: true."
            yield Problem("it does not say how", would_do, path)
        if back.good_periods is not None and back.good_periods < 1:
            yield Problem(f"{back.good_periods} good periods", "Write 1 or more.", path)
        if back.year_average and not any(c.year_target is not None for c in contract.commitments):
            would_do = "Give a commitment a year_target."
            yield Problem("year_average and no year_target", would_do, path)
        if not 0 <= back.share <= 1:
            yield Problem("it is no share", "Write 0.5 or 50 %.", f"{path}.share")
    leaving = contract.termination
    if leaving is not None and not 1 <= leaving.misses <= leaving.within_periods:
        would_do = "Write for example misses: 3, within_periods: 6."
        yield Problem(
            f"{leaving.misses} misses within {leaving.within_periods} periods",
            would_do,
            "contract.termination",
        )


def _titles(contract: Contract) -> Iterator[Problem]:
    titles = [c.title for c in contract.commitments]
    for number, title in enumerate(titles):
        if title in titles[:number]:
            would_do = "Give one of them a name."
            path = f"contract.commitments[{number}]"
            yield Problem(f"two commitments are called '{title}'", would_do, path)


# ------------------------------------------------------------------ one commitment


def _commitment(
    contract: Contract, commitment: Commitment, path: str, around: Around
) -> Iterator[Problem]:
    known = around.metrics
    if known is not None and commitment.metric not in known:
        would_do = did_you_mean(commitment.metric, list(known), what="Metrics")
        yield Problem(f"'{commitment.metric}' is no metric", would_do, f"{path}.metric")
    elif known is not None and known[commitment.metric] != commitment.unit:
        found = f"{commitment.metric} is a {known[commitment.metric]}, no {commitment.unit}"
        yield Problem(found, path=f"{path}.unit")
    yield from _target(commitment, commitment.target, f"{path}.target")
    counted = commitment.aggregate == "share_of_intervals_met"
    if counted and commitment.interval_target is None:
        would_do = "Write for example target: 0.9, interval_target: 0.8."
        yield Problem("share_of_intervals_met needs interval_target", would_do, path)
    if not counted and commitment.interval_target is not None:
        would_do = "Write aggregate: share_of_intervals_met, or leave it out."
        yield Problem("it stands here without aggregate", would_do, f"{path}.interval_target")
    if counted and commitment.interval_target is not None and commitment.unit == "share":
        yield from _share(commitment.interval_target, f"{path}.interval_target")
    if commitment.weight < 0:
        yield Problem("it is negative", "Write a share, 0 or more.", f"{path}.weight")
    if commitment.linear is not None:
        if commitment.linear.rate <= 0:
            yield Problem("the rate is not above 0", "Write rate: 1.", f"{path}.linear")
        if commitment.judged_unit != "share":
            would_do = "Write tiers; points of a charge need a percentage."
            yield Problem("linear credits on what is no share", would_do, f"{path}.linear")
        if commitment.tiers:
            yield Problem("tiers and linear together", "Keep one of them.", f"{path}.linear")
    if commitment.tiers and not commitment.weight:
        would_do = "Write weight: its share of the money at risk."
        yield Problem("tiers and no weight cost nothing", would_do, f"{path}.tiers")
    if commitment.year_target is not None:
        yield from _target(commitment, commitment.year_target, f"{path}.year_target")
        if _sign(commitment.side) * (commitment.year_target - commitment.target) < 0:
            would_do = "Credits come back for a year that was better than the target."
            yield Problem("it is easier than the target", would_do, f"{path}.year_target")
    yield from _lengths(contract, commitment, path, around)


def _lengths(
    contract: Contract, commitment: Commitment, path: str, around: Around
) -> Iterator[Problem]:
    own = commitment.period or contract.period
    place = f"{path}.period" if commitment.period else "contract.period"
    if own not in PERIODS or contract.period not in PERIODS:
        return
    if PERIODS.index(own) > PERIODS.index(contract.period):
        would_do = "A commitment is judged as often as the contract, or more often."
        yield Problem(f"a {own} in a contract per {contract.period}", would_do, place)
    longest = around.longest
    if longest is not None and PERIODS.index(own) > PERIODS.index(longest):
        would_do = f"The scenario holds no whole {own}; make it longer or judge per {longest}."
        yield Problem(f"a period of a {own} is longer than the scenario", would_do, place)
    forecast = contract.forecast
    if forecast is None:
        return
    if forecast.relief == "cap_denominator":
        if commitment.unit != "share":
            would_do = "Contacts can be taken off a share only; write exclude_interval."
            yield Problem("cap_denominator on what is no share", would_do, path)
        if forecast.by == "period" and commitment.aggregate != "weighted":
            would_do = "Write by: interval; no interval is told from another in a period's cap."
            yield Problem(f"cap_denominator by period and {commitment.aggregate}", would_do, path)


def _target(commitment: Commitment, target: Fraction, path: str) -> Iterator[Problem]:
    if commitment.judged_unit == "share":
        yield from _share(target, path)
    elif target < 0:
        yield Problem("it is negative", "A target is 0 or more.", path)


def _share(target: Fraction, path: str) -> Iterator[Problem]:
    if target > 1:
        yield Problem(f"a target of {_said(target)} is above 1", "Write 0.8 or 80 %.", path)
    elif target < 0:
        yield Problem("it is negative", "A target is 0 or more.", path)


# ------------------------------------------------------------------ tiers


def _sign(better: Better) -> int:
    return 1 if better == "higher" else -1


def _said(number: Fraction) -> str:
    return f"{float(number):g}"


def _steps(commitment: Commitment, path: str) -> Iterator[Problem]:
    """Credit tiers begin at the target and leave nothing between them; bonuses begin at or above it."""
    higher = commitment.side == "higher"
    yield from _edges(commitment.tiers, *_CREDIT[higher], f"{path}.tiers")
    yield from _edges(commitment.bonus, *_BONUS[higher], f"{path}.bonus")
    sign = _sign(commitment.side)
    credits_ = _sorted(commitment.tiers, *_CREDIT[higher], -sign)
    bonuses = _sorted(commitment.bonus, *_BONUS[higher], sign)
    target = sign * commitment.target
    if credits_:
        start = -credits_[0].start
        edge, said = _CREDIT[higher][0], _said(commitment.target)
        if start > target:
            would_do = f"The first tier says {edge}: {said}."
            yield Problem(
                "the tiers overlap with what is met: a period at target would cost",
                would_do,
                f"{path}.tiers",
            )
        if start < target:
            would_do = (
                f"If a miss up to {_said(abs(start))} is free, say so: {edge}: {said}, share: 0."
            )
            yield Problem(
                f"the tiers leave a gap between the target {said} and {_said(abs(start))}",
                would_do,
                f"{path}.tiers",
            )
    if bonuses and bonuses[0].start < target:
        would_do = "A bonus begins at the target or beyond it."
        yield Problem("a bonus for a missed target", would_do, f"{path}.bonus")
    yield from _between(credits_, f"{path}.tiers")
    yield from _between(bonuses, f"{path}.bonus")
    floor = Fraction(0) if higher else Fraction(1) if commitment.judged_unit == "share" else None
    last = credits_[-1].end if credits_ else None
    if last is not None and (floor is None or last < -sign * floor):
        would_do = "The last tier has one edge only."
        yield Problem(f"the tiers leave a gap beyond {_said(abs(last))}", would_do, f"{path}.tiers")


_CREDIT = {True: ("below", "at_least"), False: ("above", "at_most")}
_BONUS = {True: ("at_least", "below"), False: ("at_most", "above")}


def _edges(tiers: Sequence[Tier], start: str, end: str, path: str) -> Iterator[Problem]:
    for number, tier in enumerate(tiers):
        here = f"{path}[{number}]"
        given = [
            f.name for f in fields(tier) if f.name != "share" and _edge(tier, f.name) is not None
        ]
        wrong = [name for name in given if name not in (start, end)]
        if start not in given or wrong:
            said = ", ".join(given) or "nothing"
            would_do = f"Write {start}, and {end} for its other edge if need be."
            yield Problem(f"the tier says {said}", would_do, here)
        if not 0 <= tier.share <= 1:
            yield Problem("it is no share", "Write 0.25 or 25 %.", f"{here}.share")


def _edge(tier: Tier, name: str) -> Fraction | None:
    found: Fraction | None = getattr(tier, name)
    return found


@dataclass(frozen=True)
class _Step:
    """A tier on an axis on which further is more: it begins at ``start`` and, if it says so, ends at ``end``."""

    start: Fraction
    end: Fraction | None
    share: Fraction


def _sorted(tiers: Sequence[Tier], start: str, end: str, sign: int) -> list[_Step]:
    steps = []
    for tier in tiers:
        begins, ends = _edge(tier, start), _edge(tier, end)
        if begins is not None:
            steps.append(_Step(sign * begins, None if ends is None else sign * ends, tier.share))
    return sorted(steps, key=lambda step: step.start)


def _between(steps: Sequence[_Step], path: str) -> Iterator[Problem]:
    for step in steps:
        if step.end is not None and step.end <= step.start:
            yield Problem(f"a tier from {_said(abs(step.start))} holds nothing", path=path)
    for one, further in pairwise(steps):
        here = f"{_said(abs(one.start))} and {_said(abs(further.start))}"
        if one.start == further.start or (one.end is not None and further.start < one.end):
            yield Problem(f"the tiers at {here} overlap", "Each begins where one ends.", path)
        elif one.end is not None and further.start > one.end:
            yield Problem(f"the tiers at {here} leave a gap", "Each begins where one ends.", path)
        elif further.share < one.share:
            would_do = "The further a value is from the target, the more it counts."
            yield Problem(f"of the tiers at {here} the further one counts less", would_do, path)
