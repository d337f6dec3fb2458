"""Fit the two judgements on guidance questions: do the documents answer it, and is it asked of them at all?

For "answered", positives are the answerable questions of benchmarks/data/guidance_calibration*.jsonl whose facts are
really shown and, with little weight, questions of our own notes (each unseen in the index); negatives are the
unanswerable ones there and, with less weight, made-up ones (benchmarks/guidance_templates.py) and note questions asked of
a year of which nothing is said. The weights are held to their sign: that a thing asked for is missing never speaks for
an answer. For "asked", negatives are questions about procedures, small talk and out-of-scope messages of the training
data. Every database given counts (with the documents imported, and with our notes alone). Prints figures
cross-validated by question and writes knowledge/search/guidance_weights.yml; tests/cases/guidance.jsonl is not read: it
is kept for the final figure.

    python -m benchmarks.guidance_fit --database sqlite:////tmp/full.db --database sqlite:////tmp/fresh.db
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict

from benchmarks.guidance_templates import UNSAID
from bot.judging import comparable
from knowledge.guidance_answers import (
    UNCLEAR,
    Found,
    _odds,
    _sigmoid,
    find,
    judged,
    keep_percent,
    score_features,
)
from knowledge.search.guidance_query import read_question
from knowledge.search.passages import PassageSearch
from knowledge.store import open_store
from nlu.text import fold, normalise

ROOT = Path(__file__).resolve().parent.parent
CASES = sorted((ROOT / "benchmarks/data").glob("guidance_calibration*.jsonl"))
SETTLED = ("unknown_document", "unknown_place")  # told by what does not exist, without the score
OTHER_YEARS = ("2019", "2024", "2026", "2027", "2030")
WEIGHTS = ROOT / "knowledge/search/guidance_weights.yml"


# Never a reason to answer, and never a reason to decline; the others may be either.
AGAINST = ("gap", "missing", "silent", "silent_asked", "strange_word", "strange", "unsaid", "unregistered")
FOR = ("covered", "sentence", "passage", "focus", "focus_joint", "top", "typed")
FREEDOM = 0.05  # how freely weights grow (inverse of the ridge penalty)


def cases() -> list[dict]:
    return [case for path in CASES for case in rows_of(path)]


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def note_questions(search: PassageSearch, share: float, seed: int = 5) -> list[tuple[str, int, int]]:
    """(question, phrase number, row of its note), a sample."""
    index = search.index()
    dice = random.Random(seed)
    found = []
    for number, (text, owner) in enumerate(zip(index.phrase.texts, index.phrase.owners.tolist(), strict=True)):
        note = index.passages[owner]
        if note.origin == "note" and text in note.questions and "not-said" not in note.topics and dice.random() < share:
            found.append((text if dice.random() < 0.6 else fold(text), number, owner))
    return found


def without(search: PassageSearch, text: str, phrase: int, owner: int) -> dict[str, float]:
    """Features of a note's question with that phrase unseen."""
    index = search.index()
    question = read_question(text)
    total, parts = index.scores(question, exclude=np.asarray([phrase]))
    found = judged(index, question, total, parts, search.domain())
    return found.features if found else {}


def fit(features: list[dict[str, float]], labels: list[int], weights: list[float]):
    """(weights by name, cross-validated probabilities) of a plain logistic regression."""
    names = sorted({name for one in features for name in one})
    x = np.asarray([[one.get(name, 0.0) for name in names] for one in features])
    y, w = np.asarray(labels), np.asarray(weights)
    model = LogisticRegression(C=1.0, max_iter=5000)
    out = cross_val_predict(model, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=1), method="predict_proba", fit_params={"sample_weight": w})[:, 1]
    model.fit(x, y, sample_weight=w)
    return {"bias": round(float(model.intercept_[0]), 3), **{n: round(float(v), 3) for n, v in zip(names, model.coef_[0], strict=True)}}, out


def sign_of(name: str) -> int:
    """1: only ever for an answer; -1: only ever against; 0: either."""
    bare = name.removeprefix("held_")
    return 1 if bare in FOR else -1 if bare.endswith(AGAINST) else 0


def signed_weights(x: np.ndarray, y: np.ndarray, w: np.ndarray, names: list[str]) -> np.ndarray:
    """Logistic regression with a ridge penalty on standardised features and the signs of `sign_of`: [bias, weights]."""
    mean = np.average(x, axis=0, weights=w)
    spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w))
    spread[spread < 1e-6] = np.inf
    z, side = (x - mean) / spread, 2 * y - 1

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        margin = side * (z @ v[1:] + v[0])
        slope = -side * w / (1 + np.exp(margin))
        return float((w * np.logaddexp(0, -margin)).sum() + v[1:] @ v[1:] / (2 * FREEDOM)), np.r_[slope.sum(), z.T @ slope + v[1:] / FREEDOM]

    bounds = [(None, None)] + [(0, None) if sign_of(n) > 0 else (None, 0) if sign_of(n) < 0 else (None, None) for n in names]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 1000}).x
    plain = found[1:] / spread
    return np.r_[found[0] - plain @ mean, plain]


