"""Whatever hands do and lines lose: a card that is read is the one that lies there now."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from config.people import person
from drivers.device import DeviceError
from drivers.virtual.id_card_reader import VirtualIdCardReader
from tests.drivers.card_benches import Wired, on_serial, on_usb
from tests.peers.usb_peer import usb_bus


class WhoseCard(RuleBasedStateMachine):
    """Over a serial line; the subclass below only changes the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.all = ExitStack()
        folder = self.all.enter_context(tempfile.TemporaryDirectory())
        self.bench = VirtualIdCardReader(Path(folder) / "reader", wire_time=False, late_seconds=0.07)
        self.bench.start()
        self.all.callback(self.bench.stop)
        self.driver = self.wired()
        self.lies: str | None = None

    def wired(self) -> Wired:
        """The driver on its wire."""
        return self.all.enter_context(on_serial(self.bench, timeout=0.05))

    def teardown(self) -> None:
        self.all.close()

    @rule(key=st.sampled_from(["zhang", "li", "chen"]))
    def lay(self, key: str) -> None:
        self.take()
        self.bench.act("put", person=key)
        self.lies = key

    @rule()
    def take(self) -> None:
        self.bench.act("take")
        self.lies = None

    @rule(how=st.sampled_from(["checksum", "silent", "late", "cut"]), of=st.sampled_from(["read", "any"]))
    def damage(self, how: str, of: str) -> None:
        self.bench.act("damage_next", how=how, of=of)

    @rule()
    def replug(self) -> None:
        self.driver.unplug()
        self.driver.call("close")
        self.driver.plug()
        self.driver.call("open")

    @rule(verb=st.sampled_from(["status", "reset", "sam_id", "newest_address"]))
    def ask(self, verb: str) -> None:
        with suppress(DeviceError):
            self.driver.call(verb)

    @rule(fingerprint=st.booleans())
    def read(self, fingerprint: bool) -> None:
        try:
            card = self.driver.call("read_card", 0.0, fingerprint)
        except DeviceError as error:
            assert error.code in ("id_no_card", "device_timeout", "device_garbled")
        else:
            assert self.lies is not None
            assert (card.name, card.number) == (person(self.lies).name, person(self.lies).number)


class WhoseCardSplit(WhoseCard):
    """Over USB, where the two halves of an answer come through two pipes and might be paired wrongly."""

    def wired(self) -> Wired:
        bus = self.all.enter_context(usb_bus())
        remote = self.all.enter_context(bus.process())
        return self.all.enter_context(on_usb(self.bench, bus, remote, split=True, timeout=0.08))


WhoseCard.TestCase.settings = settings(max_examples=15, stateful_step_count=14, deadline=None)
WhoseCardSplit.TestCase.settings = settings(max_examples=4, stateful_step_count=14, deadline=None)
test_a_card_that_is_read_is_always_the_one_that_lies_there = WhoseCard.TestCase
test_and_so_it_is_over_a_split_channel = WhoseCardSplit.TestCase
