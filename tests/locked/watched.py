"""`main.py` as it is, telling what files it opens to write and what it starts (watch.py)."""

from __future__ import annotations

import sys

import main
from tests.locked import watch

if __name__ == "__main__":
    watch.begin()
    sys.exit(main.main(sys.argv[1:]))
