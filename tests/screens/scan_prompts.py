"""The page of the document camera, with papers of the virtual table."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from config.faults import fault
from config.words import Words as W
from drivers import document_page, opencv
from drivers.virtual.document_scene import Scene, draw
from kiosk.prompts import Option, Picture, ScanDocument


@cache
def table() -> Picture:
    """A form under the camera, as the driver's preview shows it."""
    cv2 = opencv.load()
    seen = cv2.resize(draw(Scene("form", turn=88, pitch=4, glare=0.03)), (640, 480))
    return Picture(640, 480, cv2.cvtColor(seen, cv2.COLOR_BGR2RGB).tobytes())


@cache
def page() -> Picture:
    """The same form, straightened."""
    cv2 = opencv.load()
    picture = draw(Scene("form", turn=88, pitch=4))
    taken = document_page.straighten(picture, document_page.look(picture), "a4")
    taken = cv2.resize(taken, (900, 636))
    return Picture(900, 636, cv2.cvtColor(taken, cv2.COLOR_BGR2RGB).tobytes())


SCAN_LIVE = ScanDocument(
    W("请将离职证明放在拍摄区", "Lay your page in the scanning area: leaving certificate"),
    table,
    fault("page_glare").citizen,
    2,
    3,
)
SCAN_WAIT = replace(SCAN_LIVE, frames=lambda: None, page=1, pages=1, hint=fault("page_not_found").citizen)
SCAN_CHECK = replace(
    SCAN_LIVE,
    question=W("离职证明已拍摄", "Taken: leaving certificate"),
    frames=page,
    hint=W("请核对：字迹是否清楚、是否完整？", "Please check: is it whole, and can you read it?"),
    actions=(
        Option("use", W("使用这一页", "Use this page")),
        Option("rescan", W("重新拍摄", "Take it again")),
    ),
)
