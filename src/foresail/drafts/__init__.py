"""What Foresail already saw, put down so that nobody types it: proposals, reports, and the time that saves."""
