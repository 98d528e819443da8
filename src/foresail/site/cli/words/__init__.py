"""Every text of the command line, in zh and en, by its key."""

from typing import Final

from foresail.site.cli.words import helps, messages, results

WORDS: Final[dict[str, tuple[str, str]]] = helps.WORDS | messages.WORDS | results.WORDS
