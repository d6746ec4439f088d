"""The reference platform: the acceptance system that a province replaces by its own."""
