"""A paper is printed twice only when somebody decided it, and never more often than it may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import PrintingSettings
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.data.ledger import OpenRecord
from kiosk.printing import printing, reprint, unfinished
from kiosk.printing.print_job import Printed
from kiosk.printing.printing import print_certificate, print_photocopy
from kiosk.printing.reprint import Refused
from tests.kiosk.press import End, Press, run, terminal

PDF = b"%PDF-1.4\n% the invented page of \xe5\xbc\xa0\xe6\x98\x8e\xe8\xbf\x9c\n"
NUMBER = "3301-2026-0000-0017"


@pytest.fixture(autouse=True, scope="module")
def _no_pauses() -> Iterator[None]:
    """Nobody waits for a job that a printer of the test would list late."""
    usual, reprint.LOOK_SECONDS = reprint.LOOK_SECONDS, 0.001
    yield
    reprint.LOOK_SECONDS = usual


async def first(parts: Backstage) -> Printed:
    return await print_certificate(parts.devices, parts.ledger, "s1", "SB01", NUMBER, PDF)


def attempts(parts: Backstage) -> list[OpenRecord]:
    one = parts.ledger.find(f"{NUMBER}/1")
    assert one is not None
    return parts.ledger.attempts(one)


ENDS = st.sampled_from(("whole", "spoiled", "refused", "lost_out", "lost_in", "slow", "hung_up", "mistake"))
DEEDS = st.sampled_from(("reprint", "came", "nothing", "by itself"))
WHO = st.sampled_from(("citizen", "staff"))


@settings(max_examples=25, deadline=None)
@given(ends=st.lists(ENDS, max_size=6), deeds=st.lists(st.tuples(DEEDS, WHO), max_size=8))
def test_whatever_happens_no_paper_comes_twice_undecided_nor_more_often_than_it_may(
    ends: list[End], deeds: list[tuple[Any, Any]]
) -> None:
    press = Press(list(ends))

    async def play(parts: Backstage) -> None:
        await first(parts)
        hours = iter(range(0, 99999, 999)).__next__  # between one question and the next
        reconcile = unfinished.CallBack(parts.devices, parts.ledger, clock=hours)
        for deed, who in deeds:
            before = len(press.out)
            try:
                if deed == "by itself":
                    for one in parts.ledger.open_records():
                        await reconcile.ask(one)
                    assert len(press.out) == before
                elif deed == "reprint":
                    await reprint.reprint(parts, attempts(parts)[-1].id, who)
                else:
                    await reprint.settle(parts, attempts(parts)[-1].id, deed, who)
                    assert len(press.out) == before
            except Refused:
                assert len(press.out) == before
        judge(parts, press)

    with TemporaryDirectory() as folder:
        run(Path(folder), press, play)


def judge(parts: Backstage, press: Press) -> None:
    """The tray against the records."""
    made = {one.id: one for one in attempts(parts)}
    assert len(press.out) <= parts.settings.printing.copies
    assert {pdf for _, pdf in press.out} <= {PDF}
    assert {one.name for one in made.values()} == {NUMBER}
    assert [one.key for one in made.values()] == [f"{NUMBER}/{n}" for n in range(1, len(made) + 1)]
    assert all(one.copy <= parts.settings.printing.copies for one in made.values())
    for n, (job, _) in enumerate(press.out):
        assert n == 0 or made[job].decided_by, "a second paper that nobody decided"
        assert made[job].copy >= n + 1, "a second paper without its mark"
    assert all(made[job].begun for job, _ in press.out), "a paper of what was said never to have begun"
    for one in made.values():
        assert one.state != "confirmed" or one.decided_by or any(job == one.id for job, _ in press.out)


def test_what_surely_never_came_out_is_printed_again_without_a_mark(tmp_path: Path) -> None:
    press = Press(["refused", "whole"])

    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        assert (printed.state, printed.begun) == ("failed", False)
        again = await reprint.reprint(parts, printed.record, "citizen")
        assert again.came
        assert [(one.state, one.copy) for one in attempts(parts)] == [("failed", 1), ("confirmed", 1)]

    run(tmp_path, press, play)
    assert [pdf for _, pdf in press.out] == [PDF]


def test_a_spoiled_sheet_counts_and_its_repetition_is_a_copy_told_with_who_decided(tmp_path: Path) -> None:
    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        await reprint.reprint(parts, printed.record, "staff")
        told = [(one.copy, one.decided_by, one.state) for one in attempts(parts)]
        assert told == [(1, "", "failed"), (2, "staff", "confirmed")]
        with pytest.raises(Refused, match="print_copies_used"):
            await reprint.reprint(parts, printed.record, "staff")

    run(tmp_path, Press(["spoiled"]), play)


def test_an_unknown_print_waits_for_a_printer_that_answers(tmp_path: Path) -> None:
    press = Press(["lost_in"])

    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        assert printed.state == "unknown"
        press.answers = False
        fates: tuple[reprint.Fate, ...] = ("came", "nothing")
        for fate in fates:
            with pytest.raises(Refused, match="print_not_taken_back"):
                await reprint.settle(parts, printed.record, fate, "staff")
        with pytest.raises(Refused, match="print_not_taken_back"):
            await reprint.reprint(parts, printed.record, "staff")
        assert [one.state for one in attempts(parts)] == ["unknown"]
        press.answers = True
        assert (await reprint.reprint(parts, printed.record, "staff")).came
        states = [(one.state, one.decided_by) for one in attempts(parts)]
        assert states == [("failed", "staff"), ("confirmed", "staff")]

    run(tmp_path, press, play)


@pytest.mark.parametrize("end", ["slow", "hung_up", "mistake"])
def test_a_job_that_is_listed_late_is_taken_back_before_another_is_printed(tmp_path: Path, end: End) -> None:
    press = Press([end])

    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        assert printed.state == "unknown"
        assert (await reprint.reprint(parts, printed.record, "citizen")).came
        assert press.states[printed.record].state == "canceled", "it would come out before the next person"

    run(tmp_path, press, play)
    assert len(press.out) == 1


def test_a_print_that_somebody_has_seen_is_settled_once(tmp_path: Path) -> None:
    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        assert (await reprint.settle(parts, printed.record, "came", "citizen")).came
        with pytest.raises(Refused, match="print_settled"):
            await reprint.settle(parts, printed.record, "nothing", "staff")
        with pytest.raises(Refused, match="print_no_record"):
            await reprint.settle(parts, "of no print", "nothing", "staff")
        [one] = attempts(parts)
        assert (one.state, one.decided_by) == ("confirmed", "citizen")

    run(tmp_path, Press(["lost_out"]), play)


def test_two_who_decide_at_once_get_one_paper(tmp_path: Path) -> None:
    press = Press(["spoiled"])

    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        deciding = (reprint.reprint(parts, printed.record, who) for who in ("citizen", "staff"))
        ended = await asyncio.gather(*deciding, return_exceptions=True)
        assert sorted(type(one).__name__ for one in ended) == ["Printed", "Refused"]

    run(tmp_path, press, play)
    assert len(press.out) == 1


def test_a_number_that_was_printed_here_before_is_a_reprint_or_the_windows_affair(tmp_path: Path) -> None:
    """A platform may issue the same certificate to the next session; without a decision no paper comes."""
    press = Press()

    async def play(parts: Backstage) -> None:
        former = await first(parts)
        again = await print_certificate(parts.devices, parts.ledger, "s2", "SB01", NUMBER, PDF)
        assert (again.state, again.code, again.begun) == ("failed", "print_made_before", False)
        assert again.record == former.record and await reprint.allowed(parts, again.record)
        other = await print_certificate(parts.devices, parts.ledger, "s2", "SB01", NUMBER, PDF + b"%")
        assert (other.state, other.code, other.record) == ("failed", "print_copies_used", "")
        none = await print_certificate(parts.devices, parts.ledger, "s2", "SB01", "", PDF)
        assert (none.state, none.code) == ("failed", "certificate_invalid")
        assert len(press.out) == 1
        assert (await reprint.reprint(parts, again.record, "citizen")).came
        assert [(one.copy, one.decided_by) for one in attempts(parts)] == [(1, ""), (2, "citizen")]

    run(tmp_path, press, play)


def test_what_is_refused_before_it_is_noted_stays_the_same_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blank in doubt, say: the citizen may try once more, and gets a reprint, not a second first print."""
    press = Press(["spoiled"])

    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        with monkeypatch.context() as doubtful:
            doubtful.setattr(printing, "_takes_blank", lambda printer: no_blank)
            refused = await reprint.reprint(parts, printed.record, "citizen")
        assert (refused.state, refused.code, refused.begun) == ("failed", "special_sheet_unclear", False)
        assert refused.record == printed.record and await reprint.allowed(parts, refused.record)
        assert (await reprint.reprint(parts, refused.record, "citizen")).came
        assert [one.copy for one in attempts(parts)] == [1, 2]

    run(tmp_path, press, play)


