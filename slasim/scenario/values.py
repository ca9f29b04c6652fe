"""The values a planner writes: durations, shares, numbers, clock times, weekdays, distributions.

Each is a pydantic type that reads text once, at the door, and gives back what the rest of slasim works with
(milliseconds, shares from 0 to 1, Distribution objects). A refusal says what stands there and what would do.
This file knows no record of the scenario and no file format.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from slasim import clock
from slasim.calendars import read_weekdays
from slasim.errors import InputError, Problem

__all__ = [
    "Count",
    "Days",
    "DistributionValue",
    "Duration",
    "Factor",
    "LocalMoment",
    "LongDuration",
    "Number",
    "Numbers",
    "Read",
    "Share",
    "SignedDuration",
    "TimeOfDay",
    "read_days",
    "read_distribution",
    "read_number",
    "read_share",
    "said",
    "shown",
    "split_sentence",
    "wrong",
    "wrong_file",
]

T = TypeVar("T")

MOST = 1e12
"""No number of a scenario is larger; it keeps products of inputs finite."""


class Read:
    """The function that reads a value, whatever stands in the file; with `info`, a second argument tells the context.

    As pydantic's PlainValidator, which in addition works out a schema of the type that nothing here asks for: an
    eighth of the time that `slasim check` takes to start.
    """

    def __init__(self, function: Callable[..., Any], *, info: bool = False) -> None:
        self._function, self._info = function, info

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        if self._info:
            return core_schema.with_info_plain_validator_function(self._function)
        return core_schema.no_info_plain_validator_function(self._function)


def wrong(found: str, would_do: str = "") -> PydanticCustomError:
    """The error a validator raises: what was found, and what would do."""
    return PydanticCustomError("wrong", "{found}", {"found": found, "would_do": would_do})


def split_sentence(text: str) -> tuple[str, str]:
    """(what was found, what would do) of a finding in words: parted by `; `, else by the end of its first sentence.

    >>> split_sentence("'x' is unknown. Known: a, b.")
    ("'x' is unknown", 'Known: a, b.')
    """
    for mark, kept in (("; ", ""), ("? ", "?"), (". ", "")):
        found, parted, rest = text.partition(mark)
        if parted:
            return found + kept, rest[:1].upper() + rest[1:] + "." * (rest[-1:] not in ".?")
    return text.rstrip("."), ""


def said(sentence: str) -> PydanticCustomError:
    """The same from one sentence of the clock or a distribution, `found; would do.`"""
    found, semicolon, rest = sentence.partition("; ")
    would_do = rest[:1].upper() + rest[1:] if semicolon else ""
    return wrong(found.rstrip("."), would_do)


def wrong_file(problems: Sequence[Problem]) -> PydanticCustomError:
    """The same for what was found in the data file that the value names: problems with places of their own."""
    found = "; ".join(str(problem) for problem in problems)
    return PydanticCustomError(
        "wrong_file", "{found}", {"found": found, "of_file": tuple(problems)}
    )


def _spoken(read: Callable[[Any], T]) -> Callable[[Any], T]:
    def validator(value: Any) -> T:
        try:
            return read(value)
        except ValueError as error:
            raise said(str(error)) from None

    return validator


def shown(value: object) -> str:
    """A value as it may stand in a message: short, quoted when text."""
    text = f"'{value}'" if isinstance(value, str) else _plain(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _plain(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"{value:g}" if isinstance(value, float) else str(value)


# ------------------------------------------------------------------ numbers


def read_number(value: Any, *, least: float = 0.0, what: str = "a number") -> float:
    """A finite number of at least `least`. Raises PydanticCustomError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        whole = what == "a whole number"
        would_do = "Write one, such as 12." if whole else "Write a number with a decimal point."
        raise wrong(f"{shown(value)} is not {what}", would_do)
    if not math.isfinite(value):
        raise wrong(f"{value} is not {what}", "Write a finite number.")
    if value < least:
        would_do = "It must be 0 or more." if least == 0 else f"It must be at least {least:g}."
        raise wrong(f"{value:g} is {'negative' if value < 0 else 'too small'}", would_do)
    if value > MOST:
        raise wrong(f"{value:g} is larger than any number here may be", f"At most {MOST:g}.")
    return float(value)


def _read_count(value: Any) -> int:
    number = read_number(value, what="a whole number")
    if number != int(number):
        raise wrong(f"{value:g} is not a whole number", f"Write {math.floor(number)}.")
    return int(number)


def _read_numbers(value: Any) -> float | tuple[float, ...]:
    if not isinstance(value, list | tuple):
        return read_number(value, what="a number or a list of numbers")
    if not value:
        raise wrong("the list is empty", "Write one number per interval.")
    read: list[float] = []
    for place, item in enumerate(value):
        try:
            read.append(read_number(item))
        except PydanticCustomError as error:
            context = error.context or {}
            found = f"item {place + 1} of the list: {context.get('found', item)}"
            raise wrong(found, str(context.get("would_do", ""))) from None
    return tuple(read)


_PERCENT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*%\s*")


