"""What must hold between records: each rule one named function, all findings reported together.

A rule takes a case, the centre and its document, and yields problems at their places. Names are looked up in
the document, so that a queue with a mistake of its own is not also reported as missing. What one
record can know of itself stands in `schema/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from slasim.errors import Problem
from slasim.scenario.checks.attributes import (
    attributes_are_known,
    every_ticket_is_taken,
    shares_make_a_whole,
)
from slasim.scenario.checks.backups import (
    backups_stand_in_for_others,
    backups_stand_in_for_takers,
)
from slasim.scenario.checks.case import Case, Check
from slasim.scenario.checks.chats import (
    chat_curves_fit,
    chats_are_taken,
    loads_fit_the_room,
    measured_where_chats_are,
)
from slasim.scenario.checks.data import (
    MOST_CONTACTS,
    MOST_INTERVALS,
    arrivals_are_known,
    data_files_open,
    doubts_can_be_measured,
    horizon_fits,
    sources,
    staffing_is_known,
)
from slasim.scenario.checks.following import (
    every_queue_is_fed,
    keys_fit_their_channel,
    nothing_goes_in_a_circle,
    offers_come_in_time,
    threads_are_complete,
    who_calls_again_was_lost,
)
from slasim.scenario.checks.names import by_name
from slasim.scenario.checks.people import (
    nobody_is_in_two_places,
    owners_have_names,
    people_are_named_once,
    settings_of_people_need_shifts,
)
from slasim.scenario.checks.reserves import somebody_may_take
from slasim.scenario.checks.service import (
    acw_is_part_of_aht,
    every_queue_is_taken,
    first_message_is_part_of_aht,
    hours_open,
    routing_is_known,
)
from slasim.scenario.checks.shifts import (
    breaks_lie_inside,
    shifts_do_not_meet_themselves,
    shifts_do_not_overlap,
)
from slasim.scenario.ticket_promises import SECTIONS

__all__ = [
    "MOST_CONTACTS",
    "MOST_INTERVALS",
    "Case",
    "all_problems",
    "by_name",
    "sources",
]


def _promised(case: Case) -> bool:
    """There is a contract."""
    return case.centre.contract is not None or bool(case.centre.contracts)


def _clocked(case: Case) -> bool:
    """Something is promised of tickets."""
    plain = case.centre._document.value
    return any(plain.get(key) for key in SECTIONS if key != "metrics") or bool(
        case.centre.ticket_metrics
    )


def _where(concerned: Callable[[Case], bool], home: str, name: str) -> Check:
    """Rule ``name`` of a file here that is loaded only for cases that it concerns."""

    def rule(case: Case) -> Iterator[Problem]:
        if concerned(case):
            check: Check = getattr(import_module(f"{__name__}.{home}"), name)
            yield from check(case)

    return rule


RECORDS: tuple[Check, ...] = (
    every_queue_is_taken,
    every_queue_is_fed,
    keys_fit_their_channel,
    threads_are_complete,
    offers_come_in_time,
    who_calls_again_was_lost,
    nothing_goes_in_a_circle,
    loads_fit_the_room,
    chats_are_taken,
    chat_curves_fit,
    measured_where_chats_are,
    backups_stand_in_for_others,
    backups_stand_in_for_takers,
    shares_make_a_whole,
    attributes_are_known,
    every_ticket_is_taken,
    people_are_named_once,
    nobody_is_in_two_places,
    settings_of_people_need_shifts,
    owners_have_names,
    _where(_clocked, "tickets", "ticket_promises_are_known"),
    _where(_clocked, "tickets", "tickets_have_clocks"),
    _where(_clocked, "tickets", "warnings_move_within_reach"),
    _where(_clocked, "tickets", "shares_are_of_a_time"),
    _where(_clocked, "tickets", "rules_read_what_is_drawn"),
    shifts_do_not_overlap,
    shifts_do_not_meet_themselves,
    breaks_lie_inside,
    acw_is_part_of_aht,
    first_message_is_part_of_aht,
    routing_is_known,
    _where(_promised, "promises", "commitments_fit_their_metric"),
    _where(_promised, "contracts", "contracts_hold_together"),
    _where(_promised, "contracts", "clauses_find_contacts"),
    data_files_open,
)
DATA: tuple[Check, ...] = (
    arrivals_are_known,
    staffing_is_known,
    somebody_may_take,
    hours_open,
    _where(_promised, "promises", "abandonment_needs_patience"),
    _where(_promised, "promises", "periods_are_whole"),
    _where(_promised, "contracts", "locked_forecasts_are_known"),
    doubts_can_be_measured,
)


def all_problems(case: Case) -> list[Problem]:
    """The findings of every rule that can be applied."""
    problems = by_name(case.document)
    for check in RECORDS:
        problems += check(case)
    if case.timed:
        found = list(horizon_fits(case))
        problems += found
        if not found:
            for check in DATA:
                problems += check(case)
    return problems
