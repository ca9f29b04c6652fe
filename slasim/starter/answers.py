"""Ten questions in a planner's words, and how their answers are read.

Every answer is text, as it is typed or given by a flag; each is read by one function, and all that is wrong is told at
once. Whether files hold what they should is seen when the scenario made of the answers is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from slasim import clock
from slasim.calendars import Calendar, CalendarProblems
from slasim.errors import InputError, Problem, did_you_mean

__all__ = ["Answers", "Question", "check_answer", "questions", "read_answers"]

Counts = Literal["on_phones", "scheduled", "paid"]
Period = Literal["day", "week", "month"]

NONE = ("", "none", "no")
"""What may be typed for: there is none."""

OF_THE_FILE = "as in the forecast file"


@dataclass(frozen=True)
class Question:
    """One question: the key of its answer, the text to show, what is taken without an answer, and the flag."""

    key: str
    text: str
    default: str

    @property
    def flag(self) -> str:
        return f"--{self.key}"


_QUESTIONS = (
    Question("hours", "Opening hours, and the time zone if it is not UTC",
             "mon-fri 08:00-20:00, sat 09:00-14:00"),
    Question("queues", "Queues, by name (where there is no forecast file yet: calls)", OF_THE_FILE),
    Question("forecast", "Forecast file (CSV: queue, interval_start, offered, aht_s), or none for a template", "none"),
    Question("aht", "Average handle time: talk, hold and after-call work (260s; or: billing 260s, sales 3min)", "260s"),
    Question("abandonment", "Abandonment now: its rate and the mean wait of all callers (5 %, 20s); "
             "the rate alone; or none", "none"),
    Question("staffing", "Staffing, a number or a CSV file, and what it counts: on_phones, scheduled or paid",
             "12 on_phones"),
    Question("shrinkage", "Shrinkage: one share; or out of office, in office and adherence (10 %, 6 %, 95 %); "
             "or none", "none"),
    Question("target", "Service level to promise: percent / seconds", "80/30"),
    Question("period", "It is judged by day, week or month", "month"),
    Question("fee", "Fee of that period (100000 EUR), or none; a note in the contract, no number depends on it yet",
             "none"),
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """The answers, read. Durations in ms, shares from 0 to 1; None where the answer was none."""

    weekly: dict[str, list[str]]
    """opening windows by days, as in a calendar; empty: always open"""
    timezone: str
    queues: tuple[str, ...] | None
    """None: a forecast file's own"""
    forecast: Path | None
    aht: dict[str, int] | None
    """by queue, under "" for every other queue; None: not answered"""
    abandonment: float | None
    mean_wait: int | None
    staffing: float | Path
    counts: Counts
    shrinkage: dict[str, float] | None
    target: float
    threshold: int
    period: Period
    fee: str | None
    currency: str | None


def questions() -> list[Question]:
    """The ten questions, in the order in which they are asked."""
    return list(_QUESTIONS)


def check_answer(key: str, text: str) -> None:
    """Raise InputError, in a sentence, when the text does not answer the question."""
    try:
        _READERS[key](text)
    except ValueError as error:
        found, _, would_do = str(error).partition("; ")
        raise InputError(
            [Problem(found.rstrip("."), _sentence(would_do), path=f"--{key}")]
        ) from None


def read_answers(answers: Mapping[str, str]) -> Answers:
    """Read every answer; what is not among them is the question's default.

    Raises InputError with every problem, each under its flag.
    """
    given = {key: text for key, text in answers.items() if text is not None}
    known = [question.key for question in _QUESTIONS]
    problems = [
        Problem(f"there is no question {key!r}", did_you_mean(key, known, what="Questions"))
        for key in given
        if key not in known
    ]
    for question in _QUESTIONS:
        try:
            check_answer(question.key, given.get(question.key, question.default))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    read = {q.key: _READERS[q.key](given.get(q.key, q.default)) for q in _QUESTIONS}
    weekly, timezone = read["hours"]
    target, threshold = read["target"]
    rate, wait = read["abandonment"]
    staffing, counts = read["staffing"]
    fee, currency = read["fee"]
    shrinkage = read["shrinkage"]
    if isinstance(shrinkage, float):
        shrinkage = {"out_of_office" if counts == "paid" else "in_office": shrinkage}
    made = Answers(
        weekly=weekly, timezone=timezone, queues=read["queues"],
        forecast=read["forecast"], aht=read["aht"] if "aht" in given else None, abandonment=rate,
        mean_wait=wait, staffing=staffing, counts=counts, shrinkage=shrinkage, target=target,
        threshold=threshold, period=cast(Period, read["period"]), fee=fee, currency=currency,
    )  # fmt: skip
    _agree(made)
    return made


