"""12345: what somebody asks, wishes or complains of, and how far it has come; a name is not wanted."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from config.platform_api import QueryResult, ResultRow, Submission, TimelineEvent
from config.words import Words, same, words
from hall.platform.clock import from_utc
from hall.platform.office import Asking, Decision, Filing, Handler, option
from hall.platform.tables import cases
from hall.platform.workdays import working_day

HANDED_ON = timedelta(hours=2)  # after which the reference hotline has found whose matter it is
ANSWERED = 3  # working days until whose matter it is has answered


def _ticket(filing: Filing) -> Decision:
    """ZH08: a ticket under its number, with the day by which there is an answer."""
    until = working_day(filing.today, filing.service.item.promised_days)
    told = {
        "ticket": same(filing.case_no),
        "kind": filing.option("kind", filing.text("kind")),
        "back": words(f"office_general.hotline_{'called' if filing.text('phone') else 'unknown'}"),
        "until": same(f"{until:%Y-%m-%d}"),
    }
    return Decision(
        "accepted",
        words("office_general.hotline_title"),
        words("office_general.hotline_message"),
        words("office_general.hotline_event"),
        decided=False,
        rows=tuple(_row(name, value) for name, value in told.items()),
    )


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"office_general.hotline_{name}"), value=value)


def _progress(asking: Asking) -> QueryResult:
    """ZH0801: what became of a ticket. Whoever has its number reads no word of what was written."""
    number = asking.text("ticket").strip().upper()
    with asking.parts.store.reading() as connection:
        found = connection.execute(
            select(cases.c.submission, cases.c.accepted_at).where(
                cases.c.service == "ZH08", cases.c.case_no == number
            )
        ).one_or_none()
    if found is None:
        return QueryResult(found=False, title=words("office_general.hotline_none"))
    kind = Submission.model_validate_json(found.submission).values["kind"]
    service = asking.parts.service("ZH08")
    events = _events(from_utc(found.accepted_at), asking.now)
    return QueryResult(
        found=True,
        title=words("office_general.hotline_progress"),
        rows=(
            _row("ticket", same(number)),
            _row("kind", option(service, "kind", kind if isinstance(kind, str) else "")),
            _row("state", [event.what for event in events if event.done][-1]),
        ),
        timeline=tuple(events),
    )


def _events(accepted: datetime, now: datetime) -> list[TimelineEvent]:
    """The reference hotline's own pace: each ticket is handed on, then answered."""
    answered = datetime.combine(working_day(accepted.date(), ANSWERED), accepted.timetz())
    return [
        TimelineEvent(when=when, what=words(f"office_general.hotline_{name}"), done=when <= now)
        for when, name in (
            (accepted, "taken"),
            (accepted + HANDED_ON, "handed_on"),
            (answered, "answered"),
        )
    ]


HANDLERS = {"ZH08": Handler(decides=_ticket), "ZH0801": Handler(answers=_progress)}
