"""The departments behind the counter: one file each, with what it knows, answers and decides."""
