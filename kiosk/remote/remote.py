"""The parts of a terminal that take what the hall tells it from afar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from kiosk.backstage import Backstage
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.presence import Attendance
from kiosk.remote.after_stop import Start, machine_start
from kiosk.remote.command_acts import Hands, acts
from kiosk.remote.command_desk import CommandDesk
from kiosk.remote.configuration import Configuration
from kiosk.remote.in_view import InView
from kiosk.software import software


@dataclass(frozen=True)
class Remote:
    """Made by `listen`, started and closed by `kiosk/terminal.py`."""

    doors: Doors
    there: Attendance
    configuration: Configuration
    desk: CommandDesk
    report: Callable[[], None]  # the hall should hear soon how it is

    async def maintain(self, begins: bool) -> None:
        """A technician begins or has ended: the hall hears of it, and what waited for him goes on."""
        await self.there.maintain(begins)
        self.news()

    def news(self) -> None:
        """Who is there has changed."""
        self.report()
        self.desk.look()


def listen(backstage: Backstage, health: Health, view: InView) -> Remote:
    """Makes them; nothing is started yet."""
    ledger, devices = backstage.ledger, backstage.devices

    def use(settings: Settings) -> None:
        backstage.settings = settings
        health.use(settings)
        view.dress(settings.screen.language, settings.identity.help_phone)
        doors.look()

    configuration = Configuration(ledger, devices, backstage.settings, use)
    doors = Doors(
        ledger,
        lambda: backstage.settings.identity.help_phone,
        lambda: configuration.hours,
        stopped=lambda: health.stopped,
        elsewhere=lambda: backstage.settings.identity.elsewhere,
    )
    there = Attendance(devices, ledger, lambda: health.serving)
    health.technician = lambda: there.technician
    obeyed = acts(Hands(backstage, doors, view, there))
    here = Start(ledger.boot, machine_start(), software())
    desk = CommandDesk(ledger, doors, there, obeyed, here)
    return Remote(doors, there, configuration, desk, health.report_soon)
