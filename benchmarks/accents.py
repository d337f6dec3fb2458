"""How many syllables get the right marks back, and does it help the question type?

`python -m benchmarks.accents` holds back every tenth everyday name, situation and hand-written question, trains on the
rest and prints: syllables right after restoring (nothing typed with marks; half of the marks typed), milliseconds a
message, and question types found on text without marks when folded both sides, when restored first.
"""

from __future__ import annotations

import random
import time

from benchmarks.question_types import DATA, pairs
from nlu import noise
from nlu.accents import AccentRestorer, training_texts
from nlu.question_model import ASPECTS, everyday, train
from nlu.text import normalise


def main() -> None:
    """Run and print."""
    hand = pairs(DATA / "questions.yml")
    names, situations = everyday()
    held = {text for number, text in enumerate([*names, *situations, *(text for text, _ in hand)]) if number % 10 == 0}
    started = time.time()
    model = AccentRestorer.train(text for text in training_texts() if text.strip() not in held and text.strip("- ") not in held)
    print(f"trained in {time.time() - started:.1f} s, {len(held)} held-back phrases")
    rng = random.Random(5)
    for kind in ("no_marks", "mixed_marks"):
        right = total = kept = 0
        began = time.perf_counter()
        for text in sorted(held):
            truth = [word for word in normalise(text).text.lower().split() if word.isalpha()]
            typed = [noise.strip_marks(word) if kind == "no_marks" or rng.random() < 0.5 else word for word in truth]
            kept += sum(a == b for a, b in zip(typed, truth, strict=True))
            right += sum(a == b for a, b in zip(model.restore_words(typed), truth, strict=True))
            total += len(truth)
        spent = (time.perf_counter() - began) / len(held) * 1000
        print(f"{kind:12} as typed {kept / total:.3f}, restored {right / total:.3f} of {total} syllables, {spent:.2f} ms a phrase")
    made = pairs(DATA / "generated.yml")
    rest = [pair for path in sorted(DATA.glob("*.yml")) if path.stem not in ("generated", "questions") for pair in pairs(path)]
    random.Random(1).shuffle(hand)
    tested = hand[::4]
    fitted = [pair for number, pair in enumerate(hand) if number % 4]
    wanted = [intent for _, intent in tested if intent in ASPECTS]
    bare = [noise.strip_marks(text) for text, intent in tested if intent in ASPECTS]
    ways = {"both": {}, "no copies without marks": {"copies": {"typos": 0.25, "slang": 0.15}}}
    for name, options in ways.items():
        classifier = train(fitted + made + rest, {"held_out": 0, **options}, *everyday())
        for how, texts in (("as typed", bare), ("restored", [model.restore(text) for text in bare])):
            found = classifier.predict_many(texts)
            share = sum(one.ranking[0][0] == intent for one, intent in zip(found, wanted, strict=True)) / len(wanted)
            print(f"question types without marks, trained with {name}, {how}: {share:.3f} (n {len(wanted)})")


if __name__ == "__main__":
    main()
