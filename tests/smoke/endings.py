"""How the whole ends and begins again."""

from __future__ import annotations

import time

import httpx
import psutil

from drivers.virtual.demo_settings import is_free
from tests.smoke.report import Report
from tests.smoke.whole import Whole


def again(whole: Whole, report: Report) -> None:
    """Ctrl-C ends everything; a second start finds its data."""
    report.chapter("again")
    rated, boots = len(whole.hall("ratings")), whole.terminal("SELECT MAX(boot) FROM journal")[0][0] or 0
    family, ports = whole.family(), dict(whole.told["ports"])
    began = time.monotonic()
    report.same("Ctrl-C ends it with exit code 0", whole.stop(), 0)
    report.within("and soon", time.monotonic() - began, 60)
    report.eventually("no process is left", lambda: sum(map(_lives, family)), 0)
    report.same("the reader's cable is gone", (whole.data / "bench" / "id-card-reader").is_symlink(), False)
    report.same("no port is left open", [name for name, port in ports.items() if not is_free(port)], [])
    whole.start()
    report.same("a second start finds the ratings", len(whole.hall("ratings")), rated)
    whole.window.tap("theme:8")
    whole.window.page("ChooseService")
    whole.citizen("zhang").go_home()
    report.eventually("the terminal counts its starts", lambda: _newest_boot(whole) > boots, True)
    report.eventually("the outbox is empty", whole.outbox, 0)
    address = f"http://127.0.0.1:{whole.told['ports']['desk']}/"
    known = {"Authorization": f"Bearer {whole.account.token}"}
    desk = httpx.get(address, headers=known, timeout=10, trust_env=False)
    report.same("the desk is open to its account of before", desk.status_code, 200)


def _newest_boot(whole: Whole) -> int:
    return int(whole.terminal("SELECT MAX(boot) FROM journal")[0][0])


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
