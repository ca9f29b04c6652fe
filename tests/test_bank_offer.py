"""The bank, recommended on from weeks 1-3: week 4 keeps a target set with all doubts, and breaks one without them.

``python tests/bank_offer_study.py`` prints the table with 1,000 simulated weeks each.
"""

from __future__ import annotations

from functools import cache

import bank_offer_study as bank


@cache
def found() -> bank.Study:
    return bank.study(150)


def test_with_all_doubts_the_unseen_week_keeps_the_promise() -> None:
    assert found().offer("all").missed_by <= 0, bank.table(found())


def test_with_volume_error_alone_it_would_have_failed() -> None:
    volume, alone, every = (found().offer(name) for name in ("volume", "none", "all"))
    assert volume.believed_missed_by > 0.03, bank.table(found())
    assert every.believed_missed_by < volume.believed_missed_by - 0.02
    assert alone.target > volume.target > every.target
    assert 0.01 < found().own_error < 0.06
    print(bank.table(found()))
