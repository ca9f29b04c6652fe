"""What a quick start leaves out is still there for whoever asks: other verbs, others' kinds, linear algebra."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE = """
from slasim.registry import kind


@kind("distribution", "pareto_of_others")
def pareto(u, *, mean="3min"):
    "A heavy tail."
    return mean * u
"""
ASK = "import json; from slasim import registry; print(json.dumps(registry.names('distribution')))"


def answer(program: str, *path: Path) -> str:
    """The last line that a fresh Python prints."""
    where = os.pathsep.join(map(str, [ROOT, *path]))
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": where},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def package() -> dict[str, str]:
    """The files of an installed package that adds a kind."""
    return {
        "others_kinds.py": MODULE,
        "others-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: others\nVersion: 1.0\n",
        "others-1.0.dist-info/entry_points.txt": "[slasim.kinds]\nours = others_kinds\n",
    }


@pytest.mark.parametrize("zipped", [False, True])
def test_kinds_of_an_installed_package_are_found(tmp_path: Path, zipped: bool) -> None:
    place = tmp_path / ("others.zip" if zipped else "site")
    if zipped:
        with zipfile.ZipFile(place, "w") as archive:
            for name, text in package().items():
                archive.writestr(name, text)
    else:
        for name, text in package().items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
    assert "pareto_of_others" not in json.loads(answer(ASK))
    assert "pareto_of_others" in json.loads(answer(ASK, place))


def test_a_verb_loads_itself_and_no_other() -> None:
    program = (
        "import sys; from slasim.cli import main\n"
        "assert main(['check', 'scenarios/bank_1999/bank.yaml']) == 0\n"
        "print(sorted(name for name in sys.modules if name.startswith('slasim.cli.')))"
    ).replace("scenarios", str(ROOT / "scenarios").replace("\\", "/"))
    shared = ["doors", "options", "telling"]
    loaded = [f"slasim.cli.{name}" for name in sorted(["check", *shared])]
    assert answer(program) == str(loaded)


def test_verbs_keep_their_order_in_whatever_order_they_were_loaded() -> None:
    program = (
        "import slasim.cli, typer.main\n"
        "slasim.cli.main(['kinds', '--json']); slasim.cli.main(['check', '--schema'])\n"
        "group = typer.main.get_command(slasim.cli.app)\n"
        "print(group.list_commands(None) == list(slasim.cli.VERBS))"
    )
    assert answer(program) == "True"


def test_linear_algebra_in_a_compiled_function_of_ones_own_still_works() -> None:
    program = (
        "import sys, slasim.compiling, numba, numpy as np\n"
        "assert 'scipy.linalg' not in sys.modules\n"
        "assert 'scipy.linalg.cython_blas' not in sys.modules\n"
        "double = numba.njit(lambda a: np.dot(a, a))\n"
        "print(double(np.array([[0.0, 2.0], [3.0, 0.0]])).tolist())"
    )
    assert answer(program) == "[[6.0, 0.0], [0.0, 6.0]]"


def test_collecting_goes_on_after_loading_and_compiling() -> None:
    program = (
        "import gc, slasim; slasim.load; import slasim.compiling as c\n"
        "@c.compiled\ndef more(x):\n    return x + 1\n"
        "assert more(1) == 2\nprint(gc.isenabled())"
    )
    folder = (
        "import sys, tempfile, pathlib; p = pathlib.Path(tempfile.mkdtemp()) / 'of_its_own.py'\n"
    )
    text = (
        f"{folder}p.write_text({program!r}); sys.path.insert(0, str(p.parent)); import of_its_own"
    )
    assert answer(text) == "True"
