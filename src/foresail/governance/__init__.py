"""What was done, by whom, and that nobody has changed the record since."""
