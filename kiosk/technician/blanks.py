"""The blanks of a special printer: the account, a pack entered or withdrawn, a doubtful sheet settled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from config.words import Words, same, words
from kiosk.data import stock
from kiosk.data.stock import Account, StockError
from kiosk.data.store import Transaction
from kiosk.prompts import Condition, Field, FieldKind, FillForm, Row, WorkSheet
from kiosk.readiness import device_trial
from kiosk.remote.command_desk import NotDone
from kiosk.technician.workshop import Ended, Shift, action
from mqtt.messages import TechnicianActed


async def attend(shift: Shift, name: str) -> None:
    """The account, and what a technician does to it."""
    while True:
        now = shift.shop.backstage.ledger.look(lambda read: stock.account(read, name))
        chosen = await shift.choose(_sheet(shift, name, now))
        if chosen == "back":
            return
        if chosen == "load":
            await _load(shift, name)
        elif chosen == "withdraw":
            if await shift.sure(
                words("technician.act_withdraw"), "withdraw", words("technician.how_withdraw")
            ):
                await _change(shift, name, "withdrawn", partial(stock.withdraw, device=name))
        else:
            fate: Any = chosen.removeprefix("sheet_")
            await _change(shift, name, f"settled {fate}", partial(stock.settle, device=name, fate=fate))


def _sheet(shift: Shift, name: str, now: Account) -> WorkSheet:
    counts = ("blank", "used", "spoiled", "taken", "doubtful", "withdrawn")
    rows = [Row(words(f"technician.sheets_{one}"), same(str(getattr(now, one)))) for one in counts]
    rows += [Row(words("technician.next_number"), same(now.next_number))] if now.next_number else []
    doubt = ("sheet_used", "sheet_spoiled", "sheet_blank") if now.doubtful else ()
    actions = tuple(action(one) for one in ("load", "withdraw", *doubt, "back"))
    note = words("technician.doubtful", number=now.doubtful_number or "-") if now.doubtful else None
    how = Condition.ATTENTION if now.doubtful or now.blank <= stock.LOW else Condition.READY
    return WorkSheet(_title(shift, name), tuple(rows), actions, how, note)


async def _load(shift: Shift, name: str) -> None:
    """Asks how many, and the first number; what does not fit the account is said at the form."""
    values = {"count": "", "first": ""}
    problem: Words | None = None
    while True:
        fields = (
            Field(
                "count", FieldKind.NUMBER, words("technician.pack_count"), values["count"], problem=problem
            ),
            Field(
                "first",
                FieldKind.TEXT,
                words("technician.pack_first"),
                values["first"],
                required=False,
                most=58,
            ),
        )
        form = FillForm(words("technician.pack_question"), fields, words("technician.act_load"))
        filled = await shift.fill(form)
        if not filled:
            return
        count, first = filled.get("count", ""), filled.get("first", "").strip()
        values = {"count": count, "first": first}
        if not count.isdigit():
            problem = words("technician.pack_wrong", why="1–5000")
            continue
        try:
            await _change(
                shift,
                name,
                f"loaded {count}",
                partial(stock.load, device=name, count=int(count), first=first),
            )
        except NotDone as why:
            problem = words("technician.pack_wrong", why=why.detail)
            continue
        return


async def _change(shift: Shift, name: str, detail: str, work: Callable[[Transaction], object]) -> Ended:
    """The account changes and what he did is told, in one commit. NotDone with what does not fit."""
    acted = TechnicianActed(shift.actor, "supply_changed", f"{name}:blanks", "", detail)

    def both(tx: Transaction, tell: Callable[[TechnicianActed], None]) -> None:
        work(tx)
        tell(acted)

    try:
        await shift.shop.backstage.ledger.together(both)
    except StockError as why:
        raise NotDone("wrong_argument", str(why)) from None
    return Ended("", detail)


def _title(shift: Shift, name: str) -> Words:
    return device_trial.title_of(name, shift.shop.backstage.settings.devices[name])
