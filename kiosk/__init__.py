"""The terminal's mind: journeys, sessions, devices, records. It runs without a window."""
