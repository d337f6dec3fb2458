"""Which marks are missing?

A trigram model of Vietnamese syllables learned from the project's own texts (`training_texts`): everyday names and
situations, training examples, frames, official names of the curated catalogue, guidance notes. Restores marks by a Viterbi
search in which every mark that is there stays. Trained in seconds, kept as one compressed JSON file beside the model;
nothing is committed.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from nlu.syllables import fold, strip_tone
from nlu.text import normalise

ROOT = Path(__file__).parent.parent
BEAM = 8  # forms of one syllable that are looked at
_START = "<s>"
_WORD = re.compile(r"[^\W\d_]+")


def training_texts(root: Path = ROOT) -> Iterable[str]:
    """Every Vietnamese text the project may learn from, in a fixed order."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    folders = [("knowledge/catalogue", "*.yml"), ("nlu/data", "*.yml"), ("nlu/lexicon", "*.yml"), ("knowledge/guidance", "*.yml")]
    for folder, pattern in folders:
        for path in sorted((root / folder).rglob(pattern)):
            yield from _strings(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))
    for folder, pattern in (("knowledge/guidance", "*.md"), ("knowledge/catalogue", "*.csv")):
        for path in sorted((root / folder).rglob(pattern)):
            yield from path.read_text(encoding="utf-8").splitlines()


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield from (line for line in value.splitlines() if " " in line.strip())
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


class AccentRestorer:
    """Counts of syllables, pairs and triples, and the search over them."""

    def __init__(self) -> None:
        self._one: Counter[str] = Counter()
        self._two: Counter[str] = Counter()
        self._three: Counter[str] = Counter()
        self._forms: dict[str, list[str]] = {}
        self._total = 0

    @classmethod
    def train(cls, texts: Iterable[str]) -> AccentRestorer:
        """Learn from texts with marks; lines without any mark are passed over."""
        model = cls()
        for text in texts:
            words = [word for word in normalise.__wrapped__(text).text.lower().split() if word]
            if not words or text.isascii():
                continue
            words = [_START, _START, *(word.strip(".,;:?!") for word in words)]
            for place in range(2, len(words)):
                a, b, c = words[place - 2 : place + 1]
                model._one[c] += 1
                model._two[f"{b} {c}"] += 1
                model._three[f"{a} {b} {c}"] += 1
        model._finish()
        return model

    def _finish(self) -> None:
        self._total = sum(self._one.values())
        forms: dict[str, list[str]] = defaultdict(list)
        for word, _ in self._one.most_common():
            if _WORD.fullmatch(word):
                forms[fold(word)].append(word)
        self._forms = {bare: words[:BEAM] for bare, words in forms.items()}

    def save(self, path: Path) -> None:
        """Write the counts as compressed JSON."""
        with gzip.open(path, "wt", encoding="utf-8") as handle:
            json.dump([self._one, self._two, self._three], handle, ensure_ascii=False)

    @classmethod
    def load(cls, path: Path) -> AccentRestorer:
        """Read what `save` wrote. Raises FileNotFoundError."""
        model = cls()
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            model._one, model._two, model._three = (Counter(part) for part in json.load(handle))
        model._finish()
        return model

    def _candidates(self, word: str) -> list[str]:
        """Forms that keep every mark of `word`."""
        options = [form for form in self._forms.get(fold(word), ()) if _keeps(word, form)]
        return options or [word]

    def _cost(self, a: str, b: str, c: str) -> float:
        """Interpolated -log probability of c after a, b."""
        pair = self._two.get(f"{b} {c}", 0)
        triple = self._three.get(f"{a} {b} {c}", 0)
        p = 0.1 * (self._one.get(c, 0) + 0.1) / (self._total + 1)
        if pair:
            p += 0.3 * pair / max(self._one.get(b, 0), pair)
        if triple:
            p += 0.6 * triple / max(self._two.get(f"{a} {b}", 0), triple)
        return -math.log(p)

    def restore_words(self, words: Sequence[str]) -> list[str]:
        """Lower-case words with their likeliest marks; words not known stay."""
        # State: the last two words. A few dozen states at most, as each word has at most BEAM forms.
        states: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {(_START, _START): (0.0, ())}
        for word in words:
            reached: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}
            for form in self._candidates(word):
                for (a, b), (cost, path) in states.items():
                    total = cost + self._cost(a, b, form)
                    known = reached.get((b, form))
                    if known is None or total < known[0]:
                        reached[b, form] = (total, (*path, form))
            states = dict(sorted(reached.items(), key=lambda item: item[1][0])[: 2 * BEAM])
        return list(min(states.values())[1])

    def restore(self, text: str) -> str:
        """Text with its missing marks; punctuation, codes and numbers stay as they are."""
        pieces = re.split(r"(\s+)", text)
        places = [at for at, piece in enumerate(pieces) if _WORD.fullmatch(piece.strip(".,;:?!")) and piece.strip()]
        words = [pieces[at].strip(".,;:?!").lower() for at in places]
        if not words:
            return text
        for at, word, found in zip(places, words, self.restore_words(words), strict=True):
            if found != word:
                pieces[at] = pieces[at].lower().replace(word, found, 1)
        return "".join(pieces)


def _keeps(typed: str, form: str) -> bool:
    """Whether `form` only adds marks to `typed`."""
    if typed.isascii():
        return True
    base, tone = strip_tone(typed)
    full, full_tone = strip_tone(form)
    return (not tone or tone == full_tone) and all(
        a in (b, fold(b)) for a, b in zip(base, full, strict=False)
    )
