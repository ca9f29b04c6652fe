"""What the bundled scenarios say has not moved; `python tests/golden.py --write` renews it with a visible diff."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import SCENARIOS, golden, told


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_the_numbers_have_not_moved(scenario: Path) -> None:
    assert told(scenario) == golden(scenario).read_text("utf-8")
