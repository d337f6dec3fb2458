"""What happens around every action, in order: a household is chosen before, an open flow or feedback is offered after.

BEFORE: (action name, talk); AFTER: (action name, talk, answer) -> answer.
"""

from __future__ import annotations

from collections.abc import Callable

from actions.answer import Answer
from actions.talk import Talk

BEFORE: tuple[Callable[[str, Talk], None], ...] = ()
AFTER: tuple[Callable[[str, Talk, Answer], Answer], ...] = ()
