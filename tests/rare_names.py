"""Twenty invented names with characters that are rare or young: what papers must show as they are written.

Every block of ideographs from the first one to Extension F is there at least once. Nobody bears these names
that we know of; each is a common part beside a rare one, at either end of the name.
"""

from __future__ import annotations

RARE_NAMES = (
    "陈喆",  # U+5586, in the first block, and not in GB 2312
    "李镕基",  # U+9555: one that old tables lacked
    "王昇䶮",  # U+4DAE: Extension A, its simplified form is young
    "赵㛃",  # U+36C3, Extension A
    "㼆小安",  # U+3F06, Extension A, at the place that a mask leaves
    "𠮷建国",  # U+20BB7, Extension B: the long-legged 吉
    "孙𡋟",  # U+212DF, Extension B
    "周𣘗文",  # U+23617, Extension B
    "吴𤩽",  # U+24A7D, Extension B
    "郑𨱏",  # U+28C4F, Extension B
    "冯𩽾",  # U+29F7E, Extension B
    "𪚥静",  # U+2A6A5, Extension B: four dragons, 64 strokes
    "蒋𪟝",  # U+2A7DD, Extension C
    "韩𫍯",  # U+2B36F, Extension C
    "杨𫖯",  # U+2B5AF, Extension C
    "朱𫘧",  # U+2B627, Extension C
    "秦𫠊",  # U+2B80A, Extension D
    "许𬭩",  # U+2CB69, Extension E
    "何𬍛",  # U+2C35B, Extension E
    "吕𬺈𮕵",  # U+2CE88 of Extension E, U+2E575 of Extension F
)

# Characters that no font of the house has: of Extension G and H, the second younger than some Pythons.
WITHOUT_A_GLYPH = "\U0003134a\U00031350"
