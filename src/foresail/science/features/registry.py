"""What a feature is, and what a family of features is.

To add a feature, yield it from a family; to add a family, list it in `FAMILIES`. Everything else
(training, reasons, the model card) reads the features' own descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from foresail.science.features.view import Column, View
from foresail.science.features.vocabulary import Vocabulary

Sees = Literal["deal_events", "deal_as_opened", "other_outcomes", "open_pipeline", "calendar"]
"""What a feature may look at; all of it only as known at the landmark."""


@dataclass(frozen=True)
class Feature:
    """One column: its stable name, its meaning, what it may look at, and the driver it counts towards.

    `driver` groups features that a seller would call one thing; `kind` is the event kind it is about. Said in other
    words it is still the same: a model goes on that was trained before they changed.
    """

    name: str
    driver: str
    zh: str = field(compare=False)
    en: str = field(compare=False)
    sees: Sees
    kind: str | None = None


Family = Callable[[View, Vocabulary], Iterator[tuple[Feature, Column]]]
