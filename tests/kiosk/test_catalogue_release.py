"""A terminal and the releases of its catalogue: a good one is taken, a bad one never replaces it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from config import release
from config.faults import faults
from config.release import ReleaseError
from config.settings import CatalogueSourceSettings, Settings
from config.toml_file import ConfigError
from kiosk import catalogue_download, catalogue_release
from kiosk.doors import Doors
from kiosk.presence import Attendance
from kiosk.remote.command_acts import Hands, acts
from kiosk.remote.command_desk import Done, NotDone
from kiosk.remote.commands import Kept
from kiosk.remote.in_view import InView
from tests.kiosk.release_server import KEY, ONE, STRANGER, TWO, plain_service, publisher, settings, signed
from tests.kiosk.small_visit import Script, backstage


def renewed(told: Settings) -> tuple[str, set[str], int]:
    """One look for a newer release by a terminal that has just started: how it ended, its faults, what it has
    from the next session on."""

    async def play() -> tuple[str, set[str], int]:
        open_faults: set[str] = set()

        def fault(code: str, raised: bool, device: str = "") -> None:
            (open_faults.add if raised else open_faults.discard)(code)

        async with backstage(told.data, Script()) as parts:
            parts.settings, parts.catalogue = told, catalogue_release.at_start(told)
            parts.set_fault = fault
            try:
                found = await catalogue_release.renew(parts)
                how = "same" if found is None else "new"
            except ReleaseError as error:
                how = error.code
            now = parts.coming or parts.catalogue
            return how, open_faults, now.release

    return asyncio.run(play())


def in_use(told: Settings) -> tuple[int, list[str]]:
    """What a start finds."""
    found = catalogue_release.at_start(told)
    return found.release, sorted(found.services)


def test_a_published_release_is_verified_taken_and_found_at_the_next_start(tmp_path: Path) -> None:
    with publisher(signed(1, ONE)) as province:
        told = settings(tmp_path, province.url)
        assert renewed(told) == ("new", set(), 1)
        assert in_use(told) == (1, ["ZH96"])
        province.body = signed(2, TWO)
        assert renewed(told) == ("new", set(), 2)
        assert in_use(told) == (2, ["ZH96", "ZH97"])


def test_one_that_we_have_is_not_sent_again(tmp_path: Path) -> None:
    with publisher(signed(1)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
        assert renewed(told) == ("same", set(), 1)
        assert province.asked[-1].startswith("304 ")
        assert "terminal=330100%2Fdemo%2FK001" in province.asked[-1]


LOST = plain_service("ZH95").replace('"query"', '"declare"') + '\n[[bundle]]\nservice = "ZH99"\n'
GOOD = signed(5, TWO)
BAD = {
    "tampered": (GOOD.replace(b"query", b"quary", 1), "catalogue_damaged"),
    "truncated": (GOOD[: len(GOOD) // 2], "catalogue_damaged"),
    "empty": (b"", "catalogue_damaged"),
    "a page of some proxy": (b"<html>log in</html>" * 40, "catalogue_damaged"),
    "older": (signed(3), "catalogue_old"),
    "the same number with other content": (signed(4, ONE), "catalogue_old"),
    "of an unknown key": (signed(5, key=STRANGER), "catalogue_unknown_key"),
    "for newer software": (signed(5, software="99.0"), "catalogue_needs_update"),
    "a bomb": (bytes(release.MOST_BYTES + 1), "catalogue_too_large"),
    "with a broken item": (signed(5, zh95=b"id = "), "catalogue_broken"),
    "with an item that names what is not there": (signed(5, zh95=LOST.encode()), "catalogue_broken"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_a_bad_release_is_refused_with_its_fault_and_the_last_good_one_stays(
    tmp_path: Path, body: bytes, code: str
) -> None:
    with publisher(signed(4, TWO)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
        province.body = body
        assert renewed(told) == (code, {code}, 4)
        assert code in faults()
        assert in_use(told) == (4, ["ZH96", "ZH97"])
        province.body = GOOD
        assert renewed(told) == ("new", set(), 5), "and the fault is over with the next good one"


def test_a_signature_of_another_manifest_is_refused(tmp_path: Path) -> None:
    one, other = signed(5), signed(6)
    body = one.replace(signature(one), signature(other))
    with publisher(signed(4)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
        province.body = body
        assert renewed(told)[0] == "catalogue_wrong_signature"
        assert in_use(told)[0] == 4


def signature(raw: bytes) -> bytes:
    at = raw.index(release.SIGNATURE.encode()) + 512
    return raw[at : raw.index(b"\n", at)]


@pytest.mark.parametrize("part", [0, 1, 511, 5000, len(GOOD) - 1])
def test_a_line_that_breaks_off_leaves_the_last_good_one(tmp_path: Path, part: int) -> None:
    with publisher(signed(4)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
        province.body, province.length = GOOD, part
        assert renewed(told) == ("catalogue_unreachable", {"catalogue_unreachable"}, 4)
        assert in_use(told)[0] == 4
        assert not list((tmp_path / "catalogue").glob("*.part"))


def test_nobody_there_and_a_server_in_trouble_are_told_as_out_of_reach(tmp_path: Path) -> None:
    assert renewed(settings(tmp_path, "http://127.0.0.1:9/current"))[0] == "catalogue_unreachable"
    with publisher(GOOD) as province:
        province.status = 503
        assert renewed(settings(tmp_path, province.url))[0] == "catalogue_unreachable"


def test_a_server_that_trickles_is_left_in_time(tmp_path: Path) -> None:
    with publisher(GOOD) as province:
        told = settings(tmp_path, province.url, whole_seconds=1e-9)
        assert renewed(told)[0] == "catalogue_unreachable"


def test_out_of_reach_does_not_forget_that_the_last_one_was_bad(tmp_path: Path) -> None:
    async def play() -> set[str]:
        open_faults: set[str] = set()
        async with backstage(tmp_path, Script()) as parts:
            parts.set_fault = lambda code, raised, device="": (
                open_faults.add(code) if raised else open_faults.discard(code)
            )
            with publisher(b"nonsense") as province:
                parts.settings = settings(tmp_path, province.url)
                with pytest.raises(ReleaseError):
                    await catalogue_release.renew(parts)
            with pytest.raises(ReleaseError):
                await catalogue_release.renew(parts)
        return open_faults

    assert asyncio.run(play()) == {"catalogue_damaged", "catalogue_unreachable"}


# ── what the disk does ──────────────────────────────────────────────────────
def spoil(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)


def test_a_kept_release_that_rots_gives_way_to_the_one_before_it(tmp_path: Path) -> None:
    with publisher(signed(1, ONE)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
        province.body = signed(2)
        renewed(told)
        spoil(tmp_path / "catalogue" / "good")
        assert in_use(told) == (1, ["ZH96"])
        province.body = signed(1, ONE)
        assert renewed(told)[:2] == ("catalogue_old", {"catalogue_old"}), "not below what was good before"
        province.body = signed(2)
        assert renewed(told) == ("new", set(), 2)


def test_when_both_are_lost_the_built_in_catalogue_serves(tmp_path: Path) -> None:
    with publisher(signed(1, ONE)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
    spoil(tmp_path / "catalogue" / "good")
    number, services = in_use(told)
    assert number == 0
    assert len(services) > 3


def test_a_key_that_is_no_longer_trusted_ends_its_releases_at_the_next_start(tmp_path: Path) -> None:
    with publisher(signed(1, ONE)) as province:
        renewed(settings(tmp_path, province.url))
        other = release.public_text(STRANGER.public_key())
        assert in_use(settings(tmp_path, province.url, keys=[other]))[0] == 0


def test_the_hall_s_own_services_stand_over_the_release_and_their_mistakes_do_not_lose_it(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "zh98.toml").write_text(plain_service("ZH98"), encoding="utf-8")
    with publisher(signed(1, ONE)) as province:
        told = settings(tmp_path, province.url).model_copy(update={"catalogue": (own,)})
        renewed(told)
    assert in_use(told) == (1, ["ZH96", "ZH98"])
    (own / "zh98.toml").write_text("id =", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"zh98\.toml"):
        in_use(told)
    (own / "zh98.toml").unlink()
    assert in_use(told) == (1, ["ZH96"])


def test_a_folder_serves_where_there_is_no_network(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    source = CatalogueSourceSettings(folder=share, keys=(KEY,))
    told = settings(tmp_path, "http://unused").model_copy(update={"catalogue_source": source})
    assert renewed(told)[0] == "catalogue_unreachable"
    (share / catalogue_download.FILE).write_bytes(signed(3, ONE))
    assert renewed(told) == ("new", set(), 3)
    assert renewed(told) == ("same", set(), 3)


def test_what_a_stop_left_behind_is_cleared_at_the_start(tmp_path: Path) -> None:
    with publisher(signed(1, ONE)) as province:
        told = settings(tmp_path, province.url)
        renewed(told)
    folder = tmp_path / "catalogue"
    (folder / "77.part").write_bytes(GOOD[:900])
    shutil.copytree(Path(release.__file__).parent / "catalogue", folder / "read-abc")
    assert in_use(told)[0] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["good", "highest"]


# ── by command ──────────────────────────────────────────────────────────────
def synced(told: Settings) -> tuple[Done | str, int]:
    """The hall's command, on a terminal that has just started; and what its next session will have."""

    async def play() -> tuple[Done | str, int]:
        async with backstage(told.data, Script()) as parts:
            parts.settings, parts.catalogue = told, catalogue_release.at_start(told)
            doors = Doors(parts.ledger, lambda: "12345")
            there = Attendance(parts.devices, parts.ledger, lambda: False)
            hands = Hands(parts, doors, InView(Script()), there)
            command = Kept("c", "sync_catalogue", {}, 0.0, 0.0, "running")
            try:
                done: Done | str = await acts(hands)["sync_catalogue"](command)
            except NotDone as why:
                done = f"{why.code} {why.detail}".strip()
            return done, (parts.coming or parts.catalogue).release

    return asyncio.run(play())


def test_the_hall_s_command_fetches_it_and_tells_which_one_it_is(tmp_path: Path) -> None:
    with publisher(signed(8)) as province:
        told = settings(tmp_path, province.url)
        assert synced(told) == (Done("release 8, 2 services"), 8)
        assert synced(told) == (Done("release 8, 2 services"), 8)
        province.body = signed(9, zh95=b"id =")
        assert synced(told) == ("catalogue_broken zh95.toml", 8)
