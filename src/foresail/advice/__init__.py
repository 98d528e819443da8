"""What to do next in a deal, with the reasons: suggestions, content to send, and what came of both."""
