"""What happened, once, in one append-only log."""
