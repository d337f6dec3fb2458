"""What happens around every action, in order: a household is chosen before; afterwards the guidance documents, an open flow and
feedback are offered.

BEFORE: (action name, talk); AFTER: (action name, talk, answer) -> answer.
"""

from __future__ import annotations

from collections.abc import Callable

from actions import feedback, filing, flows, guidance, handoff, team
from actions.answer import Answer
from actions.talk import Talk

BEFORE: tuple[Callable[[str, Talk], None], ...] = (team.choose_by_prefix,)
AFTER: tuple[Callable[[str, Talk, Answer], Answer], ...] = (team.shorten, guidance.offer_documents, flows.remind, filing.offer_return, handoff.add_question, feedback.offer)
