"""`python tree_of.py ROOT` tells each path of a root: kind, mode, owner and group by name, digest.

Left out, because two installations of the same thing differ in them: logs, caches and dpkg's own notes (they
tell when), names that were drawn by lot (machine-id), and of compiled files the content, which is not the
same twice even for one compiler.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = re.compile(
    r"(proc|sys|dev|run|tmp)/|var/(log|cache)/|var/lib/(dpkg|apt)/|(etc|var/lib/dbus)/machine-id$|etc/ld\.so\.cache$"
    r"|etc/(passwd|group|shadow|gshadow)-?$|etc/\.pwd\.lock$"
)


def tree(root: Path) -> Iterator[str]:
    """One line a path, in order."""
    users, groups = _names(root / "etc/passwd"), _names(root / "etc/group")
    yield from (f"user {line}" for line in sorted(users.values()))
    for folder, names, files in os.walk(root):
        names.sort()
        for name in sorted(names + files):
            path = Path(folder, name)
            inside = str(path.relative_to(root))
            if LEFT_OUT.match(inside):
                continue
            found = path.lstat()
            owner = f"{users.get(found.st_uid, '?')}:{groups.get(found.st_gid, '?')}"
            yield f"{inside} {stat.filemode(found.st_mode)} {owner} {_content(path, found.st_mode)}"
        names[:] = [n for n in names if not LEFT_OUT.match(f"{Path(folder, n).relative_to(root)}/")]


def _content(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"-> {path.readlink()}"
    if not stat.S_ISREG(mode) or path.suffix == ".pyc":
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()


def _names(table: Path) -> dict[int, str]:
    rows = [line.split(":") for line in table.read_text("utf-8").splitlines()]
    return {int(row[2]): row[0] for row in rows}


if __name__ == "__main__":
    for line in tree(Path(sys.argv[1])):
        print(line)
