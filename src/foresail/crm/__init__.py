"""Whom we sell to, and what: accounts, contacts, pipelines, deals, tasks."""
