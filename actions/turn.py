"""What happens around every action, in order: a household is chosen before; afterwards an open flow and feedback are offered.

BEFORE: (action name, talk); AFTER: (action name, talk, answer) -> answer.
"""

from __future__ import annotations

from collections.abc import Callable

from actions import filing
from actions.answer import Answer
from actions.talk import Talk

BEFORE: tuple[Callable[[str, Talk], None], ...] = ()
AFTER: tuple[Callable[[str, Talk, Answer], Answer], ...] = (filing.offer_return,)