def read_share(value: Any, *, most: float = 1.0) -> float:
    """A share from 0 to 1, or text such as `80 %`. Raises PydanticCustomError."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value)
        if match is None:
            raise wrong(f"{shown(value)} is not a share", "Write 0.8 or 80 %.")
        share = float(match[1]) / 100
        # 81.3 / 100 is not 0.813 in binary; the decimal text is what was meant.
        share = float(repr(round(share, 12)))
    else:
        share = read_number(value, least=-MOST, what="a share")
    if not 0 <= share <= most:
        would_do = f"Shares run from 0 to {most:g}."
        if 1 < share <= 100:
            would_do += f" Did you mean {share:g} %?"
        raise wrong(f"{shown(value)} is not a share", would_do)
    return share


# ------------------------------------------------------------------ time


def _read_signed(value: Any) -> int:
    if isinstance(value, str) and value.strip().startswith(("-", "+")):
        text = value.strip()
        size = clock.parse_duration(text[1:])
        return -size if text[0] == "-" else size
    return clock.parse_duration(value)


def read_speed(value: Any) -> float:
    """1 for an ordinary agent. Raises PydanticCustomError."""
    speed = read_number(value, what="a speed")
    if not 0.01 <= speed <= 100:
        raise wrong(f"a speed of {speed:g} is out of range", "1 is ordinary; 0.01 to 100.")
    return speed


def read_days(value: Any) -> tuple[int, ...]:
    """`mon-fri` or `sat,sun` as (0, 1, 2, 3, 4) or (5, 6). Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} names no days; write mon-fri or sat,sun.")
    return tuple(sorted(set(read_weekdays(value))))


def _read_moment(value: Any) -> datetime:
    if not isinstance(value, str | datetime):
        raise ValueError(f"{shown(value)} is not a date; write it as 2026-03-01.")
    return clock.parse_local_datetime(value)


def _duration_schema(what: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": ["string", "integer"], "description": what, "examples": ["30s", "1.5h"]}
    )


Duration = Annotated[
    int, Read(_spoken(clock.parse_duration)), _duration_schema("number and ms, s, min, h")
]
LongDuration = Annotated[
    int,
    Read(_spoken(lambda value: clock.parse_duration(value, days=True))),
    _duration_schema("number and ms, s, min, h, or d (24 hours)"),
]
SignedDuration = Annotated[
    int, Read(_spoken(_read_signed)), _duration_schema("a duration, may begin with -")
]
TimeOfDay = Annotated[
    int,
    Read(_spoken(clock.parse_time_of_day)),
    WithJsonSchema({"type": "string", "description": "local time", "examples": ["08:30"]}),
]
LocalMoment = Annotated[
    datetime,
    Read(_spoken(_read_moment)),
    WithJsonSchema({"type": "string", "description": "local date or date-time"}),
]
Days = Annotated[
    tuple[int, ...],
    Read(_spoken(read_days)),
    WithJsonSchema({"type": "string", "description": "weekdays", "examples": ["mon-fri"]}),
]
"""Weekdays, 0 for Monday."""

Number = Annotated[float, BeforeValidator(read_number)]
Factor = Number
Speed = Annotated[float, BeforeValidator(read_speed)]
"""1 for an ordinary agent."""
Count = Annotated[int, BeforeValidator(_read_count)]
Share = Annotated[
    float,
    Read(read_share),
    WithJsonSchema({"type": ["number", "string"], "description": "0 to 1, or '80 %'"}),
]
Numbers = Annotated[
    Any,
    Read(_read_numbers),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
    ),
]
"""A float, or a tuple of floats, one per interval from the start."""


# ------------------------------------------------------------------ distributions


def read_distribution(value: Any, info: ValidationInfo, *, mean: float | None = None) -> Any:
    """The Distribution of a mapping; `mean` (ms) where it gives none. Raises PydanticCustomError."""
    from slasim import distributions

    context = info.context if isinstance(info.context, dict) else {}
    _shares_add_up(value)
    if isinstance(value, Mapping) and isinstance(value.get("empirical"), Mapping):
        settings = value["empirical"]
        if "file" in settings and len(value) == 1:
            from slasim.scenario import tables

            try:
                lengths, weights = tables.read_lengths(settings, context.get("folder"))
                return distributions.Empirical.of(lengths, weights)
            except InputError as error:
                raise wrong_file(error.problems) from None
            except ValueError as error:
                raise said(str(error)) from None
    try:
        return distributions.parse(value, mean=mean)
    except InputError as error:
        problem = error.problems[0]
        raise wrong(problem.found, problem.would_do) from None
    except ValueError as error:
        raise said(str(error)) from None


def _shares_add_up(value: Any) -> None:
    """Refuse a mixture whose shares do not make a whole."""
    settings = list(value.values()) if isinstance(value, Mapping) else []
    for part in settings:
        shares = part.get("shares") if isinstance(part, Mapping) else None
        if isinstance(shares, list) and all(isinstance(s, int | float) for s in shares):
            total = sum(shares)
            if abs(total - 1) > 0.001 and abs(total - 100) > 0.1:
                raise wrong(f"the shares add up to {total:.4g}", "They must add up to 1 (or 100).")


def _read_distribution(value: Any, info: ValidationInfo) -> Any:
    return read_distribution(value, info)


DistributionValue = Annotated[
    Any,
    Read(_read_distribution, info=True),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "examples": [{"lognormal": {"mean": "260s", "cv": 0.9}}],
        }
    ),
]
"""A `slasim.distributions.Distribution`."""
