"""The prompts are spoken by a real espeak-ng and a real aplay, into ALSA's file plugin."""

from __future__ import annotations

import array
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Availability
from drivers import registry
from drivers.device import Device, DeviceError
from drivers.speaker import VOICE_ZH, EspeakSpeaker, Language

ZH, EN = "请将身份证放在读卡区。", "Please place your identity card on the reader."


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound card that writes what it is given into this file; another, `slow`, takes only so much."""
    heard, slow = tmp_path / "heard.raw", tmp_path / "slow"
    settings = tmp_path / "asound.conf"
    settings.write_text(
        f'pcm.heard {{ type file slave.pcm {{ type null }} file "{heard}" format "raw" }}\n'
        f'pcm.slow {{ type file slave.pcm {{ type null }} file "{slow}" format "raw" }}\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(settings))
    return heard


@pytest.fixture
def speaker(card: Path) -> Iterator[EspeakSpeaker]:
    driver = EspeakSpeaker(port="heard")
    driver.open()
    yield driver
    driver.close()


@pytest.fixture
def slow(card: Path) -> Iterator[EspeakSpeaker]:
    """A speaker on a card whose pipe is full after a moment, as a real card takes its time."""
    pipe = card.with_name("slow")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    driver = EspeakSpeaker(port="slow")
    driver.open()
    yield driver
    driver.close()
    os.close(reader)


def finished(speaker: EspeakSpeaker) -> None:
    while speaker.speaking():
        time.sleep(0.01)


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())


@pytest.mark.parametrize(
    ("words", "language", "least", "most"),
    [(ZH, "zh", 1.5, 6.0), (EN, "en", 1.5, 5.0), ("请", "zh", 0.1, 1.2)],
)
def test_a_sentence_is_heard_and_takes_as_long_as_people_take(
    card: Path, speaker: EspeakSpeaker, words: str, language: Language, least: float, most: float
) -> None:
    card.write_bytes(b"")  # the moment of silence by which it was opened
    seconds = speaker.say(words, language, 30.0)
    finished(speaker)
    samples = array.array("h", card.read_bytes())
    assert least < seconds < most
    assert len(samples) / 22050 == pytest.approx(seconds, abs=0.1)
    assert (sum(one * one for one in samples) / len(samples)) ** 0.5 > 500  # a voice, and not a hiss


def test_the_two_languages_are_two_voices(card: Path, speaker: EspeakSpeaker) -> None:
    assert speaker.say("2026", "zh", 30.0) != speaker.say("2026", "en", 30.0)


def test_chinese_is_read_in_chinese() -> None:
    """espeak-ng marks what it reads in another language; its plain `cmn` reads 请 as "qing three"."""
    asked = ["espeak-ng", "-v", VOICE_ZH, "-q", "-x", ZH + "居民凭条打印证明"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "(en)" not in said
    assert len(said.split()) > 12


@pytest.mark.parametrize("silence", ["stop", "reset", "close"])
def test_it_falls_silent_at_once(slow: EspeakSpeaker, silence: str) -> None:
    before = children()
    seconds = slow.say(ZH * 5, "zh", 30.0)
    assert seconds > 8
    assert slow.speaking()
    assert slow.status().availability is Availability.ONLINE
    begun = time.monotonic()
    getattr(slow, silence)()
    assert time.monotonic() - begun < seconds, "it spoke to its end"
    assert children() == before
    if silence != "close":
        assert not slow.speaking()


def test_a_new_sentence_takes_the_place_of_the_old(slow: EspeakSpeaker) -> None:
    before = children()
    slow.say(ZH * 5, "zh", 30.0)
    slow.say(EN, "en", 30.0)
    assert len(children() - before) == 1


def test_a_player_that_hangs_is_ended_and_told(slow: EspeakSpeaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.speaker.SLACK_SECONDS", -100.0)
    before = children()
    slow.say(ZH * 5, "zh", 30.0)
    with pytest.raises(DeviceError, match="device_offline") as raised:
        slow.status()
    assert raised.value.lost
    assert children() == before


def test_what_it_says_is_in_no_list_of_processes_and_on_no_disk(card: Path, slow: EspeakSpeaker) -> None:
    slow.say(EN * 3, "en", 30.0)
    for child in children():
        assert "identity" not in Path(f"/proc/{child}/cmdline").read_text()
    assert {path.name for path in card.parent.iterdir()} == {"asound.conf", "slow"}


def test_a_sound_card_that_is_not_there_is_absent(card: Path) -> None:
    with pytest.raises(DeviceError, match="device_absent"):
        EspeakSpeaker(port="no_such_card").open()


def test_a_sound_card_that_goes_is_lost(card: Path, speaker: EspeakSpeaker) -> None:
    card.with_name("asound.conf").write_text("", encoding="utf-8")
    with pytest.raises(DeviceError, match="device_offline") as raised:
        speaker.say(EN, "en", 30.0)
    assert raised.value.lost


def test_a_silent_card_is_asked_now_and_then(card: Path) -> None:
    driver = EspeakSpeaker(port="heard", check_seconds=0.01)
    driver.open()
    time.sleep(0.02)
    assert driver.status().ready
    card.with_name("asound.conf").write_text("", encoding="utf-8")
    time.sleep(0.02)
    with pytest.raises(DeviceError, match="device_offline"):
        driver.status()
    driver.close()


def test_a_program_that_is_not_installed_is_named(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeviceError, match="espeak-ng is not installed"):
        EspeakSpeaker(port="heard").open()


def test_a_voice_that_nobody_has_is_a_mistake_of_the_settings(card: Path) -> None:
    with pytest.raises(DeviceError, match="device_misconfigured"):
        EspeakSpeaker(port="heard", voice_zh="zzqq").open()


def test_no_time_to_make_the_sound_is_told(speaker: EspeakSpeaker) -> None:
    with pytest.raises(DeviceError, match="device_timeout"):
        speaker.say(ZH * 90, "zh", 0.0)


@pytest.mark.parametrize("words", ["", "   ", "\x00\x07\n", "-v nobody", "<speak>", "𠮷" * 2000])
def test_odd_words_do_no_harm(speaker: EspeakSpeaker, words: str) -> None:
    assert speaker.say(words, "zh", 30.0) >= 0
    assert speaker.status().ready


def test_closed_it_says_so_and_the_settings_know_its_name(speaker: EspeakSpeaker) -> None:
    speaker.close()
    speaker.close()
    for verb in (speaker.status, lambda: speaker.say(EN, "en", 1.0)):
        with pytest.raises(DeviceError, match="device_offline"):
            verb()
    assert registry.BUILT_IN["speaker_espeak"] == "drivers.speaker:EspeakSpeaker"
    assert isinstance(speaker, Device)


def test_the_next_sentence_is_as_loud_as_the_speaker_was_set(speaker: EspeakSpeaker, card: Path) -> None:
    loudest: list[int] = []
    for percent in (10, 100, 0, None):
        speaker.set_volume(percent)
        speaker.say(EN, "en", 20.0)
        finished(speaker)
        heard = array.array("h", card.read_bytes())  # ALSA begins the file anew with each player
        loudest.append(max(abs(sample) for sample in heard))
    low, high, none, usual = loudest
    assert none == 0 < low < usual < high, "and None is what its settings say"
