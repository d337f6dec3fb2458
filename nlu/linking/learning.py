"""What the linker learns, from the shipped catalogue, the written questions and the written talk.

No Rasa here, so that it can begin in a process of its own while Rasa is still being imported (`ahead.py`).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from knowledge.search.procedures import ProcedureIndex, cached_index, load_entries
from knowledge.store import open_store
from nlu.linking.acts import ActModel
from nlu.linking.associations import Associations, part_of, title_terms
from nlu.linking.context import ContextModel, Looked, look
from nlu.linking.features import Hidden, Prepared, candidates, prepare
from nlu.linking.query import make_query
from nlu.linking.ranker import Example, Judged, Ranker, judge, learning_examples, plain_examples
from nlu.parallel import spread
from nlu.text import normalise

QUESTIONS = Path(__file__).parent.parent / "data" / "linking"
PHRASES = 500  # catalogue phrases learned from


@dataclass
class Learned:
    """All that is kept of a training; pickled by the linker."""

    ranker: Ranker
    remembered: list[tuple[str, tuple[str, ...]]]  # (question, codes)
    context: ContextModel
    acts: ActModel
    associations: list[Associations]


class Learning:
    """One training in two steps: what needs no messages of the assistant first, then `finished` with those it must not link.

    Learns from the shipped catalogue only, so that every machine learns the same.
    """

    def __init__(self, database: str, cache: Path | None) -> None:
        # The cache serves the first start after the training too, where the database holds no more than that.
        self.index = cached_index(*load_entries(open_store(database), {"curated", "register"}), cache)
        questions, outside = read_questions()
        # A question about a code that only the lists of a full database know teaches nothing here.
        self.questions = [Example(normalise(q.text).text, q.codes) for q in questions if q.codes & self.index.row_of.keys()]
        self.outside = [normalise(text).text for text in outside]
        self.remembered = [(q.text, tuple(sorted(q.codes))) for q in self.questions]
        self.pairs = read_context()
        self.associations = learn_associations(self.index, self.questions, self.pairs)
        prepared = prepare(self.index, self.remembered, associations=self.associations)
        self.acts, parts = learn_acts(self.index, prepared, self.questions, self.pairs)
        prepared.acts, self.unseen = self.acts, [replace(prepared, acts=acts) for acts in parts]
        self.ranker = learn(self.index, prepared, self.unseen, self.questions, self.outside)

    def finished(self, beside: list[str]) -> Learned:
        """`beside`: normalised messages about no procedure."""
        context = learn_context(self.index, self.unseen, self.ranker, self.pairs, self.questions, [*self.outside, *beside])
        return Learned(self.ranker, self.remembered, context, self.acts, self.associations)


def read_questions(folder: Path = QUESTIONS) -> tuple[list[Example], list[str]]:
    """(written questions with codes, messages that no procedure answers)."""
    questions, outside = [], []
    for path in (*sorted(folder.glob("questions*.jsonl")), folder / "outside.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                if row.get("codes"):
                    questions.append(Example(row["text"], frozenset(row["codes"])))
                else:
                    outside.append(row["text"])
    return questions, outside


def told(index: ProcedureIndex, questions: list[Example], pairs: list[Pair]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """(what people say, the row that they mean, whether it was asked): everyday names, situations, questions, talk."""
    said = [(e.text, e.codes) for e in questions] + [(p.text, p.codes) for p in pairs if p.topic not in p.codes]
    asked = [(text, index.row_of[min(known)]) for text, codes in said if (known := codes & index.row_of.keys())]
    known = [(text, row) for row, text in index.phrases]
    return [text for text, _ in known + asked], np.asarray([row for _, row in known + asked]), np.arange(len(known) + len(asked)) >= len(known)


def learn_acts(index: ProcedureIndex, prepared: Prepared, questions: list[Example], pairs: list[Pair]) -> tuple[ActModel, list[ActModel]]:
    """(model of all, [the one that saw no question of part 0, the one that saw none of part 1])."""
    texts, rows, asked = told(index, questions, pairs)
    part = np.asarray([part_of(index.entries[row].code) for row in rows])

    def fitted(use: np.ndarray) -> ActModel:
        return ActModel.fitted([texts[number] for number in use], prepared.variants[rows[use]], 1.0 + asked[use])

    return fitted(np.arange(len(rows))), [fitted(np.flatnonzero(~asked | (part != left_out))) for left_out in (0, 1)]


def learn_associations(index: ProcedureIndex, questions: list[Example], pairs: list[Pair]) -> list[Associations]:
    """[what was said of procedures outside part 0, outside part 1] (`AssociatedTitles`)."""
    texts, rows, _ = told(index, questions, pairs)
    matter = [make_query(text).matter for text in texts]
    titles = [title_terms(entry.name) for entry in index.entries]
    part = np.asarray([part_of(index.entries[row].code) for row in rows])
    kept = [np.flatnonzero(part != left_out) for left_out in (0, 1)]
    return [Associations.fitted([matter[number] for number in use], [titles[rows[number]] for number in use]) for use in kept]


def learn(index: ProcedureIndex, prepared: Prepared, unseen: list[Prepared], questions: list[Example], outside: list[str], phrases: int = PHRASES) -> Ranker:
    """Fit the ranker on all, its sureness on parts that the ranker of the part did not see; `unseen`: see `learn_acts`."""
    known, plainly = learning_examples(index, phrases), plain_examples(index, phrases // 2)
    folds = [[example for example in questions if part_of(min(example.codes & index.row_of.keys())) == part] for part in (0, 1)]
    # As if the catalogue lacked the right one: then nothing must be answered. Rarer among real questions than here.
    lost = [[example for example in fold[::8]] for fold in folds]
    nowhere = [Example(text, frozenset()) for text in outside]
    jobs = [(example, False, unseen[part_of(min(example.codes))]) for example in (*known, *plainly)]
    jobs += [(example, False, unseen[part]) for part in (0, 1) for example in folds[part]]
    jobs += [(example, False, prepared) for example in nowhere]
    jobs += [(example, True, unseen[part]) for part in (0, 1) for example in lost[part]]
    done = iter(spread(lambda job: judge(index, job[2], job[0], drop_right=job[1]), jobs))
    learned, plain, first, second, nothing, *lacking = ([next(done) for _ in part] for part in (known, plainly, *folds, nowhere, *lost))
    asked = (first, second)
    for one in (*first, *second):
        one.weight = 3.0
    # Every other question of a procedure teaches the order as well as all do; only sureness gains from each.
    taught = [_every_other(fold, judged) for fold, judged in zip(folds, asked)]
    parts = [learned + plain[1 - fold :: 2] + taught[1 - fold] for fold in (0, 1)] + [learned + plain + taught[0] + taught[1]]
    # The fit of trees leaves the interpreter lock, so threads do.
    rankers = Parallel(n_jobs=2, prefer="threads")(delayed(Ranker.fitted)(part) for part in parts)
    checked: list[tuple[Ranker, Judged, bool, float]] = []
    for fold, ranker in enumerate(rankers[:2]):
        checked += [(ranker, one, True, 1.0) for one in (*asked[fold], *plain[fold::2])]
        checked += [(ranker, one, False, 0.8) for one in lacking[fold]]
        checked += [(ranker, one, False, 1.0) for one in nothing[fold::2]]
    rankers[2].fit_sureness(checked)
    return rankers[2]


def _every_other(examples: list[Example], judged: list[Judged]) -> list[Judged]:
    """The first, third, fifth ... example of each set of codes."""
    before: dict[frozenset[str], int] = defaultdict(int)
    kept = []
    for example, one in zip(examples, judged, strict=True):
        if before[example.codes] % 2 == 0:
            kept.append(one)
        before[example.codes] += 1
    return kept


@dataclass
class Pair:
    """A procedure in hand, the next message, and the procedures that it means."""

    topic: str
    text: str
    codes: frozenset[str]
    weight: float = 1.0


def read_context(path: Path = QUESTIONS / "context.jsonl") -> list[Pair]:
    """Written pairs: what people say next, with the code in hand and the codes meant."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Pair(row["topic"], normalise(row["text"]).text, frozenset(row["codes"])) for row in rows]


