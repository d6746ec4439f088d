"""The terminal dies at every deed of taking a new release: the next start has a good one, then takes it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from config.settings import CatalogueSourceSettings, Settings
from kiosk import catalogue_download, catalogue_release
from tests.kiosk.release_server import KEY, signed
from tests.kiosk.small_visit import settings as plain

KILLED = 99
STEPS = ((os, "fsync"), (os, "replace"), (os, "link"), (Path, "write_text"), (Path, "write_bytes"))
OLD, NEW = ("ZH96",), ("ZH96", "ZH97")


def told(folder: Path) -> Settings:
    """A terminal that takes its releases from a folder."""
    (folder / "share").mkdir(exist_ok=True)
    source = CatalogueSourceSettings(folder=folder / "share", keys=(KEY,))
    return plain(folder / "terminal").model_copy(update={"catalogue_source": source})


def publish(folder: Path, raw: bytes) -> None:
    (folder / "share" / catalogue_download.FILE).write_bytes(raw)


def take(chosen: Settings) -> None:
    catalogue_release._fetch(chosen, catalogue_release.at_start(chosen).release)


def dying(deed: Callable[..., Any], count: list[int], after: bool) -> Callable[..., Any]:
    """The deed, which stops the process at its turn: before it is done, or just after."""

    def counted(*arguments: Any, **more: Any) -> Any:
        count[0] -= 1
        if count[0] == 0 and not after:
            os._exit(KILLED)
        result = deed(*arguments, **more)
        if count[0] == 0:
            os._exit(KILLED)
        return result

    return counted


def child(chosen: Settings, step: int, after: bool) -> NoReturn:
    """Takes the release and dies at its n-th deed on the disk, as by kill -9: nothing is closed or undone."""
    try:
        count = [step]
        for place, name in STEPS:
            setattr(place, name, dying(getattr(place, name), count, after))
        take(chosen)
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_deed_the_next_start_has_a_good_one(tmp_path: Path, after: bool) -> None:
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        folder.mkdir()
        chosen = told(folder)
        publish(folder, signed(1, OLD))
        take(chosen)
        publish(folder, signed(2, NEW))
        process = os.fork()
        if process == 0:
            child(chosen, step, after)
        end = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        found = catalogue_release.at_start(chosen)
        assert (found.release, sorted(found.services)) in ((1, [*OLD]), (2, [*NEW])), f"step {step}"
        assert not list((folder / "terminal" / "catalogue").glob("*.part"))
        if found.release == 1:
            take(chosen)
        assert catalogue_release.at_start(chosen).release == 2
        if end != KILLED:
            assert end == 0
            break
    assert step > 8, "the search itself has broken"


def test_killed_while_the_very_first_one_is_taken_the_built_in_serves(tmp_path: Path) -> None:
    for step in (1, 3, 5, 7):
        folder = tmp_path / str(step)
        folder.mkdir()
        chosen = told(folder)
        publish(folder, signed(1, OLD))
        process = os.fork()
        if process == 0:
            child(chosen, step, after=False)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == KILLED
        assert catalogue_release.at_start(chosen).release in (0, 1)
        if catalogue_release.at_start(chosen).release == 0:
            take(chosen)
        assert catalogue_release.at_start(chosen).release == 1
