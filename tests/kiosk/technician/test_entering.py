"""Who enters: a number with a code that is good once, or a card; everybody else waits longer and longer."""

from __future__ import annotations

import asyncio
import os
from datetime import date
from pathlib import Path

import pytest

from config.devices import Kind
from config.faults import any_fault
from config.people import person
from config.words import words
from drivers.device import DeviceError
from drivers.id_card import IdCard
from kiosk import private_file
from kiosk.data.ledger import Ledger
from kiosk.prompts import StaffSaid, TechnicianKey
from kiosk.stage import GoHome
from kiosk.technician import people, running_time
from kiosk.technician.people import Technician
from kiosk.technician.running_time import Ran
from tests.journeys.counter_devices import CardReader
from tests.journeys.traces import spellings
from tests.kiosk import small_visit
from tests.kiosk.technician.room import (
    NUMBER,
    SECRET,
    TECHNICIAN,
    acted,
    choose,
    code_now,
    everything,
    key,
    play,
)

WRONG = StaffSaid(NUMBER, "000000")


def test_given_the_gesture_and_a_right_code_then_he_sees_the_list_and_leaves(tmp_path: Path) -> None:
    seen = play(tmp_path, key, *choose("leave"))
    assert seen.pages() == ["Home", "TechnicianKey", "WorkList", "Home"]
    assert acted(tmp_path) == [(NUMBER, "entered", "", "", "code"), (NUMBER, "left", "", "", "asked")]


def test_given_no_card_reader_then_none_is_asked_for(tmp_path: Path) -> None:
    assert [one.card for one in play(tmp_path, GoHome()).asked_who()] == [False]


def test_whoever_goes_home_at_the_door_has_not_been_there(tmp_path: Path) -> None:
    assert play(tmp_path, GoHome()).pages() == ["Home", "TechnicianKey", "Home"]
    assert acted(tmp_path) == []


def test_a_code_is_good_once_also_after_a_restart(tmp_path: Path) -> None:
    digits = code_now()
    play(tmp_path, StaffSaid(NUMBER, digits), *choose("leave"))
    seen = play(tmp_path, StaffSaid(NUMBER, digits), GoHome())
    assert "WorkList" not in seen.pages()
    assert acted(tmp_path)[-1] == (NUMBER, "refused", "", "technician_refused", "code")


@pytest.mark.parametrize("days", [0, 2, -400], ids=["right", "two days ahead", "a year behind"])
def test_after_five_wrong_tries_the_right_code_waits_too_and_neither_restart_nor_clock_forgives(
    tmp_path: Path, days: int
) -> None:
    """Whoever gets at the clock sets it while the wait lasts; the technician's app follows it."""
    ran, ahead, start = [1000.0], [0.0], ["a"]

    def running(ledger: Ledger) -> Ran:
        return running_time.now(ledger, lambda: ran[0], lambda: start[0])

    def clock() -> float:
        return 1_800_000_000.0 + ran[0] + ahead[0]

    def wrong(prompt: object) -> StaffSaid:
        ran[0] += 16.0  # longer than the waits after the first four
        return WRONG

    def right(prompt: object) -> StaffSaid:
        ran[0] += 1.0
        return StaffSaid(NUMBER, code_now(clock()))

    play(tmp_path, *[wrong] * 5, right, GoHome(), clock=clock, ran=running)
    refused = [outcome for _, act, _, outcome, _ in acted(tmp_path) if act == "refused"]
    assert refused == ["technician_refused"] * 5 + ["technician_locked_out"]
    ahead[0] = days * 86_400.0
    seen = play(tmp_path, right, GoHome(), clock=clock, ran=running)
    problem = seen.asked_who()[-1].problem
    assert problem is not None and words("technician.wait", seconds=58).zh in problem.zh
    ran[0], start[0] = 30.0, "b"  # the computer was off for a night, and runs again since half a minute
    seen = play(tmp_path, right, GoHome(), clock=clock, ran=running)
    problem = seen.asked_who()[-1].problem
    assert problem is not None and words("technician.wait", seconds=27).zh in problem.zh
    ran[0] += 27.0
    assert "WorkList" in play(tmp_path, right, *choose("leave"), clock=clock, ran=running).pages()


