"""The terminal's devices: a worker with a thread each, their verbs as awaitables, what they use up."""
