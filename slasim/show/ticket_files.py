"""The files of one simulated month's tickets: the compliance report, the log report, and who was warned.

They have exactly the columns of a real export's reports (`slasim.sla.compliance`), beside the contacts' own file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from slasim.show.writing import write_table
from slasim.sla.compliance import compliance_report, log_report
from slasim.sla.reminders import warnings

if TYPE_CHECKING:
    import pandas as pd

    from slasim.sla.clocks import Clocks

__all__ = ["write_ticket_files"]


def write_ticket_files(clocks: Clocks, beside: Path, *, since: int, until: int) -> list[Path]:
    """Write reports on clocks whose SLA started in [since, until), epoch ms, beside a log; returns the files.

    ``month.csv`` gets ``month.compliance.csv``, ``month.sla_log.csv``, both with details, and where somebody is warned
    ``month.warnings.csv``; for these ``clocks`` must have been run with stretches.
    """
    log = log_report(clocks, since=since, until=until)
    frames: dict[str, pd.DataFrame] = {
        "compliance": compliance_report(clocks, since=since, until=until).table(),
        "compliance_by_metric": compliance_report(
            clocks, by=("metric", "day"), since=since, until=until
        ).table(more=True),
        "sla_log": log.table(),
        "sla_log_with_details": log.table(more=True),
    }
    if clocks.policy.warns:
        frames["warnings"] = warnings(clocks).table().astype({"action": str})
    return [
        write_table(frame, beside.with_name(f"{beside.stem}.{name}{beside.suffix}"))
        for name, frame in frames.items()
    ]
