"""What to do next in a deal: content to send, with the reasons, and what came of it."""
