"""RecentRules predicts what Rasa's own RulePolicy predicts, after any number of turns, and does not slow down with them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def policies(tmp_path_factory):
    """(RulePolicy, RecentRules, domain), both trained on bot/rules."""
    from rasa.core.policies.rule_policy import RulePolicy
    from rasa.core.training import load_data
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.core.domain import Domain

    from bot.policy import RecentRules

    domain = Domain.load(str(ROOT / "bot" / "domain"))
    trackers = load_data(str(ROOT / "bot" / "rules"), domain)
    config = {**RulePolicy.get_default_config(), "core_fallback_threshold": 0.3, "core_fallback_action_name": "action_not_found", "enable_fallback_prediction": True}
    made = []
    for number, kind in enumerate((RulePolicy, RecentRules)):
        storage = LocalModelStorage.create(tmp_path_factory.mktemp(f"policy{number}"))
        policy = kind(dict(config, check_for_contradictions=True, restrict_rules=True, priority=6), storage, Resource("policy"), ExecutionContext(GraphSchema({})))
        policy.train(trackers, domain)
        made.append(policy)
    return *made, domain


def talk(domain, dice: random.Random, turns: int):
    """A conversation that waits for an action, with slots set on the way."""
    from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    intents = sorted(domain.intents)
    events = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    for turn in range(turns):
        intent = dice.choice([name for name in intents if name not in ("restart", "back", "session_start")])
        events.append(UserUttered("…", {"name": intent, "confidence": 0.9}))
        if turn < turns - 1:
            events += [ActionExecuted(dice.choice(["action_ask_fee", "action_greet"])), BotUttered("…"), SlotSet("procedure", "1.001193"), ActionExecuted("action_listen")]
    return DialogueStateTracker.from_events("test", events, domain.slots)


def test_same_predictions(policies):
    plain, recent, domain = policies
    dice = random.Random(5)
    for turns in (1, 1, 2, 3, 4, 6, 9) * 6:
        tracker = talk(domain, dice, turns)
        one, other = (policy.predict_action_probabilities(tracker, domain) for policy in (plain, recent))
        assert other.probabilities == one.probabilities
        assert max(one.probabilities) > 0


def test_looks_at_the_last_exchanges_only(policies):
    _, recent, domain = policies
    long = talk(domain, random.Random(2), 12)
    assert len(recent._prediction_states(long, domain)) < 8
    assert len(recent._prediction_states(long, domain)) >= 3