def test_a_number_that_nobody_has_is_not_told_whosoever_it_may_be(tmp_path: Path) -> None:
    typed = "330106199003078888"
    play(tmp_path, StaffSaid(typed, "123456"), GoHome())
    assert acted(tmp_path) == [("", "refused", "", "technician_refused", "code")]
    assert typed.encode() not in everything(tmp_path)


@pytest.mark.parametrize(
    "known",
    [(), (Technician(number=NUMBER, secret=SECRET, until=date(2020, 1, 1)),)],
    ids=["nobody is registered", "his time is over"],
)
def test_who_is_not_or_no_longer_registered_does_not_enter(
    tmp_path: Path, known: tuple[Technician, ...]
) -> None:
    seen = play(tmp_path, key, GoHome(), known=known)
    assert seen.pages() == ["Home", "TechnicianKey", "TechnicianKey", "Home"]
    (one,) = acted(tmp_path)
    assert one[1] == "refused"


@pytest.mark.parametrize("spoil", ["others may read it", "a link", "not TOML", "too short a secret"])
def test_given_a_people_file_that_cannot_be_trusted_then_nobody_enters(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "technicians.toml"

    def spoiled(prompt: object) -> StaffSaid:
        match spoil:
            case "others may read it":
                path.chmod(0o644)
            case "a link":
                os.rename(path, tmp_path / "elsewhere.toml")
                path.symlink_to(tmp_path / "elsewhere.toml")
            case "not TOML":
                path.write_text("[[technicians", encoding="utf-8")
            case _:
                path.write_text('[[technicians]]\nnumber = "1001"\nsecret = "GEZDG"\n', encoding="utf-8")
        return StaffSaid(NUMBER, code_now())

    seen = play(tmp_path, spoiled, GoHome())
    assert seen.pages() == ["Home", "TechnicianKey", "TechnicianKey", "Home"]
    problem = seen.asked_who()[-1].problem
    assert problem is not None and "GEZDG" not in problem.en
    assert acted(tmp_path) == [("", "refused", "", "technician_people_broken", "")]


# ── by card ─────────────────────────────────────────────────────────────────
def registered(folder: Path, name: str) -> Technician:
    """Somebody whose card was read at this terminal."""
    (folder / "terminal").mkdir(exist_ok=True)
    return Technician(
        number=NUMBER,
        secret=SECRET,
        cards=(people.card_digest(folder / "terminal", small_visit.card(name)),),
    )


def test_given_his_card_then_he_enters_and_its_number_is_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    reader, who = CardReader(), person("li")

    def lay(prompt: object) -> None:
        reader.lay(who)

    seen = play(
        tmp_path,
        lay,
        *choose("leave"),
        known=(registered(tmp_path, "li"),),
        devices={Kind.ID_CARD_READER: reader},
    )
    assert seen.pages() == ["Home", "TechnicianKey", "PlaceCard", "WorkList", "Home"]
    assert seen.asked_who()[0].card
    assert acted(tmp_path)[0] == (NUMBER, "entered", "", "", "card")
    out, err = capfd.readouterr()
    left = everything(tmp_path) + (out + err + caplog.text + repr(seen.shown)).encode()
    for text in (who.number, who.name):
        assert not [spelling for spelling, raw in spellings(text).items() if raw in left]


def test_given_a_citizens_card_then_it_is_refused_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    reader, who = CardReader(), person("wang")

    def lay(prompt: object) -> None:
        reader.lay(who)

    play(tmp_path, lay, GoHome(), known=(registered(tmp_path, "li"),), devices={Kind.ID_CARD_READER: reader})
    assert acted(tmp_path) == [("", "refused", "", "technician_refused", "card")]
    left = everything(tmp_path)
    assert not [name for name, raw in spellings(who.number).items() if raw in left]


class Unreadable(CardReader):
    """A card lies there that does not read; after it the reader is gone."""

    code = "id_unreadable"

    def find_card(self, timeout: float) -> bool:
        if self.code == "device_offline":
            raise DeviceError(self.code)
        return True

    def read_card(self, timeout: float = 2.0, fingerprint: bool = False) -> IdCard:
        code, self.code = self.code, "device_offline"
        raise DeviceError(code)


def test_a_card_that_does_not_read_is_said_and_a_reader_that_fails_keeps_nobody_from_typing(
    tmp_path: Path,
) -> None:
    async def slowly(prompt: TechnicianKey) -> StaffSaid:
        assert prompt.problem == any_fault("id_unreadable").technician
        await asyncio.sleep(0.3)
        return StaffSaid(NUMBER, code_now())

    seen = play(
        tmp_path, lambda prompt: None, slowly, *choose("leave"), devices={Kind.ID_CARD_READER: Unreadable()}
    )
    assert seen.pages() == ["Home", "TechnicianKey", "TechnicianKey", "WorkList", "Home"]


class Garbled(CardReader):
    """A reader on a bad cable: nobody has laid a card, and it says nonsense."""

    def find_card(self, timeout: float) -> bool:
        raise DeviceError("device_garbled")


def test_a_reader_that_says_nonsense_takes_nobodys_digits_away(tmp_path: Path) -> None:
    async def slowly(prompt: TechnicianKey) -> StaffSaid:
        assert prompt.card
        await asyncio.sleep(0.3)
        return StaffSaid(NUMBER, code_now())

    seen = play(tmp_path, slowly, *choose("leave"), devices={Kind.ID_CARD_READER: Garbled()})
    assert seen.pages() == ["Home", "TechnicianKey", "WorkList", "Home"]


def test_given_a_disk_that_takes_no_key_then_he_reads_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    def typed(prompt: TechnicianKey) -> StaffSaid:
        monkeypatch.setattr(private_file, "write", full)
        return StaffSaid(NUMBER, code_now())

    seen = play(tmp_path, typed, GoHome())
    assert seen.pages() == ["Home", "TechnicianKey", "TechnicianKey", "Home"]
    assert "No space left" in str(seen.asked_who()[-1].problem)
    assert acted(tmp_path) == [("", "refused", "", "technician_people_broken", "")]


def test_given_a_key_of_the_folder_that_is_a_link_then_he_reads_why_and_it_is_not_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "terminal").mkdir()
    (tmp_path / "terminal" / people.KEY_FILE).symlink_to(tmp_path / "nowhere")
    seen = play(tmp_path, key, GoHome())
    assert people.KEY_FILE in str(seen.asked_who()[-1].problem)
    assert not (tmp_path / "nowhere").exists()


