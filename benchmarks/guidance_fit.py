"""Fit the two judgements on guidance questions: do the documents answer it, and is it asked of them at all?

Positives are tests/cases/guidance.jsonl and the questions of our own notes (each without itself in the index); negatives
the unanswerable cases, and for "asked" questions about procedures, small talk and out-of-scope messages of the
training data. Prints cross-validated figures and writes
knowledge/search/guidance_weights.yml.

    python -m benchmarks.guidance_fit --database sqlite:////tmp/full.db
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from knowledge.guidance_answers import Found, _choose, _features, find, lacks, score_features
from knowledge.search.guidance_query import read_question
from knowledge.search.passages import PassageSearch, best_rows
from knowledge.store import open_store
from nlu.text import fold, normalise

# Things the documents do not say of their subjects; {} is a subject ("nền tảng trợ lý ảo").
UNSAID = (
    "{} giá bao nhiêu một tháng", "ai trúng thầu {}", "{} có bao nhiêu nhân viên", "số điện thoại hỗ trợ {} ở huyện tôi", "{} dùng màu gì làm biểu trưng",
    "mẫu đơn đăng ký {} tải ở đâu", "{} năm 2028 đạt bao nhiêu", "ai là giám đốc {}", "{} viết bằng ngôn ngữ gì", "{} có tính lãi suất không",
    "tham gia {} được thưởng bao nhiêu tiền", "người nước ngoài có được dùng {} không", "{} có làm việc ngày chủ nhật không", "khiếu kiện về {} nộp ở tòa nào",
    "{} có cần khám sức khỏe không", "ai bị kỷ luật vì {}", "trụ sở {} ở phố nào", "{} được giảm thuế thu nhập mấy phần trăm", "lịch thi {} tuần này",
    "mã số thuế của {}", "{} đã có ở huyện Củ Chi chưa", "tuổi nghỉ hưu của người làm {}", "{} kết nối với ngân hàng Vietcombank ra sao", "cài {} trên iPhone đời nào",
    "{} ở Nhật Bản làm thế nào", "{} có bán cổ phiếu không", "con dấu của {} hình gì", "{} bị lỗi màn hình trắng xử lý sao", "tòa nhà đặt {} cao mấy tầng", "hợp đồng lao động với {} ký mấy năm",
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "knowledge/search/guidance_weights.yml"


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
    rows = best_rows(total, 40)
    hits = {row: index.hit(row, float(total[row]), parts) for row in rows}
    notes, quotes = _choose(index, question, total, parts, hits)
    return _features(index, question, Found("answer", question, notes, quotes), total, parts, rows, search.domain())


def fit(features: list[dict[str, float]], labels: list[int], weights: list[float], c: float = 1.0):
    names = sorted({name for one in features for name in one})
    x = np.asarray([[one.get(name, 0.0) for name in names] for one in features])
    y = np.asarray(labels)
    model = LogisticRegression(C=c, max_iter=2000)
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    out = cross_val_predict(model, x, y, cv=folds, method="predict_proba", fit_params={"sample_weight": np.asarray(weights)})[:, 1]
    model.fit(x, y, sample_weight=np.asarray(weights))
    told = {"bias": round(float(model.intercept_[0]), 3), **{n: round(float(v), 3) for n, v in zip(names, model.coef_[0], strict=True)}}
    return told, out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="with the guidance documents imported")
    parser.add_argument("--lost", type=float, default=0.015, help="share of answerable questions that may be declined")
    args = parser.parse_args()
    search = PassageSearch(open_store(args.database))
    cases = rows_of(ROOT / "tests/cases/guidance.jsonl")
    asked = [(normalise(c["turns"][0]).text, c["expect"][0]) for c in cases]

    features, labels, weights, kinds, settled = [], [], [], [], 0
    for text, expect in asked:
        found = find(text, search)
        settled += bool(expect.get("decline")) and (found.status in ("not_said", "unknown_document", "unknown_place") or lacks(found))
        if found.status in ("not_said", "unknown_document", "unknown_place") or lacks(found):
            continue  # settled without the score
        features.append(found.features)
        labels.append(0 if expect.get("decline") else 1)
        weights.append(2.0 if expect.get("decline") else 1.0)
        kinds.append("case")
    for text, phrase, owner in note_questions(search, 0.2):
        features.append(without(search, text, phrase, owner))
        labels.append(1)
        weights.append(0.3)
        kinds.append("note")
    dice = random.Random(4)
    subjects = sorted({p.title.split(": ")[-1].split(") ")[-1].lower() for p in search.index().passages if p.origin == "note" and p.title and "not-said" not in p.topics and len(p.title) < 60})
    for template in UNSAID:
        for subject in dice.sample(subjects, 6):
            text = normalise(template.format(subject)).text
            one = find(text if dice.random() < 0.75 else fold(text), search)
            if one.status in ("not_said", "unknown_document", "unknown_place") or lacks(one):
                continue
            features.append(one.features)
            labels.append(0)
            weights.append(0.5)
            kinds.append("made up")
    answered, out = fit(features, labels, weights, 1.0)
    own = np.asarray([k == "case" for k in kinds])
    y = np.asarray(labels)
    right = np.sort(out[own & (y == 1)])
    least = float(right[int(args.lost * len(right))])
    refusable = sum(bool(e.get("decline")) for _, e in asked)
    print(f"unanswerable refused by what is lacking: {settled} of {refusable}; with the score (cross-validated): {settled + int((out[own & (y == 0)] < least).sum())}")
    print(f"answered: {len(y)} examples; cross-validated at {least:.3f}:")
    print(f"  own answerable kept {np.mean(out[own & (y == 1)] >= least):.1%}, own unanswerable refused {np.mean(out[own & (y == 0)] < least):.1%} (n {int((own & (y == 0)).sum())})")
    made = np.asarray([k == "made up" for k in kinds])
    print(f"  questions of notes kept {np.mean(out[~own & ~made] >= least):.1%}, made-up ones refused {np.mean(out[made] < least):.1%} (n {int(made.sum())})")
    answered["least"] = round(least, 3)

    features, labels, weights, kinds = [], [], [], []

    def add(text: str, label: int, weight: float, kind: str) -> None:
        features.append(score_features(text, search))
        labels.append(label)
        weights.append(weight)
        kinds.append(kind)

    for text, expect in asked:
        if not expect.get("decline"):
            add(text, 1, 2.0, "guidance")
    for text, _, _ in note_questions(search, 0.25, seed=9):
        add(text, 1, 0.5, "note question")
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
                if dice.random() < 0.15 and line.strip("- "):
                    add(normalise(line.strip("- ")).text, 0, 0.5, name)
    told, out = fit(features, labels, weights)
    y, kinds_array = np.asarray(labels), np.asarray(kinds)
    print(f"asked: {len(y)} examples, cross-validated at 0.5")
    for kind in dict.fromkeys(kinds):
        mask = kinds_array == kind
        print(f"  {kind:14} n {int(mask.sum()):5}  >= 0.5: {np.mean(out[mask] >= 0.5):.1%}  >= 0.3: {np.mean(out[mask] >= 0.3):.1%}  >= 0.8: {np.mean(out[mask] >= 0.8):.1%}")
    text = "# Fitted by benchmarks/guidance_fit.py; not edited by hand.\n# answered: do the documents answer it (`least`: from here on); asked: is it asked of them at all.\n"
    WEIGHTS.write_text(text + yaml.safe_dump({"answered": answered, "asked": told}, sort_keys=True), encoding="utf-8")
    print(f"written: {WEIGHTS}")


if __name__ == "__main__":
    main()