def no_blank(tx: object, record: str) -> None:
    raise DeviceError("special_sheet_unclear")


def test_after_its_hours_a_paper_is_the_windows_affair(tmp_path: Path) -> None:
    async def play(parts: Backstage) -> None:
        await first(parts)
        limits, now = PrintingSettings(copies=9, reprint_hours=2), time.time()
        assert reprint.next_copy(attempts(parts), limits, now + 7000) == 2
        with pytest.raises(Refused, match="print_too_late"):
            reprint.next_copy(attempts(parts), limits, now + 7300)
        under_way = [replace(one, state="sent") for one in attempts(parts)]
        with pytest.raises(Refused, match="print_under_way"):
            reprint.next_copy(under_way, limits, now)

    run(tmp_path, Press(), play)


def test_a_photocopy_is_never_kept(tmp_path: Path) -> None:
    async def play(parts: Backstage) -> None:
        printed = await print_photocopy(parts.devices, parts.ledger, "s1", "ZH05", PDF)
        assert not await reprint.allowed(parts, printed.record)
        with pytest.raises(Refused, match="print_copy_gone"):
            await reprint.reprint(parts, printed.record, "staff")
        with parts.ledger._store.read() as read:
            assert read.execute("SELECT count(*) FROM sealed_copies").fetchone() == (0,)

    run(tmp_path, Press(), play)


