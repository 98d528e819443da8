"""What people are told of: quietly, and never of what they did themselves."""
