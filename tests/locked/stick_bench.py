"""A machine with sticks that are files: what the kernel tells of them, and a modprobe that plugs them in.

Only these two are played. The file systems on the sticks are real, made by Debian's mkfs.vfat, and the
program under test writes to them with the real mtools.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.locked.xorg import TREE

PROGRAM = TREE / "usr/local/lib/kiosk/stick"
_SECTOR = 512


def program() -> ModuleType:
    """The program that kiosk-stick.service runs, as a module."""
    module = ModuleType("kiosk_stick_program")
    sys.modules[module.__name__] = module  # dataclasses look there
    exec(compile(PROGRAM.read_text("utf-8"), str(PROGRAM), "exec"), module.__dict__)
    return module


@dataclass(frozen=True)
class Bench:
    """Folders that stand for /sys/block, /dev and the terminal's folder for its wishes."""

    root: Path

    @property
    def wishes(self) -> Path:
        return self.root / "stick"

    def lay_out(self) -> None:
        for folder in ("sys/block", "sys/devices", "sys/later", "dev", "stick"):
            (self.root / folder).mkdir(parents=True)
        self.mounts()
        modprobe = self.root / "modprobe"
        # What is plugged in appears when its driver is loaded, and is gone with it.
        modprobe.write_text(
            f"""#!/bin/sh
echo "$@" >> {self.root}/modprobed
case "$1" in
    --ignore-install) for one in {self.root}/sys/later/*; do
        [ -L "$one" ] && cp -P "$one" {self.root}/sys/block/; done ;;
    --remove)
        if [ -e {self.root}/busy ]; then rm {self.root}/busy; exit 1; fi
        rm -f {self.root}/sys/block/sd[b-z] ;;
esac
exit 0
"""
        )
        modprobe.chmod(0o755)

    def machine(self, module: ModuleType) -> Any:
        return module.Machine(
            blocks=self.root / "sys/block",
            devices=self.root / "dev",
            mounts=self.root / "mountinfo",
            modprobe=str(self.root / "modprobe"),
            appear_seconds=0.5,
            settle_seconds=0.0,
        )

    def mounts(self, *numbers: str) -> None:
        """What is mounted, as major:minor."""
        lines = [f"36 1 {one} / /mnt rw - ext4 /dev/x rw\n" for one in ("254:0", *numbers)]
        (self.root / "mountinfo").write_text("".join(lines))

    def disk(self, name: str, minor: int, bus: str = "usb1/1-2/1-2:1.0", partition: bool = True) -> Path:
        """Plugs a disk in and returns the file of its partition (or of itself)."""
        at = self.root / "sys/devices/pci0000:00" / bus / "host6/target6:0:0/block" / name
        at.mkdir(parents=True)
        (at / "size").write_text("8192\n")
        (at / "dev").write_text(f"8:{minor}\n")
        holder = self.root / "sys" / ("later" if "usb" in bus else "block") / name
        holder.symlink_to(at)
        (self.root / "dev" / name).write_bytes(bytes(4 * 1024 * 1024))
        if not partition:
            return self.root / "dev" / name
        part = at / f"{name}1"
        part.mkdir()
        (part / "partition").write_text("1\n")
        (part / "dev").write_text(f"8:{minor + 1}\n")
        (self.root / "dev" / part.name).write_bytes(bytes(4 * 1024 * 1024))
        return self.root / "dev" / part.name

    def stick(self, name: str = "sdb", minor: int = 16, fat: int = 12, partition: bool = True) -> Path:
        """A disk on USB with a FAT file system of so many bits."""
        file = self.disk(name, minor, partition=partition)
        if fat == 32:
            with file.open("r+b") as grown:
                grown.truncate(40 * 1024 * 1024)
        subprocess.run(
            ["/usr/sbin/mkfs.vfat", "-F", str(fat), str(file)], check=True, capture_output=True, timeout=60
        )
        return file

    def modprobed(self) -> list[str]:
        """What was loaded and unloaded."""
        said = self.root / "modprobed"
        return said.read_text().splitlines() if said.exists() else []


def on_it(stick: Path, name: str) -> bytes:
    """A file of a stick, read by mtools. Empty when it is not there."""
    done = subprocess.run(
        ["mtype", "-i", str(stick), f"::{name}"], capture_output=True, timeout=60, check=False
    )
    return done.stdout if done.returncode == 0 else b""
