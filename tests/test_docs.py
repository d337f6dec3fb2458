"""The documents say what the program has: the build fails when a setting, a command, a package or a flag is missing there."""

from __future__ import annotations

import argparse
import dataclasses
import re
from pathlib import Path

import pytest

from bot.cli import COMMANDS, parser
from knowledge.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ROOMS = ("knowledge", "nlu", "actions", "bot")
# Set by tests only, or by the tools beside the program.
NOT_SETTINGS = {"MOTCUA_SHARED"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same depth."""
    found = re.search(rf"^(#+) {re.escape(heading)}\s*$(.*?)(?=^\1 |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(2) if found else ""


def environment_variables() -> set[str]:
    """Every MOTCUA_ variable that the program's code names."""
    names: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            names |= set(re.findall(r"\bMOTCUA_[A-Z][A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    return names - NOT_SETTINGS


def test_every_setting_is_documented():
    text = read("docs/settings.md")
    missing = [name for name in sorted(environment_variables()) if f"`{name}`" not in text]
    missing += [field.name for field in dataclasses.fields(Settings) if f"`MOTCUA_{field.name.upper()}`" not in text]
    assert not missing


def test_no_setting_is_documented_that_is_gone():
    documented = set(re.findall(r"`(MOTCUA_[A-Z_]+)`", read("docs/settings.md"))) - NOT_SETTINGS
    assert documented <= environment_variables() | {f"MOTCUA_{field.name.upper()}" for field in dataclasses.fields(Settings)}


def subparsers() -> dict:
    return next(action for action in parser()._actions if action.dest == "command").choices


def options_of(command: argparse.ArgumentParser) -> set[str]:
    """Long options of a command and of the commands below it."""
    found: set[str] = set()
    for action in command._actions:
        found |= {option for option in action.option_strings if option.startswith("--")}
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found |= options_of(below)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name):
    text = section(read("docs/commands.md"), f"motcua {name}")
    assert text, f"docs/commands.md has no section '## motcua {name}'"
    common = {"--help", "--database", "--as-of", "--debug"}
    options = options_of(subparsers()[name]) - common
    assert not [option for option in sorted(options) if f"`{option}" not in text]


def test_no_command_is_documented_that_is_gone():
    assert set(re.findall(r"^## motcua (\S+)", read("docs/commands.md"), re.MULTILINE)) <= set(COMMANDS)


def test_common_options_are_documented():
    text = read("docs/commands.md")
    for option in ("--database", "--as-of", "--debug", "--help"):
        assert f"`{option}" in text


def test_every_package_has_its_reason():
    declared = re.search(r"^dependencies = \[(.*?)^\]", read("pyproject.toml"), re.MULTILINE | re.DOTALL).group(1)
    declared += re.search(r"^dev = \[(.*?)^\]", read("pyproject.toml"), re.MULTILINE | re.DOTALL).group(1)
    names = re.findall(r'^\s*"([A-Za-z0-9_.\-]+)', declared, re.MULTILINE)
    assert len(names) > 30
    text = read("docs/dependencies.md")
    assert not [name for name in names if f"`{name}`" not in text]
    assert not [name for name in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) if name not in names]


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_readmes_name_the_two_commands(name):
    assert "make chat" in read(name) and "make test" in read(name)


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z\-]*):", read("Makefile"), re.MULTILINE))


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "README.vi.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_make_target_and_command_named_exists(path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|[`“ ])make ([a-z][a-z\-]+)(?=[`” \n,.;)]|$)", text, re.MULTILINE)) & {"chat", "test", "train", "serve", "doctor", "lint", "install", "test-all"} <= makefile_targets()
    named = set(re.findall(r"`motcua ([a-z]+)", text)) | set(re.findall(r"^(?:\.venv/bin/)?motcua ([a-z]+)", text, re.MULTILINE))
    assert named <= set(COMMANDS), f"{path.name} names commands that do not exist"


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(path):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (path.parent / target).exists()]


def test_every_room_is_described():
    text = read("docs/architecture.md")
    for room in ROOMS:
        assert f"`{room}/`" in text


def test_decision_records_are_numbered_and_say_what_was_decided():
    records = sorted((DOCS / "adr").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text(encoding="utf-8")
        for heading in ("## Context", "## Decision", "## Consequences"):
            assert heading in text, f"{path.name} has no {heading}"


def test_every_data_flag_that_an_importer_sets_is_explained():
    text = read("docs/data-flags.md")
    kinds: set[str] = set()
    for path in (ROOT / "knowledge" / "importers").rglob("*.py"):
        kinds |= set(re.findall(r'\bFlag\(\s*"([a-z0-9\-]+)"', path.read_text(encoding="utf-8")))
    assert kinds
    assert not [kind for kind in sorted(kinds) if f"`{kind}`" not in text]
