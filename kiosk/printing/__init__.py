"""How it is printed: once, followed to its end, and a second time only by a decision."""
