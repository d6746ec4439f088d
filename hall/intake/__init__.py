"""Taking in: messages from the broker's line into the store, each once, with an ack after the commit."""
