"""A file for its owner alone, when the disk does not take it."""

import os
from pathlib import Path

import pytest

from kiosk import private_file


def test_given_a_disk_that_is_full_then_what_stood_there_stays_and_no_beginning_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "technicians.toml"
    private_file.write(file, b"before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        private_file.write(file, b"after")
    assert private_file.read(file) == b"before"
    assert list(tmp_path.iterdir()) == [file]
