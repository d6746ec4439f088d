"""A data folder restored from an image, a disk replaced, a copy on a second machine: no number twice."""

from __future__ import annotations

import asyncio
import shutil
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kiosk.data import journal
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault
from kiosk.link.used_numbers import UsedNumbers, beyond
from mqtt.messages import SessionStarted, Stored
from tests.kiosk.small_terminal import PATH, eventually


def _begins(vault: Vault, session: str, tx: Transaction) -> journal.Entry:
    return journal.append(tx, vault, session, "test", {}, SessionStarted(session), PATH)


def lives(folder: Path, sessions: int) -> dict[str, list[tuple[int, int]]]:
    """A start of the terminal with so many sessions; what a hall then knows of it."""

    async def life() -> int:
        store = Store(folder)
        for n in range(sessions):
            await store.write(partial(_begins, Vault(folder), f"s{n}"))
        store.close()
        return store.boot

    return {"evt": [(asyncio.run(life()), sessions)]}


def hears(folder: Path, *answers: Stored) -> tuple[int, list[bool]]:
    """A start of the terminal that is told this: which one it is, and what it found."""
    found: list[bool] = []

    async def life() -> int:
        store = Store(folder)
        numbers = UsedNumbers(store, found.append)
        for answer in answers:
            numbers.on_stored(answer)
            await eventually(lambda: not numbers._looking)
        store.close()
        return store.boot

    return asyncio.run(life()), found


def test_given_a_store_from_an_image_then_the_next_start_counts_from_above_what_the_hall_knows(
    tmp_path: Path,
) -> None:
    lives(tmp_path / "disk", 3)
    shutil.copytree(tmp_path / "disk", tmp_path / "image")
    for _ in range(4):
        known = lives(tmp_path / "disk", 2)
    answer = Stored("g", boots=known)
    assert hears(tmp_path / "image", answer, answer) == (2, [False])
    assert hears(tmp_path / "image", answer) == (6, []), "and is at peace with the hall"


def test_given_a_copy_of_this_very_start_then_its_numbers_are_known_for_used(tmp_path: Path) -> None:
    lives(tmp_path / "disk", 3)
    shutil.copytree(tmp_path / "disk", tmp_path / "image")
    known = lives(tmp_path / "disk", 2)
    assert hears(tmp_path / "image", Stored("g", boots=known)) == (2, [False])


def test_given_a_new_disk_then_it_goes_on_where_the_old_one_ended(tmp_path: Path) -> None:
    assert hears(tmp_path, Stored("g", boots={"tx": [(57, 4), (56, 1)]})) == (1, [False])
    assert hears(tmp_path) == (58, [])


def test_given_a_second_machine_under_the_name_then_the_two_do_not_restart_each_other_for_ever(
    tmp_path: Path,
) -> None:
    assert hears(tmp_path, Stored("g", boots={"tx": [(7, 4)]})) == (1, [False])
    assert hears(tmp_path, Stored("g", boots={"tx": [(9, 1), (7, 4)]})) == (8, [True])


@given(
    boots=st.dictionaries(st.integers(1, 9), st.integers(0, 9), max_size=9),
    boot=st.integers(1, 9),
    ours=st.integers(0, 9),
)
def test_given_what_a_hall_can_have_of_an_honest_store_then_nothing_is_found(
    boots: dict[int, int], boot: int, ours: int
) -> None:
    honest = [(start, min(n, ours) if start == boot else n) for start, n in boots.items() if start <= boot]
    assert beyond({"tx": honest}, boot, {"tx": ours}) == 0