def _agree(answers: Answers) -> None:
    """Refuse answers that do not fit each other."""
    named = [queue for queue in answers.aht or {} if queue]
    if answers.queues is not None:
        strange = [queue for queue in named if queue not in answers.queues]
        if strange:
            would_do = did_you_mean(strange[0], answers.queues, what="Queues")
            raise InputError([Problem(f"there is no queue '{strange[0]}'", would_do, path="--aht")])


def _sentence(text: str) -> str:
    """The same, beginning and ending as a sentence does."""
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "?")) else f"{text}."


# ------------------------------------------------------------------ one function per question
# Each raises ValueError, `what was found; what would do`.

_HOURS = re.compile(r"\s*([a-z][a-z,\- ]*?)\s+((?:\d{1,2}:\d\d\s*-\s*\d{1,2}:\d\d\s*)+)[,;]?", re.I)


def _hours(text: str) -> tuple[dict[str, list[str]], str]:
    """(opening windows by days, time zone); no windows when it is always open."""
    text, zone = text.strip(), "UTC"
    words = text.split()
    if words and ("/" in words[-1] or words[-1].upper() == "UTC"):
        zone = words[-1]
        text = text[: -len(zone)].strip().rstrip(",;")
        clock.zone(zone)
    if text.lower() in ("always", "24/7", "24x7"):
        return {}, zone
    weekly: dict[str, list[str]] = {}
    at = 0
    while at < len(text):
        match = _HOURS.match(text, at)
        if match is None:
            raise ValueError(
                f"'{text[at:].strip()}' is no opening hours; write mon-fri 08:00-20:00, sat 09:00-14:00, or always"
            )
        days = match[1].lower().replace(" ", "").strip(",")
        weekly.setdefault(days, []).extend(re.sub(r"\s*-\s*", "-", match[2]).split())
        at = match.end()
    if not weekly:
        raise ValueError("no opening hours are given; write mon-fri 08:00-20:00, or always")
    padded = {days: [_padded(window) for window in windows] for days, windows in weekly.items()}
    try:
        Calendar.from_plain({"weekly": padded}, timezone=zone)
    except CalendarProblems as error:
        raise ValueError(error.problems[0][1]) from None
    return padded, zone


def _padded(window: str) -> str:
    return "-".join(part.zfill(5) for part in window.split("-"))


def _queues(text: str) -> tuple[str, ...] | None:
    if text.strip().lower() in ("", OF_THE_FILE):
        return None
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if not name:
            raise ValueError("a queue has no name; write for example billing, sales")
        if name[0] in "=+-@" or not name.isprintable() or len(name) > 60:
            raise ValueError(f"'{name[:60]}' is no name for a queue; write for example billing")
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise ValueError(f"queue '{doubled}' stands twice; name each once")
    return names


