"""The identity card reader over a real PTY: cards laid and taken, damage, cables, late answers."""

from __future__ import annotations

import os
import tempfile
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from config.devices import Availability, Kind, Media
from config.people import person
from config.settings import DeviceSettings
from drivers import id_card, registry, sam_frames
from drivers.device import DeviceError
from drivers.id_card_reader import IdCardReader
from drivers.virtual.id_card_reader import DAMAGES, SAM_ID, VirtualIdCardReader, card_of
from drivers.virtual.virtual_device import VirtualDevice

TIMEOUT = 0.25  # of the driver, for one answer
LATE = 0.4


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualIdCardReader]:
    reader = VirtualIdCardReader(tmp_path / "bench" / "id-card-reader", wire_time=False, late_seconds=LATE)
    reader.start()
    yield reader
    reader.stop()


@pytest.fixture
def reader(bench: VirtualIdCardReader) -> Iterator[IdCardReader]:
    driver = IdCardReader(port=str(bench.state()["link"]), timeout=TIMEOUT)
    driver.open()
    yield driver
    driver.close()


def failing(verb: Callable[[], object]) -> DeviceError:
    with pytest.raises(DeviceError) as raised:
        verb()
    return raised.value


# ── cards ───────────────────────────────────────────────────────────────────
def test_a_card_is_laid_down_read_and_taken(bench: VirtualIdCardReader, reader: IdCardReader) -> None:
    assert not reader.find_card(timeout=0.02)
    bench.act("put", person="zhang")
    assert reader.find_card(timeout=1)
    card = reader.read_card()
    assert card.name == "张明远"
    assert card.number == "330100198503140012"
    assert card.has_photo
    assert reader.status().media is Media.PRESENT
    assert not reader.wait_removed(timeout=0.02)
    bench.act("take")
    assert reader.wait_removed(timeout=1)
    assert reader.status().media is not Media.PRESENT


@pytest.mark.parametrize("key", ["zhang", "wang", "li", "chen", "zhou", "xu", "sun"])
def test_every_citizens_card_arrives_whole(
    bench: VirtualIdCardReader, reader: IdCardReader, key: str
) -> None:
    bench.act("put", person=key)
    assert reader.read_card() == card_of(person(key))