def fit_signed(features: list[dict[str, float]], labels: list[int], weights: list[float], groups: list[str]):
    """(weights by name, cross-validated probabilities); examples of one group are never on both sides."""
    names = sorted({name for one in features for name in one})
    x = np.asarray([[one.get(name, 0.0) for name in names] for one in features])
    y, w = np.asarray(labels), np.asarray(weights)
    known = {group: n for n, group in enumerate(dict.fromkeys(groups))}
    out = np.zeros(len(y))
    for train, test in GroupKFold(8).split(x, y, np.asarray([known[group] for group in groups])):
        found = signed_weights(x[train], y[train], w[train], names)
        out[test] = 1 / (1 + np.exp(-(x[test] @ found[1:] + found[0])))
    found = signed_weights(x, y, w, names)
    return {"bias": round(float(found[0]), 3), **{n: round(float(v), 3) for n, v in zip(names, found[1:], strict=True) if abs(v) >= 5e-4}}, out


def shows(found: Found, facts: list[str]) -> bool:
    """Are all the facts in what would be shown?"""
    shown = [(hit.passage, hit.passage.text) for hit in found.notes] + [(quote.passage, quote.text) for quote in found.quotes]
    body = comparable(" ".join(f"{p.citation()} {p.title or ''} {' '.join(p.heading[-2:])} {text}" for p, text in shown))
    return all(comparable(fact) in body for fact in facts)


def examples_of(search: PassageSearch) -> list[tuple[str, int, float, str, dict[str, float]]]:
    """(kind, label, weight, group, features) for "answered" in one database."""
    out: list[tuple[str, int, float, str, dict[str, float]]] = []

    def add(kind: str, label: int, weight: float, group: str, text: str) -> None:
        found = find(text, search)
        if found.status in SETTLED or not found.features:
            if label == 0 and kind == "own":
                out.append(("settled", 0, 0.0, group, {}))
            return
        if label == 0 or kind != "own" or shows(found, by_id[group]["facts"]) or found.status == "nothing":
            out.append((kind, label, weight, group, found.features))

    by_id = {case["id"]: case["expect"][0] for case in cases()}
    for case in cases():
        expect = case["expect"][0]
        if not expect.get("may_correct"):
            answerable = not expect.get("decline")
            add("own", int(answerable), 1.0, case["id"], keep_percent(case["turns"][0], normalise(case["turns"][0]).text))
    for text, phrase, owner in note_questions(search, 0.25):
        out.append(("note", 1, 0.02, f"note {owner}", without(search, normalise(text).text, phrase, owner)))
    dice = random.Random(4)
    for text, _, owner in note_questions(search, 0.6, seed=6):
        if year := re.search(r"20\d\d", text):
            add("year", 0, 0.3, f"note {owner}", normalise(text.replace(year.group(), dice.choice(OTHER_YEARS))).text)
    subjects = sorted({p.title.split(": ")[-1].split(") ")[-1].lower() for p in search.index().passages if p.origin == "note" and p.title and "not-said" not in p.topics and len(p.title) < 60})
    for template in UNSAID:
        for subject in dice.sample(subjects, 5):
            text = normalise(template.format(subject)).text
            add("made up", 0, 0.05, template, text if dice.random() < 0.75 else fold(text))
    return out


