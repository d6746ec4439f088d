"""Virtual hardware for demo and tests: each file is the far end of a wire. Never in a release archive."""
