"""The link between terminal and hall: topics, message types, outbox, connection."""
