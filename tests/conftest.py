"""For every test: no example of a property test fails for being slow, and a failing one can be repeated."""

from hypothesis import settings

settings.register_profile("hall", deadline=None, print_blob=True)
settings.load_profile("hall")
