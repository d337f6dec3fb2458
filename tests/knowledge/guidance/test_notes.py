"""The project's own notes: schema, sources, and that they say what people ask for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from knowledge.guidance import load_notes, load_register
from knowledge.guidance import own_notes as module

FILES = sorted(module.NOTES.glob("*.yml"))
NOTES = load_notes()


def find(note_id: str):
    return next(note for note in NOTES if note.id == f"note:{note_id}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_fits_the_schema(path: Path) -> None:
    schema = json.loads((module.NOTES.parent / "notes.schema.json").read_text(encoding="utf-8"))
    data = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))
    jsonschema.validate(data, schema)


def test_ids_are_unique_and_enough_notes() -> None:
    assert len(NOTES) >= 250
    assert len({note.id for note in NOTES}) == len(NOTES)


def test_every_source_is_a_registered_document_with_its_date() -> None:
    register = load_register()
    for note in NOTES:
        assert register.document(note.document, note.document_date), (note.id, note.document, note.document_date)
        for one in note.also:
            assert register.document(one["document"], one["date"]), (note.id, one)


def test_questions_belong_to_one_note_only() -> None:
    seen: dict[str, str] = {}
    for note in NOTES:
        for question in note.questions:
            assert seen.setdefault(question, note.id) == note.id, question


def test_contacts_carry_a_warning_of_age() -> None:
    contacts = [note for note in NOTES if note.kind == "contact"]
    assert len(contacts) >= 6
    for note in contacts:
        assert "có thể đã thay đổi" in (note.warning or ""), note.id
        assert re.search(r"\d{3}[\d.]{6,}", note.text), note.id


def test_twenty_two_tasks_six_orientations_thirty_five_platforms() -> None:
    ids = {note.id for note in NOTES}
    assert all(f"note:797-nv-{n}" in ids for n in range(1, 23))
    assert all(f"note:797-dh-{n}" in ids for n in range(1, 7))
    assert all(f"note:nt-{n}" in ids for n in range(1, 36))
    assert [find(f"797-nv-{n}").label for n in (1, 18, 22)] == ["nhiệm vụ 1", "nhiệm vụ 18", "nhiệm vụ 22"]
    assert {find(f"797-nv-{n}").kind for n in range(1, 23)} == {"task"}


@pytest.mark.parametrize(
    ("note_id", "year", "figures"),
    [
        ("kh2022-ha-tang", 2022, ["75%", "100%", "85%"]),
        ("kh2022-chinh-phu-so", 2022, ["80%", "50%", "1/6/2022", "1/12/2022"]),
        ("p5-dvctt-chi-tieu", 2023, ["trên 80%", "100%", "trên 50%"]),
        ("p5-kinh-te-so", 2023, ["16%", "8,5%"]),
        ("p5-32-chi-tieu", 2023, ["32", "08", "09", "05", "06", "04"]),
        ("p5-cap-do", 2023, ["3078", "1846", "60%", "201", "6,5%"]),
        ("1970-so-tieu-chi", None, ["60 tiêu chí", "139 tiêu chí", "320 điểm", "695 điểm"]),
        ("64-so-luong", 2022, ["10.000", "200", "6800", "3000"]),
        ("ct14-kiem-tra", None, ["14 tháng 12", "14 tháng 6", "06 tháng"]),
    ],
)
def test_figures_and_year(note_id: str, year: int | None, figures: list[str]) -> None:
    note = find(note_id)
    assert note.year == year
    assert all(figure in note.text for figure in figures)


def test_comparisons_name_both_years_and_both_sources() -> None:
    comparisons = [note for note in NOTES if "comparison" in note.topics]
    assert len(comparisons) >= 8
    for note in comparisons:
        assert note.also, note.id
        assert note.year is None, note.id


def test_neighbours_stay_inside_one_file() -> None:
    first_ids = set()
    for path in FILES:
        first_ids.add("note:" + yaml.safe_load(path.read_text(encoding="utf-8"))["notes"][0]["id"])
    for note in NOTES:
        assert (note.previous is None) == (note.id in first_ids)


def test_citation_of_a_note() -> None:
    assert find("797-nv-18").citation() == "797/BTTTT-THH ngày 06/3/2022, nhiệm vụ 18"


@pytest.mark.needs_shared
def test_no_sample_question_and_no_long_copy(seeds_dir: Path) -> None:
    """Sample questions stay samples, and the notes are ours: no run of 34 words (more than any title) is a source's."""
    cases = [json.loads(line) for line in (seeds_dir.parent / "cases" / "dev_guidance.jsonl").read_text().splitlines()]

    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text.casefold())

    samples = {" ".join(words(turn)) for case in cases for turn in case["turns"]}
    assert not samples & {" ".join(words(question)) for note in NOTES for question in note.questions}
    run = 34
    source = words(" ".join(path.read_text(encoding="utf-8") for path in sorted(seeds_dir.glob("*.txt"))))
    runs = {tuple(source[i : i + run]) for i in range(len(source) - run)}
    copied = [
        note.id
        for note in NOTES
        if any(tuple(w[i : i + run]) in runs for w in [words(note.text)] for i in range(len(w)))
    ]
    assert copied == []
