"""The bench's identity card reader: what hands may do, and what it leaves behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import sam_frames
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.virtual_device import VirtualDevice


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualIdCardReader]:
    reader = VirtualIdCardReader(tmp_path / "bench" / "id-card-reader", wire_time=False)
    reader.start()
    yield reader
    reader.stop()


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("put", {"person": "nobody"}, "there is no person nobody"),
        ("put", {}, "the reader knows put"),
        ("put", {"person": "li", "side": "back"}, "the reader knows put"),
        ("damage_next", {"how": "loudly"}, "a frame is damaged by checksum"),
        ("kick", {}, "not kick"),
    ],
)
def test_a_wrong_hand_is_told_what_the_reader_knows(
    bench: VirtualIdCardReader, action: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        bench.act(action, **arguments)


def test_a_file_in_the_way_of_the_link_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "reader").write_text("mine", encoding="utf-8")
    bench = VirtualIdCardReader(tmp_path / "reader")
    with pytest.raises(FileExistsError):
        bench.start()
    assert (tmp_path / "reader").read_text(encoding="utf-8") == "mine"
    assert bench.state()["plugged"] is False


def test_a_terminal_that_never_reads_does_not_hold_the_bench(bench: VirtualIdCardReader) -> None:
    line = os.open(str(bench.state()["link"]), os.O_RDWR | os.O_NOCTTY)
    for _ in range(500):
        os.write(line, sam_frames.request(sam_frames.SAM_ID))
    bench.act("unplug")
    os.close(line)
    assert bench.state()["plugged"] is False


def test_two_cards_do_not_fit_on_the_reader(bench: VirtualIdCardReader) -> None:
    bench.act("put", person="li")
    with pytest.raises(ValueError, match="take it first"):
        bench.act("put", person="zhang")


def test_the_bench_sees_what_lies_there_and_leaves_nothing_behind(bench: VirtualIdCardReader) -> None:
    assert isinstance(bench, VirtualDevice)
    bench.act("put", person="li")
    state = bench.state()
    assert (state["card"], state["plugged"], state["reads"]) == ("li", True, 0)
    link = Path(str(state["link"]))
    bench.stop()
    assert not link.is_symlink()
    assert bench.state()["plugged"] is False
