"""Recommendation: what may be signed. Frozen values that screen, report, pictures and JSON are made of.

Shares are 0..1, times ms (``threshold_s`` alone in seconds), money in the scenario's currency. A chance is that a
contract period meets; ``*_low`` is certain at the confidence asked for. Nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from slasim.study.odds import ContractOdds, TermOdds, plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Budget",
    "Clause",
    "Customer",
    "Decision",
    "Evidence",
    "Gap",
    "HourOfDay",
    "Lever",
    "Peril",
    "Point",
    "Reading",
    "Reason",
    "Recommendation",
    "Signable",
    "Step",
    "Way",
]

Decision = Literal["commit", "commit with clause", "do not commit", "not enough evidence"]


@dataclass(frozen=True)
class Reason:
    """Why, by name and with the numbers in a sentence. Names: see `verdicts.py`."""

    name: str
    says: str


@dataclass(frozen=True)
class Signable:
    """One metric at one threshold: the strictest target that may be signed, and what becomes of the asked one.

    own           the contract's own threshold (the others are alternatives)
    target        strictest certified target, rounded to the safe side at 6 decimals; None: not enough evidence
    chance        of that target, chance_low what is certain
    target_among  the same where one chooses among the thresholds of this metric (Bonferroni); what an offer may use
    asked         the contract's target, its chance; chance_alone without input error
    clause        the clause that makes it signable, with "commit with clause"
    no_miss       chance of no miss in the term; None where the asked threshold is not this one
    """

    metric: str
    title: str
    threshold_s: float | None
    own: bool
    formula: str
    unit: str
    better: str
    period: str
    target: float | None
    chance: float | None
    chance_low: float | None
    target_among: float | None
    mean: float
    asked: float | None
    asked_chance: float | None
    asked_chance_low: float | None
    asked_chance_high: float | None
    asked_chance_alone: float | None
    verdict: Decision | None
    clause: str | None
    no_miss: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Point:
    """One point of the frontier: at this threshold and wished chance the strictest certified target.

    ``target`` is certified by itself, ``target_among`` for whoever chooses among the thresholds.
    """

    title: str
    metric: str
    threshold_s: float | None
    wished: float
    target: float | None
    target_among: float | None
    mean: float


@dataclass(frozen=True)
class Clause:
    """What a clause is worth to one commitment, on the same replications.

    name, words   "forecast_relief", "relief above +15 % of forecast"
    wording       a sentence for the contract
    title         the commitment whose chance is told ("" = the whole contract)
    chance        with the clause, chance_before without; chance_low certified for one of all clauses tried
    credits       expected a period with it, credits_before without; None without a price
    sign          +1 it helps us, -1 it hurts, 0 neither: relief and forecast error can move either way
    why           why it moves so, or why it cannot be valued
    valued        False: cannot be valued from this scenario
    enough        it lifts the asked target to the required chance by itself
    """

    name: str
    words: str
    wording: str
    title: str
    chance_before: float | None
    chance: float | None
    chance_low: float | None
    credits_before: float | None
    credits: float | None
    sign: int
    why: str
    valued: bool
    enough: bool


@dataclass(frozen=True)
class Lever:
    """One bar of the tornado: an input moved to the worse and the better side, on paired replications.

    changed_worse, changed_better  replications whose verdict differs from the base (McNemar's discordant pairs)
    """

    name: str
    title: str
    worse_by: str
    better_by: str
    base: float
    worse: float
    better: float
    changed_worse: int
    changed_better: int
    replications: int
    asked_for: bool
    """the scenario's feasibility.stress names it; else a usual size"""

    @property
    def swing(self) -> float:
        return self.better - self.worse


@dataclass(frozen=True)
class Step:
    """A rung of more staffing: who, when, how many, at what price, and what it buys.

    agents         added on the phones in ``when`` ("10:00-13:00 mon-fri")
    phone_hours    and paid_hours a period, cost (None: no cost_per_hour)
    chance         of all commitments asked, together; by_commitment by title
    targets        title -> strictest certified target on this rung
    enough         the asked contract is met with the required chance, certified
    """

    groups: tuple[str, ...]
    when: str
    agents: int
    phone_hours: float
    paid_hours: float
    cost: float | None
    replications: int
    chance: float
    chance_low: float
    by_commitment: Mapping[str, float]
    low_by_commitment: Mapping[str, float]
    targets: Mapping[str, float | None]
    enough: bool


@dataclass(frozen=True)
class Budget:
    """What a budget a period buys: the rung, and the best target of each commitment there."""

    amount: float
    step: Step | None
    targets: Mapping[str, float | None]


@dataclass(frozen=True)
class Way:
    """One thing we could sign for a commitment: "76 % in 30 s"; its extra cost a period, 0 for none, None unknown.

    kind: target, threshold, staffing, clauses, package (of the whole contract).
    """

    letter: str
    title: str
    kind: str
    words: str
    target: float | None
    threshold_s: float | None
    chance: float
    chance_low: float
    extra_cost: float | None
    paid_hours: float
    enough: bool
    certified_on: str
    """"these" replications (Bonferroni over the choices), or "fresh" ones"""


@dataclass(frozen=True)
class Gap:
    """Required against current, per commitment: the chance, and the staffing that would close it."""

    title: str
    target: float
    value: float
    chance: float
    required: float
    paid_hours_now: float
    paid_hours_more: float | None
    cost_more: float | None


@dataclass(frozen=True)
class Peril:
    """Something to know before signing: its name, one sentence, the numbers in it. ``client`` may read it too."""

    name: str
    says: str
    title: str = ""
    client: bool = False


@dataclass(frozen=True)
class Reading:
    """How we read the contract: sentences on one commitment, or (title "") on the whole. No money in them."""

    title: str
    says: tuple[str, ...]


@dataclass(frozen=True)
class HourOfDay:
    """A commitment's value in one local hour of the day ("10:00"), all days together."""

    title: str
    hour: str
    value: float


@dataclass(frozen=True)
class Customer:
    """What the client's customers meet, all simulated periods together; the contract's own queues.

    waits          (share of callers, ms that they did not exceed); calls and chats, whether answered or not
    abandoned      share of them that hang up; None where nobody can
    hours          by commitment and hour, the worst first; hours with under 1 % of its contacts are left out
    oldest_ticket  mean age (ms) of the oldest ticket at the end of a day; None without tickets
    """

    waits: tuple[tuple[float, float], ...]
    abandoned: float | None
    hours: tuple[HourOfDay, ...]
    oldest_ticket: float | None


@dataclass(frozen=True)
class Evidence:
    """What the answer stands on.

    certain       which of volume, AHT, attendance are taken as certain
    assumed       (path, value, sentence) of every default that moves the answer
    measured_from the file that forecast errors were measured on; None: typed in or none
    back_test     title -> by how much the model was too kind on unseen weeks (share or ms); None: no back-test
    weeks         of own data behind the back-test
    not_modelled  sentences
    typed         doubts stated beside the measured ones: volume, aht, attendance
    """

    certain: tuple[str, ...]
    assumed: tuple[tuple[str, str, str], ...]
    demand: Mapping[str, Mapping[str, float]]
    measured_from: str | None
    lock_days: int | None
    back_test: Mapping[str, float] | None
    weeks: float | None
    not_modelled: tuple[str, ...]
    typed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recommendation:
    """What may be signed. ``.table()`` one row per recommendation, ``.to_json()`` stable keys.

    decision, answer  for the whole contract, and a sentence
    odds         the contract that is recommended on; others: contracts of other clients on the same staffing
    before       the package as drafted; package: the one we would offer (Way of kind "package"), or None
    ways         by commitment; clauses, levers, steps, gaps, perils as named
    negotiator   a paragraph to paste
    readings     how the contract's words were read
    customer     what the client's customers meet
    """

    scenario: str
    currency: str
    period: str
    version: str
    seed: int
    replications: int
    paired: int
    fresh: int
    seconds: float
    fingerprint: str
    decision: Decision | None
    answer: str
    recommendations: tuple[Signable, ...]
    odds: ContractOdds | None
    package: Way | None
    package_odds: ContractOdds | None
    others: tuple[ContractOdds, ...]
    term: TermOdds | None
    frontier: tuple[Point, ...]
    ways: tuple[Way, ...]
    clauses: tuple[Clause, ...]
    levers: tuple[Lever, ...]
    steps: tuple[Step, ...]
    budget: Budget | None
    gaps: tuple[Gap, ...]
    perils: tuple[Peril, ...]
    evidence: Evidence
    formulas: Mapping[str, Mapping[str, float]]
    """title -> service-level formula -> value of all contacts together"""
    negotiator: str
    readings: tuple[Reading, ...] = ()
    customer: Customer | None = None

    def own(self) -> tuple[Signable, ...]:
        """The rows at the contract's own thresholds, one per commitment."""
        return tuple(one for one in self.recommendations if one.own)

    def to_json(self) -> dict[str, Any]:
        """Stable keys; the ones a reader needs first come first."""
        odds = None if self.odds is None else plain(self.odds)
        contract = None if odds is None or self.odds is None else _flat(self.odds, odds)
        return {
            "recommendations": [plain(one) for one in self.recommendations],
            "contract": contract,
            "term": plain(self.term),
            "frontier": plain(self.frontier),
            "clauses": plain(self.clauses),
            "sensitivity": [plain(one) | {"swing": plain(one.swing)} for one in self.levers],
            "decision": self.decision,
            "answer": self.answer,
            "ways": plain(self.ways),
            "package": plain(self.package),
            "steps": plain(self.steps),
            "budget": plain(self.budget),
            "gaps": plain(self.gaps),
            "contracts": [_flat(one, plain(one)) for one in self.others],
            "perils": plain(self.perils),
            "evidence": plain(self.evidence),
            "formulas": plain(dict(self.formulas)),
            "negotiator": self.negotiator,
            "readings": plain(self.readings),
            "customer": plain(self.customer),
            "scenario": self.scenario,
            "currency": self.currency,
            "period": self.period,
            "seed": self.seed,
            "replications": self.replications,
            "paired_replications": self.paired,
            "fresh_replications": self.fresh,
            "fingerprint": self.fingerprint,
            "version": self.version,
        }

    def table(self) -> pd.DataFrame:
        """One row per metric and threshold, the contract's own first."""
        import pandas as pd

        rows = [plain(one) for one in self.recommendations]
        for row in rows:
            row["reasons"] = "; ".join(reason["says"] for reason in row["reasons"])
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        from slasim.planner.words import plain_lines

        return plain_lines(self)


def _flat(odds: ContractOdds, said: dict[str, Any]) -> dict[str, Any]:
    """Chance and money of a contract side by side."""
    money = said.pop("money")
    estimate = said.pop("chance")
    names = (
        "expected_credits",
        "credits_p95",
        "credits_worst",
        "chance_of_credits",
        "margin",
        "cost",
    )
    flat: dict[str, Any] = {
        "chance": plain(odds.chance.value),
        "chance_low": said.pop("chance_low"),
    }
    flat |= {name: None if money is None else money[name] for name in names}
    return flat | said | {"chance_range": estimate, "money": money}
