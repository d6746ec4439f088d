"""The vault: what is personal is unreadable on the disk, and for ever once its key is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.data import vault as vaults
from kiosk.data.store import FILE, Store, Transaction
from kiosk.data.vault import KeyDestroyed, Vault, VaultError

SECRET = "欧阳示例 11010519491231002X".encode()
DAY = 86400.0


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def seal(kept: Store, vault: Vault, session: str, row: str, plain: bytes = SECRET, now: float = DAY) -> bytes:
    return kept.write_sync(lambda tx: vault.seal(tx, session, row, plain, now))


def test_given_something_sealed_then_it_opens_for_its_row_and_its_session_only(kept: Store) -> None:
    vault = Vault(kept.folder)
    sealed = seal(kept, vault, "s1", "row-1")
    seal(kept, vault, "s2", "row-2")
    with kept.read() as read:
        assert vault.unseal(read, "s1", "row-1", sealed) == SECRET
        for session, row, bytes_ in (
            ("s1", "row-2", sealed),
            ("s2", "row-1", sealed),
            ("s1", "row-1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
            ("s1", "row-1", b""),
        ):
            with pytest.raises(VaultError) as caught:
                vault.unseal(read, session, row, bytes_)
            assert caught.value.code == "terminal_journal_broken"


def test_given_a_session_whose_first_write_fails_then_what_it_seals_later_opens_all_the_same(
    kept: Store,
) -> None:
    vault = Vault(kept.folder)

    def work(tx: Transaction) -> None:
        vault.seal(tx, "s1", "row-1", SECRET, DAY)  # makes a key that is rolled back
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        kept.write_sync(work)
    sealed = seal(kept, vault, "s1", "row-1")
    with kept.read() as read:
        assert Vault(kept.folder).unseal(read, "s1", "row-1", sealed) == SECRET


def test_given_the_same_text_sealed_twice_then_the_bytes_do_not_tell(kept: Store) -> None:
    vault = Vault(kept.folder)
    first, second = seal(kept, vault, "s", "r"), seal(kept, vault, "s", "r")
    assert first[12:] != second[12:]
    assert SECRET not in first


def test_given_a_terminal_started_again_then_it_opens_what_it_sealed_before(kept: Store) -> None:
    sealed = seal(kept, Vault(kept.folder), "s", "r")
    with kept.read() as read:
        assert Vault(kept.folder).unseal(read, "s", "r", sealed) == SECRET


def test_given_a_destroyed_key_then_nothing_opens_and_no_copy_of_the_key_is_left_on_the_disk(
    kept: Store,
) -> None:
    vault = Vault(kept.folder)
    sealed = seal(kept, vault, "s", "r")
    with kept.read() as read:
        wrapped = bytes(read.execute("SELECT wrapped FROM session_keys").fetchone()[0])

    def on_disk() -> bool:
        return any(wrapped in file.read_bytes() for file in kept.folder.glob(f"{FILE}*"))

    assert on_disk()  # the control: the search finds it while it is there
    assert kept.write_sync(lambda tx: vault.destroy(tx, "s"))
    assert not kept.write_sync(lambda tx: vault.destroy(tx, "s"))
    kept.scrub()
    assert not on_disk()
    with kept.read() as read, pytest.raises(KeyDestroyed):
        vault.unseal(read, "s", "r", sealed)


def test_given_the_end_of_retention_then_older_keys_go_and_younger_stay(kept: Store) -> None:
    vault = Vault(kept.folder)
    old = seal(kept, vault, "old", "r", now=10 * DAY)
    young = seal(kept, vault, "young", "r", now=11 * DAY)
    gone = kept.write_sync(lambda tx: vault.destroy_expired(tx, 190.5 * DAY, retention_days=180))
    assert gone == 1
    with kept.read() as read:
        assert vault.unseal(read, "young", "r", young) == SECRET
        with pytest.raises(KeyDestroyed):
            vault.unseal(read, "old", "r", old)


def test_given_another_master_key_then_the_vault_says_that_it_is_not_the_one(kept: Store) -> None:
    sealed = seal(kept, Vault(kept.folder), "s", "r")
    (kept.folder / vaults.FILE).unlink()
    with kept.read() as read, pytest.raises(VaultError) as caught:
        Vault(kept.folder).unseal(read, "s", "r", sealed)
    assert caught.value.code == "terminal_key_missing"


def test_given_the_master_key_then_only_its_owner_reads_it_and_a_torn_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "master.new").write_bytes(b"left by a start that was cut off")
    Vault(tmp_path)
    file = tmp_path / vaults.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 32
    assert not (tmp_path / "master.new").exists()
    file.write_bytes(b"short")
    with pytest.raises(VaultError, match="damaged"):
        Vault(tmp_path)
