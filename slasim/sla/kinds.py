"""What a policy file may name, with one line of meaning each: ticket clocks and help-desk presets.

These are tables of ours, not kinds that anyone may add (`slasim/registry.py`).
"""

from __future__ import annotations

from slasim.sla.presets import PRESETS
from slasim.sla.ticket_clock import METRICS

__all__ = ["policy_kinds"]


def policy_kinds() -> dict[str, dict[str, str]]:
    """Family -> name -> meaning.

    >>> policy_kinds()["ticket_clock"]["requester_wait"]
    'from created to solved, not while pending, then by on_reopen'
    """
    return {
        "ticket_clock": {name: metric.meaning for name, metric in METRICS.items()},
        "preset": {name: preset.meaning for name, preset in PRESETS.items()},
    }
