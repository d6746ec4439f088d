"""Drafts: what a citizen asked to keep is opened once, by its code, within 72 hours, and by nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kiosk import drafts
from kiosk.drafts import HOURS, LENGTH, LETTERS, Draft
from kiosk.prompts import Value

NOW = 1_795_000_000.0
DRAFT = Draft("SB05", {"phone": "13800000001", "kinds": ("a", "b"), "note": "陈𬭩"})


def kept(folder: Path, draft: Draft = DRAFT, now: float = NOW) -> str:
    return asyncio.run(drafts.keep(folder, draft, now))


def taken(folder: Path, code: str, now: float = NOW) -> Draft | None:
    return asyncio.run(drafts.take(folder, code, now))


def sealed(folder: Path) -> list[Path]:
    return sorted((folder / drafts.FOLDER).glob("*.sealed"))


def test_a_draft_is_opened_once_by_its_code(tmp_path: Path) -> None:
    code, other = kept(tmp_path), kept(tmp_path, Draft("SB06"))
    assert len(code) == LENGTH and set(code) <= set(LETTERS) and code != other
    assert taken(tmp_path, code) == DRAFT
    assert taken(tmp_path, code) is None
    assert taken(tmp_path, other) == Draft("SB06")


def test_nothing_on_the_disk_can_be_read(tmp_path: Path) -> None:
    code = kept(tmp_path)
    (file,) = sealed(tmp_path)
    for secret in (code, "SB05", "13800000001", "phone", "陈𬭩"):
        assert secret.encode() not in file.read_bytes() and secret not in file.name
    assert file.stat().st_mode & 0o077 == 0


def test_after_72_hours_it_is_gone_whoever_asks(tmp_path: Path) -> None:
    code = kept(tmp_path)
    assert drafts.purge(tmp_path, NOW + HOURS * 3600 - 1) == 0 and sealed(tmp_path)
    assert taken(tmp_path, code, NOW + HOURS * 3600) is None
    assert sealed(tmp_path) == [], "and not only hidden"


@pytest.mark.parametrize("spoil", [0, 8, 30, -1])
def test_a_file_that_was_changed_does_not_open(tmp_path: Path, spoil: int) -> None:
    """Its time too: who moves the end of its life finds it shut."""
    code = kept(tmp_path)
    (file,) = sealed(tmp_path)
    content = bytearray(file.read_bytes())
    content[spoil] ^= 1
    file.write_bytes(bytes(content))
    assert taken(tmp_path, code) is None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code=some.text(max_size=20))
def test_whatever_is_typed_opens_nothing(tmp_path: Path, code: str) -> None:
    assert taken(tmp_path, code) is None


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=some.dictionaries(some.text(), some.text() | some.lists(some.text()).map(tuple)))
def test_every_form_comes_back_as_it_was(tmp_path: Path, values: dict[str, Value]) -> None:
    assert taken(tmp_path, kept(tmp_path, Draft("SB05", values))) == Draft("SB05", values)
