"""The house keeps its order: arrows between the rooms, sizes of files, what is tracked, nothing of one machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 800  # lines of a source file
LARGEST = 1_500_000  # bytes of a tracked file
TEXT = {".py", ".yml", ".yaml", ".json", ".jsonl", ".md", ".txt", ".csv", ".toml", ".js", ".css", ".html", ".mako", ".ini", ".sh", ".j2"}
FORBIDDEN = re.compile(r"(^|/)(\.venv|venv|\.uv|node_modules|__pycache__|models|\.rasa|results)/|\.(tar\.gz|db|sqlite3?|pyc)$|(^|/)\.env$")
# Homes and roots of build machines by their first folder: this one's, and the usual ones. No such path may stand here either.
FOLDERS = sorted({"home", "root", "work", "Users", Path.home().parts[1], ROOT.parts[1]} - {"tmp", "usr", "opt", "srv", "var"})
PYTHONS = "/".join((r"\.pyenv", "versions"))
MACHINE = re.compile(rf"(?<![\w.])/(?:{'|'.join(map(re.escape, FOLDERS))})/|{PYTHONS}")


def tracked() -> list[Path]:
    """Files of the repository, as git knows them; outside git (an archive) the test is skipped."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if told.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in told.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def is_text(path: Path) -> bool:
    return path.suffix in TEXT or path.name in ("Makefile", "run")


def test_the_arrows_between_the_rooms_hold():
    command = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "0 broken" in done.stdout


def test_each_room_is_there_and_has_contracts():
    config = read(ROOT / "pyproject.toml")
    for room in ("knowledge", "nlu", "actions", "bot"):
        assert (ROOT / room / "__init__.py").is_file()
    for source in ("knowledge", "nlu", "actions"):
        assert f'source_modules = ["{source}"]' in config


def test_no_source_file_is_too_long():
    long = {str(path.relative_to(ROOT)): lines for path in tracked() if path.suffix in (".py", ".js") and (lines := len(read(path).splitlines())) > LONGEST}
    assert not long


def test_nothing_forbidden_is_tracked():
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert not [name for name in names if FORBIDDEN.search(name)]


def test_no_tracked_file_is_a_data_dump():
    assert not {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked() if path.stat().st_size > LARGEST}


def test_no_path_of_one_machine():
    here = Path(__file__).resolve()
    found = []
    for path in tracked():
        if is_text(path) and path.name != "uv.lock" and path.resolve() != here:
            found += [f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}" for number, line in enumerate(read(path).splitlines(), 1) if MACHINE.search(line)]
    assert not found, found[:20]


def test_no_secret_is_written_down():
    token = re.compile(r"(?<![\w:])\d{8,10}:AA[\w-]{33}(?!\w)|-----BEGIN [A-Z ]*PRIVATE KEY-----|postgresql(?:\+\w+)?://[^\s:/]+:(?!\*)[^\s@]{6,}@(?!localhost|127\.)")
    found = [str(path.relative_to(ROOT)) for path in tracked() if is_text(path) and path.name != "uv.lock" and token.search(read(path))]
    assert not found


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip().lower())


@pytest.mark.needs_shared
def test_no_sample_sentence_of_the_shared_cases_is_in_the_repository(shared_dir):
    sentences = {
        squeezed(turn)
        for path in (shared_dir / "cases").glob("*.jsonl")
        for line in read(path).splitlines()
        if line.strip()
        for turn in json.loads(line)["turns"]
        if len(turn) > 25
    }
    assert len(sentences) > 100
    found = []
    for path in tracked():
        if is_text(path) and path.name != "uv.lock":
            text = squeezed(read(path))
            found += [f"{path.relative_to(ROOT)}: {sentence[:60]}" for sentence in sentences if sentence in text]
    assert not found


def test_ci_runs_the_test_command_of_the_readme():
    command = re.search(r"^(make test)\b", read(ROOT / "README.md"), re.MULTILINE)
    assert command, "README.md names no test command on a line of its own"
    assert command.group(1) in read(ROOT / ".ci" / "run")


def test_the_python_version_is_said_once_and_agrees():
    version = read(ROOT / ".python-version").strip()
    assert f'requires-python = ">={version},<' in read(ROOT / "pyproject.toml")
    assert f"python{version}" in read(ROOT / "Makefile")


def test_the_licence_is_whole():
    text = read(ROOT / "LICENSE")
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text
