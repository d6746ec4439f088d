"""What kernel, modprobe, systemd and GRUB are told on a terminal, as they themselves read it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from drivers.virtual.demo_settings import REPO

MACHINE = REPO / "config/deploy/machine"
COMMON, TERMINAL = MACHINE / "common", MACHINE / "terminal"
SYSCTL = COMMON / "etc/sysctl.d/60-kiosk.conf"
# Options of a kernel's build: on Debian's, not on every kernel that runs these tests.
OF_SOME_KERNELS = {
    "kernel.sysrq",
    "kernel.yama.ptrace_scope",
    "kernel.kexec_load_disabled",
    "kernel.unprivileged_userns_clone",
}


def read(*argv: str, **environment: str) -> str:
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=60, check=True, env={"PATH": _PATH, **environment}
    )
    return done.stdout


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


# ── the kernel ──────────────────────────────────────────────────────────────
def told_the_kernel() -> dict[str, str]:
    lines = [line for line in SYSCTL.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [line.removeprefix("-").split(" = ") for line in lines]
    assert len({key for key, _ in pairs}) == len(pairs), "a key that stands there twice"
    return {pair[0]: pair[1] for pair in pairs}


def test_every_key_is_one_that_the_kernel_knows() -> None:
    """A key that is spelt wrongly would be passed over in silence."""
    unknown = {key for key in told_the_kernel() if not Path("/proc/sys", key.replace(".", "/")).exists()}
    assert unknown <= OF_SOME_KERNELS


def test_no_key_and_no_crash_leads_into_the_system() -> None:
    told = told_the_kernel()
    assert told["kernel.sysrq"] == told["kernel.ctrl-alt-del"] == "0"
    assert told["fs.suid_dumpable"] == "0"
    assert told["kernel.core_pattern"] == "|/bin/false", "a citizen may be in a program's memory"
    assert told["kernel.panic"] == "10"


# ── modules ─────────────────────────────────────────────────────────────────
def loading() -> str:
    """What modprobe is told, as it says it itself."""
    files = (TERMINAL / "etc/modprobe.d/kiosk.conf", TERMINAL / "usr/lib/modprobe.d/kiosk-usb-network.conf")
    return "".join(read("modprobe", "-C", str(file), "--showconfig") for file in files)


@pytest.mark.parametrize(
    "module",
    ["usb_storage", "uas", "firewire_ohci", "thunderbolt", "bluetooth", "btusb", "rndis_host", "cdc_ether"],
)
def test_a_plug_loads_no_driver_that_no_terminal_needs(module: str) -> None:
    """As modprobe reads it: neither for a device (blacklist) nor by name (install)."""
    told = loading().splitlines()
    assert f"blacklist {module}" in told
    assert f"install {module} /bin/false" in told


def test_what_a_terminal_needs_may_be_loaded() -> None:
    """Touch screens, readers, printers, cameras and sound on USB."""
    told = loading().split()
    needed = {"usbhid", "hid_multitouch", "cdc_acm", "ftdi_sio", "ch341", "pl2303", "usblp", "uvcvideo"}
    assert needed.isdisjoint(told)


_INITRAMFS = f"""
mount -t tmpfs none /boot && mount -t tmpfs none /etc/modprobe.d && echo old > /boot/initrd.img-6.1.0-1-amd64
touch -d yesterday /boot/initrd.img-6.1.0-1-amd64 && touch /etc/modprobe.d/kiosk.conf
. {REPO}/config/deploy/install/machine.sh
role=terminal release={REPO} keep_running=
logged() {{ "$@"; }}; say() {{ echo "$@"; }}; fail() {{ echo "$@"; exit 1; }}
update-initramfs() {{ echo "asked: $*"; touch /boot/initrd.img-6.1.0-1-amd64; }}
tell_initramfs; tell_initramfs
"""


def test_install_sh_hands_the_list_to_what_loads_drivers_before_the_disk_is_there() -> None:
    """Once: the second time nothing is newer."""
    told = read("unshare", "--map-root-user", "--mount", "bash", "-euc", _INITRAMFS)
    assert told.splitlines() == ["asked: -u -k all", "initramfs: made anew"]


# ── systemd ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("unit", ["ctrl-alt-del.target", "swap.target"])
def test_units_that_must_not_start_cannot(unit: str, tmp_path: Path) -> None:
    """Ctrl+Alt+Del restarts nothing; memory with a citizen in it is never written to a disk."""
    for tree in (COMMON, TERMINAL):
        shutil.copytree(tree / "etc/systemd", tmp_path / "etc/systemd", symlinks=True, dirs_exist_ok=True)
    done = subprocess.run(
        ["systemctl", f"--root={tmp_path}", "is-enabled", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "masked"


def test_a_login_stands_on_the_screen_only_after_a_start_for_rescue() -> None:
    """And then nothing of the terminal does."""
    units = TERMINAL / "etc/systemd/system"

    def condition(unit: str) -> str:
        (drop_in,) = (units / f"{unit}.d").glob("10-*rescue.conf")
        (line,) = [text for text in drop_in.read_text().splitlines() if text.startswith("Condition")]
        return line

    for unit in ("kiosk-x.service", "kiosk-terminal.service", "kiosk-notice.service"):
        assert condition(unit) == "ConditionKernelCommandLine=!kiosk.rescue"
        assert (units / unit).exists()
    assert condition("getty@.service") == "ConditionKernelCommandLine=kiosk.rescue"
    read("systemd-analyze", "condition", condition("kiosk-x.service"))  # raises when it does not hold
    with pytest.raises(subprocess.CalledProcessError):
        read("systemd-analyze", "condition", condition("getty@.service"))


# ── GRUB ────────────────────────────────────────────────────────────────────
DIGEST = "grub.pbkdf2.sha512.10000.AABB.CCDD"
# Debian's own 10_linux, with a kernel in a /boot of its own; only where disks are, is made up.
_MENU = """
mount -t tmpfs none /boot && mkdir /boot/grub && echo x > /boot/vmlinuz-6.1.0-1-amd64
echo x > /boot/initrd.img-6.1.0-1-amd64
printf '#!/bin/sh\\necho /made-up\\n' > /boot/probe && chmod +x /boot/probe
. {cfg}
export GRUB_CMDLINE_LINUX_DEFAULT GRUB_DISABLE_RECOVERY
export GRUB_DEVICE=/dev/sda1 GRUB_DEVICE_UUID=1 GRUB_DEVICE_BOOT=/dev/sda1 GRUB_DEVICE_BOOT_UUID=1
export GRUB_DISTRIBUTOR=Debian GRUB_FS=ext2 grub_probe=/boot/probe grub_mkrelpath=/boot/probe
export pkgdatadir=/usr/share/grub
sh {script} && sh /etc/grub.d/10_linux
"""


def menu(folder: Path, digest: str) -> str:
    """What `update-grub` would write of Linux, and GRUB's own program finds right."""
    (folder / "digest").write_text(digest)
    script = _MENU.format(
        cfg=TERMINAL / "etc/default/grub.d/kiosk.cfg", script=TERMINAL / "etc/grub.d/08_kiosk"
    )
    text = read(
        *("unshare", "--map-root-user", "--mount", "sh", "-ec", script),
        KIOSK_GRUB_PASSWORD=str(folder / "digest"),
    )
    (folder / "grub.cfg").write_text(text)
    read("grub-script-check", str(folder / "grub.cfg"))
    return text


