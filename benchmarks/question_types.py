"""How well is the question type learned, on hand-written examples it has not seen?

`python -m benchmarks.question_types [--folds 4]` prints, by intent: precision, recall and F1 on clean text and recall on
text without marks, cross-validated over the hand-written examples (generated ones are always in training, never tested),
the commonest confusions, and what each way to treat accents gives. With `--cases FILE` also the share of single questions
whose wanted type is among those found (same equivalences as `judge.py`), by style.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import time
from pathlib import Path

import yaml

from nlu import noise
from nlu.question_model import ASPECTS, everyday, train

DATA = Path(__file__).parent.parent / "nlu" / "data"
SAME = {
    "overview": {"overview", "steps", "dossier", "online", "conditions"},
    "steps": {"steps", "online", "overview"},
    "online": {"online", "steps"},
    "form": {"form", "dossier"},
}


def pairs(path: Path) -> list[tuple[str, str]]:
    """(text, intent) of one Rasa training file."""
    out = []
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        lines = (line.strip() for line in block["examples"].splitlines())
        out += [(line[2:].strip(), block["intent"]) for line in lines if line.startswith("- ")]
    return out


def cross_validate(folds: int) -> None:
    """Print the table by intent."""
    made = pairs(DATA / "generated.yml")
    hand = [pair for path in sorted(DATA.glob("*.yml")) if path.stem != "generated" for pair in pairs(path)]
    random.Random(1).shuffle(hand)
    rows: list[tuple[str, str, str, str]] = []
    started = time.time()
    for fold in range(folds):
        tested = hand[fold::folds]
        model = train([pair for number, pair in enumerate(hand) if number % folds != fold] + made, {"held_out": 0}, *everyday())
        clean = model.predict_many([text for text, _ in tested])
        bare = model.predict_many([noise.strip_marks(text) for text, _ in tested])
        for (text, intent), one, two in zip(tested, clean, bare, strict=True):
            rows.append((text, intent, one.ranking[0][0], two.ranking[0][0]))
    print(f"{len(rows)} hand-written examples, {folds} folds, {time.time() - started:.0f} s")
    print(f"{'intent':18}{'n':>5}{'prec.':>8}{'recall':>8}{'F1':>8}{'recall without marks':>22}")
    for intent in sorted({row[1] for row in rows}):
        mine = [row for row in rows if row[1] == intent]
        hits = sum(row[2] == intent for row in mine)
        said = sum(row[2] == intent for row in rows) or 1
        precision, recall = hits / said, hits / len(mine)
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        print(f"{intent:18}{len(mine):5}{precision:8.3f}{recall:8.3f}{f1:8.3f}{sum(r[3] == intent for r in mine) / len(mine):22.3f}")
    for name, chosen in (("all intents", rows), ("question types", [row for row in rows if row[1] in ASPECTS])):
        clean = sum(row[1] == row[2] for row in chosen) / len(chosen)
        bare = sum(row[1] == row[3] for row in chosen) / len(chosen)
        print(f"{name}: {clean:.3f} clean, {bare:.3f} without marks (n {len(chosen)})")
    wrong = collections.Counter((row[1], row[2]) for row in rows if row[1] != row[2])
    print("confusions:", ", ".join(f"{a} -> {b} {n}" for (a, b), n in wrong.most_common(15)))


def judge_cases(path: Path, verbose: bool) -> None:
    """Print, by style, how often the wanted type of a single question is among those found."""
    model = train([pair for file in sorted(DATA.glob("*.yml")) for pair in pairs(file)], None, *everyday())
    seen: dict[str, list[bool]] = collections.defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        for turn, expect in zip(case["turns"], case["expect"], strict=True):
            if not expect.get("aspect"):
                continue
            found = model.predict(turn)
            types = {name[4:] for name, _ in found.types}
            fits = bool(SAME.get(expect["aspect"], {expect["aspect"]}) & types)
            seen[case["style"]].append(fits)
            seen["all"].append(fits)
            if not fits and verbose:
                print(f"  {expect['aspect']}: {turn[-110:]!r} -> {found.ranking[:2]} {found.types}")
    for style, hits in sorted(seen.items()):
        print(f"{style:16}{len(hits):5}{sum(hits) / len(hits):8.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--cases", type=Path, action="append", default=[])
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    if arguments.folds:
        cross_validate(arguments.folds)
    for cases in arguments.cases:
        judge_cases(cases, arguments.verbose)