@pytest.mark.parametrize(
    ("later", "days", "hours"),
    [(3, 180.0, 48.0), (3, 1.0, 999999.0), (-3, 180.0, 48.0)],
    ids=["its hours", "the key", "the clock was ahead"],
)
def test_when_its_time_is_over_nothing_of_what_was_printed_is_left(
    tmp_path: Path, later: int, days: float, hours: float
) -> None:
    """By its own hours, and at the latest with the session's key; the file is searched byte by byte."""

    async def play(parts: Backstage) -> None:
        printed = await first(parts)
        with parts.ledger._store.read() as read:
            ((sealed,),) = read.execute("SELECT sealed FROM sealed_copies").fetchall()
        assert found(tmp_path, sealed)
        assert not found(tmp_path, PDF[9:40]), "it lay there unsealed"
        await parts.ledger.destroy_expired_keys(time.time() + 86400 * later, days, hours)
        assert not found(tmp_path, sealed)
        with pytest.raises(Refused, match="print_copy_gone"):
            await reprint.reprint(parts, printed.record, "staff")
        [one] = attempts(parts)
        assert (one.document, one.device) == ("certificate", "press"), "what it was is no secret"

    run(tmp_path, Press(), play)


def test_a_reader_that_looks_on_keeps_nothing_in_the_log_for_ever(tmp_path: Path) -> None:
    async def play(parts: Backstage) -> None:
        await first(parts)
        with parts.ledger._store.read() as read:
            ((sealed,),) = read.execute("SELECT sealed FROM sealed_copies").fetchall()
            await parts.ledger.destroy_expired_keys(time.time() + 86400, 180.0, 1.0)
        assert found(tmp_path, sealed), "the log could not be emptied yet"
        await parts.ledger.destroy_expired_keys(time.time() + 86400, 180.0, 1.0)
        assert not found(tmp_path, sealed)

    run(tmp_path, Press(), play)


def found(folder: Path, text: bytes) -> bool:
    return any(text in file.read_bytes() for file in folder.glob("terminal.sqlite*"))


def test_a_print_of_an_older_store_is_still_known(tmp_path: Path) -> None:
    """Its document and device are sealed; there is no copy of it, and no number behind a receipt's key."""

    async def play() -> None:
        async with terminal(tmp_path, Press()) as parts:
            printed = await first(parts)
            vault = parts.ledger._vault
            detail = b'{"document": "certificate", "fen": 0, "signature": "", "device": "press"}'

            def old(tx: Any) -> None:
                sealed = vault.seal(tx, "s1", printed.record, detail, time.time())
                tx.execute("UPDATE records SET document = '', device = '', detail = ?", (sealed,))

            await parts.ledger._store.write(old)
            [one] = attempts(parts)
            assert (one.document, one.device, one.copy) == ("certificate", "press", 1)

    asyncio.run(play())
