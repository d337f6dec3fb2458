"""Does the same question mean the same when it is typed badly?

Rewrites clean questions in the eight ways of `nlu.noise` and checks that the procedure and the question type stay what
they were for the clean one. `python -m benchmarks.noise [--understand package.module:function] [--floor]` prints the share
of unchanged results by kind; with `--floor` the exit status is 1 when a kind falls below its floor (95 % for no marks and
capitals, 90 % for the others).

`understand(text)` returns (procedure code or None, set of question types). Without `--understand` only the question type
is compared, with a model trained on the spot.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
from collections.abc import Callable, Iterable, Sequence

from knowledge.importers.catalogue import read_names
from nlu import noise

Understood = tuple[str | None, frozenset[str]]
FLOORS = {kind: 0.95 if kind in ("no_marks", "capitals") else 0.90 for kind in noise.KINDS}
# Asking words of this benchmark's own, by plain question type.
QUESTIONS = (
    "Cho tôi hỏi {t} thì lệ phí hết bao nhiêu?",
    "Em cần {t}, thời gian giải quyết mất bao lâu ạ?",
    "Muốn {t} thì tôi phải đến cơ quan nào nộp hồ sơ?",
    "Để {t} tôi cần chuẩn bị những giấy tờ gì?",
    "Trình tự các bước {t} như thế nào?",
    "Có thể {t} trực tuyến trên mạng được không?",
    "Khi {t} thì điền mẫu đơn nào?",
    "Thủ tục {t} căn cứ theo văn bản pháp luật nào?",
    "Sau khi {t} thì kết quả nhận được là giấy gì?",
    "Những điều kiện nào để được {t}?",
    "Tôi muốn {t}",
    "{t} có mất tiền không",
)


def clean_questions(count: int, seed: int = 3) -> list[str]:
    """Questions about everyday procedures, the same for the same seed."""
    rng = random.Random(seed)
    names = sorted({row["text"] for row in read_names() if row["kind"] == "name" and row["popularity"] >= 2})
    return [QUESTIONS[number % len(QUESTIONS)].replace("{t}", name) for number, name in enumerate(rng.sample(names, count))]


def gate(understand: Callable[[str], Understood], questions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Share of questions whose procedure, type, and both stay the same, by kind of noise."""
    clean = {question: understand(question) for question in questions}
    table: dict[str, dict[str, float]] = {}
    for kind in noise.KINDS:
        procedure = types = both = 0
        for question in questions:
            found = understand(noise.spoil(question, kind))
            same_procedure = found[0] == clean[question][0]
            same_types = found[1] == clean[question][1]
            procedure += same_procedure
            types += same_types
            both += same_procedure and same_types
        table[kind] = {"procedure": procedure / len(questions), "type": types / len(questions), "both": both / len(questions)}
    return table


def below_floor(table: dict[str, dict[str, float]]) -> list[str]:
    """Kinds whose share of unchanged results is under the floor."""
    return [kind for kind, row in table.items() if row["both"] < FLOORS[kind]]


def types_only() -> Callable[[str], Understood]:
    """Question types of a model trained now; no procedure."""
    from benchmarks.question_types import DATA, pairs
    from nlu.question_model import everyday, train

    model = train([pair for path in sorted(DATA.glob("*.yml")) for pair in pairs(path)], None, *everyday())

    def understand(text: str) -> Understood:
        return None, frozenset(name for name, _ in model.predict(text).types[:1])

    return understand


def main(arguments: Iterable[str] | None = None) -> int:
    """Print the table; 1 when --floor is given and a kind is below."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--understand", help="package.module:function")
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--floor", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.understand:
        module, _, name = chosen.understand.partition(":")
        understand = getattr(importlib.import_module(module), name)
    else:
        understand = types_only()
    table = gate(understand, clean_questions(chosen.count))
    print(f"{'kind':14}{'procedure':>11}{'type':>8}{'both':>8}{'floor':>8}   (n {chosen.count})")
    for kind, row in table.items():
        print(f"{kind:14}{row['procedure']:11.3f}{row['type']:8.3f}{row['both']:8.3f}{FLOORS[kind]:8.2f}")
    low = below_floor(table)
    if low:
        print("below the floor:", ", ".join(low))
    return 1 if low and chosen.floor else 0


if __name__ == "__main__":
    sys.exit(main())