def _existing(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        found = f"'{text}' is a directory" if path.is_dir() else f"there is no file '{text}'"
        raise ValueError(f"{found}; name a CSV file, or answer none for a template to fill in")
    return path


def _forecast(text: str) -> Path | None:
    return None if text.strip().lower() in NONE else _existing(text.strip())


def _aht(text: str) -> dict[str, int]:
    read: dict[str, int] = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*(?:(.*?\S)\s*[:= ])?\s*(\d\S*(?:\s+(?:ms|s|min|m|h))?)\s*", part)
        if match is None:
            raise ValueError(f"'{part.strip()}' is no AHT; write 260s, or billing 260s, sales 3min")
        queue, length = (match[1] or "").rstrip(" :="), clock.parse_duration(match[2])
        if not length:
            raise ValueError("an AHT of 0 is no handle time; write for example 260s")
        if queue in read:
            raise ValueError(f"the AHT of {queue or 'all queues'} stands twice; give it once")
        read[queue] = length
    return read


def _abandonment(text: str) -> tuple[float | None, int | None]:
    """(share of the offered who abandon, mean wait in ms of all of them)."""
    if text.strip().lower() in NONE:
        return None, None
    rate_text, comma, wait_text = text.partition(",")
    rate = _share(rate_text)
    if not 0 < rate < 1:
        raise ValueError(f"an abandonment of {rate:.0%} says nothing about patience; answer none")
    if not comma:
        return rate, None
    wait = clock.parse_duration(wait_text)
    if not wait:
        raise ValueError(
            "nobody abandons after a mean wait of 0; give the mean wait of all callers"
        )
    return rate, wait


def _staffing(text: str) -> tuple[float | Path, Counts]:
    words = text.strip().replace("on the phones", "on_phones").replace("on phones", "on_phones")
    amount, _, last = words.rpartition(" ")
    known = ("on_phones", "scheduled", "paid")
    counts = last if last in known and amount else "on_phones"
    amount = amount.strip() if last in known and amount else words
    try:
        number = float(amount)
    except ValueError:
        if re.fullmatch(r"[\d.]+\s+\w+", amount):
            word = amount.split()[-1]
            raise ValueError(
                f"'{word}' is nothing that staffing counts; say on_phones, scheduled or paid"
            ) from None
        return _existing(amount), cast(Counts, counts)
    if not 0 < number <= 100_000:
        raise ValueError(
            f"a staffing of {amount} answers no call; give agents, such as 12 on_phones"
        )
    return number, cast(Counts, counts)


def _shrinkage(text: str) -> dict[str, float] | float | None:
    if text.strip().lower() in NONE:
        return None
    shares = [_share(part) for part in text.split(",")]
    if len(shares) == 1:
        if shares[0] >= 1:
            raise ValueError("a shrinkage of 100 % leaves nobody; write for example 30 %")
        return shares[0]
    if len(shares) != 3:
        raise ValueError(
            f"'{text.strip()}' has {len(shares)} shares; write one, or three: out of office, in office, adherence"
        )
    out, inside, adherence = shares
    if out >= 1 or inside >= 1 or adherence <= 0:
        raise ValueError(f"'{text.strip()}' leaves nobody; write for example 10 %, 6 %, 95 %")
    return {"out_of_office": out, "in_office": inside, "adherence": adherence}


def _target(text: str) -> tuple[float, int]:
    from slasim.erlang import parse_sl_goal

    try:
        share, seconds = parse_sl_goal(text)
    except InputError as error:
        problem = error.problems[0]
        raise ValueError(f"{problem.found}; {problem.would_do}") from None
    return share, round(seconds * 1000)


def _period(text: str) -> str:
    known = ("day", "week", "month")
    if text.strip().lower() not in known:
        raise ValueError(f"'{text.strip()}' is no period here; say day, week or month")
    return text.strip().lower()


def _fee(text: str) -> tuple[str | None, str | None]:
    """(amount, currency)."""
    if text.strip().lower() in NONE:
        return None, None
    match = re.fullmatch(r"\s*(\d[\d ,']*(?:\.\d+)?)\s*([A-Za-z]{3})?\s*", text)
    if match is None:
        raise ValueError(
            f"'{text.strip()}' is no fee; write an amount and a currency, as 100000 EUR"
        )
    return re.sub(r"[ ,']", "", match[1]), match[2].upper() if match[2] else None


def _share(text: str) -> float:
    """`5 %`, `5%` or `0.05` as a share. The scenario's own rule; ValueError as a sentence."""
    from slasim.scenario.values import read_share

    plain: Any = text.strip()
    try:
        plain = float(plain)
    except ValueError:
        plain = plain.replace(",", ".")
    try:
        return read_share(plain)
    except ValueError as error:
        told = getattr(error, "context", None) or {}
        raise ValueError(f"{told.get('found', error)}; {told.get('would_do', '')}") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "hours": _hours,
    "queues": _queues,
    "forecast": _forecast,
    "aht": _aht,
    "abandonment": _abandonment,
    "staffing": _staffing,
    "shrinkage": _shrinkage,
    "target": _target,
    "period": _period,
    "fee": _fee,
}