def fit_weighed(texts: list[str], asked: np.ndarray, labels: np.ndarray, kinds: np.ndarray, search: PassageSearch, answered: dict[str, float]) -> dict[str, float]:
    """How both judgements weigh together where `asked` (cross-validated) does not tell; guidance and procedures even."""
    rows = [n for n in range(len(texts)) if kinds[n] in ("guidance", "procedure", "outside") and UNCLEAR[0] / 2 <= asked[n] <= UNCLEAR[1] + 0.1]
    found = [find(texts[n], search) for n in rows]
    x = np.asarray([[_odds(float(asked[n])), _odds(_sigmoid(one.features, answered) if one.features else 0.0)] for n, one in zip(rows, found, strict=True)])
    y = labels[rows]
    model = LogisticRegression(C=1.0, class_weight="balanced")
    out = cross_val_predict(model, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=1), method="predict_proba")[:, 1]
    model.fit(x, y)
    print(f"weighed: {len(rows)} unclear examples, {int(y.sum())} of guidance; cross-validated at 0.5: guidance {np.mean(out[y == 1] >= 0.5):.1%}, others {np.mean(out[y == 0] >= 0.5):.1%}")
    return {"bias": round(float(model.intercept_[0]), 3), "asked": round(float(model.coef_[0][0]), 3), "answered": round(float(model.coef_[0][1]), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, action="append", help="with the guidance documents imported; again for others")
    parser.add_argument("--lost", type=float, default=0.08, help="share of answerable questions that may be declined (cross-validated)")
    args = parser.parse_args()
    searches = [PassageSearch(open_store(url)) for url in args.database]
    examples = [one for search in searches for one in examples_of(search)]
    settled = sum(kind == "settled" for kind, *_ in examples)
    examples = [one for one in examples if one[0] != "settled"]
    kinds = np.asarray([one[0] for one in examples])
    y = np.asarray([one[1] for one in examples])
    answered, out = fit_signed([one[4] for one in examples], y.tolist(), [one[2] for one in examples], [one[3] for one in examples])
    own, refusable = kinds == "own", (kinds == "own") & (y == 0)
    right = np.sort(out[own & (y == 1)])
    least = float(right[int(args.lost * len(right))])
    answered["least"] = round(least, 3)
    print(f"answered: {len(y)} examples in {len(searches)} database(s); cross-validated at {least:.3f}:")
    print(f"  own answerable kept {np.mean(out[own & (y == 1)] >= least):.1%} (n {len(right)}), own unanswerable refused {(settled + (out[refusable] < least).sum()) / (settled + refusable.sum()):.1%} (n {settled + refusable.sum()}, {settled} of them by what does not exist)")
    for kind, label in (("note", 1), ("year", 0), ("made up", 0)):
        some = out[kinds == kind]
        print(f"  {kind}: {'kept' if label else 'refused'} {np.mean((some >= least) == bool(label)):.1%} (n {len(some)})")
    search = searches[0]
    asked = [(normalise(c["turns"][0]).text, c["expect"][0]) for c in cases()]

    texts, features, labels, weights, kinds = [], [], [], [], []

    def add(text: str, label: int, weight: float, kind: str, unseen: int | None = None) -> None:
        texts.append(text)
        features.append(score_features(text, search, unseen=unseen))
        labels.append(label)
        weights.append(weight)
        kinds.append(kind)

    for text, expect in asked:
        if not expect.get("decline"):
            add(text, 1, 2.0, "guidance")
    for text, phrase, _ in note_questions(search, 0.25, seed=9):
        add(normalise(text).text, 1, 0.5, "note question", unseen=phrase)
    dice = random.Random(2)
    for path in sorted((ROOT / "nlu/data/linking").glob("questions*.jsonl")):
        for row in rows_of(path):
            if dice.random() < 0.5:
                add(normalise(row["text"]).text, 0, 1.0, "procedure")
    for row in rows_of(ROOT / "nlu/data/linking/outside.jsonl"):
        add(normalise(row["text"]).text, 0, 1.0, "outside")
    for name in ("talk", "tasks", "safety"):
        for block in yaml.safe_load((ROOT / f"nlu/data/{name}.yml").read_text(encoding="utf-8"))["nlu"]:
            if block.get("intent") in ("ask_guidance",):
                continue
            for line in (block.get("examples") or "").splitlines():
                if dice.random() < 0.4 and line.strip("- "):
                    add(normalise(line.strip("- ")).text, 0, 1.0, name)
    told, out = fit(features, labels, weights)
    both = fit_weighed(texts, out, np.asarray(labels), np.asarray(kinds), search, answered)
    y, kinds_array = np.asarray(labels), np.asarray(kinds)
    print(f"asked: {len(y)} examples, cross-validated at 0.5")
    for kind in dict.fromkeys(kinds):
        mask = kinds_array == kind
        print(f"  {kind:14} n {int(mask.sum()):5}  >= 0.5: {np.mean(out[mask] >= 0.5):.1%}  >= 0.3: {np.mean(out[mask] >= 0.3):.1%}  >= 0.8: {np.mean(out[mask] >= 0.8):.1%}")
    text = "# Fitted by benchmarks/guidance_fit.py; not edited by hand.\n# answered: do the documents answer it (`least`: from here on); asked: is it asked of them at all;\n# weighed: both together, as log odds, where `asked` alone does not tell.\n"
    WEIGHTS.write_text(text + yaml.safe_dump({"answered": answered, "asked": told, "weighed": both}, sort_keys=True), encoding="utf-8")
    print(f"written: {WEIGHTS}")


if __name__ == "__main__":
    main()
