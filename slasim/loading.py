"""Loading and compiling, with Python's collector of what could be dropped at rest: it would be a fifth of the time."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["loading", "uncollected"]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """The collector rests. At the end it is as it was, and finds what has become of no use meanwhile."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """The same for what is loaded to stay: all that is there at the end counts as old, or the collector's next look at
    what is young would go through it."""
    with uncollected():
        try:
            yield
        finally:
            if not gc.get_freeze_count():  # what somebody has set aside would come back
                gc.freeze()
                gc.unfreeze()
