"""Plumbing without sales words."""
