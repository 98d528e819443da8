"""The other door: what is proposed, reported and saved, as far as the asking user may see it."""

from foresail.drafts.queries.decisions import decision
from foresail.drafts.queries.drafting import Draft, Figures, draft
from foresail.drafts.queries.proposals import Evidence, Proposal, last_touch, mine, of_deal
from foresail.drafts.queries.reports import handed_in, own, own_report, report, reports_called
from foresail.drafts.queries.saved import Saved, may_set, saved, setting

__all__ = [
    "Draft",
    "Evidence",
    "Figures",
    "Proposal",
    "Saved",
    "decision",
    "draft",
    "handed_in",
    "last_touch",
    "may_set",
    "mine",
    "of_deal",
    "own",
    "own_report",
    "report",
    "reports_called",
    "saved",
    "setting",
]
