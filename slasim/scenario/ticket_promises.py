"""What scenarios and policy files share in reading the promises of tickets: sections, cleaned, placed and completed.

The words and their meaning are `slasim.sla.policy`'s. This file knows how a planner writes them down: a field without a
value is left out, one item stands for a list of one; and where in the file that stands what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from slasim.calendars import Calendar
from slasim.errors import Problem, did_you_mean
from slasim.scenario.document import Loc, dotted

if TYPE_CHECKING:
    from slasim.sla.policy import Policy

__all__ = [
    "SECTIONS",
    "cleaned",
    "follows",
    "near_metric",
    "never_open",
    "place_in",
    "policy_of",
    "told_once",
]

SECTIONS = ("preset", "metrics", "levels", "rules", "reminders", "escalations", "managers", "ola")
"""The sections that a scenario and a policy file have in common; calendars are each one's own."""


def policy_of(
    plain: Mapping[str, Any], calendars: Mapping[str, Calendar], timezone: str
) -> Policy | None:
    """The policy of a scenario's plain sections, or None where it promises nothing of tickets. Raises InputError."""
    said = {key: plain[key] for key in SECTIONS if plain.get(key)}
    clocks = {name: one for name, one in (said.get("metrics") or {}).items() if _of_tickets(one)}
    if not clocks and not any(key in said for key in SECTIONS[2:]):
        return None
    from slasim.sla.policy import Policy

    return Policy.from_plain(
        {**cleaned({**said, "metrics": clocks}), "calendars": calendars}, timezone=timezone
    )


def _of_tickets(metric: Any) -> bool:
    return isinstance(metric, Mapping) and metric.get("type", "ticket_clock") == "ticket_clock"


def cleaned(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The sections as `Policy.from_plain` reads them: values that are none left out, single names as lists."""
    found = dict(plain)
    for section in ("reminders", "escalations"):
        if section in plain:
            found[section] = [_said(one) for one in plain[section] or []]
    if "levels" in plain:
        found["levels"] = {name: one or {} for name, one in (plain["levels"] or {}).items()}
    if "rules" in plain:
        rules = dict(plain["rules"] or {})
        if isinstance(rules.get("evaluate"), str):
            rules["evaluate"] = [rules["evaluate"]]
        if rules.get("list") is not None:
            rules["list"] = [_said(one) for one in rules["list"]]
        found["rules"] = rules
    if "ola" in plain:
        found["ola"] = {name: _promise(one) for name, one in (plain["ola"] or {}).items()}
    if "metrics" in plain:
        found["metrics"] = {name: _clock(one) for name, one in (plain["metrics"] or {}).items()}
    return found


def _said(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    return {key: value for key, value in item.items() if value is not None}


def _promise(promise: Any) -> Any:
    said = _said(promise)
    if isinstance(said, dict) and isinstance(said.get("parts"), str):
        said["parts"] = [said["parts"]]
    return said


def _clock(metric: Any) -> Any:
    """One queue or one status may stand without its brackets."""
    if not isinstance(metric, Mapping):
        return metric
    single = {
        key: [metric[key]] for key in ("queues", "pause_on") if isinstance(metric.get(key), str)
    }
    return {**metric, **single}


def never_open(policy: Policy | None) -> list[str]:
    """Calendars of clocks that never open: such a clock would never run, and its promise be met for nothing."""
    if policy is None:
        return []
    used = {metric.calendar for metric in policy.metrics.values()}
    found = []
    for name, calendar in policy.calendars.items():
        windows = (*calendar.weekly, *(hours for _, hours in calendar.special_days))
        if name in used and not calendar.always_open and not any(windows):
            found.append(name)
    return found


def near_metric(problem: Problem, written: Iterable[str]) -> str:
    """What would do, with the near miss among all metrics that the file has, faulty ones too."""
    if problem.would_do.startswith("Metrics are:"):
        return did_you_mean(problem.found.split("'")[1], list(written), what="Metrics")
    return problem.would_do


def follows(problem: Problem, stands: Callable[[Loc], bool]) -> bool:
    """Whether it says that something is none which ``stands`` in the file, and was only left out as faulty."""
    words = problem.found.split("'")
    if len(words) < 3 or not words[2].startswith(" is no "):
        return False
    noun = words[2].removeprefix(" is no ").split()[0].rstrip(".")
    return noun in _NOUNS and stands((_NOUNS[noun], words[1]))


_NOUNS = {"metric": "metrics", "calendar": "calendars", "level": "levels", "promise": "ola"}


def told_once(problems: Sequence[Problem], promises: Mapping[str, Any]) -> list[Problem]:
    """Without what stands on a metric that is told to be faulty; ``promises`` (of `ola`) take over its mistakes."""
    faulty = {one.path.split(".")[1] for one in problems if one.path.startswith("metrics.")}
    on_them = {
        name
        for name, one in promises.items()
        if isinstance(one, Mapping) and one.get("metric") in faulty
    }
    return [
        one
        for one in problems
        if not (one.path.startswith("ola.") and one.path.split(".")[1] in on_them)
        and not follows(one, lambda loc: loc[0] == "metrics" and loc[1] in faulty)
    ]


def place_in(places: Iterable[Loc], path: str) -> Loc:
    """The deepest part of a dotted path among `places` (names may hold dots); () for none."""
    known = {dotted(loc): loc for loc in places}
    while path and path not in known:
        path = path.rpartition(".")[0]
    return known.get(path, ())
