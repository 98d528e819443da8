"""Mail, calls, meetings, chats and visits: what was said."""
