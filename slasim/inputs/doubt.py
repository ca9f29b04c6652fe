"""How wrong the inputs may be: random factors on volume, AHT and attendance, drawn per replication.

Volume has three factors of mean 1: one of the whole period (log-normal, sd ``bias_sd``), one per
local day (gamma, cv ``day_cv``; so a day's count has variance lambda + cv^2 lambda^2), one per interval (gamma, cv
``interval_cv``). AHT has one of the period and one per day, both log-normal. Between queues they are
correlated by a Gaussian copula: each is a function of sqrt(rho) x a common normal number + sqrt(1 - rho)
x the queue's own. Attendance of a day is normal around the group's, never below 0.

What is 0 is not drawn. This file knows no scenario.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from slasim import streams
from slasim.arrays import Floats, Ints
from slasim.distributions import gamma_of_normal

__all__ = ["Doubt"]


@dataclass(frozen=True)
class Doubt:
    """Sizes of the doubt; all 0 by default: the forecast is believed as it stands."""

    volume_day_cv: float = 0.0
    volume_interval_cv: float = 0.0
    volume_bias_sd: float = 0.0
    aht_day_cv: float = 0.0
    aht_bias_sd: float = 0.0
    attendance_day_sd: float = 0.0
    correlation: float = 1.0

    @property
    def of_volume(self) -> bool:
        return max(self.volume_day_cv, self.volume_interval_cv, self.volume_bias_sd) > 0

    @property
    def of_aht(self) -> bool:
        return max(self.aht_day_cv, self.aht_bias_sd) > 0

    @property
    def of_attendance(self) -> bool:
        return self.attendance_day_sd > 0

    def volume(
        self, seed: int, replication: int, queue: str, day: Ints, interval: Ints
    ) -> Floats | None:
        """(K,) factors of the pieces that lie in those days and intervals (both count from 0)."""
        if not self.of_volume:
            return None
        factor = np.ones(day.size)
        if self.volume_bias_sd > 0:
            z = self._normal(seed, replication, "volume/bias", queue, 1)
            factor *= _lognormal(self.volume_bias_sd, z)
        if self.volume_day_cv > 0:
            z = self._normal(seed, replication, "volume/day", queue, _count(day))
            factor *= gamma_of_normal(self.volume_day_cv**-2).at(z)[day]
        if self.volume_interval_cv > 0:
            z = self._normal(seed, replication, "volume/interval", queue, _count(interval))
            factor *= gamma_of_normal(self.volume_interval_cv**-2).at(z)[interval]
        return factor

    def aht(self, seed: int, replication: int, queue: str, day: Ints) -> Floats | None:
        """(K,) factors of the pieces that lie in those days."""
        if not self.of_aht:
            return None
        factor = np.ones(day.size)
        if self.aht_bias_sd > 0:
            z = self._normal(seed, replication, "aht/bias", queue, 1)
            factor *= _lognormal(self.aht_bias_sd, z)
        if self.aht_day_cv > 0:
            z = self._normal(seed, replication, "aht/day", queue, _count(day))
            factor *= _lognormal(self.aht_day_cv, z)[day]
        return factor

    def attendance(
        self, seed: int, replication: int, group: str, share: float, days: int
    ) -> Floats | None:
        """(days,) shares of the planned agents that turn up, ``share`` on average."""
        if not self.of_attendance:
            return None
        z = streams.generator(seed, replication, f"attendance/{group}").standard_normal(days)
        return np.maximum(share + self.attendance_day_sd * z, 0.0)

    def _normal(self, seed: int, replication: int, of: str, queue: str, n: int) -> Floats:
        """(n,) standard normal numbers of a queue, correlated with those of the other queues."""
        rho = self.correlation
        z = np.zeros(n)
        if rho > 0:
            z += math.sqrt(rho) * streams.generator(seed, replication, of).standard_normal(n)
        if rho < 1:
            own = streams.generator(seed, replication, f"{of}/{queue}").standard_normal(n)
            z += math.sqrt(1 - rho) * own
        return z


def _lognormal(cv: float, z: Floats) -> Floats:
    """Log-normal numbers of mean 1 and that cv."""
    variance = math.log1p(cv**2)
    return np.exp(math.sqrt(variance) * z - variance / 2)


def _count(index: Ints) -> int:
    return int(index.max()) + 1 if index.size else 0
