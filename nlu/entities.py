"""Which fixed things does a message name: codes, numbers, dates, amounts, ordinals, old terms?

spaCy rules over a blank Vietnamese pipeline, cut so that "797/BTTTT-THH", "H29.18-250612-0047" and "01/BĐS" are one
token each. `extract(text)` gives plain data; the Rasa component adds it to the message's entities.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlu.lexicon import load
from nlu.syllables import fold
from nlu.terms import find_terms
from nlu.text import normalise

_TOKEN = re.compile(r"(?:[^\s,;:?!()\[\]\"]|(?<=\d),(?=\d))+|[^\s]")
_TAIL = ".-/'"
_DOSSIER = r"^[A-ZĐa-zđ]{1,3}\d{1,3}(\.\d{1,3}){0,3}-\d{6}-\d{1,6}$"
_DOCUMENT = r"^\d{1,5}/(\d{4}/[A-ZĐa-zđ]{1,6}\d{0,3}([-.][A-ZĐa-zđ0-9]{1,10})*|[A-ZĐa-zđ]{1,6}(-[A-ZĐa-zđ0-9]{1,10})+)$"
_FORM = r"^([A-ZĐ]{2,4}\d{1,3}[a-z]?|\d{1,3}[a-zA-Z]?[./-][A-ZĐ]{2,8}([-.]?[A-Za-z0-9]{1,6})?|[Tt][Kk]\d{1,2}-[Tt][Ss]|\d{1,2}-[A-Z]{2,5})$"
_AMOUNT_GLUED = r"^\d+([.,]\d{1,3})*(k|tr|đ|d|vnđ|vnd|usd|%|triệu|tỷ)$"
_MONEY_WORDS = ["đồng", "dong", "nghìn", "nghin", "ngàn", "ngan", "triệu", "trieu", "tỷ", "ty", "tỉ", "k", "tr", "vnđ", "vnd", "usd"]
_SCALE = {"k": 1e3, "nghin": 1e3, "ngan": 1e3, "tr": 1e6, "trieu": 1e6, "ty": 1e9, "ti": 1e9}


@dataclass(frozen=True)
class Entity:
    """name: procedure_code, document_number, form_code, dossier_number, task_number, date, year, amount, ordinal or
    old_term. value: in one agreed form (dates ISO, amounts in đồng, ordinals an int, -1 the last, 0 the middle).
    start, end: span of the text as typed. note and basis: for old terms, the sentence that says today's name and the document behind it."""

    name: str
    value: str | int | float
    start: int
    end: int
    note: str = ""
    basis: str = ""


