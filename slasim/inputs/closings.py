"""When a queue is closed so that whoever still waits must leave.

``disconnect``: at each closing of its calendar. ``serve``: contacts stay while an agent who may take them is on
duty; once none will be until the next opening, they leave. An agent on a break is on duty.

This file knows no scenario: it takes windows and spans of duty, ms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from slasim.arrays import Ints
from slasim.inputs.rota import Duty

__all__ = ["closed_spans", "when_nobody_is_left"]


def closed_spans(opens: Ints, closes: Ints, since: int, until: int) -> tuple[Ints, Ints]:
    """Closings in [since, until) and the opening that follows each; ``until`` where none follows before."""
    close = closes[(closes >= since) & (closes < until)]
    following = np.append(opens, until)
    return close, np.minimum(following[np.searchsorted(opens, close)], until)


def when_nobody_is_left(close: Ints, reopen: Ints, duties: Sequence[Duty]) -> Ints:
    """The first instant of each closed span from which nobody is on duty until it ends; where
    somebody is on duty up to the reopening there is none.

    ``duties`` are those of the groups that may take the queue.
    """
    last = close.copy()
    for duty in duties:
        ends, found = duty.ends_before(reopen)
        np.maximum(last, ends, out=last, where=found)
    return last[last < reopen]
