"""One procedure as an answer sees it: its layers, the day, the person's case, and where lines come from."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from actions.answer import Answer, Line, Source
from knowledge.fees import holds
from knowledge.records import NAMED_ONLY, ProcedureRecord
from knowledge.search.analysis import folded_words

PORTAL = "Cổng Dịch vụ công quốc gia"
METHODS = {"online": "Trực tuyến", "in_person": "Trực tiếp", "post": "Bưu chính"}
_SENTENCE = re.compile(r"(?<=[.;:])\s+(?=[A-ZĐÀ-Ỹ(+\-*])|\n+")


def clip(text: str, limit: int = 420) -> str:
    """Cut at a word's end; the cut is shown."""
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(",;:-") + " …"


def sentences(text: str | None) -> list[str]:
    """Sentences or list lines of a source's text, bullets stripped."""
    if not text:
        return []
    return [s for part in _SENTENCE.split(text) if len(s := part.strip(" -+*•\t")) > 8]


@dataclass
class Topic:
    """`layers`: what each origin says, the one to show first first (never empty)."""

    layers: list[ProcedureRecord]
    day: dt.date
    question: str = ""
    case: dict[str, str] = field(default_factory=dict)
    place: str | None = None

    @property
    def main(self) -> ProcedureRecord:
        return self.layers[0]

    @property
    def code(self) -> str:
        return self.main.code

    @property
    def name(self) -> str:
        name = self.main.name.strip()
        return name[8:].strip()[:1].upper() + name[8:].strip()[1:] if name.lower().startswith("thủ tục ") else name

    @property
    def described(self) -> bool:
        """False for a code that is known by its name only."""
        return any(layer.source.origin not in NAMED_ONLY for layer in self.layers)

    def having(self, attribute: str) -> ProcedureRecord | None:
        """The first layer that says anything about an attribute."""
        return next((layer for layer in self.layers if getattr(layer, attribute)), None)

    def source(self, layer: ProcedureRecord, answer: Answer) -> int:
        """The layer as a source of the answer."""
        told = layer.source
        return answer.add_source(
            Source(
                document=f"{PORTAL}, thủ tục {layer.code}",
                number=told.decision,
                url=told.url,
                retrieved=told.retrieved.isoformat() if told.retrieved else None,
                origin=told.origin,
            )
        )

    @cached_property
    def _question_words(self) -> frozenset[str]:
        return frozenset(w for w in folded_words(self.question) if len(w) > 1)

    def texts(self) -> Iterator[tuple[ProcedureRecord, str, str]]:
        """(layer, section, sentence) over everything a layer says in prose."""
        for layer in self.layers:
            for step in layer.steps:
                for sentence in sentences(step):
                    yield layer, "steps", sentence
            for sentence in sentences(layer.conditions):
                yield layer, "conditions", sentence
            for channel in layer.channels:
                for sentence in sentences(channel.description):
                    yield layer, "channels", sentence
            for paper in layer.dossier:
                if not holds(paper.when, self.case):
                    continue
                for sentence in sentences(paper.name) if paper.is_note else [paper.name]:
                    yield layer, "dossier", sentence
            for tip in layer.tips:
                yield layer, "tips", tip

    def relevant(self, *, limit: int = 3, least: float = 0.45, sections: set[str] | None = None, also: tuple[str, ...] = (), words: int = 1) -> list[tuple[ProcedureRecord, str]]:
        """Sentences of the procedure that speak of what the question asks, best first.

        A sentence's score is the share of the question's rarer words in it, weighted by how rare they are in
        this procedure; `also` adds words that belong to the kind of question; `words`: how many of them it must hold at
        least, since one alone may stand there by chance ("tiền", "tiến hành").
        """
        pool = [(layer, sentence, frozenset(folded_words(sentence))) for layer, section, sentence in self.texts() if sections is None or section in sections]
        asked = (self._question_words | frozenset(also)) - _COMMON
        if not pool or not asked:
            return []
        seen_in = {word: sum(word in bag for _, _, bag in pool) for word in asked}
        weight = {word: 1.0 / (1 + count) ** 0.5 for word, count in seen_in.items() if count}
        total = sum(weight.values())
        if not total:
            return []
        scored = sorted(((sum(weight.get(w, 0) for w in bag) / total, -len(sentence), n) for n, (_, sentence, bag) in enumerate(pool)), reverse=True)
        chosen: list[tuple[ProcedureRecord, str]] = []
        bags: list[frozenset[str]] = []
        for score, _, n in scored:
            if score < least or len(chosen) == limit:
                break
            layer, sentence, bag = pool[n]
            if len(bag & weight.keys()) < words:
                continue
            if all(len(bag & other) < 0.7 * min(len(bag), len(other)) for other in bags):
                chosen.append((layer, sentence))
                bags.append(bag)
        return chosen


_COMMON = frozenset(folded_words(
    "tôi em anh chị bạn mình có không là gì thì được cho cần phải làm và của ở đâu nào bao nhiêu mấy này đó thế vậy ạ hỏi muốn "
    "thủ tục hồ sơ giấy tờ nộp đi ra về các những một lên cái ai khi nếu mà với hay còn nữa rồi xin giờ ơi để theo sao bị người nhà "
    "con ngày tháng năm đã đang sẽ tại vì từ trong ngoài thôi luôn vừa mới cũng đến tới việc đăng ký cấp"
))


def sourced(topic: Topic, answer: Answer, layer: ProcedureRecord, texts: list[str], kind: str = "fact", section: str = "") -> list[Line]:
    """Lines that all come from one layer; `row` lets a reader report a single line."""
    source = topic.source(layer, answer)
    return [Line(text, kind, source, f"{layer.code}/{layer.source.origin}/{section}/{n}") for n, text in enumerate(texts)]
