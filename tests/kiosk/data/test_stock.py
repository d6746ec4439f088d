"""The account of certificate blanks: each sheet has one place in it, whatever happens to its print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from config.devices import Availability, DeviceState, Supply
from drivers.device import DeviceError
from kiosk.data import stock
from kiosk.data.schema import STEPS
from kiosk.data.stock import Account, StockError, numbers
from kiosk.data.store import Store
from kiosk.printing.stocked_printer import with_stock


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def now(kept: Store) -> Account:
    with kept.read() as read:
        return stock.account(read, "books")


def load(kept: Store, count: int, first: str = "") -> None:
    kept.write_sync(lambda tx: stock.load(tx, "books", count, first))


def take(kept: Store, record: str) -> str:
    return kept.write_sync(lambda tx: stock.take(tx, "books", record))


def end(kept: Store, record: str, state: str, begun: bool = True) -> None:
    kept.write_sync(lambda tx: stock.end(tx, record, state, begun))  # type: ignore[arg-type]


def test_given_a_pack_when_a_book_is_printed_then_its_sheet_is_used_and_the_next_number_comes(
    kept: Store,
) -> None:
    load(kept, 3, "GZ0000998")
    assert take(kept, "r1") == "GZ0000998"
    end(kept, "r1", "confirmed")
    account = now(kept)
    assert (account.used, account.blank, account.next_number) == (1, 2, "GZ0000999")
    with kept.read() as read:
        assert stock.number_of(read, "r1") == "GZ0000998"


def test_a_sheet_that_the_printer_never_had_is_the_next_again(kept: Store) -> None:
    load(kept, 2, "A01")
    take(kept, "r1")
    end(kept, "r1", "failed", begun=False)
    assert now(kept) == Account("books", blank=2, next_number="A01")
    assert take(kept, "r2") == "A01"


@pytest.mark.parametrize("state", ["failed", "unknown"])
@pytest.mark.parametrize(("fate", "following"), [("used", "A02"), ("spoiled", "A02"), ("blank", "A01")])
def test_a_numbered_sheet_in_doubt_stops_the_printer_until_somebody_has_looked(
    kept: Store, state: str, fate: stock.Fate, following: str
) -> None:
    load(kept, 3, "A01")
    take(kept, "r1")
    end(kept, "r1", state)
    assert now(kept).doubtful_number == "A01"
    with pytest.raises(DeviceError, match="special_sheet_unclear"):
        take(kept, "r2")
    assert kept.write_sync(lambda tx: stock.settle(tx, "books", fate)) == "A01"
    assert take(kept, "r3") == following


def test_a_late_word_of_the_printer_settles_the_sheet_as_well(kept: Store) -> None:
    load(kept, 2, "A01")
    take(kept, "r1")
    end(kept, "r1", "unknown")
    end(kept, "r1", "confirmed")
    assert (now(kept).used, now(kept).unclear) == (1, False)


def test_while_a_numbered_sheet_is_under_way_no_other_is_given(kept: Store) -> None:
    load(kept, 2, "A01")
    take(kept, "r1")
    with pytest.raises(DeviceError, match="special_sheet_unclear"):
        take(kept, "r2")


def test_plain_paper_that_went_wrong_is_spoiled_and_the_next_person_is_served(kept: Store) -> None:
    load(kept, 2)
    take(kept, "r1")
    end(kept, "r1", "failed")
    take(kept, "r2")
    end(kept, "r2", "confirmed")
    assert (now(kept).spoiled, now(kept).used, now(kept).blank) == (1, 1, 0)
    with pytest.raises(DeviceError, match="special_blank_out"):
        take(kept, "r3")


def test_a_sheet_is_taken_with_its_record_or_not_at_all(kept: Store) -> None:
    load(kept, 1, "A1")

    def broken(tx: object) -> None:
        stock.take(tx, "books", "r1")  # type: ignore[arg-type]
        raise RuntimeError("the lights go out")

    with pytest.raises(RuntimeError):
        kept.write_sync(broken)
    assert now(kept) == Account("books", blank=1, next_number="A1")


# ── packs ────────────────────────────────────────────────────────────────────


@given(some.from_regex(r"\A[A-Z]{0,3}[0-9]{1,8}\Z"), some.integers(1, 60))
def test_numbers_count_up_and_keep_their_width_or_are_refused(first: str, count: int) -> None:
    digits = first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if len(str(int(digits) + count - 1)) > len(digits):
        with pytest.raises(StockError):
            numbers(first, count)
        return
    told = numbers(first, count)
    assert told[0] == first
    assert len(set(told)) == count
    assert {len(number) for number in told} == {len(first)}
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("count", "first"), [(0, ""), (5001, ""), (1, "GZ"), (1, "编号1"), (2, "A9"), (1, "A 1"), (1, "1A")]
)
def test_a_pack_that_cannot_be_is_refused_with_words(kept: Store, count: int, first: str) -> None:
    with pytest.raises(StockError, match=r"\w+ \w+"):
        load(kept, count, first)
    assert now(kept) == Account("books")


def test_a_numbered_pack_waits_until_the_tray_is_empty_and_no_sheet_is_entered_twice(kept: Store) -> None:
    load(kept, 5, "A01")
    with pytest.raises(StockError, match="5 blanks are left"):
        load(kept, 5, "B01")
    assert kept.write_sync(lambda tx: stock.withdraw(tx, "books")) == 5
    with pytest.raises(StockError, match="A03"):
        load(kept, 5, "A03")
    load(kept, 5, "B01")
    assert (now(kept).withdrawn, now(kept).next_number) == (5, "B01")


def test_nothing_in_doubt_is_nothing_to_settle(kept: Store) -> None:
    with pytest.raises(StockError, match="in doubt"):
        kept.write_sync(lambda tx: stock.settle(tx, "books", "used"))


# ── what others see of it ────────────────────────────────────────────────────

READY = DeviceState(Availability.ONLINE, supplies={"blanks": Supply.FULL, "ribbon": Supply.FULL})


@pytest.mark.parametrize(
    ("account", "level", "faults", "ready"),
    [
        (Account("books"), Supply.OUT, ("special_blank_out",), False),
        (Account("books", blank=stock.LOW), Supply.LOW, ("special_blank_low",), True),
        (Account("books", blank=stock.LOW + 1), Supply.FULL, (), True),
        (Account("books", blank=99, doubtful_number="A7"), Supply.FULL, ("special_sheet_unclear",), False),
    ],
)
def test_the_printers_state_says_what_the_account_knows(
    account: Account, level: Supply, faults: tuple[str, ...], ready: bool
) -> None:
    state = with_stock(READY, account)
    assert (state.supplies["blanks"], state.faults, state.ready) == (level, faults, ready)
    assert state.supplies["ribbon"] is Supply.FULL
    assert state.detail == f"blanks {account.blank}", "and no semicolon before it"


def test_an_empty_tray_is_empty_whatever_the_account_says() -> None:
    tray = DeviceState(Availability.FAULT, supplies={"blanks": Supply.OUT}, faults=("special_blank_out",))
    state = with_stock(tray, Account("books", blank=99))
    assert (state.supplies["blanks"], state.faults) == (Supply.OUT, ("special_blank_out",))


# ── whatever happens ─────────────────────────────────────────────────────────


class Tray(RuleBasedStateMachine):
    """A numbered tray in the hands of prints, crashes and technicians; the account is compared with it."""

    def __init__(self) -> None:
        super().__init__()
        import sqlite3

        self.tx = sqlite3.connect(":memory:", isolation_level=None)
        for statement in STEPS[2].split(";"):
            self.tx.execute(statement)
        self.loaded: list[str] = []
        self.gone: dict[str, str] = {}  # number → how it ended
        self.under_way: tuple[str, str] | None = None
        self.prints = 0

    @precondition(lambda self: not stock.account(self.tx, "books").blank)
    @rule(count=some.integers(1, 4))
    def load(self, count: int) -> None:
        stock.load(self.tx, "books", count, f"N{len(self.loaded):05}")
        self.loaded += numbers(f"N{len(self.loaded):05}", count)

    @rule()
    def take(self) -> None:
        self.prints += 1
        record = f"r{self.prints}"
        try:
            number = stock.take(self.tx, "books", record)  # type: ignore[arg-type]
        except DeviceError:
            free = [one for one in self.loaded if one not in self.gone]
            assert self.under_way or "doubtful" in self.gone.values() or not free
            return
        assert self.under_way is None
        assert number == next(one for one in self.loaded if one not in self.gone)
        self.under_way = (record, number)

    @precondition(lambda self: self.under_way is not None)
    @rule(state=some.sampled_from(["confirmed", "failed", "unknown"]), begun=some.booleans())
    def end(self, state: str, begun: bool) -> None:
        assert self.under_way is not None
        record, number = self.under_way
        stock.end(self.tx, record, state, begun)  # type: ignore[arg-type]
        self.under_way = None
        if state == "confirmed":
            self.gone[number] = "used"
        elif begun:
            self.gone[number] = "doubtful"

    @precondition(lambda self: "doubtful" in self.gone.values())
    @rule(fate=some.sampled_from(["used", "spoiled", "blank"]))
    def settle(self, fate: stock.Fate) -> None:
        number = stock.settle(self.tx, "books", fate)
        assert self.gone.pop(number) == "doubtful"
        if fate != "blank":
            self.gone[number] = fate

    @invariant()
    def every_sheet_is_accounted_for(self) -> None:
        account = stock.account(self.tx, "books")
        ends = list(self.gone.values())
        assert account.used == ends.count("used")
        assert account.spoiled == ends.count("spoiled")
        assert account.doubtful == ends.count("doubtful") <= 1
        assert account.taken == (self.under_way is not None)
        assert account.blank + account.taken + len(ends) == len(self.loaded)


TestTray = Tray.TestCase
TestTray.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_a_numbered_sheet_in_doubt_is_seen_behind_plain_ones(kept: Store) -> None:
    load(kept, 1)
    take(kept, "r1")
    end(kept, "r1", "unknown")
    load(kept, 2, "A01")
    take(kept, "r2")
    end(kept, "r2", "unknown")
    assert now(kept).doubtful_number == "A01"
    with pytest.raises(DeviceError, match="special_sheet_unclear"):
        take(kept, "r3")
    assert kept.write_sync(lambda tx: stock.settle(tx, "books", "used")) == "A01"
    assert take(kept, "r3") == "A02"
