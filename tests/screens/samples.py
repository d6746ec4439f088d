"""Every page at least once, for the pictures and for the checks: a prompt, its place and what is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.faults import fault
from config.words import Words as W
from config.words import words
from kiosk.prompts import (
    CardScene,
    ChooseOne,
    Consent,
    Option,
    Place,
    PlaceCard,
    Prompt,
    ShowResult,
    TakePaper,
    Working,
)
from kiosk.remote.in_view import masked
from kiosk.remote.screenshot import question
from tests.screens import copy_prompts as copying
from tests.screens import field_prompts as fields
from tests.screens import out_prompts as out
from tests.screens import paper_prompts as papers
from tests.screens import technician_prompts as work
from tests.screens import way_prompts as ways
from tests.screens import who_prompts as who
from tests.screens.print_prompts import (
    DID_IT_COME,
    PRINT_FAILED,
    PRINT_FAILED_PAID,
    PRINT_LIMIT,
    PRINT_LOST,
)
from tests.screens.prompts import (
    CAMERA,
    CARD,
    CODE,
    CONFIRM,
    CONSENT,
    FORM,
    GOODBYE,
    GUIDE,
    HOME,
    NOWHERE,
    OTHER_KINDS,
    PAY,
    PROGRESS,
    RATE,
    RESULT,
    SCAN,
    SERVICE,
    SERVICES,
    SIGN,
    TAKE_A4,
    TROUBLE,
    at,
    with_problems,
)
from tests.screens.scan_prompts import SCAN_CHECK, SCAN_LIVE, SCAN_WAIT
from tests.screens.tray_prompts import PAPER_LEFT, TAKE_A4_LEFT


@dataclass(frozen=True)
class Sample:
    """A prompt with its place; `warn` lays the time-out warning over it, `aside` another question, `touch`
    is touched first."""

    name: str
    prompt: Prompt
    place: Place
    warn: int | None = None
    touch: tuple[str, ...] = ()
    aside: Consent | None = None


def _sound(letters: str) -> tuple[str, ...]:
    return ("mode:pinyin", *(f"key:{letter}" for letter in letters))


SAMPLES = (
    Sample("home", HOME, NOWHERE),
    Sample(
        "home-notice",
        replace(
            HOME,
            notice=words("journey.home_notice"),
        ),
        NOWHERE,
    ),
    Sample("home-ways", ways.HOME, NOWHERE),
    Sample("home-theme-empty", ways.THEME_EMPTY, NOWHERE),
    Sample("home-ways-frequent", ways.HOME_FREQUENT, NOWHERE),
    Sample("home-ways-notice", ways.HOME_NOTICE, NOWHERE),
    Sample("find", ways.FIND, Place()),
    Sample("find-typed", ways.FIND, Place(), touch=("key:S", "key:Y")),
    Sample("find-none", ways.FIND, Place(), touch=("key:Q", "key:Q", "key:X")),
    Sample("services-60", ways.SIXTY, Place(), touch=("page:next", "page:next")),
    Sample("guide-ways", ways.GUIDE, at(1)),
    Sample("choose-eight", ways.EIGHT, Place(SERVICE)),
    Sample("hold-code", who.HOLD_CODE, at(2)),
    Sample("hold-code-again", who.HOLD_CODE_AGAIN, at(2)),
    Sample("pin", who.PIN, at(3), touch=("digit:1", "digit:2", "digit:3")),
    Sample("pin-wrong", who.PIN_WRONG, at(3)),
    Sample("staff", who.STAFF, at(3)),
    Sample("staff-again", who.STAFF_AGAIN, at(3)),
    Sample("staff-who", who.STAFF, at(3), touch=("same", "digit:1", "digit:7", "next", "digit:4", "digit:2")),
    Sample("materials", papers.MATERIALS, at(4)),
    Sample("table", papers.MONTHS, at(4)),
    Sample("table-none", papers.NO_LINES, at(4)),
    Sample("table-hidden", papers.VISITS, at(4)),
    Sample("table-shown", papers.VISITS, at(4), touch=("reveal:0:2",)),
    Sample("preview", papers.PREVIEW, at(5)),
    Sample("preview-zoom", papers.PREVIEW, at(5), touch=("page:next", "zoom")),
    Sample("show-code", papers.SHOW_CODE, at(4)),
    Sample("services", SERVICES, Place()),
    Sample("services-page-2", SERVICES, Place(), touch=("page:next",)),
    Sample("guide", GUIDE, at(1)),
    Sample(
        "guide-blocked",
        replace(
            GUIDE,
            blocked=W("A4 纸已用完，工作人员正在补充。", "There is no A4 paper; staff are refilling it."),
        ),
        at(1),
    ),
    Sample("card-place", CARD, at(2)),
    Sample("card-place-both", replace(CARD, card="both"), at(2)),
    Sample("card-place-social", replace(CARD, card="social"), at(2)),
    Sample("card-remove-social", replace(CARD, scene=CardScene.REMOVE, card="social"), at(2)),
    Sample(
        "card-needs-psam",
        PlaceCard(
            CardScene.REFUSED, fault("card_needs_psam").citizen, W("去窗口办理", "Go to the window"), "both"
        ),
        at(2),
    ),
    Sample("card-reading", replace(CARD, scene=CardScene.READING), at(2)),
    Sample("card-read", replace(CARD, scene=CardScene.READ), at(2)),
    Sample("card-remove", replace(CARD, scene=CardScene.REMOVE), at(2)),
    Sample(
        "card-refused",
        PlaceCard(
            CardScene.REFUSED,
            W(
                "身份证未能读出，请拿开后重新放置。",
                "The card could not be read. Lift it and lay it down again.",
            ),
            W("改用手机扫码", "Use my phone instead"),
        ),
        at(2),
    ),
    Sample("consent", CONSENT, at(3)),
    Sample("camera", CAMERA, at(3)),
    Sample("camera-wait", replace(CAMERA, frames=lambda: None, attempt=1), at(3)),
    Sample("scan-live", SCAN_LIVE, at(4)),
    Sample("scan-wait", SCAN_WAIT, at(4)),
    Sample("scan-check", SCAN_CHECK, at(4)),
    Sample("copy-guide", copying.GUIDE, copying.at(0)),
    Sample("copy-form", copying.FORM, copying.at(1)),
    Sample("copy-form-problem", copying.FORM_PROBLEM, copying.at(1)),
    Sample("copy-side", copying.SIDE, copying.at(2)),
    Sample("copy-back", copying.BACK, copying.at(2)),
    Sample("copy-same-side", copying.SAME_SIDE, copying.at(2)),
    Sample("copy-page", copying.SIDEWAYS, copying.at(2)),
    Sample("copy-confirm", copying.CONFIRM, copying.at(3)),
    Sample("copy-printing", copying.PRINTING, copying.at(4)),
    Sample("copy-take", copying.TAKE, copying.at(4)),
    Sample("copy-take-original", copying.TAKE_ORIGINAL, copying.at(4)),
    Sample("copy-goodbye", copying.GOODBYE, NOWHERE),
    Sample("code", CODE, at(3), touch=("digit:4", "digit:7", "digit:1")),
    Sample(
        "code-wrong",
        replace(
            CODE,
            problem=W("验证码不正确，还可以再试 2 次。", "That code is not right. You have 2 more tries."),
            again_after=0,
        ),
        at(3),
    ),
    Sample("form", FORM, at(4)),
    Sample("form-problems", with_problems(), at(4)),
    Sample("form-scan", SCAN, at(4)),
    Sample("form-other-kinds", OTHER_KINDS, at(4)),
    Sample("form-writing-number", OTHER_KINDS, at(4), touch=("write:phone",)),
    Sample("form-writing-text", OTHER_KINDS, at(4), touch=("write:plate", "mode:letters", "key:A", "key:1")),
    Sample("fields", fields.KINDS, at(4)),
    Sample("fields-filled", fields.FILLED, at(4)),
    Sample("fields-filled-2", fields.FILLED, at(4), touch=("page:next",)),
    Sample("fields-only-if", fields.ONLY_IF, at(4), touch=("option:reason:other",)),
    Sample("write-pinyin", fields.only(fields.NAME), at(4), touch=("write:relative", *_sound("zhang"))),
    Sample("write-pinyin-empty", fields.only(fields.NAME), at(4), touch=("write:relative",)),
    Sample("write-letters", fields.only(fields.NAME), at(4), touch=("write:relative", "mode:letters")),
    Sample("write-signs", fields.only(fields.NAME), at(4), touch=("write:relative", "mode:signs")),
    Sample("write-long", fields.only(fields.FILLED.fields[-1]), at(4), touch=("write:facts", *_sound("shi"))),
    Sample("write-money", fields.only(fields.FILLED.fields[2]), at(4), touch=("write:amount",)),
    Sample("write-plate", fields.only(fields.PLATE), at(4), touch=("write:plate",)),
    Sample("write-plate-2", fields.only(fields.PLATE), at(4), touch=("write:plate", "key:浙", "key:A")),
    Sample("write-id", fields.only(fields.FILLED.fields[5]), at(4), touch=("write:child",)),
    Sample("write-credit", fields.only(fields.FILLED.fields[6]), at(4), touch=("write:uscc",)),
    Sample("write-bank", fields.only(fields.BANK), at(4), touch=("write:bank",)),
    Sample("pick-province", fields.only(fields.REGION), at(4), touch=("write:dest",)),
    Sample("pick-district", fields.only(fields.FILLED.fields[4]), at(4), touch=("write:dest",)),
    Sample("pick-tens", fields.only(fields.BORN), at(4), touch=("write:born",)),
    Sample("pick-year", fields.only(fields.BORN), at(4), touch=("write:born", "tens:1950")),
    Sample("pick-month", fields.only(fields.BORN), at(4), touch=("write:born", "tens:1950", "year:1958")),
    Sample("pick-day", fields.only(fields.DAY), at(4), touch=("write:day", "month:11")),
    Sample("pick-option", fields.only(fields.FILLED.fields[8]), at(4), touch=("write:bank_name",)),
    Sample("confirm", CONFIRM, at(5)),
    Sample("pay", PAY, at(5)),
    Sample("sign", SIGN, at(5)),
    Sample(
        "sign-more",
        replace(
            SIGN,
            problem=W("签名太短，请完整写下您的姓名。", "That is too short. Please write your whole name."),
        ),
        at(5),
    ),
    Sample("sign-letter", papers.LETTER, at(5)),
    Sample("sign-letter-last", papers.LETTER, at(5), touch=("page:next",) * 6),
    Sample("sign-letter-slate", papers.LETTER, at(5), touch=(*("page:next",) * 6, "read")),
    Sample("working", Working(W("正在提交申请", "Submitting your request"), 5), at(5)),
    Sample("working-print", Working(W("正在打印证明", "Printing your certificate"), 20, "a4_printer"), at(5)),
    Sample(
        "working-stands",
        Working(fault("a4_jam").citizen, 20, "a4_printer", note=words("journey.printer_waits")),
        at(5),
    ),
    Sample("result", RESULT, at(5)),
    Sample("result-progress", PROGRESS, Place(W("办件进度查询", "Progress of my cases"), 3, 3)),
    Sample(
        "result-none",
        ShowResult(
            False,
            W("没有查到您的办件", "No case of yours was found"),
            note=W(
                "如果您刚刚提交，请稍后再查，或到 1 号窗口询问。",
                "If you have just applied, please look again later.",
            ),
            actions=(Option("finish", W("完成", "Finish")),),
        ),
        Place(W("办件进度查询", "Progress of my cases"), 3, 3),
    ),
    Sample(
        "take-a4",
        TAKE_A4,
        at(5),
    ),
    Sample("take-a4-left", TAKE_A4_LEFT, at(5)),
    Sample("paper-left", PAPER_LEFT, at(4)),
    Sample(
        "working-book",
        Working(W("正在打印证书", "Printing your certificate book"), 20, "special_printer"),
        at(5),
    ),
    Sample(
        "take-book",
        TakePaper(W("请取走证书", "Please take your certificate book"), "special_printer"),
        at(5),
    ),
    Sample("take-receipt", TakePaper(W("请取走凭条", "Please take your receipt"), "receipt_printer"), at(5)),
    Sample("rate", RATE, NOWHERE),
    Sample("rate-good", RATE, NOWHERE, touch=("star:5", "code:512", "code:517")),
    Sample("rate-poor", RATE, NOWHERE, touch=("star:2", "code:210")),
    Sample("rate-write", replace(RATE, write=True), NOWHERE, touch=("star:2", "code:210")),
    Sample("rate-writing", replace(RATE, write=True), NOWHERE, touch=("star:2", "write:text", *_sound("x"))),
    Sample("trouble", TROUBLE, Place(SERVICE)),
    Sample(
        "choose-one",
        ChooseOne(
            W("凭条怎么给您？", "How would you like the receipt?"),
            (
                Option("paper", W("打印凭条", "Print it"), W("约 5 秒", "about 5 seconds")),
                Option("phone", W("发到手机", "To my phone"), reason=W("暂未开通", "Not available yet")),
                Option("none", W("不需要", "No receipt")),
            ),
            W("凭条上有办件编号，可用来查询进度。", "It carries the case number."),
        ),
        Place(SERVICE),
    ),
    Sample("print-failed", PRINT_FAILED, at(5)),
    Sample("print-failed-paid", PRINT_FAILED_PAID, at(5)),
    Sample("print-limit", PRINT_LIMIT, at(5)),
    Sample("print-lost", PRINT_LOST, at(5)),
    Sample("print-did-it-come", DID_IT_COME, at(5)),
    Sample("goodbye", GOODBYE, NOWHERE),
    Sample("out-of-service", out.PLAIN, NOWHERE),
    Sample("out-locked", out.LOCKED, NOWHERE),
    Sample("out-fault", out.FAULT, NOWHERE),
    Sample("out-long", out.LONG, NOWHERE),
    Sample("out-closed", out.CLOSED, NOWHERE),
    Sample("out-held", out.HELD, NOWHERE),
    Sample("work-key", work.KEY, work.FIRST),
    Sample("work-key-code", work.KEY, work.FIRST, touch=("digit:1", "digit:7", "next", *("digit:4",) * 4)),
    Sample("work-key-again", work.KEY_AGAIN, work.FIRST),
    Sample("work-menu", work.MENU, work.FIRST),
    Sample("work-devices", work.DEVICES, work.AT_WORK),
    Sample("work-devices-2", work.DEVICES, work.AT_WORK, touch=("page:next",)),
    Sample("work-sheet", work.SHEET, work.AT_WORK),
    Sample("work-sheet-good", work.GOOD_SHEET, work.AT_WORK),
    Sample("work-sheet-found", work.FOUND, work.AT_WORK),
    Sample("work-sheet-named", work.LONG_NAME, work.AT_WORK),
    Sample("work-named", work.LONG_NAMES, work.AT_WORK),
    Sample("work-sheet-many", work.MANY_ROWS, work.AT_WORK),
    Sample("work-sheet-long", work.NOTICE, work.AT_WORK),
    Sample("work-nothing", work.NOTHING, work.AT_WORK),
    Sample("work-warning", work.MENU, work.AT_WORK, warn=20),
    Sample("work-crosses", work.CROSSES, work.AT_WORK),
    Sample("work-sight", work.SIGHT, work.AT_WORK),
    Sample("work-sight-wait", replace(work.SIGHT, frames=lambda: None), work.AT_WORK),
    Sample("masked-form", masked(FORM), at(4)),
    Sample("peek", FORM, at(4), aside=question()),
    Sample("time-out-warning", FORM, at(4), warn=20),
    Sample("help", GUIDE, at(1), touch=("help",)),
)
