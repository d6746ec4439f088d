"""Trying one device because the hall asks for it: a slip or page that says TEST may come out."""

from __future__ import annotations

from kiosk.backstage import Backstage
from kiosk.command_desk import NotDone
from kiosk.device_trial import at_terminal, try_device
from kiosk.workplace import Allowed


async def test_device(stage: Backstage, name: str) -> str:
    """Tries the device of this name in the settings; says in a few words what was found.

    NotDone `device_absent` when there is none of that name, or the fault of one that is not ready.
    """
    if name not in stage.devices.states():
        raise NotDone("device_absent", name)
    finding = await try_device(at_terminal(stage), name, Allowed(paper=True))
    if not finding.ready:
        raise NotDone(finding.codes[0] if finding.codes else "device_offline", finding.found)
    return finding.found