def test_a_card_laid_down_while_the_terminal_waits_is_read(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    laying = threading.Timer(0.05, bench.act, ["put"], {"person": "li"})
    laying.start()
    assert reader.read_card(timeout=2).name == "李若澜"
    laying.join()


def test_with_no_card_the_citizen_is_asked_for_one(reader: IdCardReader) -> None:
    assert failing(lambda: reader.read_card(timeout=0.05)).code == "id_no_card"


def test_a_card_that_stays_is_not_read_twice_and_the_next_one_is(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    bench.act("put", person="zhang")
    reader.read_card()
    assert failing(lambda: reader.read_card(timeout=0.05)).code == "id_no_card"
    bench.act("take")
    bench.act("put", person="li")
    assert reader.read_card().name == "李若澜"


def test_nobody_waits_for_a_card_that_was_never_read(reader: IdCardReader) -> None:
    assert reader.wait_removed(timeout=5)


# ── the module ──────────────────────────────────────────────────────────────
def test_the_module_tells_its_state_and_number(bench: VirtualIdCardReader, reader: IdCardReader) -> None:
    assert reader.status().availability is Availability.ONLINE
    assert reader.sam_id() == "05.01-20260101-0000000001-0000000002"
    bench.act("fail_self_test")
    state = reader.status()
    assert (state.availability, state.faults) == (Availability.FAULT, ("id_module_failed",))
    bench.act("put", person="li")
    assert failing(reader.read_card).code == "id_module_failed"
    bench.act("repair")
    assert reader.status().ready
    assert reader.read_card().name == "李若澜"


def test_two_terminals_cannot_hold_one_reader(bench: VirtualIdCardReader, reader: IdCardReader) -> None:
    second = IdCardReader(port=str(bench.state()["link"]))
    assert failing(second.open).code == "device_absent"
    second.close()


def test_a_baud_rate_that_does_not_exist_is_a_mistake_of_the_settings(bench: VirtualIdCardReader) -> None:
    assert failing(IdCardReader(port=str(bench.state()["link"]), baud=-1).open).code == "device_misconfigured"


# ── damage ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", DAMAGES)
def test_after_a_damaged_reading_the_card_laid_down_again_is_read(
    bench: VirtualIdCardReader, reader: IdCardReader, how: str
) -> None:
    bench.act("put", person="zhang")
    bench.act("damage_next", how=how)
    error = failing(reader.read_card)
    assert error.code == ("device_garbled" if how == "checksum" else "device_timeout")
    assert not error.lost
    bench.act("take")
    bench.act("put", person="zhang")
    assert reader.read_card(timeout=1).number == "330100198503140012"


@pytest.mark.parametrize(
    ("verb", "how"),
    [
        *(("status", how) for how in DAMAGES),
        ("sam_id", "silent"),
        ("find_card", "checksum"),
        ("reset", "late"),
    ],
)
def test_damage_to_any_other_answer_costs_that_verb_only(
    bench: VirtualIdCardReader, reader: IdCardReader, verb: str, how: str
) -> None:
    reader.status()  # the line is sure, so that the damage meets the verb itself
    bench.act("damage_next", how=how, of="any")
    arguments = {"timeout": 0.05} if verb == "find_card" else {}
    assert failing(lambda: getattr(reader, verb)(**arguments)).code in ("device_timeout", "device_garbled")
    time.sleep(LATE if how == "late" else 0)
    assert reader.status().ready


def test_a_late_answer_is_not_taken_for_the_next_persons(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    bench.act("put", person="zhang")
    bench.act("damage_next", how="late")
    assert failing(reader.read_card).code == "device_timeout"
    bench.act("take")  # he gives up and goes; his data is still on its way
    bench.act("put", person="li")
    while True:  # as the supervisor does: no verb before a reset has succeeded
        try:
            reader.reset()
            break
        except DeviceError as error:
            assert error.code == "device_timeout"
    assert reader.read_card(timeout=1).name == "李若澜"


def test_a_late_answer_is_not_taken_even_without_a_reset(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    bench.act("put", person="zhang")
    bench.act("damage_next", how="late")
    assert failing(reader.read_card).code == "device_timeout"
    bench.act("take")
    time.sleep(LATE)
    assert failing(lambda: reader.read_card(timeout=0.05)).code == "id_no_card"


class WhoseCard(RuleBasedStateMachine):
    """Whatever hands do and lines lose: a card that is read is the one that lies there now."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        link = Path(self.folder.name) / "reader"
        self.bench = VirtualIdCardReader(link, wire_time=False, late_seconds=0.07)
        self.bench.start()
        self.driver = IdCardReader(port=str(link), timeout=0.05)
        self.driver.open()
        self.lies: str | None = None

    def teardown(self) -> None:
        self.driver.close()
        self.bench.stop()
        self.folder.cleanup()

    @rule(key=st.sampled_from(["zhang", "li", "chen"]))
    def lay(self, key: str) -> None:
        self.take()
        self.bench.act("put", person=key)
        self.lies = key

    @rule()
    def take(self) -> None:
        self.bench.act("take")
        self.lies = None

    @rule(how=st.sampled_from(["checksum", "silent", "late"]), of=st.sampled_from(["read", "any"]))
    def damage(self, how: str, of: str) -> None:
        self.bench.act("damage_next", how=how, of=of)

    @rule()
    def replug(self) -> None:
        self.bench.act("unplug")
        self.driver.close()
        self.bench.act("plug")
        self.driver.open()

    @rule(verb=st.sampled_from(["status", "reset", "sam_id"]))
    def ask(self, verb: str) -> None:
        with suppress(DeviceError):
            getattr(self.driver, verb)()

    @rule()
    def read(self) -> None:
        try:
            card = self.driver.read_card(timeout=0)
        except DeviceError as error:
            assert error.code in ("id_no_card", "device_timeout", "device_garbled")
        else:
            assert self.lies is not None
            assert card == card_of(person(self.lies))


WhoseCard.TestCase.settings = settings(max_examples=15, stateful_step_count=14, deadline=None)
test_a_card_that_is_read_is_always_the_one_that_lies_there = WhoseCard.TestCase


# ── cables ──────────────────────────────────────────────────────────────────
VERBS: dict[str, Callable[[IdCardReader], object]] = {
    "status": IdCardReader.status,
    "sam_id": IdCardReader.sam_id,
    "find_card": lambda reader: reader.find_card(timeout=5),
    "read_card": lambda reader: reader.read_card(timeout=5),
    "wait_removed": lambda reader: reader.wait_removed(timeout=5),
    "reset": IdCardReader.reset,
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_pulled_cable_is_told_by_every_verb_and_opening_again_heals(
    bench: VirtualIdCardReader, reader: IdCardReader, verb: str
) -> None:
    if verb == "wait_removed":
        bench.act("put", person="zhang")
        reader.read_card()
    bench.act("unplug")
    error = failing(lambda: VERBS[verb](reader))
    assert (error.code, error.lost) == ("device_offline", True)
    reader.close()
    assert failing(reader.open).code == "device_absent"
    bench.act("plug")
    reader.open()
    assert reader.status().ready


@pytest.mark.parametrize("verb", ["find_card", "wait_removed"])
def test_a_cable_pulled_while_a_verb_waits_ends_it_at_once(
    bench: VirtualIdCardReader, reader: IdCardReader, verb: str
) -> None:
    if verb == "wait_removed":
        bench.act("put", person="zhang")
        reader.read_card()
    pulling = threading.Timer(0.05, bench.act, ["unplug"])
    pulling.start()
    assert failing(lambda: VERBS[verb](reader)).lost
    pulling.join()


def test_a_cable_pulled_in_the_middle_of_the_card_loses_the_card(tmp_path: Path) -> None:
    bench = VirtualIdCardReader(tmp_path / "reader", baud=9600)  # 1.3 s for a card
    bench.start()
    driver = IdCardReader(port=str(tmp_path / "reader"), baud=9600, timeout=3)
    driver.open()
    bench.act("put", person="zhang")
    pulling = threading.Timer(0.3, bench.act, ["unplug"])
    pulling.start()
    error = failing(driver.read_card)
    pulling.join()
    driver.close()
    assert (error.code, error.lost) == ("device_offline", True)


def test_before_opening_and_after_closing_every_verb_says_so(reader: IdCardReader) -> None:
    reader.close()
    reader.close()
    for verb in (reader.status, reader.sam_id, reader.reset):
        assert failing(verb).lost


def test_many_openings_leave_no_handle_and_no_thread(bench: VirtualIdCardReader) -> None:
    handles, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    driver = IdCardReader(port=str(bench.state()["link"]), timeout=TIMEOUT)
    for _ in range(25):
        driver.open()
        driver.status()
        driver.close()
    for _ in range(20):
        bench.act("unplug")
        bench.act("plug")
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == (handles, threads)


# ── other modules ───────────────────────────────────────────────────────────
class ScriptedModule:
    """The far end of a PTY that answers by a table: for modules that behave unlike ours."""

    def __init__(self, answers: dict[tuple[int, int], list[bytes]]) -> None:
        self._answers = answers
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread by a request of its own that no driver sends."""
        os.write(self._slave, b"\0" * 9)
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        while (request := os.read(self._master, 4096))[0]:
            frames = self._answers.get((request[7], request[8]), [])
            if frames:
                os.write(self._master, frames[0] if len(frames) == 1 else frames.pop(0))


OK = sam_frames.answer_frame(0x90)
GREETING = {sam_frames.SAM_ID: [sam_frames.answer_frame(0x90, SAM_ID)], sam_frames.STATUS: [OK]}


def card_frame(key: str) -> bytes:
    text = id_card.encode(card_of(person(key)))
    return sam_frames.answer_frame(0x90, bytes.fromhex("01000400") + text + bytes(1024))


def scripted(answers: dict[tuple[int, int], list[bytes]], **options: bool) -> Iterator[IdCardReader]:
    module = ScriptedModule(GREETING | answers)
    driver = IdCardReader(port=module.port, timeout=TIMEOUT, **options)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()
        module.close()


def test_a_module_whose_find_denies_the_card_is_asked_to_select() -> None:
    answers = {
        sam_frames.FIND: [sam_frames.answer_frame(0x80)],
        sam_frames.SELECT: [sam_frames.answer_frame(0x90, bytes(8))],
        sam_frames.READ: [card_frame("li")],
    }
    for driver in scripted(answers, select_without_find=True):
        assert driver.read_card(timeout=0).name == "李若澜"


def test_a_module_without_newest_address_is_asked_by_select_whether_the_card_lies_there() -> None:
    selected = sam_frames.answer_frame(0x90, bytes(8))
    answers = {
        sam_frames.FIND: [sam_frames.answer_frame(0x9F, bytes(4))],
        sam_frames.SELECT: [selected, selected, sam_frames.answer_frame(0x81)],
        sam_frames.READ: [card_frame("li")],
        sam_frames.READ_NEWEST_ADDRESS: [sam_frames.answer_frame(0x21)],
    }
    for driver in scripted(answers):
        driver.read_card()
        assert not driver.wait_removed(timeout=0)
        assert driver.wait_removed(timeout=1)


@pytest.mark.parametrize(
    ("command", "sw3", "code"),
    [
        (sam_frames.SELECT, 0x32, "id_refused"),
        (sam_frames.SELECT, 0x40, "id_refused"),
        (sam_frames.SELECT, 0x81, "id_unreadable"),
        (sam_frames.READ, 0x41, "id_unreadable"),
        (sam_frames.READ, 0x31, "id_refused"),
        (sam_frames.FIND, 0x66, "id_module_failed"),
    ],
)
def test_each_refusal_of_the_module_has_its_own_words(command: tuple[int, int], sw3: int, code: str) -> None:
    answers = {
        sam_frames.FIND: [sam_frames.answer_frame(0x9F, bytes(4))],
        sam_frames.SELECT: [sam_frames.answer_frame(0x90, bytes(8))],
        sam_frames.READ: [card_frame("li")],
        command: [sam_frames.answer_frame(sw3)],
    }
    for driver in scripted(answers):
        assert failing(driver.read_card).code == code


def test_an_answer_of_another_questions_shape_is_never_believed() -> None:
    """A whole card in answer to *status*: somebody's, on its way to the wrong person."""
    answers = {sam_frames.STATUS: [card_frame("zhang"), OK]}
    for driver in scripted(answers):
        assert failing(driver.status).code == "device_garbled"
        assert driver.status().ready


def test_a_module_that_floods_the_line_cannot_hold_the_terminal() -> None:
    answers = {sam_frames.SAM_ID: [OK * 50]}
    for driver in scripted(answers):
        assert failing(driver.status).code in ("device_garbled", "device_timeout")


# ── the bench ───────────────────────────────────────────────────────────────
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


def test_the_settings_make_this_reader(bench: VirtualIdCardReader) -> None:
    told = DeviceSettings(
        kind=Kind.ID_CARD_READER,
        driver="id_card_reader_serial",
        port=str(bench.state()["link"]),
        options={"baud": 115200, "timeout": TIMEOUT},
    )
    device = registry.make(told)
    device.open()
    assert device.status().ready
    device.close()
