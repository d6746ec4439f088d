"""install.sh where it must say no, the hall's machine, an update from afar and the way back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy import bare_root
from tests.deploy.bare_root import STICK, Root
from tests.deploy.booted import booted_root

pytestmark = pytest.mark.timeout(1500)  # a busy machine takes minutes for one installation
INSTALL = ("bash", f"{STICK}/install.sh")
UPDATE = "/usr/local/lib/kiosk/update"
# What kiosk-update.socket does: one wish, answered by update-install.
LISTEN = "systemd-socket-activate --accept --inetd -l /run/kiosk-update /usr/local/lib/kiosk/update-install"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "terminal, or hall?"),
        (["kiosk"], "there is no `kiosk`"),
        (["terminal", "--fast"], "--fast wants a value"),
        (["terminal", "--fast", "x"], "there is no option --fast"),
        (["terminal", "--terminal", "330100/h1"], "330100/h1 is not AREA/HALL/KIOSK"),
        (["terminal", "--terminal", "a/b/../c"], "a/b/../c is not AREA/HALL/KIOSK"),
        (["hall", "--hall", "330100/h1/K001"], "is not AREA/HALL"),
        (["terminal", "--hall-name", 'x"\nremote.reboot = ["sh"]'], "--hall-name: no quotation mark"),
        (["terminal", "--phone"], "--phone wants a value"),
    ],
)
def test_what_was_typed_wrong_is_said_with_all_that_could_be_typed(
    bare: Root, options: list[str], why: str
) -> None:
    told = bare.run(*INSTALL, *options, lent={STICK: bare_root.bundle()})
    assert told.returncode == 2
    assert why in told.stderr and "install.sh terminal [--terminal AREA/HALL/KIOSK" in told.stderr
    assert bare.changed() == []


def test_who_is_not_root_is_told_how_to_be(bare: Root) -> None:
    told = bare.run(*INSTALL, "terminal", lent={STICK: bare_root.bundle()}, user="nobody")
    assert told.returncode == 1 and f"sudo bash {STICK}/install.sh terminal" in told.stderr


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ('ID=debian\nVERSION_ID="13"', "this is debian 13"),
        ("ID=ubuntu\nVERSION_ID=24.04", "this is ubuntu 24.04"),
    ],
)
def test_another_system_is_named(bare: Root, system: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text(system)
    lent = {STICK: bare_root.bundle(), "/usr/lib/os-release": tmp_path / "os-release"}
    told = bare.run(*INSTALL, "terminal", lent=lent)
    assert told.returncode == 1 and said in told.stderr and "to do:  install Debian 12" in told.stderr


def test_a_folder_that_is_no_bundle_is_named(bare: Root, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    lent = {STICK: bare_root.bundle(), "/run/empty": tmp_path / "empty"}
    told = bare.run(*INSTALL, "terminal", "--bundle", "/run/empty", lent=lent)
    assert told.returncode == 1 and "/run/empty is no bundle" in told.stderr


def test_without_a_network_and_without_a_bundle_it_says_which_helps(bare: Root, tmp_path: Path) -> None:
    clone, once = bare_root.copy_of_clone(tmp_path / "clone"), tmp_path / "apt.conf"
    once.write_text('Acquire::Retries "0";\n')  # apt itself would try for a quarter of a minute
    lent = {"/run/clone": clone, "/etc/apt/apt.conf.d/99once": once}
    told = bare.run("bash", "/run/clone/config/deploy/install.sh", "terminal", lent=lent)
    assert told.returncode == 1
    assert "apt-get update" in told.stderr and "use a bundle" in told.stderr


def test_the_machine_of_the_hall_has_its_server_and_no_screen(bare: Root) -> None:
    told = bare.run(*INSTALL, "hall", "--hall", "330100/h1", lent={STICK: bare_root.bundle()})
    assert told.returncode == 0, told.stdout + told.stderr
    assert bare.run("kiosk", "hall", "migrate").returncode == 0
    assert "no account yet" in bare.run("kiosk", "hall", "account", "list").stdout
    assert bare.run("stat", "-c", "%U %a", "/var/lib/kiosk-hall").stdout == "kiosk-hall 700\n"
    assert bare.run("systemctl", "is-enabled", "mosquitto.service").stdout.strip() == "masked"
    assert bare.run("systemctl", "is-enabled", "kiosk-hall-desk.service").stdout.strip() == "enabled"
    programs = bare.run("sh", "-c", "command -v gcc cc make git Xorg pcscd; command -v mosquitto")
    assert programs.stdout == "/usr/sbin/mosquitto\n"
    after = bare.above(bare.folder)
    assert after.run(*INSTALL, "hall", lent={STICK: bare_root.bundle()}).returncode == 0
    assert after.changed() == []
    other = after.run(*INSTALL, "terminal", lent={STICK: bare_root.bundle()})
    assert other.returncode == 1 and "one machine is a terminal or a hall's server" in other.stderr


# ── an update, and the way back ─────────────────────────────────────────────


def newer(folder: Path) -> tuple[Path, str]:
    """A bundle of the day after: another code, a unit more, a unit less."""
    stick, code = folder / "stick", folder / "code"
    shutil.copytree(bare_root.bundle(), stick, copy_function=lambda one, two: Path(two).hardlink_to(one))
    code.mkdir()
    subprocess.run(["tar", "-xzf", str(stick / "source.tar.gz"), "-C", str(code)], check=True, timeout=60)
    units = code / "config/deploy/machine/terminal/etc/systemd/system"
    (units / "kiosk-new.service").write_text(
        "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"
    )
    (units / "kiosk-retry.timer").unlink()
    version = bare_root.version(code)
    for name in ("source.tar.gz", "VERSION", "SHA256SUMS"):
        (stick / name).unlink()
    subprocess.run(
        ["tar", "-czf", str(stick / "source.tar.gz"), "-C", str(code), "."], check=True, timeout=60
    )
    (stick / "VERSION").write_text(f"{version}\n")
    count = "find . -type f ! -name VERSION ! -name SHA256SUMS -printf '%P\\n' | xargs -d '\\n' sha256sum"
    subprocess.run(
        ["sh", "-c", f"({count}; sha256sum VERSION) > /tmp/s.$$; mv /tmp/s.$$ SHA256SUMS"],
        cwd=stick,
        check=True,
    )
    return stick, version


def wish(root: Root, version: str, lent: dict[str, Path]) -> subprocess.CompletedProcess[str]:
    """The terminal's user asks for a version, as the hall's command makes it; the socket is systemd's."""
    ask = f"setpriv --reuid kiosk --regid kiosk --init-groups {UPDATE} {version}"
    listen = f"{LISTEN} & until [ -S /run/kiosk-update ]; do sleep 0.05; done; chown kiosk /run/kiosk-update"
    return root.run("bash", "-c", f"{listen}; {ask}; told=$?; kill %1; exit $told", lent=lent)


