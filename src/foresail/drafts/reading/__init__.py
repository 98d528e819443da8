"""What can be read out of what was said: days, promises, and people. Rules, no guesses; all in both languages."""

from foresail.drafts.reading.people import Person, people_in, role_of
from foresail.drafts.reading.promises import Promise, needs_answer, promise_in

__all__ = ["Person", "Promise", "needs_answer", "people_in", "promise_in", "role_of"]
