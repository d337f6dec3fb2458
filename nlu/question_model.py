"""Which kind of message is this, and how sure is that?

A linear model over words and letters of the normalised text: one binary classifier an intent, so that a message may
ask several things at once. Confidence is calibrated on examples kept out of the fit. No Rasa here: `question_type.py`
is the component, benchmarks and tests use this file directly.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import normalize

from knowledge.importers.catalogue import read_names, read_register
from knowledge.search.procedures import short_title
from nlu import noise
from nlu.lexicon import load
from nlu.parallel import spread
from nlu.patterns import Phrases
from nlu.scope import matches
from nlu.text import Normalised, fold, normalise

QUESTIONS = Path(__file__).parent / "data" / "linking"
RARE = 3
NONE = "none"  # examples that mean nothing here
ASK = "ask_"
ASPECTS = tuple(
    f"ask_{name}"
    for name in ["overview", "dossier", "fee", "time", "where", "steps", "online", "form", "legal", "result", "conditions"]
)
OPTIONS: dict[str, Any] = {
    # Copies of each training example by kind of noise: share of the examples that get one.
    "copies": {"no_marks": 0.6, "mixed_marks": 0.1, "typos": 0.2, "slang": 0.1},
    "double_questions": 600,  # made examples that ask two things
    "topics": 900,  # made examples: asking words around an everyday name of a procedure
    "listed": 350,  # made examples: "lệ phí và thời hạn ..."
    "stories": 400,  # made examples: a situation told first, then a hand-written question
    "garbage": 150,  # made examples of letters without sense
    "rarity": 0.0,  # power of the inverse document frequency
    "alpha": 1e-5,
    "passes": 3,
    "balance": 0.5,  # power of the balance between rare and common intents
    "dressed": 0.4,  # share of short examples that get a copy with polite words around
    "held_out": 0.15,  # share kept for calibration
    "seed": 7,
}
LISTED = ("cho hỏi {a} và {b} {t}", "{a} và {b} của thủ tục {t}", "{t}: {a}, {b}?", "xin hỏi {a}, {b} khi {t}", "{a} với {b} {t} thế nào", "cho biết {a} cùng {b} để {t}", "{t} thì {a} và {b} ra sao")
LISTED_AT = 0.6  # probability of a question type that a list names beside one that is asked
_SENTENCE = re.compile(r"[.!?;\n]+")
_GOAL_WORDS = 28


def focus(message: Normalised) -> str:
    """The part of a long message that asks: its last sentences, up to about 28 words. Short messages: everything."""
    if len(message.tokens) <= _GOAL_WORDS:
        return message.text
    sentences = [part.strip() for part in _SENTENCE.split(message.text) if part.strip()]
    chosen: list[str] = []
    size = 0
    for sentence in reversed(sentences):
        words = len(sentence.split())
        if chosen and size + words > _GOAL_WORDS:
            break
        chosen.insert(0, sentence)
        size += words
    return " ".join(" ".join(chosen).split()[-2 * _GOAL_WORDS :])


_PUNCT = re.compile(r"[,;:?!]")
_CODE = re.compile(r"^\d\.\d{6}$")
_NUMBER = re.compile(r"^[\d.,/-]*\d[\d.,/-]*$")
# How much a kind of feature weighs, by its first letter.
SCALES = {"w": 1.0, "m": 0.8, "l": 0.8, "b": 0.25, "^": 0.8, "$": 1.0, "#": 0.7, "=": 1.0, "c": 0.35, "k": 1.5, "s": 2.0}


@cache
def _cues() -> list[tuple[str, Phrases]]:
    """Word groups of the asking part."""
    return [(name, Phrases(patterns)) for name, patterns in load("cues").items()]


def _word(word: str) -> str:
    if _CODE.match(word):
        return "<code>"
    return "<n>" if _NUMBER.match(word) and len(word) > 1 else word.lower()


def _clause(words: Sequence[str]) -> list[str]:
    return [word for word in (_word(part.rstrip(".")) for part in words) if word]


def features(message: Normalised) -> list[str]:
    """Named features of one message: folded words and letters, words with marks, what stands first and last."""
    text = focus(message)
    clauses = [words for words in (_clause(part.split()) for part in _PUNCT.split(text.replace(". ", " , "))) if words]
    words = [word for clause in clauses for word in clause]
    bare = [fold(word) for word in words]
    out = [f"w {a}" for a in bare]
    out += [f"w {a} {b}" for a, b in itertools.pairwise(bare)]
    out += [f"w {a} {b} {c}" for a, b, c in zip(bare, bare[1:], bare[2:], strict=False)]
    out += [f"m {word}" for word in words if not word.isascii()]
    out += [f"m {a} {b}" for a, b in itertools.pairwise(words) if not (a + b).isascii()]
    if clauses:
        last = [fold(word) for word in clauses[-1]][-7:]
        out += [f"l {a}" for a in last]
        out += [f"l {a} {b}" for a, b in itertools.pairwise(last)]
        out += [f"^ {bare[0]}", f"^ {' '.join(bare[:2])}", f"^ {' '.join(bare[:3])}"]
        out += [f"$ {bare[-1]}", f"$ {' '.join(bare[-2:])}", f"$ {' '.join(bare[-3:])}"]
    joined = " " + " ".join(bare) + " "
    out += [f"c{joined[i : i + n]}" for n in (3, 4) for i in range(len(joined) - n + 1)]
    size = len(message.tokens)
    out.append(f"# {size if size < 6 else min(size, 42) // 6 * 6}")
    if "?" in message.text:
        out.append("# ?")
    if size <= 4:
        out.append("= " + " ".join(bare))
    asked = frozenset(bare)
    out += [f"k {name}" for name, phrases in _cues() if phrases.search(text.lower(), asked)]
    hits, excepted = matches(message)
    out += [f"s {kind}" for kind in {hit.kind for hit in hits}]
    if excepted:
        out.append("s excepted")
    if len(bare) < size:
        out += [f"b {a}" for a in fold(message.text).split()[: size - len(bare)][-60:]]
    return out


@cache
def _nouns() -> tuple[dict[str, str], re.Pattern[str]]:
    """(noun of a question type, folded -> type; two of them joined, the second looked at again as a first)."""
    type_of = {fold(noun.strip()): name for name, nouns in load("frames")["nouns"].items() for noun in nouns.split(",")}
    either = "|".join(map(re.escape, sorted(type_of, key=len, reverse=True)))
    return type_of, re.compile(rf"(?<!\w)({either})(?=\s*(?:[,&+]|(?:va|voi|cung|lan)(?: voi| ca)?\s)\s*({either})(?!\w))")


def listed(text: str) -> list[str]:
    """Question types named one beside the other in a normalised text: "lệ phí và thời hạn cấp ..."."""
    type_of, joined = _nouns()
    return list(dict.fromkeys(type_of[noun] for pair in joined.findall(fold(text)) for noun in pair))


@dataclass
class Prediction:
    """ranking: intents with confidence, best first. types: question types asked, each with its own probability."""

    ranking: list[tuple[str, float]]
    types: list[tuple[str, float]]


@dataclass
class QuestionModel:
    """Trained weights and calibration; plain data, pickled by the component."""

    labels: list[str] = field(default_factory=list)
    vocabulary: dict[str, int] = field(default_factory=dict)
    scale: np.ndarray | None = None  # by feature
    weights: np.ndarray | None = None  # features x labels
    bias: np.ndarray | None = None
    temperature: float = 1.0
    type_scale: tuple[float, float] = (1.0, 0.0)
    report: dict[str, float] = field(default_factory=dict)

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """Raw scores, messages x labels. The weights hold each feature's scale already."""
        rows = []
        for text in texts:
            known = [place for place in map(self.vocabulary.get, set(features(normalise(text)))) if place is not None]
            length = float(np.sqrt(np.square(self.scale[known]).sum())) or 1.0
            rows.append(self.weights[known].sum(axis=0) / length + self.bias)
        return np.array(rows)

    def predict_many(self, texts: Sequence[str], threshold: float = 0.5) -> list[Prediction]:
        """One prediction a text. `threshold`: probability from which a second question type counts as asked."""
        raw = self.scores(texts)
        shares = _softmax(raw * self.temperature)
        scale, shift = self.type_scale
        out = []
        for text, row, share in zip(texts, raw, shares, strict=True):
            order = np.argsort(-share)
            ranking = [(self.labels[i], float(share[i])) for i in order]
            types = [
                (self.labels[i], float(1 / (1 + np.exp(-(scale * row[i] + shift)))))
                for i in order
                if self.labels[i] in ASPECTS
            ]
            asked = [(name, p) for name, p in types if p >= threshold]
            if ranking[0][0] in ASPECTS and ranking[0][0] not in dict(asked):
                asked.insert(0, (ranking[0][0], dict(types)[ranking[0][0]]))
            # "Lệ phí và thời hạn ...": the louder word of a list drowns the other.
            named = listed(text)
            if any(name in named for name, _ in asked):
                asked += [(name, LISTED_AT) for name in named if name not in dict(asked)]
            # A bare act beside a real question ("đổi căn cước mất mấy ngày") is no second question.
            if len(asked) > 1:
                asked = [(name, p) for name, p in asked if name != "ask_overview"]
            out.append(Prediction(ranking, sorted(asked, key=lambda pair: -pair[1])))
        return out

    def predict(self, text: str, threshold: float = 0.5) -> Prediction:
        """Prediction for one message."""
        return self.predict_many([text], threshold)[0]


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores = scores - scores.max(axis=1, keepdims=True)
    exped = np.exp(scores)
    return exped / exped.sum(axis=1, keepdims=True)


