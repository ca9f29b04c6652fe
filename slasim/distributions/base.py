"""What every distribution is: a length of time by chance. Knows no kind by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from slasim.arrays import Floats
from slasim.clock import format_duration

__all__ = ["Distribution", "Floats"]


class Distribution(ABC):
    """A length of time by chance. Times are milliseconds, as floats.

    Each kind also has ``from_settings(**settings)``, a class method that builds it from what a planner
    writes and raises ValueError with a sentence.
    """

    example: ClassVar[Mapping[str, Any]]
    """Settings as a planner would write them, for manuals and for the tests of every kind."""

    memoryless: ClassVar[bool] = False
    """Are its standard draws those of ``rng.standard_exponential``? Compiled loops make these for themselves."""

    if TYPE_CHECKING:  # at run time a property here would become the default of a field `mean`

        @property
        def mean(self) -> float:
            """The average, ms."""

        @property
        def cv(self) -> float:
            """Standard deviation divided by the mean."""

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """The length that a share ``u`` (any shape, 0 < u < 1) of all lengths stays below, ms."""

    def standard(self, rng: np.random.Generator, n: int) -> Floats:
        """(n,) draws divided by the mean. Draw k depends on k and the stream, not on n."""
        draws = self.quantile(rng.random(n))
        if self.mean > 0:
            draws /= self.mean
        return draws

    def __str__(self) -> str:
        name = type(self).__name__.lower()
        return f"{name}, mean {format_duration(self.mean)}, cv {self.cv:.3g}"
