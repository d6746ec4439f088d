"""What the hall tells this terminal from afar, and a technician at its screen: the parts that take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from kiosk.after_stop import Start, machine_start
from kiosk.backstage import Backstage
from kiosk.command_acts import Hands, acts
from kiosk.command_desk import CommandDesk
from kiosk.configuration import Configuration
from kiosk.counters import Counters
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.in_view import InView
from kiosk.presence import Attendance
from kiosk.software import software
from kiosk.stage import HearsGesture, Stage
from kiosk.technician.workshop import Workshop


@dataclass(frozen=True)
class Orders:
    """Made by `take_orders`, started and closed by `kiosk/terminal.py`."""

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


def take_orders(backstage: Backstage, health: Health, view: InView) -> Orders:
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
    return Orders(doors, there, configuration, desk, health.report_soon)


async def open_workshop(
    window: Stage, backstage: Backstage, health: Health, orders: Orders, silent: Stage, counters: Counters
) -> Workshop:
    """The technician's mode; its pages are not said aloud. Whoever a stop found in it has left."""
    shop = Workshop(
        backstage=backstage,
        stage=silent,
        doors=orders.doors,
        there=orders.there,
        counters=counters,
        health=health,
        configuration=orders.configuration,
        changed=orders.news,
        restart=orders.desk.restart.set,
    )
    if isinstance(window, HearsGesture):
        window.on_gesture(shop.knock)
    await shop.leave("restarted")
    return shop
