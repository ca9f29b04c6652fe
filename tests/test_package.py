"""What is installed is whole: the wheel carries the bundled data and its types, and old machine code is never run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import slasim
from slasim.compiling import fingerprint
from slasim.errors import InputError
from slasim.scenario.bundled import bundled

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_all_that_it_needs(wheel: Path) -> None:
    assert wheel.name == f"slasim-{slasim.__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert "slasim/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "slasim",
        f"slasim-{slasim.__version__}.dist-info",
    }
    ours = {
        path.relative_to(ROOT / "scenarios").as_posix()
        for path in (ROOT / "scenarios" / "bank_1999").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {f"slasim/bundled/{name}" for name in ours} <= set(names)


def test_the_bundled_scenario_loads_from_an_installed_package(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    program = (
        "import slasim; from slasim.scenario.bundled import bundled;"
        "folder = bundled('bank_1999'); print(folder);"
        "[slasim.load(path) for path in folder.glob('*.yaml')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == tmp_path / "installed" / "slasim" / "bundled" / "bank_1999"


def test_the_bundled_scenario_is_found_in_a_checkout() -> None:
    assert bundled("bank_1999") == ROOT / "scenarios" / "bank_1999"
    with pytest.raises(InputError, match="Did you mean bank_1999"):
        bundled("bank_199")


@pytest.mark.parametrize("source", ["engine/rules.py", "engine/fast.py", "draw.py"])
def test_an_edit_gets_machine_code_of_its_own(source: str, tmp_path: Path) -> None:
    package = tmp_path / "slasim"
    shutil.copytree(ROOT / "slasim", package, ignore=shutil.ignore_patterns("__pycache__"))
    before = fingerprint(package)
    assert before == fingerprint(ROOT / "slasim")
    with (package / source).open("a", encoding="utf-8") as edited:
        edited.write("# edited\n")
    assert fingerprint(package) != before
