"""The command line keeps its promises: help with an example, exit statuses, errors in one line, no traceback."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS, MODULES, Complaint, main, parser
from knowledge.settings import get_settings

ROOT = Path(__file__).resolve().parents[2]
CODE = "1.004194"  # an entry of the shipped catalogue
VARIABLES = ("MOTCUA_DATABASE", "MOTCUA_MODEL", "MOTCUA_AS_OF", "MOTCUA_CACHE", "MOTCUA_LOG_LEVEL")


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> str:
    """A filled database of this module's own."""
    from knowledge.store import open_store

    url = f"sqlite:///{tmp_path_factory.mktemp('cli') / 'motcua.db'}"
    open_store(url)
    return url


@pytest.fixture
def command(monkeypatch, tmp_path, capsys):
    """Runs `motcua` in this process: (exit status, stdout, stderr). Nothing of the user's own is touched."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOTCUA_DATABASE", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.setenv("MOTCUA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MOTCUA_MODEL", "")
    monkeypatch.setenv("MOTCUA_AS_OF", "")
    monkeypatch.setenv("MOTCUA_LOG_LEVEL", "")

    def run(*words: str) -> tuple[int, str, str]:
        get_settings.cache_clear()
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as stopped:
            status = stopped.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    yield run
    get_settings.cache_clear()


def one_line(err: str) -> str:
    """The error, which must be one line for a person."""
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    assert lines[0].startswith("motcua"), err
    return lines[0]


def module_of(name: str):
    from importlib import import_module

    return import_module(f"bot.commands.{MODULES.get(name, name)}")


# -- help ------------------------------------------------------------------------------------------


def test_help_lists_every_command(command):
    status, out, err = command("--help")
    assert status == 0 and not err
    for name in COMMANDS:
        assert re.search(rf"^\s+{name}\s", out, re.MULTILINE), name


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_an_example(command, name):
    status, out, err = command(name, "--help")
    assert status == 0 and not err
    assert f"Ví dụ: {module_of(name).EXAMPLE}" in out
    assert f"motcua {name}" in module_of(name).EXAMPLE
    for option in ("--database", "--as-of", "--debug"):
        assert option in out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_is_a_command_that_is_understood(name):
    for example in re.split(r"\s+[·;|]\s+|\n", module_of(name).EXAMPLE):
        words = [word for word in shlex.split(example) if not re.match(r"[A-Z_]+=", word)]
        assert words[0] == "motcua" and words[1] == name
        assert callable(parser().parse_args(words[1:]).run)


def test_every_command_file_is_a_command():
    files = {path.stem for path in (ROOT / "bot" / "commands").glob("*.py")} - {"__init__"}
    assert files == {MODULES.get(name, name) for name in COMMANDS}


# -- wrong use: exit status 2, one line ---------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["khong-co-lenh-nay"],
        ["show"],
        ["search"],
        ["import"],
        ["batch"],
        ["batch", "vao.jsonl"],
        ["eval"],
        ["explain"],
        ["show", CODE, "--khong-co"],
        ["show", CODE, "--as-of", "hôm nay"],
        ["show", CODE, "--as-of", "2026-13-45"],
        ["search", "x", "--limit", "nhiều"],
        ["search", "x", "--kind", "khác"],
    ],
    ids=lambda words: " ".join(words) or "nothing",
)
def test_wrong_use(command, words):
    status, out, err = command(*words)
    assert status == 2 and not out
    line = one_line(err)
    assert "--help" in line
    assert not re.search(r"\b(argument|required|invalid|unrecognized|expected)\b", line), line


@pytest.mark.parametrize("words", [["batch", "{missing}", "--out", "{out}"], ["import", "{missing}"], ["eval", "{missing}"], ["eval", "{broken}"]], ids=lambda w: " ".join(w))
def test_files_that_are_missing_or_broken(command, tmp_path, words, database):
    (tmp_path / "broken.jsonl").write_text('{"id": 1\n', encoding="utf-8")
    places = {"missing": tmp_path / "khong-co.jsonl", "out": tmp_path / "ra.jsonl", "broken": tmp_path / "broken.jsonl"}
    status, _, err = command(*(word.format(**places) for word in words), "--database", database)
    assert status == 2
    line = one_line(err)
    assert "khong-co.jsonl" in line or "broken.jsonl: dòng 1" in line


def test_an_output_that_cannot_be_written(command, tmp_path):
    source = tmp_path / "vao.jsonl"
    source.write_text('{"id": "a", "turns": ["xin chào"]}\n', encoding="utf-8")
    status, _, err = command("batch", source, "--out", tmp_path / "khong-co-thu-muc" / "ra.jsonl")
    assert status == 2 and "ra.jsonl" in one_line(err)


# -- something to mend: exit status 1, one line ----------------------------------------------------------


def broken_databases(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "rac.db").write_bytes(b"This is no database. " * 300)
    (tmp_path / "tep").write_text("x")
    (tmp_path / "thu-muc").mkdir()
    other = sqlite3.connect(tmp_path / "cut.db")
    other.execute("CREATE TABLE procedure (anything INTEGER)")
    other.commit()
    other.close()
    return {
        "no database": f"sqlite:///{tmp_path / 'rac.db'}",
        "a file where a folder should be": f"sqlite:///{tmp_path / 'tep' / 'x.db'}",
        "a folder": f"sqlite:///{tmp_path / 'thu-muc'}",
        "no url": "khong phai url",
        "unknown kind": "oracle9://x/y",
        "nobody listens": "postgresql://nobody@127.0.0.1:1/motcua",
        "of another program": f"sqlite:///{tmp_path / 'cut.db'}",
    }


@pytest.mark.parametrize("kind", ["no database", "a file where a folder should be", "a folder", "no url", "unknown kind", "nobody listens", "of another program"])
def test_a_database_that_cannot_be_used(command, tmp_path, kind):
    url = broken_databases(tmp_path)[kind]
    status, out, err = command("show", CODE, "--database", url)
    assert status == 1 and not out
    line = one_line(err)
    assert "ơ sở dữ liệu" in line and ("Hãy" in line or "hãy" in line), line


def test_a_password_in_the_database_address_is_not_shown(command):
    _, _, err = command("show", CODE, "--database", "postgresql://motcua:rat-bi-mat@127.0.0.1:1/motcua")
    assert "rat-bi-mat" not in err


def test_a_model_that_is_missing(command, tmp_path, database):
    status, _, err = command("explain", "xin chào", "--model", tmp_path / "khong-co.tar.gz", "--database", database)
    assert status == 1
    assert "khong-co.tar.gz" in one_line(err) and "motcua train" in err


def test_a_model_folder_without_models(command, tmp_path, database):
    (tmp_path / "trong").mkdir()
    status, _, err = command("explain", "xin chào", "--model", tmp_path / "trong", "--database", database)
    assert status == 1 and "motcua train" in one_line(err)


def test_a_setting_that_cannot_be_read(command, monkeypatch, database):
    monkeypatch.setenv("MOTCUA_AS_OF", "ngày mai")
    status, _, err = command("show", CODE, "--database", database)
    assert status == 2
    line = one_line(err)
    assert "MOTCUA_AS_OF" in line and "NĂM-THÁNG-NGÀY" in line and "không lường trước" not in line


def test_a_fault_of_our_own_is_one_line_unless_debug(command, monkeypatch, database):
    def fail(args: argparse.Namespace) -> int:
        raise RuntimeError("hỏng")

    monkeypatch.setattr(module_of("show"), "run", fail)
    status, _, err = command("show", CODE, "--database", database)
    assert status == 1 and "--debug" in one_line(err)
    with pytest.raises(RuntimeError):
        command("show", CODE, "--database", database, "--debug")


def test_interrupted(command, monkeypatch, database):
    def stop(args: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module_of("show"), "run", stop)
    status, _, err = command("show", CODE, "--database", database)
    assert status == 130 and "Traceback" not in err


def test_a_complaint_carries_its_status():
    assert Complaint("x").status == 1 and Complaint("x", 2).status == 2


# -- done: exit status 0 ---------------------------------------------------------------------------------


def test_show_for_a_reader_and_as_json(command, database):
    status, out, err = command("show", CODE, "--database", database)
    assert status == 0 and not err and "Đăng ký tạm trú" in out
    status, out, err = command("show", CODE, "--json", "--as-of", "2026-01-15", "--database", database)
    assert status == 0 and not err
    told = json.loads(out)
    assert told["code"] == CODE and told["source"]["url"].startswith("https://")


def test_an_unknown_code_is_named_and_the_rest_is_shown(command, database):
    status, out, err = command("show", "9.999999", CODE, "--json", "--database", database)
    assert status == 1 and "9.999999" in one_line(err)
    assert json.loads(out)["code"] == CODE


def test_search_finds_by_everyday_words_and_prints_json(command, database):
    status, out, _ = command("search", "dang", "ky", "tam", "tru", "--kind", "procedure", "--limit", "3", "--json", "--database", database)
    assert status == 0
    found = json.loads(out)
    assert len(found) == 3 and CODE in [hit["id"] for hit in found]
    assert {"id", "score", "title", "source", "snippet"} <= set(found[0])


def test_a_database_that_does_not_exist_is_made_and_filled(command, tmp_path):
    place = tmp_path / "moi" / "sau" / "motcua.db"
    status, out, _ = command("show", CODE, "--database", f"sqlite:///{place}")
    assert status == 0 and place.is_file() and "Đăng ký tạm trú" in out


def test_doctor_says_in_words_what_is_missing(command, database, monkeypatch, tmp_path):
    import bot.training

    monkeypatch.setattr(bot.training, "MODELS", tmp_path / "models")
    status, out, _ = command("doctor", "--database", database)
    assert status == 1
    assert "motcua train" in out and "THIẾU" in out and "Python 3.10" in out


# -- as a program ------------------------------------------------------------------------------------------


def program(*words: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}, stdin=subprocess.DEVNULL
    )


def test_show_loads_nothing_of_rasa(database):
    check = (
        "import sys; from bot.cli import main; status = main(sys.argv[1:]);"
        "heavy = [n for n in ('rasa', 'tensorflow', 'sklearn', 'spacy', 'underthesea') if n in sys.modules]; sys.exit(f'loaded {heavy}' if heavy else status)"
    )
    done = subprocess.run([sys.executable, "-c", check, "show", CODE, "--database", database], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_closed_pipe_is_no_error(database):
    done = subprocess.run(
        f'"{sys.executable}" -m bot.cli show {CODE} --database "{database}" | head -c 1', shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_output_is_utf8_whatever_the_locale(database):
    done = program("show", CODE, "--database", database, LC_ALL="C", PYTHONUTF8="1")
    assert done.returncode == 0 and "Đăng ký tạm trú" in done.stdout


@pytest.mark.slow
def test_a_model_that_is_broken(database, tmp_path):
    broken = tmp_path / "hong.tar.gz"
    broken.write_bytes(b"no archive")
    done = program("explain", "xin chào", "--model", str(broken), "--database", database, MOTCUA_CACHE=str(tmp_path))
    assert done.returncode == 1
    line = one_line(done.stderr)
    assert "hong.tar.gz" in line and "motcua train" in line
