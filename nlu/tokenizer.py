"""What are the words of a message, for Rasa?

Normalises the message (`nlu.text`), cuts it into Vietnamese words with underthesea ("đăng ký" is one word) and sets
Rasa's tokens with spans in the text as typed. The normalised text is left on the message as `normalised` (kept in the
parse result) for the components after this one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.text import Normalised, normalise

NORMALISED = "normalised"
# underthesea reads the whole message; a longer one is somebody's pasted document.
MAX_CHARACTERS = 2000


@cache
def _segmenter() -> Callable[[str], list[str]]:
    """underthesea's word segmentation, loaded on first use (about a second)."""
    from underthesea import word_tokenize

    return word_tokenize


@lru_cache(maxsize=512)
def _segment(text: str) -> tuple[str, ...]:
    return tuple(_segmenter()(text))


def word_groups(message: Normalised, segment: bool = True) -> list[tuple[int, int]]:
    """Positions [start, end) in `message.tokens` of each word; every syllable alone without segmentation."""
    alone = [(place, place + 1) for place in range(len(message.tokens))]
    if not segment or not message.tokens or len(message.text) > MAX_CHARACTERS:
        return alone
    syllables = [syllable for word in _segment(" ".join(message.tokens)) for syllable in (word.split(), "|")]
    groups: list[tuple[int, int]] = []
    place = 0
    for word in syllables:
        if word == "|":
            continue
        size = len(word)
        if tuple(word) != message.tokens[place : place + size]:
            return groups + [(at, at + 1) for at in range(place, len(message.tokens))]
        groups.append((place, place + size))
        place += size
    return groups + [(at, at + 1) for at in range(place, len(message.tokens))]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Tokens are words in agreed spelling, "_" between their syllables; spans point into the text as typed."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`segment`: cut into words with underthesea (otherwise syllables); `training`: training examples as well."""
        return {
            "segment": True,
            "training": False,
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be importable."""
        return ["underthesea"]

    @staticmethod
    def supported_languages() -> list[str] | None:
        """Vietnamese only."""
        return ["vi"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> VietnameseTokenizer:
        """Create the component; nothing is trained or stored."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Tokens on the training examples if asked for: none of our components learns from them, and they take 9 seconds."""
        return super().process_training_data(training_data) if self._config["training"] else training_data

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute; sets `normalised` on the message for its text."""
        found = normalise(message.get(attribute))
        if attribute == TEXT:
            message.set(NORMALISED, found.text, add_to_output=True)
        tokens = []
        for start, end in word_groups(found, self._config["segment"]):
            first, last = found.original_span(start, end)
            tokens.append(Token("_".join(found.tokens[start:end]), first, last, data={"syllables": list(found.tokens[start:end])}))
        return tokens
