"""Where slasim keeps for the next run what took time to make. Whoever deletes it loses time and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_home"]


def cache_home() -> Path | None:
    """The folder for it, which may not exist yet; None for a user who has no home. A relative `XDG_CACHE_HOME` does not
    count, as its specification says."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    home = named if os.path.isabs(named) else os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home, "slasim") if os.path.isabs(home) else None