# ------------------------------------------------------------------ training


def everyday() -> tuple[list[str], list[str]]:
    """What procedures of the shipped catalogue are called, and situations in which people need them.

    Official names are there for their words: "trợ giúp pháp lý" asks for no legal basis, "phí đường bộ" for no fee.
    """
    rows = read_names()
    official = [short_title(record.name) for record in read_register()]
    return [row["text"] for row in rows if row["kind"] == "name"] + [name for name in official if len(name.split()) <= 14], [row["text"] for row in rows if row["kind"] == "situation"]


@dataclass
class Example:
    """One training text with everything it asks; `group` keeps copies of one sentence together."""

    text: str
    labels: frozenset[str]
    group: int


def augment(
    pairs: Sequence[tuple[str, str]],
    options: dict[str, Any],
    topics: Sequence[str] = (),
    situations: Sequence[str] = (),
    written: Sequence[tuple[str, str]] = (),
) -> list[Example]:
    """Training pairs (text, intent) -> examples with noisy copies, double questions, stories and garbage.

    `written`: whole questions in all kinds of writing; they need no copies.
    """
    rng = random.Random(options["seed"])
    clean = [Example(text, frozenset([intent]), number) for number, (text, intent) in enumerate(pairs)]
    asks = [example for example in clean if next(iter(example.labels)) in ASPECTS and len(example.text.split()) <= 14]
    number = len(clean)
    made: list[Example] = []
    short = [example for example in asks if len(example.text.split()) <= 7]
    real = [example for example in asks if "ask_overview" not in example.labels]
    joins = (" và ", ", ", " với ", "? ", " rồi ", ", còn ", " va ", " vs ", ", xong ")
    if real and short:
        for _ in range(options["double_questions"]):
            first, second = rng.choice(real), rng.choice(short)
            if first.labels == second.labels or "ask_overview" in second.labels:
                continue
            text = first.text.rstrip(" ?.") + rng.choice(joins) + second.text[:1].lower() + second.text[1:]
            made.append(Example(text, first.labels | second.labels, number))
            number += 1
    stories = [item.strip() for item in load("topics")["stories"].split(";") if item.strip()]
    if short:
        for _ in range(options["stories"]):
            asked = rng.choice(short)
            told = ". ".join(rng.sample(stories, rng.choice([1, 1, 2])))
            if situations and rng.random() < 0.6:
                told = rng.choice(["", "tôi ", "em ", "nhà tôi có "]) + rng.choice(situations)
            made.append(Example(f"{told}. {asked.text}", asked.labels, number))
            number += 1
    frames = load("frames")
    for turn in range(options["topics"] if topics else 0):
        # Every fourth is a topic alone: who only names a matter wants to know about it.
        name = ASPECTS[turn % len(ASPECTS)] if turn % 4 else "ask_overview"
        around = [line.strip() for line in frames[name]["with"].splitlines() if line.strip()]
        text = (rng.choice(around) if turn % 4 else rng.choice(["{t}", "{t}", "tôi muốn {t}", "em cần {t}", "{t} ạ"])).replace(
            "{t}", rng.choice(topics)
        )
        made.append(Example(text, frozenset([name]), number))
        number += 1
    nouns = {name: [word.strip() for word in words.split(",")] for name, words in load("frames")["nouns"].items()}
    for _ in range(options["listed"] if topics else 0):
        first, second = rng.sample(sorted(nouns), 2)
        text = rng.choice(LISTED).format(a=rng.choice(nouns[first]), b=rng.choice(nouns[second]), t=rng.choice(topics))
        made.append(Example(text, frozenset([first, second]), number))
        number += 1
    leads, tails = (
        [line.strip() for line in load("frames")[name].splitlines() if line.strip()] for name in ("leads", "tails")
    )
    for example in clean:
        if len(example.text.split()) <= 12 and rng.random() < options["dressed"]:
            kind = rng.randrange(3)
            text = f"{rng.choice(leads)} {example.text}" if kind != 1 else example.text
            text = f"{text.rstrip(' ?')} {rng.choice(tails)}" if kind else text
            made.append(Example(text, example.labels, example.group))
    letters = "abcdeghiklmnopqrstuvxyqwzjf"
    for _ in range(options["garbage"]):
        text = " ".join("".join(rng.choice(letters) for _ in range(rng.randint(2, 9))) for _ in range(rng.randint(1, 6)))
        made.append(Example(text, frozenset([NONE]), number))
        number += 1
    out = list(clean) + made
    for example in [*clean, *made]:
        for kind, share in options["copies"].items():
            if rng.random() < share:
                copy = noise.spoil(example.text, kind, options["seed"])
                if copy != example.text:
                    out.append(Example(copy, example.labels, example.group))
    return out + [Example(text, frozenset([intent]), number + place) for place, (text, intent) in enumerate(written)]


