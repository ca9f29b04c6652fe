"""What every test may count on: compiled code that is never stale, no screen, patient hypothesis, and small builders.

Machine code needs no clearing here: `slasim/compiling.py` keeps it in a folder named after a fingerprint
of every compiled source, and `test_package.py` holds it to that.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures are written, never shown

# The first example of a run may wait for the compiler; how many examples a test needs, it says itself.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

# ---------------------------------------------------------------------- builders
