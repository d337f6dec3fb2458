"""Rasa's rules, looked up by what they can see: the last exchanges, not the whole talk.

RulePolicy replays every event of a conversation at each turn, twice (once for rules on texts, of which there are
none): 2 ms of a turn at its start and more with every turn. Rules here are one intent, one action; they look no
further back than their own length. Same predictions (tests/bot/test_policy.py).
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class RecentRules(RulePolicy):
    """RulePolicy with the same configuration; rules may name intents, not texts."""

    _counted = (-1, 0)  # (rules known, exchanges of the longest): rules come in while learning

    @property
    def _exchanges(self) -> int:
        """User messages in the longest rule, and one more, so that a rule's beginning is never taken for the talk's."""
        keys = [*self.lookup[RULES], *self.lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, {})]
        if self._counted[0] != len(keys):
            longest = max((sum(USER in state for state in self._rule_key_to_state(key)) for key in keys), default=0)
            self._counted = (len(keys), longest + 1)
        return self._counted[1]

    def _find_action_from_rules(self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _prediction_states(self, tracker: DialogueStateTracker, domain: Domain, *args: Any, **kwargs: Any) -> list[State]:
        return super()._prediction_states(self._recent(tracker), domain, *args, **kwargs)

    def _recent(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        """The tracker with its last exchanges only."""
        events = list(tracker.events)
        said = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
        if len(said) <= self._exchanges:
            return tracker
        return DialogueStateTracker.from_events(tracker.sender_id, events[said[-self._exchanges] - 1 :], tracker.slots.values())
