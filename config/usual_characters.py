"""The characters that nearly every text on the screen is made of: GB 2312, the Latin ones, a few marks.

The faces of the screen come in a cut of just these beside the whole (`config/deploy/assets.py`): the text
engine reads a face anew for each size it is used in, and the whole of one is 2.6 MB each time, the cut 0.5.
"""

from __future__ import annotations

import re

# The codec takes the dot and the dash of GB 2312 for two others; ㎡ is in no row of it.
_BESIDE = re.compile("[\u00a0-\u00ac\u00ae-\u00ff\u2013\u2014\u33a1]")


def are_usual(text: str) -> bool:
    """Whether all characters of the text are usual ones. Line breaks and other controls are no matter."""
    try:
        _BESIDE.sub("", text).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def usual_characters() -> frozenset[int]:
    """The code points of all of them but the controls, some 7,600."""
    return frozenset(one for one in (*range(0x20, 0x7F), *range(0xA0, 0x10000)) if are_usual(chr(one)))
