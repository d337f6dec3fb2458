"""How well does the linker find the procedure of questions about procedures that it did not learn from? CPU MINUTES.

    python -m benchmarks.linker [--json FILE]

Uses the database of the settings (MOTCUA_DATABASE) with everything that is imported into it. The written questions
(nlu/data/linking/questions*.jsonl) are split by procedure: a question is ranked by a model that saw no question of its
procedure. Prints R@1, R@4 and R@10 of the linker with and without its memory of written questions, beside BM25 over
titles and everyday names, character tf-idf, and the unlearned mix of all views, all from the same run; then, by
sureness, the share of questions answered and the share answered wrongly, and the same for messages about no procedure.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.quiet import quiet

quiet()

from joblib import Parallel, delayed  # noqa: E402

from knowledge.search.procedures import ProcedureIndex, load_entries  # noqa: E402
from knowledge.settings import get_settings  # noqa: E402
from knowledge.store import open_store  # noqa: E402
from nlu.linking.features import MIX, prepare, view_scores  # noqa: E402
from nlu.linking.learning import learn_acts, learn_associations, part_of, read_context, read_questions  # noqa: E402
from nlu.linking.query import make_query  # noqa: E402
from nlu.linking.ranker import Example, Judged, Ranker, judge, learning_examples, plain_examples  # noqa: E402
from nlu.parallel import spread  # noqa: E402
from nlu.text import normalise  # noqa: E402

DEPTH = 10
FOLDS = 2


def place(judged: Judged, order: np.ndarray) -> int:
    """Position (0-based) of the first right candidate; 99 where none is. The same act at another level counts as right."""
    right = np.flatnonzero(judged.labels[order] != 0) if (judged.labels == 1).any() else []
    return int(right[0]) if len(right) else 99


def baseline(index: ProcedureIndex, codes: frozenset[str], families: list[str], scores: np.ndarray) -> int:
    """The same for plain scores of every procedure."""
    rows = {index.row_of[code] for code in codes if code in index.row_of}
    wanted = {families[row] for row in rows}
    best = np.argsort(-scores, kind="stable")[:DEPTH]
    return next((at for at, row in enumerate(best) if scores[row] > 0 and families[row] in wanted), 99)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    store = open_store(get_settings().database)
    questions, outside = read_questions()
    questions = [Example(normalise(q.text).text, q.codes) for q in questions]
    outside = [Example(normalise(text).text, frozenset()) for text in outside]
    memory = [(q.text, tuple(sorted(q.codes))) for q in questions]
    learned_from = ProcedureIndex(*load_entries(store, {"curated", "register"}))
    everything = ProcedureIndex(*load_entries(store))
    questions = [q for q in questions if q.codes & learned_from.row_of.keys()]
    pairs = read_context()
    associations = learn_associations(learned_from, questions, pairs)
    small, full = (prepare(index, memory, associations=associations) for index in (learned_from, everything))
    print(f"{len(questions)} questions about {len({c for q in questions for c in q.codes})} procedures, {len(outside)} about none; {len(everything.entries)} procedures to choose from")

    folds = [part_of(min(q.codes & learned_from.row_of.keys())) for q in questions]
    # What is judged was seen neither by the ranker nor by the model of acts; each title is judged by what was heard of the
    # other part, where the question itself can speak for a rival only.
    small.acts, parts = learn_acts(learned_from, small, questions, pairs)
    unseen = [(replace(small, acts=acts), replace(full, acts=acts)) for acts in parts]
    base = spread(lambda e: judge(learned_from, small, e), [*learning_examples(learned_from, 500), *plain_examples(learned_from, 250)])
    asked = list(zip(questions, folds))
    taught = spread(lambda one: judge(learned_from, unseen[one[1]][0], one[0]), asked)
    for one in taught:
        one.weight = 3.0
    rankers = Parallel(n_jobs=2, prefer="threads")(
        delayed(Ranker.fitted)(base + [one for one, f in zip(taught, folds) if f != fold]) for fold in range(FOLDS)
    )

    found: dict[str, list[int]] = {}
    plain = {
        "BM25, titles": lambda v: v["title_bm25"],
        "BM25, titles and everyday names": lambda v: np.maximum(v["title_bm25"], v["phrases_bm25"]),
        "character tf-idf, titles and names": lambda v: np.maximum(v["title_characters"], v["name_characters"]),
        "all views mixed, nothing learned": lambda v: sum(MIX[name] * s / s.max() for name, s in v.items() if len(s) and s.max() > 0),
    }

    def without_learning(question: Example) -> list[int]:
        views = view_scores(everything, make_query(question.text))
        return [baseline(everything, question.codes, full.families, np.asarray(way(views))) for way in plain.values()]

    for name, column in zip(plain, zip(*spread(without_learning, questions))):
        found[name] = list(column)
    judged = {forget: spread(lambda one, forget=forget: judge(everything, unseen[one[1]][1], one[0], forget=forget), asked) for forget in ("right", "none")}
    for name, forget in (("linker, its procedure never asked about", "right"), ("linker, other questions remembered", "none")):
        found[name] = [place(one, rankers[f].order(one.found)[0]) if len(one.found.rows) else 99 for one, f in zip(judged[forget], folds)]
    nowhere = spread(lambda one: judge(everything, unseen[one[0] % FOLDS][1], one[1], forget="none"), list(enumerate(outside)))

    report: dict[str, object] = {"questions": len(questions), "procedures": len(everything.entries), "recall": {}}
    print(f"\n{'':44}{'R@1':>7}{'R@4':>7}{'R@10':>7}")
    for name, places in found.items():
        row = {f"R@{depth}": float(np.mean([p < depth for p in places])) for depth in (1, 4, 10)}
        report["recall"][name] = row
        print(f"{name:44}" + "".join(f"{value:7.3f}" for value in row.values()))

    # Sureness, too, is learned on the other fold.
    chances, right, none = [], [], []
    for fold in range(FOLDS):
        others = [(rankers[fold], one, True, 1.0) for one, f in zip(judged["none"], folds) if f == (fold + 1) % FOLDS]
        others += [(rankers[fold], one, False, 1.0) for number, one in enumerate(nowhere) if number % FOLDS != fold]
        model = rankers[fold]
        # Questions of the other fold were learned from by this ranker, so its sureness is fitted with the other one's scores.
        model.fit_sureness([(rankers[(fold + 1) % FOLDS], one, answerable, weight) for _, one, answerable, weight in others])
        for one, f in zip(judged["none"], folds):
            if f == fold and len(one.found.rows):
                order, scores = model.order(one.found)
                chances.append(model.sureness(one.found, order, scores))
                right.append(place(one, order) == 0)
        for number, one in enumerate(nowhere):
            if number % FOLDS == fold and len(one.found.rows):
                none.append(model.sureness(one.found, *model.order(one.found)))
    chances, right, none = np.asarray(chances), np.asarray(right), np.asarray(none)
    print(f"\n{'sureness from':>14}{'answered':>10}{'wrong of all':>14}{'about none, answered':>22}")
    report["sureness"] = []
    for border in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        said = chances >= border
        row = {"from": border, "answered": float(said.mean()), "wrong": float((said & ~right).mean()), "about none answered": float((none >= border).mean())}
        report["sureness"].append(row)
        print(f"{border:14.1f}{row['answered']:10.3f}{row['wrong']:14.3f}{row['about none answered']:22.3f}")
    print("\ncalibration: said / true, by tenths of sureness: " + "  ".join(f"{chances[b].mean():.2f}/{right[b].mean():.2f} (n {b.sum()})" for low in np.arange(0, 1, 0.1) if (b := (chances >= low) & (chances < low + 0.1)).sum() > 20))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
