"""What is done by the clock: commands sent, incidents opened and closed, figures told on, old rows let go."""
