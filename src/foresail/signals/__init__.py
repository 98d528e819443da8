"""Weak signals: collected where it is allowed, tied to people and accounts, added up so that each point can be traced."""
