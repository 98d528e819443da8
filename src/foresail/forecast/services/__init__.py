"""The door: verbs that train models, score deals, judge what was said, and keep estimates."""

from foresail.forecast.services.estimates import estimate
from foresail.forecast.services.judging import judge
from foresail.forecast.services.learning import learn
from foresail.forecast.services.leaving import forget_deals, forget_traces, let_go
from foresail.forecast.services.models import note_unfit, promote, roll_back
from foresail.forecast.services.pools import add_pool
from foresail.forecast.services.replay import replay
from foresail.forecast.services.scoring import score_all, score_touched, touch
from foresail.forecast.services.training import train

__all__ = [
    "add_pool",
    "estimate",
    "forget_deals",
    "forget_traces",
    "judge",
    "learn",
    "let_go",
    "note_unfit",
    "promote",
    "replay",
    "roll_back",
    "score_all",
    "score_touched",
    "touch",
    "train",
]
