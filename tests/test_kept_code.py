"""Code that libraries write as text is compiled once and kept: the same as theirs, and never in anybody's way."""

from __future__ import annotations

import ast
import collections
import dataclasses
import marshal
import os
import subprocess
import sys
import threading
import typing
import zlib
from pathlib import Path
from typing import Any

import pytest

from slasim import kept_code
from slasim.kept_code import keeping_code, place

ROOT = Path(__file__).resolve().parents[1]
N_DESIGN = str(ROOT / "tests" / "benchmarks" / "n_design.yaml")
COUNTED = """
import sys
texts = []
sys.addaudithook(lambda event, given: texts.append(given[1]) if event == "compile" else None)
from slasim.cli import main
sys.argv = ["slasim", *{words}]
code = main()
print(texts.count("<string>"), code, file=sys.stderr)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def started(home: Path, *words: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
    """How many texts a command has compiled in a fresh Python, and what it says."""
    done = subprocess.run(
        [sys.executable, *options, "-c", COUNTED.format(words=list(words))],
        env={**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    texts, code = done.stderr.split()[-2:]
    assert code == "0"
    return int(texts), done.stdout


def test_a_second_command_compiles_nothing_again_and_says_the_same(tmp_path: Path) -> None:
    first, said = started(tmp_path, "check", N_DESIGN)
    second, said_again = started(tmp_path, "check", N_DESIGN)
    assert said_again == said
    assert first - second > 300  # other libraries than those that are meant compile some
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file.name for file in files] == ["check"]


def test_what_another_verb_and_another_optimisation_need_stands_elsewhere(tmp_path: Path) -> None:
    started(tmp_path, "check", N_DESIGN)
    for words, options in (["--help"], ()), (["check", N_DESIGN], ("-OO",)):
        first, _ = started(tmp_path, *words, options=options)
        second, _ = started(tmp_path, *words, options=options)
        assert first - second > 50
    places = sorted("/".join(f.parts[-2:])[-7:] for f in tmp_path.rglob("*") if f.is_file())
    assert places == ["/slasim", "0/check", "2/check"]


def made() -> list[Any]:
    """What classes say and do whose methods are written as text."""

    @dataclasses.dataclass(frozen=True, order=True, slots=True)
    class Point:
        x: int
        y: float = 2.0
        tags: list[str] = dataclasses.field(default_factory=list, compare=False, kw_only=True)

        def __post_init__(self) -> None:
            assert self.x >= 0

    @dataclasses.dataclass
    class Plain:
        name: str

    pair = collections.namedtuple("pair", "left right", defaults=[7])
    try:
        Point(1).x = 2  # type: ignore[misc]
        said = ""
    except dataclasses.FrozenInstanceError as error:
        said = str(error)
    return [
        Point(1, tags=["a"]) == Point(1), Point(1) < Point(2), hash(Point(3)) == hash(Point(3)),
        repr(Point(1))[-24:], repr(Plain("a"))[-15:], Plain("a") == Plain("a"), pair(1), said,
        typing.get_type_hints(Plain, None, {}), typing.ForwardRef("dict[str, int] | None").__forward_arg__,
        typing._eval_type(typing.ForwardRef("dict[str, int] | None"), {}, {}),  # type: ignore[attr-defined]
    ]  # fmt: skip


def test_classes_are_what_they_are_otherwise(home: Path) -> None:
    alone = made()
    for _ in ("compiled", "kept"):
        with keeping_code("check"):
            assert made() == alone
    file = place("check")
    assert file is not None
    assert file.is_relative_to(home)
    assert len(kept_code._read(file)) >= 3


def test_a_text_runs_where_it_would_and_with_nothing_of_ours(home: Path) -> None:
    """Texts have their own rules for annotations, and without names given they see those of who runs them."""
    for _ in ("compiled", "kept"):
        with keeping_code("check"):
            within: dict[str, Any] = {}
            run = vars(dataclasses)["exec"]
            with pytest.raises(NameError, match="no_such_name"):
                run("def f(x: no_such_name): pass", within)
            run("a = 1", within)
            assert within["a"] == 1
            local = 5
            look = vars(collections)["eval"]
            assert look("local + 1", None, {"local": local}) == 6
            assert look("home") is home
            assert look(" \t1") == 1
            assert look("x + y", {"x": 1}, {"y": 2}) == 3
            turn = vars(typing)["compile"]
            assert eval(turn("1 + 1", "<string>", "eval")) == 2
            assert turn("1", "elsewhere", "eval").co_filename == "elsewhere"
            only_parsed = turn("1", "<string>", "eval", ast.PyCF_ONLY_AST)
            assert isinstance(only_parsed, ast.Expression)
            with pytest.raises(SyntaxError):
                turn("1 +", "<string>", "eval")


def test_nothing_stays_behind_whatever_happens(home: Path) -> None:
    with pytest.raises(KeyError), keeping_code("check"):
        raise KeyError
    for module, name in kept_code._ASKING:
        assert name not in vars(module)
    with keeping_code("check"), keeping_code("check"):
        dataclasses.make_dataclass("A", ["x"])
    for module, name in kept_code._ASKING:
        assert name not in vars(module)


def whole(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little") + content


@pytest.mark.parametrize(
    "content",
    [
        b"", b"abc", b"\0" * 100, None, b"\xff" * 1000,
        whole(marshal.dumps(None)), whole(marshal.dumps([1])), whole(b"{"), whole(b"["), whole(b"\xff"), whole(b"0"),
    ],
)  # fmt: skip
def test_a_broken_file_is_replaced(home: Path, content: bytes | None) -> None:
    with keeping_code("check"):
        made()
    file = place("check")
    assert file is not None
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(half if content is None else content)
    with keeping_code("check"):
        made()
    assert kept_code._read(file)
    assert [each.name for each in file.parent.iterdir()] == ["check"]
    assert int.from_bytes(file.read_bytes()[:4], "little") == zlib.crc32(file.read_bytes()[4:])


def test_a_run_adds_what_is_new_and_writes_nothing_otherwise(home: Path) -> None:
    def looked_up(*texts: str) -> tuple[set[str], int]:
        with keeping_code("check"):
            for text in texts * 2:
                vars(collections)["eval"](text, {})
        file = place("check")
        assert file is not None
        return set(kept_code._read(file)), file.stat().st_mtime_ns

    looked_up("'a'")
    both, written = looked_up("'b'", "'a'")
    assert both == {"eval 'a'", "eval 'b'"}
    assert looked_up("'a'") == (both, written)


def test_threads_that_keep_code_at_once_leave_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look before one of them has put anything in its place."""
    together = threading.Barrier(2)
    failed = []

    def at_once(file: Path) -> dict[str, bytes]:
        together.wait(20)
        return {}

    def command() -> None:
        try:
            with keeping_code("check"):
                dataclasses.make_dataclass("A", ["x"])
                together.wait(20)
        except BaseException as error:
            failed.append(error)
            raise

    monkeypatch.setattr(kept_code, "_read", at_once)
    threads = [threading.Thread(target=command) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [name for module, name in kept_code._ASKING if name in vars(module)] == []


def test_a_text_is_compiled_once_in_the_first_run_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []

    def counting(text: str, *rest: Any, **more: Any) -> Any:
        compiled.append(text)
        return compile(text, *rest, **more)

    monkeypatch.setattr(kept_code, "compile", counting, raising=False)
    for _ in ("compiled", "kept"):
        with keeping_code("check"):
            for _ in range(3):
                assert vars(collections)["eval"]("1 + 1", {}) == 2
    assert compiled == ["1 + 1"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_what_is_no_file_of_ours_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = place("check")
    assert file is not None
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    assert kept_code._read(file) == {}
    file.unlink()
    with keeping_code("check"):
        made()
    assert kept_code._read(file)
    another = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: another)
    assert kept_code._read(file) == {}


def test_a_file_in_which_one_letter_is_wrong_is_not_believed(home: Path) -> None:
    with keeping_code("check"):
        made()
    file = place("check")
    assert file is not None
    content = file.read_bytes()
    file.write_bytes(content.replace(b"FrozenInstanceError", b"FrozenInstanceErrol"))
    assert kept_code._read(file) == {}


def test_what_cannot_be_put_in_its_place_is_gone(home: Path) -> None:
    file = place("check")
    assert file is not None
    file.mkdir(parents=True)
    with keeping_code("check"):
        made()
    assert [each.name for each in file.parent.iterdir()] == ["check"]


def test_where_nothing_can_be_written_a_command_does_without(tmp_path: Path) -> None:
    (tmp_path / "slasim").write_text("no folder", encoding="utf-8")
    _, said = started(tmp_path, "check", N_DESIGN)
    assert "No problem found" in said


@pytest.mark.parametrize("named", ["", "here"])
def test_a_user_without_a_home_keeps_nothing(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert place("check") is None
    with keeping_code("check"):
        made()


def test_a_file_does_not_grow_for_ever(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_code, "_MOST", 3)
    for names in (["a1", "a2"], ["b1"], ["c1", "c2"]):
        with keeping_code("check"):
            for name in names:
                vars(collections)["eval"](f"'{name}'", {})
    file = place("check")
    assert file is not None
    assert set(kept_code._read(file)) == {"eval 'c1'", "eval 'c2'"}