def test_another_terminals_key_makes_another_digest_of_the_same_card(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    card = small_visit.card("li")
    assert people.card_digest(first, card) == people.card_digest(first, card)
    assert people.card_digest(first, card) != people.card_digest(second, card)


def test_known_people_are_read_as_they_were_written(tmp_path: Path) -> None:
    known = (TECHNICIAN, Technician(number="77", secret=SECRET, cards=("ab" * 32,), until=date(2030, 1, 1)))
    people.write(tmp_path / "t.toml", known)
    assert people.read(tmp_path / "t.toml") == known
    assert (tmp_path / "t.toml").stat().st_mode & 0o777 == 0o600


def test_the_page_goes_by_itself_when_nobody_touches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.technician import entrance, mode
    from kiosk.technician.workshop import idle_clock

    def quick_inside(seconds: float) -> object:
        """The door stays patient: on a busy computer a code takes a while to be judged."""
        return idle_clock(seconds) if seconds == entrance.PATIENCE_SECONDS else _quick()

    monkeypatch.setattr(mode, "idle_clock", lambda seconds: _quick())
    seen = play(tmp_path, lambda prompt: None)
    assert seen.pages() == ["Home", "TechnicianKey", "Home"]
    monkeypatch.setattr(mode, "idle_clock", quick_inside)
    seen = play(tmp_path, key, lambda prompt: None)
    assert seen.pages()[-2:] == ["WorkList", "Home"]
    assert acted(tmp_path)[-1] == (NUMBER, "left", "", "", "idle")


def test_whoever_keeps_touching_the_page_holds_up_nobody_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.technician import entrance

    monkeypatch.setattr(entrance, "DOOR_SECONDS", 0.3)
    assert play(tmp_path, lambda prompt: None).pages() == ["Home", "TechnicianKey", "Home"]


def _quick() -> object:
    from config.settings import SessionSettings
    from kiosk.session import IdleClock

    return IdleClock(SessionSettings.model_construct(idle_seconds=0.5, warn_seconds=0.1))
