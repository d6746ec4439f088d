"""A loudspeaker that reads prompts aloud.

The words are turned into sound by espeak-ng and played by ALSA's aplay: both are programs of their own, given
their work by pipes, never linked in (espeak-ng is under the GPL). The words go in by standard input, so that
no list of processes shows them. Another voice is another driver with the same verbs.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import time
from contextlib import suppress
from typing import Literal, Protocol

from config.devices import Availability, DeviceState
from drivers import device
from drivers.device import Deadline, DeviceError

Language = Literal["zh", "en"]
VOICE_ZH = "cmn-latn-pinyin"  # plain `cmn` of espeak-ng 1.51 reads many characters' pinyin as English words
PROBE_SECONDS = 3.0  # aplay that opens a sound card takes a tenth of it
SLACK_SECONDS = 5.0  # beyond the sound's own length: then aplay hangs, and is ended
_SILENCE = b"\0\0" * 1100  # a twentieth of a second
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST = 1000  # characters of one sentence


class Speaker(Protocol):
    """What the kiosk asks of any driver of the kind `speaker`, beside the contract of a device."""

    def say(self, words: str, language: Language, timeout: float) -> float:
        """Begins to speak, in place of what was being said; returns how many seconds it will take.

        DeviceError `speaker_failed`, `device_timeout`, `device_offline` (lost).
        """

    def speaking(self) -> bool:
        """Whether it speaks now. DeviceError `device_offline` (lost) when it cannot."""

    def stop(self) -> None:
        """Falls silent at once; never raises."""


class EspeakSpeaker:
    """The loudspeaker behind an ALSA name. `say` returns when the voice begins; `stop` cuts it off.

    `port` is a PCM of ALSA (`default`, `plughw:CARD=Device`), `speed` words a minute, `volume` 0–200; every
    `check_seconds` a silent one is asked whether it is still there.
    """

    def __init__(
        self,
        *,
        port: str = "default",
        speed: int = 150,
        volume: int = 100,
        voice_zh: str = VOICE_ZH,
        voice_en: str = "en-gb",
        check_seconds: float = 60.0,
    ) -> None:
        if not (80 <= speed <= 450 and 0 <= volume <= 200):
            raise ValueError("speed is 80 to 450 words a minute, volume 0 to 200")
        device.check_seconds(check_seconds=check_seconds)
        self._port, self._speed = port, speed
        self._volume = self._usual_volume = volume
        self._voices: dict[Language, str] = {"zh": voice_zh, "en": voice_en}
        self._check_every = check_seconds
        self._player: subprocess.Popen[bytes] | None = None
        self._ends = 0.0  # when the player must have ended
        self._checked = 0.0
        self._open = False

    # ── the contract ────────────────────────────────────────────────────────
    def open(self) -> None:
        """Plays a moment of silence. DeviceError `device_absent`, `device_misconfigured` (no such voice)."""
        self.close()
        for program in ("espeak-ng", "aplay"):
            if shutil.which(program) is None:
                raise DeviceError("device_absent", f"{program} is not installed")
        for voice in self._voices.values():
            _sound("", voice, self._speed, 0, Deadline(PROBE_SECONDS))
        self._probe("device_absent")
        self._open = True

    def close(self) -> None:
        """Falls silent; may be called twice; never raises."""
        self._open = False
        self.stop()

    def status(self) -> DeviceState:
        """DeviceError `device_offline` (lost) when the sound card is gone.

        Speaking is no state: it would be reported with every sentence.
        """
        if not self.speaking() and time.monotonic() - self._checked >= self._check_every:
            self._probe("device_offline")
        return DeviceState(Availability.ONLINE)

    # ── verbs ───────────────────────────────────────────────────────────────
    def say(self, words: str, language: Language, timeout: float) -> float:
        """Begins to speak, in place of what was being said; returns how many seconds it will take.

        `timeout` bounds the making of the sound. DeviceError `device_timeout` when it is not made in time,
        `speaker_failed` when the voice fails, `device_offline` (lost) when the card is gone.
        """
        self._must_be_open()
        self.stop()
        deadline = Deadline(timeout)
        sound = _sound(words, self._voices[language], self._speed, self._volume, deadline)
        self._player = self._play(sound)
        seconds = _seconds(sound)
        self._ends = time.monotonic() + seconds + SLACK_SECONDS
        with suppress(subprocess.TimeoutExpired):  # a card that is gone is told at once
            if self._player.wait(min(0.08, deadline.left)) != 0:
                self._player = None
                raise DeviceError("device_offline", "aplay failed", lost=True)
        return seconds

    def stop(self) -> None:
        """Falls silent at once; never raises."""
        player, self._player = self._player, None
        if player is not None:
            with suppress(OSError):
                player.kill()
            with suppress(subprocess.TimeoutExpired):
                player.wait(2.0)

    def set_volume(self, percent: int | None) -> None:
        """How loud the next sentence is, 0 (silent) to 100; None: as the settings say. Never raises."""
        self._volume = self._usual_volume if percent is None else 2 * percent

    def speaking(self) -> bool:
        """Whether it speaks now; a player that hangs is ended.

        DeviceError `device_offline` (lost) when the sentence could not be played.
        """
        self._must_be_open()
        if self._player is None:
            return False
        code = self._player.poll()
        if code is None and time.monotonic() < self._ends:
            return True
        self.stop()
        if code != 0:
            raise DeviceError("device_offline", "aplay hung" if code is None else "aplay failed", lost=True)
        self._checked = time.monotonic()
        return False

    def reset(self) -> None:
        """A sentence whose listener has gone is not said to its end."""
        self.stop()

    # ── within ──────────────────────────────────────────────────────────────
    def _probe(self, code: str) -> None:
        """Plays a moment of silence; DeviceError `code` (lost) when the card does not take it."""
        self._checked = time.monotonic()
        player = self._play(_wav(_SILENCE, 22050))
        try:
            failed = player.wait(PROBE_SECONDS) != 0
        except subprocess.TimeoutExpired:
            player.kill()
            with suppress(subprocess.TimeoutExpired):
                player.wait(2.0)
            failed = True
        if failed:
            raise DeviceError(code, "ALSA does not play on this port", lost=True)

    def _play(self, sound: bytes) -> subprocess.Popen[bytes]:
        """aplay with the sound in memory as its input: nothing is written to a disk, no thread feeds it."""
        memory = os.memfd_create("sound")
        try:
            with open(memory, "wb", closefd=False) as file:
                file.write(sound)
            os.lseek(memory, 0, os.SEEK_SET)
            return subprocess.Popen(
                ["aplay", "--quiet", "-D", self._port, "-"],
                stdin=memory,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise DeviceError("device_offline", f"aplay: {type(error).__name__}", lost=True) from None
        finally:
            os.close(memory)

    def _must_be_open(self) -> None:
        if not self._open:
            raise DeviceError("device_offline", "not open", lost=True)


def _sound(words: str, voice: str, speed: int, volume: int, deadline: Deadline) -> bytes:
    """A WAV with the words spoken. DeviceError `device_misconfigured`, `speaker_failed`, `device_timeout`."""
    asked = ["espeak-ng", "-v", voice, "-s", str(speed), "-a", str(volume), "--stdin", "--stdout"]
    text = _CONTROL.sub(" ", words)[:_LONGEST].encode(errors="replace") + b"\n"
    try:
        done = subprocess.run(
            asked, input=text, capture_output=True, timeout=max(0.05, deadline.left), check=False
        )
    except subprocess.TimeoutExpired:
        raise DeviceError("device_timeout", "espeak-ng") from None
    except OSError as error:
        raise DeviceError("speaker_failed", f"espeak-ng: {type(error).__name__}") from None
    if done.returncode != 0:
        unknown = b"voice" in done.stderr
        raise DeviceError("device_misconfigured" if unknown else "speaker_failed", f"espeak-ng -v {voice}")
    samples, rate = done.stdout[44:], struct.unpack_from("<I", done.stdout.ljust(44, b"\0"), 24)[0]
    if words.strip() and not samples:
        raise DeviceError("speaker_failed", "espeak-ng said nothing")
    return _wav(samples, rate or 22050)


def _wav(samples: bytes, rate: int) -> bytes:
    """16-bit mono samples with a head that tells their true length; espeak-ng's, on a pipe, cannot."""
    shape = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    body = b"WAVE" + shape + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _seconds(sound: bytes) -> float:
    """How long a WAV of `_wav` takes."""
    rate: int = struct.unpack_from("<I", sound, 24)[0]
    return (len(sound) - 44) / 2 / rate
