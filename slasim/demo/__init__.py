"""The main job on real data: a bank's month, predicted, beside what really happened.

    demo = run(Path("."))        simulate, compare, write demo.png
    print(demo.screen())         what `slasim demo` prints

Set on weeks 1-3 only and shown week 4, which the model has not seen. Every printed figure is computed here from the
bundled scenario and its calls. `actual.py` reads what happened, `months.py` sets the simulated month beside it,
`promise.py` says what may be signed, `story.py` runs it all, `screen.py` has the words.
"""

from __future__ import annotations

from slasim.demo.story import Demo, run

__all__ = ["Demo", "run"]
