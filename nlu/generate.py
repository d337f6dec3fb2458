"""Which training sentences follow from frames and topics?

Writes `nlu/data/generated.yml` from `nlu/lexicon/frames.yml` (asking words by question type) and `topics.yml` (what
people want done). Every type is built over the same topics, so the topic says nothing about the type. Same seed, same
file: `python -m nlu.generate` after a change of either, and commit the result (a test compares them).
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from nlu.lexicon import load

TARGET = Path(__file__).parent / "data" / "generated.yml"
SEED = 20_26
PER_TYPE = {"with": 60, "bare": 45, "story": 12, "code": 12, "official": 6}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.replace("\n", " ").split(";") if item.strip()]


def sentences() -> dict[str, list[str]]:
    """Question type -> generated sentences, the same on every run."""
    frames, topics = load("frames"), load("topics")
    acts, stories, officials = (_items(topics[name]) for name in ("acts", "stories", "officials"))
    leads, tails = _lines(frames["leads"]), _lines(frames["tails"])
    out: dict[str, list[str]] = {}
    for name in sorted(frame for frame in frames if frame.startswith("ask_")):
        rng = random.Random(f"{SEED} {name}")
        around, bare = _lines(frames[name]["with"]), _lines(frames[name]["bare"])

        def dress(text: str, rng: random.Random = rng) -> str:
            if rng.random() < 0.35:
                text = f"{rng.choice(leads)} {text}"
            if rng.random() < 0.3:
                text = f"{text} {rng.choice(tails)}"
            if rng.random() < 0.3 and not text.endswith("?"):
                text += "?"
            return text if rng.random() < 0.6 else text[:1].upper() + text[1:]

        found = [dress(around[i % len(around)].replace("{t}", rng.choice(acts))) for i in range(PER_TYPE["with"])]
        found += bare
        found += [dress(bare[i % len(bare)]) for i in range(PER_TYPE["bare"])]
        for i in range(PER_TYPE["story"]):
            question = bare[i % len(bare)] if i % 3 else around[i % len(around)].replace("{t}", rng.choice(acts))
            told = rng.sample(stories, 1 + (i % 2))
            link = rng.choice([". ", ". ", ", ", ". Cho tôi hỏi "])
            found.append(f"{'. '.join(told)}{link}{dress(question)}")
        for i in range(PER_TYPE["code"]):
            code = f"{rng.choice('1123')}.0{rng.randrange(10_000, 15_000)}"
            found.append(rng.choice(["{c} {q}", "mã {c} {q}", "thủ tục {c} {q}", "{q} {c}"]).format(c=code, q=bare[i % len(bare)]))
        found += [around[i % len(around)].replace("{t}", rng.choice(officials)) for i in range(PER_TYPE["official"])]
        out[name] = list(dict.fromkeys(found))
    return out


def render() -> str:
    """The whole text of generated.yml."""
    parts = ["# Made by `python -m nlu.generate`; change nlu/lexicon/frames.yml or topics.yml instead.", 'version: "3.1"', "nlu:"]
    for name, examples in sentences().items():
        parts += [f"- intent: {name}", "  examples: |", *(f"    - {example}" for example in examples), ""]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name}: {sum(map(len, sentences().values()))} sentences\n")