class _Tokenizer:
    """Cuts at spaces and clause punctuation only, so that codes stay whole."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        pieces: list[tuple[int, int]] = []
        for found in _TOKEN.finditer(text):
            start, end = found.span()
            while end - start > 1 and text[end - 1] in _TAIL:
                end -= 1
            pieces.append((start, end))
            if end < found.end():
                pieces.append((end, found.end()))
        words = [text[start:end] for start, end in pieces]
        doc = Doc(self.vocab, words=words, spaces=[False] * len(words))
        doc.user_data["spans"] = pieces
        return doc


@cache
def _language() -> Language:
    """Blank Vietnamese pipeline with the rules; built once (a few milliseconds)."""
    language = spacy.blank("vi", config={"nlp": {"tokenizer": {"use_pyvi": False}}})
    language.tokenizer = _Tokenizer(language.vocab)
    ruler = language.add_pipe("entity_ruler", config={"overwrite_ents": False})
    number = {"TEXT": {"REGEX": r"^\d{1,3}([.,]\d{1,3})*$"}}
    ruler.add_patterns(
        [
            {"label": "procedure_code", "pattern": [{"TEXT": {"REGEX": r"^\d\.\d{6}$"}}]},
            {"label": "dossier_number", "pattern": [{"TEXT": {"REGEX": _DOSSIER}}]},
            {"label": "document_number", "pattern": [{"TEXT": {"REGEX": _DOCUMENT}}]},
            {"label": "form_code", "pattern": [{"TEXT": {"REGEX": _FORM}}]},
            {"label": "date", "pattern": [{"TEXT": {"REGEX": r"^\d{1,2}[/.-]\d{1,2}[/.-](19|20)\d{2}$"}}]},
            {"label": "date", "pattern": [{"TEXT": {"REGEX": r"^(0?[1-9]|1[0-2])/(19|20)\d{2}$"}}]},
            {"label": "amount", "pattern": [number, {"LOWER": {"IN": _MONEY_WORDS}, "LENGTH": {">=": 1}}, {"LOWER": {"IN": ["đồng", "dong"]}, "OP": "?"}]},
            {"label": "amount", "pattern": [{"LOWER": {"REGEX": _AMOUNT_GLUED}}]},
            {"label": "amount", "pattern": [{"TEXT": {"REGEX": r"^\d{1,3}([.,]\d{3})+$"}}]},
            {"label": "task_number", "pattern": [{"LOWER": {"IN": ["nhiệm", "nhiem"]}}, {"LOWER": {"IN": ["vụ", "vu"]}}, {"LOWER": {"IN": ["số", "so", "thứ", "thu"]}, "OP": "?"}, {"TEXT": {"REGEX": r"^\d{1,2}$"}}]},
            {"label": "document_number", "pattern": [{"LOWER": {"IN": ["công", "cong"]}}, {"LOWER": {"IN": ["văn", "van"]}}, {"LOWER": {"IN": ["số", "so"]}, "OP": "?"}, {"TEXT": {"REGEX": r"^\d{2,5}$"}}]},
            {"label": "document_number", "pattern": [{"LOWER": {"IN": ["quyết", "quyet", "nghị", "nghi", "kế", "ke"]}}, {"LOWER": {"IN": ["định", "dinh", "hoạch", "hoach"]}}, {"LOWER": {"IN": ["số", "so"]}, "OP": "?"}, {"TEXT": {"REGEX": r"^\d{2,5}$"}}]},
            {"label": "year", "pattern": [{"LOWER": {"IN": ["năm", "nam"]}}, {"TEXT": {"REGEX": r"^(19|20)\d{2}$"}}]},
        ]
    )
    return language


@cache
def _ordinals() -> dict[str, int]:
    """Folded short answer -> position."""
    data = load("ordinals")
    table: dict[str, int] = {}
    for number, forms in data["numbers"].items():
        for form in forms:
            table[fold(form)] = int(number)
            table.update({f"{fold(lead)} {fold(form)}": int(number) for lead in data["before"]})
    for position, forms in data["words"].items():
        table.update({fold(form): int(position) for form in forms})
    return table


_FILLER = re.compile(
    r"^(?:(?:da|vang|u|ok|uh|thi|vay|toi|em|minh|tui|con|y|la|muon|chon|lay|cho|xem|hoi|nha|nhe|di|a|ad|ay|do|kia|giup|voi)\s+)+"
    r"|(?:\s+(?:nha|nhe|di|a|ad|ay|do|kia|giup|voi|em|ban|toi|luon|thoi|ha|nghen|hen|cho|minh|vay))+$"
)


def ordinal(text: str) -> int | None:
    """Position that a short answer names ("cái thứ 2 nha" -> 2, "cái cuối" -> -1), None for anything else."""
    message = normalise(text)
    if not 0 < len(message.tokens) <= 9:
        return None
    table = _ordinals()
    short = re.sub(r"[.,;:?!]", "", message.folded).strip()
    for _ in range(3):
        if short in table:
            return table[short]
        shorter = _FILLER.sub("", short).strip()
        if shorter == short:
            return None
        short = shorter
    return table.get(short)


def _value(label: str, words: str) -> str | int | float | None:
    """The agreed form of a match, None where it is no real date or amount."""
    if label == "task_number":
        return int(words.split()[-1])
    if label == "document_number":
        return words.split()[-1].upper()
    if label == "year":
        return int(words.split()[-1])
    if label in ("form_code", "dossier_number"):
        return words.upper() if label == "dossier_number" else words
    if label == "date":
        parts = [int(part) for part in re.split(r"[/.-]", words)]
        try:
            return f"{parts[1]:04}-{parts[0]:02}" if len(parts) == 2 else dt.date(parts[2], parts[1], parts[0]).isoformat()
        except ValueError:
            return None
    if label == "amount":
        return _amount(words)
    return words


def _amount(words: str) -> float | str | None:
    bare = fold(words).replace(" ", "")
    found = re.match(r"(\d+(?:[.,]\d+)*)(.*)$", bare)
    if not found:
        return None
    digits, unit = found.groups()
    if unit == "%":
        return digits.replace(".", ",") + "%"
    scale = next((size for name, size in sorted(_SCALE.items(), key=lambda pair: -len(pair[0])) if unit.startswith(name)), 1.0)
    if scale > 1 and re.fullmatch(r"\d+[.,]\d{1,2}", digits):
        return float(digits.replace(",", ".")) * scale
    return float(re.sub(r"[.,]", "", digits)) * scale


def extract(text: str) -> list[Entity]:
    """Everything found in a message, in order of the text."""
    out: list[Entity] = []
    # Every rule needs a digit; most messages have none.
    doc = _language()(text[:4000]) if any(char.isdigit() for char in text) else None
    spans = doc.user_data["spans"] if doc is not None else []
    for entity in doc.ents if doc is not None else ():
        start, end = spans[entity.start][0], spans[entity.end - 1][1]
        value = _value(entity.label_, text[start:end])
        if value is not None:
            out.append(Entity(entity.label_, value, start, end))
    position = ordinal(text)
    if position is not None and not any(entity.name in ("procedure_code", "date") for entity in out):
        out.append(Entity("ordinal", position, 0, len(text)))
    taken = [(entity.start, entity.end) for entity in out if entity.name != "ordinal"]
    for term in find_terms(normalise(text)):
        if all(term.end <= start or term.start >= end for start, end in taken):
            out.append(Entity("old_term", term.now, term.start, term.end, term.note, term.basis))
    return sorted(out, key=lambda entity: (entity.start, entity.end))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RuleEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Adds `extract` of the typed text to the message's entities."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings."""
        return {}

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be importable."""
        return ["spacy"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntityExtractor:
        """Create the component; the rules are built on first use."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Extend the entities of each message."""
        for message in messages:
            found = [
                {
                    "entity": entity.name,
                    "value": entity.value,
                    "start": entity.start,
                    "end": entity.end,
                    **({"note": entity.note, "basis": entity.basis} if entity.note else {}),
                }
                for entity in extract(message.get(TEXT) or "")
            ]
            found = self.add_extractor_name(found)
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)
        return messages
