"""The pads on the counters of one hall."""
