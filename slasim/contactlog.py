"""ContactLog: what happened, one row per touch of a contact.

Both engines write it, a switchboard export reads into it, and every number comes from it. It knows no engine, no
scenario and no metric. Times are int64 milliseconds since ``start_ms`` (an epoch instant in UTC).
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slasim.arrays import Ints, NDArray
from slasim.codes import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALL_BACK,
    CALLED_BACK,
    CLOSED,
    FIRST,
    MESSAGE,
    NOBODY,
    NOT_YET,
    OUTCOMES,
    PURPOSES,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    VOICEMAIL,
    WAITING,
)
from slasim.errors import InputError, MissingExtra, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ABANDONED",
    "ANSWERED",
    "BLOCKED",
    "CALLED_BACK",
    "CALL_BACK",
    "CLOSED",
    "FIRST",
    "MESSAGE",
    "NOBODY",
    "NOT_YET",
    "OUTCOMES",
    "PURPOSES",
    "REDIAL",
    "REOPEN",
    "REPEAT",
    "REPLY",
    "TIER_2",
    "TRANSFER",
    "VOICEMAIL",
    "WAITING",
    "ContactLog",
]


_COLUMNS: dict[str, type] = {
    "contact": np.int64,
    "touch": np.int16,
    "queue": np.int16,
    "arrived": np.int64,
    "outcome": np.int8,
    "left": np.int64,
    "group": np.int16,
    "agent": np.int32,
    "released": np.int64,
    "finished": np.int64,
    "purpose": np.int8,
    "greeted": np.int64,
    "begun": np.int64,
    "seat": np.int32,
}
_NO_INTS = np.zeros(0, np.int64)
_UNSET: Any = np.zeros(0, np.int8)
_FIRST_TOUCH, _NO_SEAT = np.zeros(1, np.int8), np.full(1, NOBODY, np.int32)


@dataclass(frozen=True, eq=False)
class ContactLog:
    """One row per touch, typed columns; N rows.

    contact   (N,) int64  number of the contact
    touch     (N,) int16  0 for its first touch
    queue     (N,) int16  index into ``queues``
    arrived   (N,) int64  ms
    outcome   (N,) int8   index into OUTCOMES
    left      (N,) int64  ms at which it left the line: answered, abandoned, blocked ...; NOT_YET while waiting
    group     (N,) int16  index into ``groups``, NOBODY
    agent     (N,) int32  index of the named agent, NOBODY
    released  (N,) int64  ms at which the customer was done with (before after-call work); NOT_YET if never taken
    finished  (N,) int64  ms at which the agent was done; NOT_YET if never taken or interrupted and not resumed
    purpose   (N,) int8   index into PURPOSES
    greeted   (N,) int64  ms of the first message of the agent; of a call, when it was answered
    begun     (N,) int64  ms at which the last uninterrupted handling began: ``left`` unless it was interrupted
    seat      (N,) int32  place in a group that is staffed by number and whose agents share, NOBODY elsewhere

    stint_left (H,) and break_began, break_ended (B,) tell what became of the Draw's stints and breaks (ms, NOT_YET).
    cut_touch, cut_group, cut_agent, cut_seat, cut_from, cut_to (X,) tell handlings that were interrupted, cut_touch
    being a row; step_touch (a row), step_number and step_at (Y,) the steps of plans that were taken.
    """

    contact: Ints
    touch: NDArray[np.int16]
    queue: NDArray[np.int16]
    arrived: Ints
    outcome: NDArray[np.int8]
    left: Ints
    group: NDArray[np.int16]
    agent: NDArray[np.int32]
    released: Ints
    finished: Ints
    queues: tuple[str, ...]
    groups: tuple[str, ...]
    start_ms: int = 0
    timezone: str = "UTC"
    purpose: NDArray[np.int8] = field(default_factory=lambda: _UNSET)
    greeted: Ints = field(default_factory=lambda: _UNSET)
    begun: Ints = field(default_factory=lambda: _UNSET)
    seat: NDArray[np.int32] = field(default_factory=lambda: _UNSET)
    stint_left: Ints = field(default_factory=lambda: _NO_INTS)
    break_began: Ints = field(default_factory=lambda: _NO_INTS)
    break_ended: Ints = field(default_factory=lambda: _NO_INTS)
    cut_touch: Ints = field(default_factory=lambda: _NO_INTS)
    cut_group: Ints = field(default_factory=lambda: _NO_INTS)
    cut_agent: Ints = field(default_factory=lambda: _NO_INTS)
    cut_seat: Ints = field(default_factory=lambda: _NO_INTS)
    cut_from: Ints = field(default_factory=lambda: _NO_INTS)
    cut_to: Ints = field(default_factory=lambda: _NO_INTS)
    step_touch: Ints = field(default_factory=lambda: _NO_INTS)
    step_number: Ints = field(default_factory=lambda: _NO_INTS)
    step_at: Ints = field(default_factory=lambda: _NO_INTS)

    def __post_init__(self) -> None:
        """Columns left out are those of plain calls: first touches, never interrupted, greeted when answered."""
        plain: dict[str, NDArray[Any]] = {
            "purpose": _FIRST_TOUCH,
            "greeted": self.left,
            "begun": self.left,
            "seat": _NO_SEAT,
        }
        for name, value in plain.items():
            if getattr(self, name) is _UNSET:
                object.__setattr__(self, name, np.broadcast_to(value, self.left.shape))

    def __len__(self) -> int:
        return int(self.contact.size)

    @property
    def waited(self) -> Ints:
        """(N,) ms from arrival to leaving the line; far below 0 for a contact still waiting."""
        return self.left - self.arrived

    @property
    def handled(self) -> Ints:
        """(N,) ms of handling, after-call work and what was interrupted included; 0 for contacts nobody took."""
        spent = np.where(self.finished == NOT_YET, 0, self.finished - self.begun)
        if self.cut_touch.size:
            np.add.at(spent, self.cut_touch, self.cut_to - self.cut_from)
        return spent

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ContactLog):
            return NotImplemented
        return all(
            np.array_equal(mine, theirs) if isinstance(mine, np.ndarray) else mine == theirs
            for mine, theirs in (
                (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
            )
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def rows(self) -> list[tuple[int, int, int]]:
        """(arrived, left, finished) of every row: the shortest story a test can compare."""
        return list(
            zip(self.arrived.tolist(), self.left.tolist(), self.finished.tolist(), strict=True)
        )

    def table(self) -> pd.DataFrame:
        """A DataFrame with names, local instants and seconds: one row per touch."""
        import pandas as pd

        def local(ms: Ints) -> Any:
            known = ms != NOT_YET
            instants = pd.to_datetime(np.where(known, ms + self.start_ms, 0), unit="ms", utc=True)
            return instants.tz_convert(self.timezone).where(known)

        def named(index: NDArray[Any], names: tuple[str, ...]) -> Any:
            codes: Any = index.astype(np.int64) if names else np.full(index.size, -1)
            return pd.Categorical.from_codes(codes, categories=pd.Index(names or ("",)))

        gone = self.left != NOT_YET
        return pd.DataFrame(
            {
                "contact": self.contact,
                "touch": self.touch,
                "queue": named(self.queue, self.queues),
                "arrived": local(self.arrived),
                "outcome": named(self.outcome, OUTCOMES),
                "waited_s": np.where(gone, self.waited / 1000.0, np.nan),
                "group": named(self.group, self.groups),
                "agent": pd.array(np.where(self.agent < 0, -1, self.agent), "Int32"),
                "handled_s": np.where(self.outcome == ANSWERED, self.handled / 1000.0, np.nan),
                "answered_at": local(np.where(self.outcome == ANSWERED, self.left, NOT_YET)),
                "released": local(self.released),
                "finished": local(self.finished),
                "purpose": named(self.purpose, PURPOSES),
            }
        ).assign(agent=lambda t: t["agent"].mask(t["agent"] < 0))

    def write(self, path: str | Path) -> Path:
        """Write to Parquet or CSV, by suffix, whole or not at all. ``read`` gives back an equal log.

        Raises InputError for another suffix, MissingExtra for Parquet without pyarrow.
        """
        path = Path(path)
        writers = {".parquet": _write_parquet, ".csv": _write_csv}
        if path.suffix not in writers:
            raise InputError(
                [
                    Problem(
                        f"a contact log cannot be written as {path.suffix!r}",
                        "Use .parquet or .csv.",
                        file=str(path),
                    )
                ]
            )
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        os.close(handle)
        try:
            writers[path.suffix](self, Path(temporary))
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return path

    @classmethod
    def read(cls, path: str | Path) -> ContactLog:
        """Read what ``write`` wrote. Raises InputError when the file is no contact log."""
        path = Path(path)
        readers = {".parquet": _read_parquet, ".csv": _read_csv}
        if path.suffix not in readers:
            raise InputError(
                [
                    Problem(
                        f"a contact log cannot be read from {path.suffix!r}",
                        "Use .parquet or .csv.",
                        file=str(path),
                    )
                ]
            )
        try:
            columns, about = readers[path.suffix](path)
            typed: dict[str, Any] = {
                n: np.asarray(columns[n]).astype(t) for n, t in _COLUMNS.items()
            }
            extra: dict[str, Any] = {n: np.array(about[n], np.int64) for n in _STINTS}
            return cls(
                **typed,
                **extra,
                queues=tuple(about["queues"]),
                groups=tuple(about["groups"]),
                start_ms=int(about["start_ms"]),
                timezone=str(about["timezone"]),
            )
        except FileNotFoundError:
            raise InputError([Problem("no such file", file=str(path))]) from None
        except (KeyError, ValueError, UnicodeDecodeError) as why:
            raise InputError(
                [
                    Problem(
                        f"this is no contact log of slasim ({why})",
                        "Write one with log.write(path).",
                        file=str(path),
                    )
                ]
            ) from None

    def renamed(
        self, *, queues: tuple[str, ...], groups: tuple[str, ...], start_ms: int, timezone: str
    ) -> ContactLog:
        """The same rows with names and a start instant."""
        return replace(self, queues=queues, groups=groups, start_ms=start_ms, timezone=timezone)


_STINTS = (
    "stint_left", "break_began", "break_ended", "cut_touch", "cut_group", "cut_agent", "cut_seat", "cut_from",
    "cut_to", "step_touch", "step_number", "step_at",
)  # fmt: skip


def _about(log: ContactLog) -> str:
    about: dict[str, Any] = {
        "queues": log.queues,
        "groups": log.groups,
        "start_ms": log.start_ms,
        "timezone": log.timezone,
    }
    about |= {name: getattr(log, name).tolist() for name in _STINTS}
    return json.dumps(about)


def _write_csv(log: ContactLog, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"# slasim contact log {_about(log)}\n")
        out.write(",".join(_COLUMNS) + "\n")
        np.savetxt(
            out, np.column_stack([getattr(log, name) for name in _COLUMNS]), fmt="%d", delimiter=","
        )


def _read_csv(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        first = lines.readline()
        mark = "# slasim contact log "
        if not first.startswith(mark):
            raise ValueError("the first line is not its mark")
        names = lines.readline().strip().split(",")
        numbers = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    numbers = numbers.reshape(-1, len(names))
    return {n: numbers[:, i] for i, n in enumerate(names)}, json.loads(first[len(mark) :])


def _pyarrow() -> Any:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise MissingExtra('Parquet needs pyarrow: pip install "slasim[parquet]"') from None
    return parquet


def _write_parquet(log: ContactLog, path: Path) -> None:
    parquet = _pyarrow()
    import pyarrow as pa

    table = pa.table({name: getattr(log, name) for name in _COLUMNS})
    parquet.write_table(
        table.replace_schema_metadata({"slasim": _about(log)}), path, compression="zstd"
    )


def _read_parquet(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    if not path.exists():
        raise FileNotFoundError(path)
    parquet = _pyarrow()
    import pyarrow as pa

    try:
        table = parquet.read_table(path)
    except pa.ArrowInvalid as why:
        raise ValueError(str(why).splitlines()[0]) from None
    about = (table.schema.metadata or {}).get(b"slasim")
    if about is None:
        raise ValueError("it carries no slasim metadata")
    return {n: table.column(n).to_numpy() for n in table.column_names}, json.loads(about)
