"""取号: a number for a window now, or one booked for a half-hour of the next days."""

from __future__ import annotations

from config.platform_api import FormData, FormOption
from config.service import Service
from config.words import Words, same, words
from hall.platform import slots, windows
from hall.platform.office import Asking, Decision, Filing, Handler, row

BOOKED_AT = "general"  # of slots.toml: all windows share the half-hours


def _offered(service: Service) -> tuple[str, ...]:
    options = next(spec.options for spec in service.fields if spec.key == "window")
    return tuple(option.value for option in options)


def _windows(asking: Asking) -> FormData:
    """The windows, each with the people waiting, and the half-hours that are free."""
    options = []
    with asking.parts.store.reading() as connection:
        for window in _offered(asking.service):
            count = windows.waiting(connection, window, asking.now)
            told = "platform.window_waiting" if count else "platform.window_free"
            name = words(told, window=asking.option("window", window), waiting=count)
            options.append(FormOption(value=window, name=name))
        booking = slots.options(connection, BOOKED_AT, asking.today)
    return FormData(values={"when": "now"}, options={"window": tuple(options), **booking})


def _number(filing: Filing) -> Decision:
    """ZH03: a number at the window and how many wait before it, or a place in a half-hour."""
    return _booked(filing) if filing.text("when") == "later" else _now(filing)


def _now(filing: Filing) -> Decision:
    window, priority = filing.text("window"), filing.text("priority")
    first = priority not in ("", "none")
    ticket = windows.take(filing.transaction, _offered(filing.service), window, filing.now, first)
    rows = [
        row("ticket", same(ticket.text)),
        row("window", filing.option("window", window)),
        row("waiting", same(str(ticket.waiting))),
        row("minutes", _wait(ticket.minutes)),
    ]
    if first:
        rows.append(row("priority", filing.option("priority", priority)))
    return Decision(
        "accepted",
        words("platform.zh03_title"),
        words("office_general.queue_first" if first else "platform.zh03_message"),
        words("platform.event_ticket", ticket=ticket.text),
        rows=tuple(rows),
    )


def _booked(filing: Filing) -> Decision:
    place = slots.take_for(filing, BOOKED_AT)
    window = filing.text("window")
    letter = windows.letter(_offered(filing.service), window)
    return Decision(
        "accepted",
        words("office_general.queue_booked"),
        words("office_general.queue_booked_message"),
        words("office_general.queue_booked_event", when=place.words),
        rows=(
            row("ticket", same(f"Y{letter}{place.slot.replace(':', '')}-{place.number}")),
            row("window", filing.option("window", window)),
            row("appointment", place.words),
        ),
    )


def _wait(minutes: int) -> Words:
    return words("platform.minutes", minutes=minutes) if minutes else words("platform.no_wait")


HANDLERS = {"ZH03": Handler(knows=_windows, decides=_number)}
