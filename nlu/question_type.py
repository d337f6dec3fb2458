"""Rasa component: which kind of message is this?

Sets `intent`, `intent_ranking` and `question_types` (list of {"name", "confidence"}, the asking intents found, best
first). A message that means nothing here, or of which nothing is known surely enough, gets Rasa's `nlu_fallback`.
The model itself is in `question_model.py`.
"""

from __future__ import annotations

import logging
from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.question_model import NONE, OPTIONS, QuestionModel, everyday, train, written_questions

logger = logging.getLogger(__name__)
QUESTION_TYPES = "question_types"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionTypeClassifier(GraphComponent, IntentClassifier):
    """Intent classifier on words and letters, with and without marks."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`threshold`: below it nothing is said to be known. `second`: from it a further question type counts as asked.
        `ranking_length`: intents reported. The rest are training options (`question_model.OPTIONS`)."""
        return {"threshold": 0.25, "second": 0.5, "ranking_length": 10, **OPTIONS}

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be importable."""
        return ["sklearn", "scipy"]

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: QuestionModel | None = None,
    ) -> None:
        """Hold settings and, once trained or loaded, the model."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionTypeClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model on all examples with an intent and store it."""
        pairs = [
            (example.get(TEXT), example.get(INTENT))
            for example in training_data.intent_examples
            if example.get(TEXT) and example.get(INTENT)
        ]
        options = {name: self._config[name] for name in OPTIONS}
        self._model = train(pairs, options, *everyday(), written_questions())
        logger.info("Question types: %s", self._model.report)
        self.persist()
        return self._resource

    def persist(self) -> None:
        """Write the model into the model storage."""
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / "question_type.joblib", compress=3)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> QuestionTypeClassifier:
        """Read the model of a trained assistant; untrained where there is none."""
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, joblib.load(folder / "question_type.joblib"))
        except (ValueError, FileNotFoundError):
            logger.warning("No trained question type model found.")
            return cls(config, model_storage, resource)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to add: later components do not train on predicted intents."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and question types on each message."""
        if self._model is None:
            return messages
        for message in messages:
            self._process_one(message, message.get(TEXT) or "")
        return messages

    def _process_one(self, message: Message, text: str) -> None:
        found = self._model.predict(text, self._config["second"])
        ranking = [_entry(DEFAULT_NLU_FALLBACK_INTENT_NAME if name == NONE else name, p) for name, p in found.ranking]
        if ranking[0][PREDICTED_CONFIDENCE_KEY] < self._config["threshold"]:
            ranking = [item for item in ranking if item[INTENT_NAME_KEY] != DEFAULT_NLU_FALLBACK_INTENT_NAME]
            ranking.insert(0, _entry(DEFAULT_NLU_FALLBACK_INTENT_NAME, 1 - ranking[0][PREDICTED_CONFIDENCE_KEY]))
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"]], add_to_output=True)
        message.set(QUESTION_TYPES, [_entry(name, p) for name, p in found.types], add_to_output=True)


def _entry(name: str, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}