def written_questions(folder: Path = QUESTIONS) -> list[tuple[str, str]]:
    """(question, intent) of the questions that were written for the linker."""
    rows = (json.loads(line) for path in sorted(folder.glob("questions*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines())
    return [(row["text"], ASK + row["aspect"]) for row in rows if ASK + row.get("aspect", "") in ASPECTS]


def _count(texts: Sequence[str]) -> tuple[csr_matrix, list[str]]:
    """(texts x features, 1.0 where one occurs; names of the features), without features of fewer than RARE texts.

    Texts are read in several processes, and each names its features once: lists of strings would take as long to hand
    over as to make.
    """

    def part(chunk: Sequence[str]) -> tuple[list[str], list[int], np.ndarray]:
        local: dict[str, int] = {}
        sizes, places = [], []
        for text in chunk:
            found = {local.setdefault(name, len(local)) for name in features(normalise.__wrapped__(text))}
            sizes.append(len(found))
            places.extend(found)
        return list(local), sizes, np.asarray(places, dtype=np.int32)

    step = max(1, -(-len(texts) // 16))
    vocabulary: dict[str, int] = {}
    sizes, columns = [], []
    for names, counted, places in spread(part, [texts[at : at + step] for at in range(0, len(texts), step)], worth=2):
        columns.append(np.asarray([vocabulary.setdefault(name, len(vocabulary)) for name in names], dtype=np.int32)[places])
        sizes += counted
    indices = np.concatenate(columns)
    matrix = csr_matrix((np.ones(len(indices), dtype=np.float32), indices, np.cumsum([0, *sizes])), shape=(len(texts), len(vocabulary)))
    kept = np.flatnonzero(np.bincount(indices, minlength=len(vocabulary)) >= RARE)
    names = list(vocabulary)
    return matrix[:, kept].tocsr(), [names[place] for place in kept]


def _fit(matrix: csr_matrix, examples: Sequence[Example], labels: Sequence[str], options: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    def column(label: str) -> tuple[np.ndarray | None, float]:
        target = np.fromiter((label in example.labels for example in examples), dtype=np.int8, count=len(examples))
        if not target.any():
            return None, -10.0
        weight = (len(examples) / len(labels) / target.sum()) ** options["balance"]
        model = SGDClassifier(
            loss="log_loss",
            alpha=options["alpha"],
            max_iter=options["passes"],
            tol=None,
            random_state=options["seed"],
            average=True,
            class_weight={0: 1.0, 1: 3.0 * weight},
        )
        model.fit(matrix, target)
        return model.coef_[0].astype(np.float32), float(model.intercept_[0])

    # The fit leaves the interpreter lock, so threads share the matrix.
    fitted = Parallel(n_jobs=2, prefer="threads")(delayed(column)(label) for label in labels)
    empty = np.zeros(matrix.shape[1], dtype=np.float32)
    weights = np.stack([empty if row is None else row for row, _ in fitted], axis=1)
    return weights, np.array([bias for _, bias in fitted], dtype=np.float32)


def train(
    pairs: Iterable[tuple[str, str]],
    options: dict[str, Any] | None = None,
    topics: Sequence[str] = (),
    situations: Sequence[str] = (),
    written: Sequence[tuple[str, str]] = (),
) -> QuestionModel:
    """Fit on (text, intent) pairs; `topics` and `situations` (see `everyday`): what to ask about; `written`: see `augment`. Seconds on one core. Raises ValueError with fewer than two intents."""
    chosen = {**OPTIONS, **(options or {})}
    examples = augment(list(pairs), chosen, topics, situations, written)
    labels = sorted({label for example in examples for label in example.labels})
    if len([label for label in labels if label != NONE]) < 2:
        raise ValueError("The question type needs training examples of at least two intents.")
    groups = sorted({example.group for example in examples})
    random.Random(chosen["seed"]).shuffle(groups)
    held_groups = set(groups[: int(len(groups) * chosen["held_out"])])
    kept = np.array([example.group not in held_groups for example in examples])
    counts, names = _count([example.text for example in examples])
    documents = np.asarray((counts > 0).sum(axis=0)).ravel()
    rarity = np.log(len(examples) / documents) ** chosen["rarity"]
    scale = np.array([SCALES[name[0]] for name in names], dtype=np.float32) * rarity.astype(np.float32)
    model = QuestionModel(labels=labels, vocabulary={name: place for place, name in enumerate(names)}, scale=scale)
    counts.data *= scale[counts.indices]
    # The form in which the fit wants it: else each label would cast its own copy.
    matrix = normalize(counts.astype(np.float64), copy=False)
    held = [example for example, keep in zip(examples, kept, strict=True) if not keep]
    if held:
        fitted = [example for example, keep in zip(examples, kept, strict=True) if keep]
        weights, bias = _fit(matrix[kept], fitted, labels, chosen)
        _calibrate(model, matrix[~kept] @ weights + bias, held)
    weights, model.bias = _fit(matrix, examples, labels, chosen)
    model.weights = weights * scale[:, None]
    return model


def _calibrate(model: QuestionModel, raw: np.ndarray, held: Sequence[Example]) -> None:
    """Temperature for the ranking and a sigmoid for the question types, on examples not fitted."""
    place = {label: number for number, label in enumerate(model.labels)}
    single = [number for number, example in enumerate(held) if len(example.labels) == 1]
    truth = np.array([place[next(iter(held[number].labels))] for number in single])

    def loss(log_temperature: np.ndarray) -> float:
        shares = _softmax(raw[single] * np.exp(log_temperature[0]))
        return float(-np.log(np.maximum(shares[np.arange(len(single)), truth], 1e-9)).mean())

    model.temperature = float(np.exp(minimize(loss, [0.0], method="Nelder-Mead").x[0]))
    columns = [place[name] for name in ASPECTS if name in place]
    asked = np.array([[model.labels[column] in example.labels for column in columns] for example in held], dtype=float)
    flat, wanted = raw[:, columns].ravel(), asked.ravel()

    def type_loss(parameters: np.ndarray) -> float:
        margin = parameters[0] * flat + parameters[1]
        return float(np.mean(np.logaddexp(0, margin) - wanted * margin))

    scale, shift = minimize(type_loss, [1.0, 0.0], method="Nelder-Mead").x
    model.type_scale = (float(scale), float(shift))
    best = raw[single].argmax(axis=1)
    model.report = {"held_out": len(single), "accuracy": float((best == truth).mean()), "temperature": model.temperature}
