"""Organisation, teams and users: who there is, and who may see and do what."""
