"""Which kind of message is this, and how sure is that?

A linear model over words and letters of the normalised text: one binary classifier an intent, so that a message may
ask several things at once. Confidence is calibrated on examples kept out of the fit. No Rasa here: `question_type.py`
is the component, benchmarks and tests use this file directly.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from nlu import noise
from nlu.lexicon import load
from nlu.text import Normalised, fold, normalise

NONE = "none"  # examples that mean nothing here
ASK = "ask_"
ASPECTS = tuple(
    f"ask_{name}"
    for name in "overview dossier fee time where steps online form legal result conditions".split()
)
OPTIONS: dict[str, Any] = {
    # Copies of each training example by kind of noise: share of the examples that get one.
    "copies": {"no_marks": 1.0, "mixed_marks": 0.25, "typos": 0.35, "slang": 0.25, "split_glued": 0.1},
    "double_questions": 700,  # made examples that ask two things
    "stories": 500,  # made examples: a situation told first, then a hand-written question
    "garbage": 150,  # made examples of letters without sense
    "held_out": 0.15,  # share kept for calibration
    "seed": 7,
}
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


_PUNCT = re.compile(r"[.,;:?!]")
_CODE = re.compile(r"^\d\.\d{6}$")
_NUMBER = re.compile(r"^\d+$")


def features(message: Normalised) -> list[str]:
    """Named features of one message: folded words and letters, words with marks, what stands first and last."""
    text = focus(message)
    asks = "?" in text or message.text.endswith("?")
    words = [
        "<code>" if _CODE.match(word) else "<n>" if _NUMBER.match(word) and len(word) > 1 else word.lower()
        for word in _PUNCT.sub(" ", text).split()
        if not (len(word) > 3 and any(c.isdigit() for c in word) and not _CODE.match(word) and "-" in word)
    ] if "." not in text else [
        "<code>" if _CODE.match(word.strip(".,;:?!")) else word.strip(".,;:?!").lower() for word in text.split()
    ]
    words = [word for word in words if word]
    bare = [fold(word) for word in words]
    out = [f"w {a}" for a in bare]
    out += [f"w {a} {b}" for a, b in zip(bare, bare[1:], strict=False)]
    out += [f"w {a} {b} {c}" for a, b, c in zip(bare, bare[1:], bare[2:], strict=False)]
    out += [f"m {word}" for word in words if not word.isascii()]
    out += [f"m {a} {b}" for a, b in zip(words, words[1:], strict=False) if not (a + b).isascii()]
    joined = " " + " ".join(bare) + " "
    out += [joined[i : i + n] for n in (3, 4, 5) for i in range(len(joined) - n + 1)]
    if bare:
        out += [f"^ {bare[0]}", f"^ {' '.join(bare[:2])}", f"$ {bare[-1]}", f"$ {' '.join(bare[-2:])}", f"$ {' '.join(bare[-3:])}"]
    out.append(f"# {min(len(message.tokens), 40) if len(message.tokens) < 6 else len(message.tokens) // 6 * 6}")
    if asks:
        out.append("# ?")
    if len(message.tokens) <= 4:
        out.append("= " + " ".join(bare))
    if len(bare) < len(message.tokens):
        before = fold(message.text).split()[: len(message.tokens) - len(bare)]
        out += [f"b {a}" for a in before[-60:]]
    return out


@dataclass
class Prediction:
    """ranking: intents with confidence, best first. types: question types asked, each with its own probability."""

    ranking: list[tuple[str, float]]
    types: list[tuple[str, float]]


@dataclass
class QuestionModel:
    """Trained weights and calibration; plain data, pickled by the component."""

    labels: list[str] = field(default_factory=list)
    vectoriser: TfidfVectorizer | None = None
    weights: np.ndarray | None = None  # features x labels
    bias: np.ndarray | None = None
    temperature: float = 1.0
    type_scale: tuple[float, float] = (1.0, 0.0)
    report: dict[str, float] = field(default_factory=dict)

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """Raw scores, messages x labels."""
        assert self.vectoriser is not None and self.weights is not None
        matrix = self.vectoriser.transform([normalise(text) for text in texts])
        return matrix @ self.weights + self.bias

    def predict_many(self, texts: Sequence[str], threshold: float = 0.5) -> list[Prediction]:
        """One prediction a text. `threshold`: probability from which a second question type counts as asked."""
        raw = self.scores(texts)
        shares = _softmax(raw * self.temperature)
        scale, shift = self.type_scale
        out = []
        for row, share in zip(raw, shares, strict=True):
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


@dataclass
class Example:
    """One training text with everything it asks; `group` keeps copies of one sentence together."""

    text: str
    labels: frozenset[str]
    group: int


def augment(pairs: Sequence[tuple[str, str]], options: dict[str, Any]) -> list[Example]:
    """Training pairs (text, intent) -> examples with noisy copies, double questions, stories and garbage."""
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
            made.append(Example(f"{told}. {asked.text}", asked.labels, number))
            number += 1
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
    return out


def _fit(matrix: csr_matrix, examples: Sequence[Example], labels: Sequence[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    weights = np.zeros((matrix.shape[1], len(labels)), dtype=np.float32)
    bias = np.zeros(len(labels), dtype=np.float32)
    for column, label in enumerate(labels):
        target = np.fromiter((label in example.labels for example in examples), dtype=np.int8, count=len(examples))
        if not target.any():
            bias[column] = -10
            continue
        model = SGDClassifier(
            loss="log_loss", alpha=3e-6, max_iter=6, tol=None, random_state=seed, average=True, class_weight={0: 1.0, 1: 3.0}
        )
        model.fit(matrix, target)
        weights[:, column] = model.coef_[0]
        bias[column] = model.intercept_[0]
    return weights, bias


def train(pairs: Iterable[tuple[str, str]], options: dict[str, Any] | None = None) -> QuestionModel:
    """Fit on (text, intent) pairs. Seconds on one core. Raises ValueError with fewer than two intents."""
    chosen = {**OPTIONS, **(options or {})}
    examples = augment(list(pairs), chosen)
    labels = sorted({label for example in examples for label in example.labels})
    if len([label for label in labels if label != NONE]) < 2:
        raise ValueError("The question type needs training examples of at least two intents.")
    groups = sorted({example.group for example in examples})
    random.Random(chosen["seed"]).shuffle(groups)
    held_groups = set(groups[: int(len(groups) * chosen["held_out"])])
    kept = np.array([example.group not in held_groups for example in examples])
    vectoriser = TfidfVectorizer(analyzer=features, min_df=3, sublinear_tf=True, dtype=np.float32)
    matrix = vectoriser.fit_transform([normalise.__wrapped__(example.text) for example in examples])
    model = QuestionModel(labels=labels, vectoriser=vectoriser)
    held = [example for example, keep in zip(examples, kept, strict=True) if not keep]
    if held:
        fitted = [example for example, keep in zip(examples, kept, strict=True) if keep]
        weights, bias = _fit(matrix[kept], fitted, labels, chosen["seed"])
        _calibrate(model, matrix[~kept] @ weights + bias, held)
    model.weights, model.bias = _fit(matrix, examples, labels, chosen["seed"])
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
