"""The event socket: tells browsers which records changed, in a process of its own."""