def test_only_the_terminal_itself_starts_without_a_password(tmp_path: Path) -> None:
    text = menu(tmp_path, DIGEST + "\n")
    entries = re.findall(r"^\s*(?:menuentry|submenu) .*$", text, re.MULTILINE)
    assert [entry for entry in entries if "--unrestricted" in entry] == entries[:1]
    assert len(entries) >= 4, "Debian's own are there as well, and locked"
    assert 'set superusers="rescue"' in text
    assert f"password_pbkdf2 rescue {DIGEST}" in text


def test_rescue_is_the_same_start_with_one_word_more(tmp_path: Path) -> None:
    text = menu(tmp_path, DIGEST)
    first, rescue = re.findall(r"^menuentry .*?^}$", text, re.MULTILINE | re.DOTALL)[:2]
    assert rescue.startswith("menuentry 'Rescue' ")
    assert "--unrestricted" not in rescue
    assert "kiosk.rescue" not in first
    assert (
        re.sub(r" kiosk\.rescue$", "", rescue, flags=re.MULTILINE).splitlines()[1:] == first.splitlines()[1:]
    )
    assert re.search(r"^\s*linux\s.* panic=10 .*kiosk\.rescue$", rescue, re.MULTILINE)


def test_without_a_password_nobody_is_let_in(tmp_path: Path) -> None:
    """A superuser without one: GRUB refuses everybody, and the terminal still starts."""
    text = menu(tmp_path, "")
    assert 'set superusers="rescue"' in text
    assert "password" not in text
    assert text.count("--unrestricted") == 1


def test_every_file_says_what_it_is_and_each_line_why() -> None:
    """No setting without a comment somewhere above it in its paragraph."""
    files = {
        COMMON: ["sysctl.d/60-kiosk.conf"],
        TERMINAL: [
            "modprobe.d/kiosk.conf",
            "default/grub.d/kiosk.cfg",
            "grub.d/08_kiosk",
            "X11/xorg.conf.d/20-kiosk-input.conf",
            "udev/rules.d/70-kiosk-input.rules",
            "udev/rules.d/71-kiosk-nothing-mounted.rules",
        ],
    }
    for tree, names in files.items():
        for name in names:
            paragraphs = (tree / "etc" / name).read_text("utf-8").strip().split("\n\n")
            assert f"/etc/{name}" in paragraphs[0].split(":")[0]
            assert [one for one in paragraphs if "#" not in one] == [], name
