"""What the departments hold of the invented citizens: one TOML file a department, typed, read at the start.

Records name a citizen by his key in `demo_people.toml`. A province's own systems take their place.
"""
