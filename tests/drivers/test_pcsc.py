"""Cards behind the real card daemon: read, pulled, silent, spoilt; the daemon killed, hung, readerless."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.devices import Kind, Media
from config.faults import faults
from config.settings import DeviceSettings
from drivers import pcsc_wire, registry
from drivers.device import Device, DeviceError
from drivers.id_card_pcsc import IdCardReaderPcsc
from drivers.social_card_reader import SocialCardReader
from drivers.virtual.smart_card import VirtualSmartCard
from drivers.virtual.virtual_device import VirtualDevice
from tests.drivers.receipts import when
from tests.peers.pcscd import READERS, Pcscd, pcscd

SOON = 30.0  # seconds; the daemon looks every 0.4 s whether a card has come or gone
PATIENT = 30.0  # seconds of the reader under test for one answer, where one comes
TIMEOUT = 2.5  # … and where none comes; its card process must have started within


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    with pcscd(tmp_path_factory.mktemp("pcscd")) as running:
        yield running


@pytest.fixture
def here(daemon: Pcscd, monkeypatch: pytest.MonkeyPatch) -> Pcscd:
    for name, value in daemon.environment.items():
        monkeypatch.setenv(name, value)
    return daemon


@pytest.fixture
def slot(here: Pcscd, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualSmartCard]:
    """The slot of the first reader."""
    monkeypatch.setattr("drivers.virtual.smart_card.LATE_SECONDS", 1.5 * TIMEOUT)
    card = VirtualSmartCard(here.ports[0])
    card.start()
    yield card
    card.stop()


@pytest.fixture
def reader(here: Pcscd, slot: VirtualSmartCard) -> Iterator[SocialCardReader]:
    yield from _opened(PATIENT)


@pytest.fixture
def hasty(here: Pcscd, slot: VirtualSmartCard) -> Iterator[SocialCardReader]:
    """A reader that soon gives up an answer which does not come."""
    yield from _opened(TIMEOUT)


def _opened(timeout: float) -> Iterator[SocialCardReader]:
    device = SocialCardReader(port=READERS[0], timeout=timeout)
    device.open()
    gone(device)  # what the test before had in the slot
    yield device
    device.close()


def refused(verb: Callable[..., Any], *arguments: Any) -> DeviceError:
    with pytest.raises(DeviceError) as raised:
        verb(*arguments)
    assert raised.value.code in faults()
    return raised.value


def gone(reader: SocialCardReader) -> None:
    """Until the daemon has seen that the slot is empty."""
    end = time.monotonic() + 60
    while reader.status().media is not Media.NONE:
        assert time.monotonic() < end, "the daemon still sees the card"
        time.sleep(0.02)


# ── a card comes and goes ───────────────────────────────────────────────────
def test_a_card_is_found_read_once_and_found_again_when_it_has_been_lifted(
    reader: SocialCardReader, slot: VirtualSmartCard
) -> None:
    assert not reader.find_card(0.05)
    slot.act("put", person="zhang")
    assert reader.find_card(SOON)
    card = reader.read_card(SOON)
    assert (card.name, card.number) == ("张明远", "330100198503140012")
    assert not reader.find_card(0.1), "a card that stays is nobody's for the next one"
    assert not reader.wait_removed(0.1)
    assert reader.status().media is Media.PRESENT
    assert refused(reader.read_card, 0.1).code == "card_none"
    slot.act("take")
    assert reader.wait_removed(SOON)
    slot.act("put", person="li")
    assert reader.read_card(SOON).name == "李若澜"
    assert reader.counts() == {"cards": 2}


def test_a_third_generation_card_is_told_apart_from_a_bad_one(
    reader: SocialCardReader, slot: VirtualSmartCard
) -> None:
    slot.act("put", person="zhang", version=3)
    assert refused(reader.read_card, SOON).code == "card_needs_psam"
    assert not reader.find_card(0.1), "it is not tried again before it has been lifted"
    assert reader.counts() == {"cards": 0}


def test_an_identity_card_is_read_in_pages_on_the_second_reader(here: Pcscd) -> None:
    field = VirtualSmartCard(here.ports[1], name="id_card_reader")
    field.start()
    reader = IdCardReaderPcsc(port="00 01", timeout=PATIENT)
    try:
        reader.open()
        field.act("put", person="wang", application="id")
        card = reader.read_card(SOON)
        assert (card.name, card.number, card.valid_to) == ("王守田", "33010019681102003X", None)
        assert card.has_photo
        assert not reader.find_card(0.1)
        field.act("take")
        assert reader.wait_removed(SOON)
        assert reader.counts() == {"cards": 1}
        assert refused(reader.read_card, 0.05).code == "id_no_card"
    finally:
        reader.close()
        field.stop()


# ── mishaps ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("garbled", "device_garbled"),
        ("failed", "card_unreadable"),
        ("silent", "device_timeout"),
        ("late", "device_timeout"),
    ],
)
def test_a_spoilt_answer_is_told_in_time_and_the_next_card_is_read(
    hasty: SocialCardReader, slot: VirtualSmartCard, how: str, code: str
) -> None:
    slot.act("damage_next", how=how, after=5)
    slot.act("put", person="zhang")
    assert hasty.find_card(SOON)
    began = time.monotonic()
    assert refused(hasty.read_card).code == code
    assert time.monotonic() - began < 20 * TIMEOUT
    slot.act("take")
    assert hasty.wait_removed(SOON)
    gone(hasty)
    slot.act("put", person="li")
    assert hasty.read_card(SOON).name == "李若澜", "and never what the other card was asked for"


def test_a_card_pulled_in_the_middle_of_its_answer_is_told_and_the_slot_works_again(
    reader: SocialCardReader, slot: VirtualSmartCard
) -> None:
    slot.act("damage_next", how="cut", after=6)
    slot.act("put", person="zhang")
    assert refused(reader.read_card, SOON).code in {"device_garbled", "card_unreadable", "card_gone"}
    assert slot.state()["card"] is None
    slot.act("put", person="li")
    assert reader.read_card(SOON).name == "李若澜"


def test_a_card_lifted_before_it_was_read_is_told(reader: SocialCardReader, slot: VirtualSmartCard) -> None:
    slot.act("put", person="zhang")
    assert reader.find_card(SOON)
    slot.act("take")
    gone(reader)
    assert refused(reader.read_card, 0.05).code == "card_none"
    slot.act("put", person="li")
    assert reader.read_card(SOON).name == "李若澜"


# ── the daemon ──────────────────────────────────────────────────────────────
def test_without_a_daemon_and_without_readers_the_device_is_absent(
    here: Pcscd, reader: SocialCardReader, slot: VirtualSmartCard
) -> None:
    slot.act("put", person="zhang")
    assert reader.find_card(SOON)
    here.kill()
    try:
        lost = refused(reader.read_card, 0.1)
        assert (lost.code, lost.lost) == ("device_offline", True)
        assert refused(reader.open).code == "device_absent"
        here.start(readers=False)
        assert refused(reader.open).code == "device_absent"
        here.kill()
        here.start()
        reader.open()
        assert reader.read_card(SOON).name == "张明远", "the card has lain there all the time"
    finally:
        here.kill()
        here.start()


def test_a_daemon_that_hangs_costs_each_verb_its_time_out_and_nothing_more(
    here: Pcscd, hasty: SocialCardReader, slot: VirtualSmartCard
) -> None:
    slot.act("put", person="li")
    assert hasty.find_card(SOON)
    here.halt()
    try:
        for verb in (hasty.status, hasty.read_card):
            began = time.monotonic()
            assert refused(verb).code == "device_timeout"
            assert time.monotonic() - began < 20 * TIMEOUT
    finally:
        here.go_on()
    assert hasty.read_card(SOON).name == "李若澜"


def test_a_daemon_killed_while_a_card_is_read_is_a_lost_device(
    here: Pcscd, reader: SocialCardReader, slot: VirtualSmartCard
) -> None:
    slot.act("damage_next", how="silent", after=5)
    slot.act("put", person="zhang")
    assert reader.find_card(SOON)
    # The card has been asked what it will not answer.
    death = when(lambda: slot.state()["damage"] is None, here.kill)
    try:
        lost = refused(reader.read_card)
        assert (lost.code, lost.lost) == ("device_offline", True)
    finally:
        death.join()
        here.start()
    reader.open()
    assert reader.read_card(SOON).name == "张明远", "the same card, asked from the beginning"


def test_a_reader_of_another_name_is_absent(here: Pcscd) -> None:
    error = refused(SocialCardReader(port="Contactless 9000").open)
    assert error.code == "device_absent"
    assert "2 card readers" in error.detail
    wire = pcsc_wire.PcscWire("", PATIENT)
    try:
        assert wire.readers() == READERS
    finally:
        wire.close()


# ── the child ───────────────────────────────────────────────────────────────
def test_the_child_ends_with_its_owner(here: Pcscd) -> None:
    """Even one that is killed, and even while a call holds the child."""
    owner = (
        "import os; from drivers.social_card_reader import SocialCardReader; r = SocialCardReader();"
        "r.open(); me = os.getpid();"
        "print(open(f'/proc/{me}/task/{me}/children').read().split()[0], flush=True);"
        "r.find_card(60)"
    )
    with subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
    end = time.monotonic() + 60
    while Path(f"/proc/{child}").exists() and "Z" not in state_of(child):
        assert time.monotonic() < end, "the child outlives its owner"
        time.sleep(0.02)


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


def test_a_child_that_is_killed_is_a_lost_device_and_a_new_one_is_opened(reader: SocialCardReader) -> None:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    (child,) = [pid for pid in children if "pcsc_process" in Path(f"/proc/{pid}/cmdline").read_text()]
    os.kill(int(child), 9)
    error = refused(reader.status)
    assert (error.code, error.lost) == ("device_offline", True)
    reader.open()
    reader.status()


def test_a_terminal_without_pyscard_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without = tmp_path / "pcsc_process.py"
    text = pcsc_wire.PROGRAM.read_text(encoding="utf-8").replace(
        "from smartcard import", "from no_smartcard import"
    )
    without.write_text(text, encoding="utf-8")
    monkeypatch.setattr(pcsc_wire, "PROGRAM", without)
    error = refused(SocialCardReader().open)
    assert error.code == "device_misconfigured"
    assert "setup.sh cards" in error.detail


def test_the_terminals_own_process_never_loads_the_card_library() -> None:
    asked = "import sys, drivers.social_card_reader, drivers.id_card_pcsc; print('smartcard' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "False"


# ── names and codes ─────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("driver", "kind"),
    [("social_card_reader_pcsc", Kind.SOCIAL_CARD_READER), ("id_card_reader_pcsc", Kind.ID_CARD_READER)],
)
def test_the_registry_makes_them_without_a_port(driver: str, kind: Kind) -> None:
    assert isinstance(registry.make(DeviceSettings(kind=kind, driver=driver)), Device)


@pytest.mark.parametrize(
    ("code", "coded", "lost"),
    [
        (0x80100069, "card_gone", False),  # SCARD_W_REMOVED_CARD
        (0x80100066, "card_unreadable", False),  # SCARD_W_UNRESPONSIVE_CARD
        (0x8010000B, "device_offline", False),  # SCARD_E_SHARING_VIOLATION
        (0x80100017, "device_offline", True),  # SCARD_E_READER_UNAVAILABLE
        (0x80100001, "device_offline", True),  # SCARD_F_INTERNAL_ERROR
    ],
)
def test_each_answer_of_the_daemon_has_its_code(code: int, coded: str, lost: bool) -> None:
    error = pcsc_wire.error_of(code, "SCardTransmit")
    assert (error.code, error.lost) == (coded, lost)
    assert error.code in faults()


def test_the_virtual_card_is_a_virtual_device(slot: VirtualSmartCard) -> None:
    assert isinstance(slot, VirtualDevice)
    for action, arguments in (
        ("put", {"person": "nobody"}),
        ("put", {"person": "zhang", "colour": "red"}),
        ("put", {"person": "zhang", "addressing": "guess"}),
        ("damage_next", {"how": "oddly"}),
        ("fly", {}),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            slot.act(action, **arguments)