def learn_context(
    index: ProcedureIndex, unseen: list[Prepared], ranker: Ranker, written: list[Pair], questions: list[Example], beside: list[str]
) -> ContextModel:
    """Fit on the written pairs, and on messages after a procedure taken by chance: questions mostly move on, and what
    is `beside` all procedures means neither the one in hand nor another."""
    dice = random.Random(3)
    same_field: dict[str, list[str]] = defaultdict(list)
    for entry in index.entries:
        same_field[entry.field].append(entry.code)
    popular = [entry.code for entry in index.entries if entry.popularity >= 2] or [entry.code for entry in index.entries]
    pairs = [p for p in written if p.topic in index.row_of and p.codes & index.row_of.keys()]
    for question in dice.sample(questions, min(300, len(questions))):
        code = min(question.codes & index.row_of.keys())
        topic = dice.choice((code, dice.choice(same_field[index.entries[index.row_of[code]].field]), dice.choice(popular)))
        pairs.append(Pair(topic, question.text, frozenset({topic}) if topic in question.codes else question.codes, 0.5))

    pairs += [Pair(dice.choice(popular), text, frozenset(), 0.7) for text in dice.sample(beside, min(350, len(beside)))]

    def seen(pair: Pair) -> Looked | None:
        query = make_query(pair.text)
        prepared = unseen[part_of(min(pair.codes & index.row_of.keys() or {pair.topic}))]
        right = {index.row_of[code] for code in pair.codes if code in index.row_of}
        found = candidates(index, prepared, query, hidden=Hidden(-1, {}, frozenset(), rows=tuple(right)))
        if not len(found.rows):
            return None
        order, scores = ranker.order(found)
        rows, features = look(index, prepared, ranker, query, index.row_of[pair.topic], (found, order, scores, ranker.sureness(found, order, scores)))
        return Looked(rows, features, right, pair.weight)

    return ContextModel().fit([one for one in spread(seen, pairs) if one is not None])
