"""What was found when the chain was read."""

from __future__ import annotations

from foresail.governance.chain import Head
from foresail.governance.models import Verification


def last_verification() -> Verification | None:
    """Return the newest, ended or not."""
    return Verification.objects.order_by("-pk").first()


def last_ended() -> Verification | None:
    return Verification.objects.filter(ended_at__isnull=False).order_by("-pk").first()


def last_head(*, before: int) -> Head | None:
    """Return the newest head that held, of the verifications before the one with the key `before`."""
    found = Verification.objects.filter(ended_at__isnull=False, broken_at=None, pk__lt=before, rows__gt=0)
    last = found.order_by("-pk").first()
    return None if last is None or last.head_sequence is None else Head(last.head_sequence, last.head_hash)
