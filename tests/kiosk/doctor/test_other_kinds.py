"""Kinds that the bench's page lacks: a card slot behind the real daemon, a sound card, a hall's own pads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings, Settings
from config.words import Words
from drivers.virtual.smart_card import DAMAGES, VirtualSmartCard
from kiosk import doctor
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import NOTHING, Allowed, Ask, nobody
from tests.kiosk.doctor.readable import readable
from tests.kiosk.doctor.test_parts import settings as terminal
from tests.peers.pcscd import READERS, Pcscd, card_slot, pcscd_here
from tests.plugin.installed import installed
from tests.plugin.virtual_pads import VirtualPad

PERSON = Allowed(person=True)
settings = terminal  # the fixture


def tried(
    settings: Settings, device: DeviceSettings, allowed: Allowed = NOTHING, ask: Ask = nobody
) -> Finding:
    """What the doctor says of one device."""
    chosen = settings.model_copy(update={"devices": {"it": device}})
    (finding,) = doctor.examine(chosen, allowed, ask, only=("it",))
    return readable(finding)


# ── social security card reader ─────────────────────────────────────────────
@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    with pcscd_here(tmp_path_factory.mktemp("pcscd")) as running:
        yield running


@pytest.fixture
def slot(daemon: Pcscd) -> Iterator[VirtualSmartCard]:
    with card_slot(daemon) as card:
        yield card


SLOT = DeviceSettings(
    kind=Kind.SOCIAL_CARD_READER,
    driver="social_card_reader_pcsc",
    port=READERS[0],
    options={"timeout": 20.0},
)
HASTY = SLOT.model_copy(update={"options": {"timeout": 0.8}})  # where a card is silent on purpose
# The daemon gives up on a card that falls silent, or is gone, a little before or after the driver does.
LOST = {"card_unreadable", "card_gone", "device_timeout", "device_garbled"}
OF_DAMAGE = {
    "silent": LOST,
    "late": LOST,
    "garbled": {"card_refused", "card_unreadable", "device_garbled"},
    "cut": LOST,
    "failed": {"card_refused", "card_unreadable"},  # a busy daemon may take the exchange back first
}


def test_a_social_card_is_read_when_somebody_puts_one_and_nobody_learns_whose(
    settings: Settings, slot: VirtualSmartCard
) -> None:
    idle = tried(settings, SLOT)
    assert idle.ready and idle.untried is not None and "say --card" in idle.untried.en
    asked: list[Words] = []

    def put(words: Words) -> None:
        asked.append(words)
        slot.act("put", person="zhang")

    found = tried(settings, SLOT, PERSON, put)
    assert found.ready and found.found.en.startswith("a card was read")
    assert "social security card" in asked[0].en


@pytest.mark.parametrize("how", DAMAGES)
def test_a_card_that_fails_in_the_slot_is_told(settings: Settings, slot: VirtualSmartCard, how: str) -> None:
    slot.act("damage_next", how=how, after=3 if how == "garbled" else 0)  # the first answer is hardly read
    found = tried(settings, HASTY, PERSON, lambda words: slot.act("put", person="zhang"))
    assert OF_DAMAGE[how] & set(found.codes), found
    assert found.remedies[0].en


def test_a_reader_that_is_not_there_is_told(settings: Settings, daemon: Pcscd) -> None:
    missing = SLOT.model_copy(update={"port": "No Such Reader"})
    assert tried(settings, missing).codes == ("device_absent",)


# ── speaker ─────────────────────────────────────────────────────────────────
def test_a_word_is_said_and_a_card_that_is_not_there_is_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = tmp_path / "heard.raw"
    (tmp_path / "asound.conf").write_text(
        f'pcm.heard {{ type file slave.pcm {{ type null }} file "{heard}" format "raw" }}\n', "utf-8"
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    speaker = DeviceSettings(kind=Kind.SPEAKER, driver="speaker_espeak", port="heard")
    found = tried(settings, speaker)
    assert found.ready and found.found.en.startswith("a word said")
    assert heard.stat().st_size > 10_000, "that was more than a moment of silence"
    assert tried(settings, speaker.model_copy(update={"port": "none"})).codes == ("device_absent",)


# ── pads of a hall's own ────────────────────────────────────────────────────
def test_pads_are_tried_by_a_hand_and_forget_it(settings: Settings, tmp_path: Path) -> None:
    pad = VirtualPad(tmp_path / "pad")

    def touch_when_lit() -> None:
        pad.lit.wait(60)
        pad.touch(4)

    def touch(words: Words) -> None:
        threading.Thread(target=touch_when_lit).start()

    device = DeviceSettings(kind=Kind.RATING_PAD, driver="counter_rating_pad", port=str(pad.link))
    with installed(tmp_path):
        assert tried(settings, device).codes == ("device_absent",)
        pad.start()
        try:
            found = tried(settings, device, PERSON, touch)
        finally:
            pad.stop()
    assert found.ready and found.found.en.startswith("it answered")
    assert pad.dark and "4" not in found.found.en.partition("·")[0]