def test_the_hall_asks_for_a_version_and_the_technician_goes_back(machine: Root, tmp_path: Path) -> None:
    """Under systemd, by the socket's own service within all that it is denied."""
    stick, version = newer(tmp_path)
    before = (bare_root.bundle() / "VERSION").read_text().strip()
    user = ("setpriv", "--reuid=kiosk", "--regid=kiosk", "--init-groups")
    with booted_root(tmp_path, machine, {f"/var/lib/kiosk-updates/{version}": stick}) as one:

        def has(*what: str) -> str:
            return one.run(*what, seconds=bare_root.SECONDS)

        one.until(lambda: one.state("kiosk-update.socket") == "active", "nobody hears wishes")
        for _ in range(2):  # what is in use already is looked over once more
            told = has(*user, UPDATE, version).splitlines()
            assert told[-1] == f"in use: {version}", told
        assert not [line for line in told if "not from here" in line or "FAILED" in line], told
        assert has("readlink", "/opt/kiosk/current") == f"releases/{version}"
        assert has("ls", "/opt/kiosk/releases").split() == sorted([before, version])
        enabled = has("systemctl", "is-enabled", "kiosk-new.service", "kiosk-retry.timer").splitlines()
        assert enabled[0] == "enabled" and "No such file" in enabled[1], "the old one's timer is gone"
        back = has("kiosk", "back")
        assert f"in use: release {before}" in back, back
        assert has("readlink", "/opt/kiosk/current") == f"releases/{before}"
        told = has("ls", "/etc/systemd/system").split()
        assert "kiosk-retry.timer" in told and "kiosk-new.service" not in told
    assert wish(machine, before, {}).returncode == 1, "only what lies ready is taken"


@pytest.mark.parametrize("version", ["../../etc", "0.9.9", "-x", "a;reboot", "v1 v2"])
def test_a_version_that_does_not_lie_there_is_refused(machine: Root, version: str) -> None:
    told = wish(machine, f"'{version}'", {})
    assert told.returncode == 1 and "update: " in told.stdout
    assert not (machine.layer / "opt").exists()


def test_a_version_that_others_could_have_changed_is_refused(machine: Root) -> None:
    folder = "/var/lib/kiosk-updates/1.0"
    machine.run(
        "sh", "-c", f"mkdir -p {folder}; echo 1.0 > {folder}/VERSION; echo true > {folder}/install.sh"
    )
    assert "is cut short" not in wish(machine, "1.0", {}).stdout  # it runs, and is no bundle
    machine.run("chmod", "g+w", f"{folder}/install.sh")
    assert f"others than root could have changed {folder}/install.sh" in wish(machine, "1.0", {}).stdout


def test_an_installation_that_was_begun_goes_on_although_who_asked_hangs_up(machine: Root) -> None:
    folder, ended = "/var/lib/kiosk-updates/1.0", "/run/ended"
    script = f"set -e; for n in 1 2 3 4 5; do sleep 0.3; echo $n; done; touch {ended}"
    hangs_up = (
        "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/kiosk-update'); s.send(b'1.0\\n')"
    )
    told = machine.run(
        "sh",
        "-c",
        f"mkdir -p {folder}; echo 1.0 > {folder}/VERSION; echo '{script}' > {folder}/install.sh;"
        f"{LISTEN} & until [ -S /run/kiosk-update ]; do sleep 0.05; done;"
        f'python3 -c "{hangs_up}"; for n in $(seq 300); do [ -e {ended} ] && break; sleep 0.1; done;'
        f"kill %1; test -e {ended}",
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_with_one_release_there_is_no_way_back(machine: Root) -> None:
    told = machine.run("kiosk", "back")
    assert told.returncode == 1 and "there is no release before" in told.stderr
