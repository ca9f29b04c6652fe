"""slasim: how often a call centre answers in time, how sure that is, and what may be promised.

    import slasim as sl

    centre = sl.load("scenarios/bank_1999/bank.yaml")     # checked and frozen
    result = sl.simulate(centre, replications=200, seed=1)
    result.estimate("service_level", threshold="30s")     # value, range, and which reading it is

Verbs: `load` and `check` a scenario, `simulate` it, `compare` two on the same callers, `judge` a result against
its contract, `back_test` a scenario on weeks it has not seen, `recommend` what may be signed and `report` it,
`compare_drafts` of a contract, `plot` what came out; `sample` draws what chance decides for one simulated month.
Nouns: Scenario, Draw, ContactLog, Result, Comparison, Estimate, Verdict. `kind` registers your own.

Data runs one way: scenario, Draw, engine, ContactLog, counts, ranges, verdicts. This file knows only
where each public name lives: a name is imported when it is first used, so `import slasim` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from slasim.loading import loading
from slasim.version import __version__

if TYPE_CHECKING:  # what type checkers and editors read; `_HOMES` says the same to Python
    from slasim.contactlog import ContactLog as ContactLog
    from slasim.draw import Draw as Draw
    from slasim.erlang import parse_sl_goal as parse_sl_goal
    from slasim.errors import InputError as InputError
    from slasim.errors import SlasimError as SlasimError
    from slasim.history import HistoryVerdict as HistoryVerdict
    from slasim.history import judge_history as judge_history
    from slasim.history import judge_report as judge_report
    from slasim.history import read_contacts as read_contacts
    from slasim.history import read_intervals as read_intervals
    from slasim.history import read_tickets as read_tickets
    from slasim.history.back_testing import back_test as back_test
    from slasim.inputs.sample import sample as sample
    from slasim.outcome.estimates import Estimate as Estimate
    from slasim.outcome.verdicts import Verdict as Verdict
    from slasim.planner.drafts import compare_drafts as compare_drafts
    from slasim.planner.offer import Recommendation as Recommendation
    from slasim.planner.recommend import recommend as recommend
    from slasim.registry import kind as kind
    from slasim.scenario import Scenario as Scenario
    from slasim.scenario import check as check
    from slasim.scenario import load as load
    from slasim.scenario import parse_setting as parse_setting
    from slasim.scenario import schema_json as schema_json
    from slasim.scenario.forecast_file import read_forecast as read_forecast
    from slasim.show.plots import plot as plot
    from slasim.show.report import report as report
    from slasim.sla.compliance import compliance_report as compliance_report
    from slasim.sla.compliance import log_report as log_report
    from slasim.sla.kinds import policy_kinds as policy_kinds
    from slasim.study import Comparison as Comparison
    from slasim.study import Result as Result
    from slasim.study import compare as compare
    from slasim.study import judge as judge
    from slasim.study import simulate as simulate
    from slasim.study.bottleneck import bottleneck as bottleneck
    from slasim.study.formulas import beside_formulas as beside_formulas
    from slasim.study.formulas import trade as trade
    from slasim.study.formulas import trade_table as trade_table
    from slasim.study.people import people as people
    from slasim.study.people import people_table as people_table
    from slasim.study.summary import inside as inside
    from slasim.study.summary import level_metric as level_metric
    from slasim.study.summary import summarise as summarise
    from slasim.study.summary import undoubted as undoubted
    from slasim.study.unserved import unserved as unserved


_HOMES = {
    "load": "slasim.scenario",
    "check": "slasim.scenario",
    "simulate": "slasim.study",
    "compare": "slasim.study",
    "judge": "slasim.study",
    "recommend": "slasim.planner.recommend",
    "compare_drafts": "slasim.planner.drafts",
    "back_test": "slasim.history.back_testing",
    "judge_history": "slasim.history",
    "judge_report": "slasim.history",
    "read_tickets": "slasim.history",
    "read_contacts": "slasim.history",
    "read_intervals": "slasim.history",
    "summarise": "slasim.study.summary",
    "inside": "slasim.study.summary",
    "level_metric": "slasim.study.summary",
    "undoubted": "slasim.study.summary",
    "unserved": "slasim.study.unserved",
    "beside_formulas": "slasim.study.formulas",
    "bottleneck": "slasim.study.bottleneck",
    "people": "slasim.study.people",
    "people_table": "slasim.study.people",
    "trade": "slasim.study.formulas",
    "trade_table": "slasim.study.formulas",
    "plot": "slasim.show.plots",
    "report": "slasim.show.report",
    "parse_setting": "slasim.scenario",
    "schema_json": "slasim.scenario",
    "read_forecast": "slasim.scenario.forecast_file",
    "parse_sl_goal": "slasim.erlang",
    "compliance_report": "slasim.sla.compliance",
    "log_report": "slasim.sla.compliance",
    "sample": "slasim.inputs.sample",
    "kind": "slasim.registry",
    "policy_kinds": "slasim.sla.kinds",
    "HistoryVerdict": "slasim.history",
    "Scenario": "slasim.scenario",
    "Draw": "slasim.draw",
    "ContactLog": "slasim.contactlog",
    "Result": "slasim.study",
    "Comparison": "slasim.study",
    "Recommendation": "slasim.planner.offer",
    "Estimate": "slasim.outcome.estimates",
    "Verdict": "slasim.outcome.verdicts",
    "SlasimError": "slasim.errors",
    "InputError": "slasim.errors",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Import a public name where it lives, once (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'slasim' has no attribute {name!r}")
    with loading():
        thing = getattr(importlib.import_module(home), name)
    globals()[name] = thing
    return thing


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
