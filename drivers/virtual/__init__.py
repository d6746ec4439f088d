"""Virtual hardware for the demo and the tests: each file is the far end of a wire. Never in a release archive."""
