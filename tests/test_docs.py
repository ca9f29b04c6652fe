"""What is written for readers is true: doctests, the README, notebooks, links, and every scenario in the repo."""

from __future__ import annotations

import doctest
import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

import slasim

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))


def module_names() -> list[str]:
    names = []
    for path in sorted((ROOT / "slasim").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language on a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with scenarios and examples in it, as a reader of the README has it; it is the current one."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", [n for n in module_names() if not n.endswith("__main__")])
def test_doctests(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_every_public_name_is_there_and_known_to_type_checkers() -> None:
    source = (ROOT / "slasim" / "__init__.py").read_text(encoding="utf-8")
    typed = {name: home for home, name in re.findall(r"from (\S+) import \w+ as (\w+)", source)}
    assert typed == slasim._HOMES
    for name in slasim.__all__:
        assert getattr(slasim, name) is not None
        assert name in dir(slasim)
    with pytest.raises(AttributeError, match="simulat'"):
        slasim.simulat  # noqa: B018


# ------------------------------------------------------------------ pages


def test_python_of_the_readme_runs(checkout: Path) -> None:
    found = blocks(ROOT / "README.md", "python")
    assert found
    names: dict[str, object] = {}
    for block in found:
        exec(compile(block, "README.md", "exec"), names)


def test_python_of_contributing_runs(checkout: Path) -> None:
    found = blocks(ROOT / "CONTRIBUTING.md", "python")
    assert found
    program = "\n".join(found)  # in a process of its own: it registers kinds
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_command_on_the_pages_exists() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "slasim.cli", "--help"], capture_output=True, text=True, cwd=ROOT
    )
    assert said.returncode == 0, said.stderr
    known = set(re.findall(r"\b[a-z]+\b", said.stdout))
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    used = set(re.findall(r"(?:^ +|[`/])slasim ([a-z]+)\b", text, re.MULTILINE))
    assert "demo" in used
    assert used <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_test_command_of_the_readme_is_the_one_that_ci_runs() -> None:
    command = 'pip install -e ".[test]"'
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


# ------------------------------------------------------------------ scenarios and notebooks


def test_there_are_scenarios_and_notebooks() -> None:
    assert SCENARIOS
    assert NOTEBOOKS


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_scenario_is_complete(path: Path) -> None:
    assert slasim.load(path).name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_and_its_pair_are_in_step(path: Path) -> None:
    pair = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    told = [(cell.cell_type, cell.source) for cell in jupytext.read(path).cells]
    assert [(cell.cell_type, cell.source) for cell in pair.cells] == told
    raw = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
    ran = [cell for cell in raw["cells"] if cell.get("outputs") or cell.get("execution_count")]
    assert ran == [], "commit notebooks without outputs: jupytext --to ipynb, then nbstripout"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path) -> None:
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        jupytext.read(path), timeout=300, kernel_name="python3", resources=where
    )
    client.execute()
