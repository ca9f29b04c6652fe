"""How many contacts come: per hour, per day with a profile, or from a forecast file.

The words of the file only; what a forecast comes to on the grid stands in `interval_files/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    WithJsonSchema,
    model_validator,
)

from slasim.scenario.schema.records import MaybeSource, Record
from slasim.scenario.values import (
    Numbers,
    Read,
    read_days,
    read_number,
    said,
    shown,
    wrong,
)

__all__ = ["Arrivals", "Profile"]


def _profile_shares(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise wrong(f"{shown(value)} is not a list of shares", "Write one share per interval.")
    shares = tuple(read_number(item, what="a share") for item in value)
    total = sum(shares)
    if abs(total - 1) > 0.001 and abs(total - 100) > 0.1:
        raise wrong(
            f"the {len(shares)} shares add up to {total:.4g}", "They must add up to 1 (or 100)."
        )
    return tuple(share / total for share in shares)


class Profile(MaybeSource):
    """How a day's contacts spread over its intervals: shares from local midnight."""

    shares: Annotated[
        tuple[float, ...] | None,
        Read(_profile_shares),
        WithJsonSchema({"type": "array", "items": {"type": "number"}}),
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Profile:
        if (self.shares is None) == (self.file is None):
            raise wrong("a profile is a list of shares or {file, column}", "Give one of them.")
        self._without_file()
        return self


def _per_day(value: Any) -> tuple[float | None, ...]:
    """Seven numbers, Monday first; None for a weekday that is not named."""
    if not isinstance(value, Mapping):
        return (read_number(value, what="a number a day, or {mon-fri: 900, sat: 250}"),) * 7
    week: list[float | None] = [None] * 7
    for key, number in value.items():
        try:
            days = read_days(key)
        except ValueError as error:
            raise said(str(error)) from None
        for day in days:
            if week[day] is not None:
                raise wrong(f"`{key}` sets a weekday that is set already", "Set each day once.")
            week[day] = read_number(number)
    return tuple(week)


class Arrivals(MaybeSource):
    """First contacts of a queue: `per_hour`, a `file`, or `per_day` spread by a `profile`."""

    per_hour: Numbers | None = None
    """contacts an hour while open: one number, or one per interval from `start`"""
    per_day: Annotated[
        tuple[float | None, ...] | None,
        Read(_per_day),
        WithJsonSchema(
            {"anyOf": [{"type": "number"}, {"type": "object", "examples": [{"mon-fri": 900}]}]}
        ),
    ] = None
    """contacts a day, Monday first; None where the weekday is not named"""
    profile: (
        Annotated[
            Profile,
            BeforeValidator(lambda v: v if isinstance(v, Mapping | Record) else {"shares": v}),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Arrivals:
        given = [key for key in ("per_hour", "file", "per_day") if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{key}`" for key in given) or "nothing"
            raise wrong(
                f"arrivals are given by {found}",
                "Give one of: per_hour, file, per_day (with a profile).",
            )
        if self.profile is not None and self.per_day is None:
            raise wrong("a profile stands here without `per_day`", "Say how many come per day.")
        self._without_file()
        return self
