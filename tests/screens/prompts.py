"""One realistic prompt for every page, with the words of the demo. The people are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from PIL import Image

from config import assets
from config.catalogue_files import load_catalogue
from config.faults import any_fault
from config.ratings import star_rows
from config.words import Words, same, words
from kiosk.prompts import (
    CardScene,
    ChooseService,
    Confirm,
    Consent,
    EnterCode,
    Event,
    Field,
    FieldKind,
    FillForm,
    Goodbye,
    Guide,
    Home,
    LookAtCamera,
    Option,
    Pay,
    Picture,
    Place,
    PlaceCard,
    Rate,
    Row,
    ShowResult,
    Sign,
    Star,
    TakePaper,
    Trouble,
)
from kiosk.ways_in import offered, tiles_of

W = Words
HALL = W("示例市政务服务大厅", "Sample City Service Hall")  # as in config/profiles/demo.toml
CATALOGUE = load_catalogue()
PHONE = "0571-0000 0000"
SERVICE = W("个人参保证明打印", "Proof of social insurance")


def at(step: int, steps: int = 5) -> Place:
    """A place inside the journey of SB01."""
    return Place(SERVICE, step, steps)


HOME = Home(tiles_of(CATALOGUE), HALL)
_WHY_NOT = {
    "SB02": any_fault("a4_paper_out").citizen,
    "SB09": words("journey.closed", hours="08:30–17:30"),
}
SERVICES = ChooseService(
    CATALOGUE.themes[0].name,
    tuple(
        Option(one.id, one.name, one.guide.summary, _WHY_NOT.get(one.id))
        for one in sorted(offered(CATALOGUE), key=lambda one: one.id)
        if one.theme == CATALOGUE.themes[0].number
    ),
)
GUIDE = Guide(
    SERVICE,
    W(
        "打印您本人的社会保险参保缴费证明，当场领取。",
        "Prints proof of your own social insurance, here and now.",
    ),
    (W("本人有效居民身份证", "Your own valid resident identity card"),),
    (
        W("个人参保证明（A4，带电子签章和二维码）", "Proof of insurance (A4, signed, with QR code)"),
        W("办理凭条", "A receipt"),
    ),
    (
        W("须本人办理，不能代办", "In person only; nobody can do it for you"),
        W("未满 16 周岁不能办理", "Not for people under 16"),
    ),
    (
        (W("费用", "Fee"), W("免费", "Free")),
        (W("时间", "Time"), W("约 2 分钟", "About 2 minutes")),
        (
            W("依据", "Legal ground"),
            W("《社会保险个人权益记录管理办法》", "Measures on personal social-insurance records"),
        ),
        (W("咨询", "Advice"), same("12333")),
    ),
    W("开始办理", "Start"),
)
CARD = PlaceCard(CardScene.PLACE)
CONSENT = Consent(
    W(
        "为确认是您本人，可以进行人脸核验。是否同意？",
        "To make sure it is you, we can compare your face. Do you agree?",
    ),
    (
        W("只在本机比对一次，不保存照片。", "Compared once, on this machine; no picture is kept."),
        W("比对您的身份证照片与现场画面。", "Your card's photograph is compared with the live picture."),
        W("不同意也能办理：可用短信验证码。", "You need not agree: a text message code serves as well."),
    ),
    W("同意，人脸核验", "I agree"),
    W("用短信验证", "Text message instead"),
)


@cache
def live_picture() -> Picture:
    """One of the photographs that set-up fetches, as a camera of 640 × 480 would see it."""
    with Image.open(assets.photograph("person-a-1.jpg")) as photograph:
        seen = photograph.convert("RGB")
    seen = seen.resize((640, round(seen.height * 640 / seen.width))).crop((0, 0, 640, 480))
    return Picture(640, 480, seen.tobytes())


CAMERA = LookAtCamera(
    live_picture,
    W("请靠近一些，保持不动", "A little closer, and hold still"),
    2,
    3,
    W("改用短信验证", "Use a text message instead"),
)
CODE = EnterCode(W("请输入短信验证码", "Enter the code we sent you"), "138****5678", 6)
FORM = FillForm(
    W("请核对并填写", "Please check and fill in"),
    (
        Field(
            "name",
            FieldKind.TEXT,
            W("姓名", "Name"),
            "林*安",
            locked=True,
            source=W("来自身份证", "From your card"),
        ),
        Field(
            "number",
            FieldKind.TEXT,
            W("身份证号", "ID number"),
            "3301** **** **** 1234",
            locked=True,
            source=W("来自身份证", "From your card"),
        ),
        Field(
            "insurances",
            FieldKind.CHOICES,
            W("险种", "Insurances"),
            ("pension", "injury"),
            (
                Option("pension", W("养老保险", "Pension")),
                Option("unemployment", W("失业保险", "Unemployment")),
                Option("injury", W("工伤保险", "Work injury")),
            ),
        ),
        Field(
            "from",
            FieldKind.MONTH,
            W("起始年月", "From month"),
            "2024-01",
            earliest=date(2010, 7, 1),
            latest=date(2026, 11, 1),
        ),
        Field(
            "to",
            FieldKind.MONTH,
            W("截止年月", "To month"),
            "2026-10",
            earliest=date(2010, 7, 1),
            latest=date(2026, 11, 1),
        ),
        Field(
            "purpose",
            FieldKind.CHOICE,
            W("用途", "Purpose"),
            "",
            (
                Option("home", W("购房", "Buying a home")),
                Option("school", W("入学", "School entry")),
                Option("tender", W("投标", "Tender")),
                Option("visa", W("签证", "Visa")),
                Option("other", W("其他", "Other")),
            ),
        ),
    ),
    W("下一步，核对信息", "Next: check"),
)


def with_problems() -> FillForm:
    """The form asked again: two answers do not fit."""
    bad = {
        "to": W("截止年月不能早于起始年月", "This must not be before the first month"),
        "purpose": W("请选择用途", "Please choose a purpose"),
    }
    return replace(FORM, fields=tuple(replace(f, problem=bad.get(f.key)) for f in FORM.fields))


SCAN = FillForm(
    W("请核对并填写", "Please check and fill in"),
    (
        Field("case_no", FieldKind.TEXT, W("办件编号", "Case number"), required=False, scan=True),
        Field("note", FieldKind.TEXT, W("备注", "Note"), required=False),
    ),
    W("查询进度", "Show progress"),
)


def scanned(number: str) -> FillForm:
    """The form of SCAN after a code was scanned."""
    return replace(SCAN, fields=(replace(SCAN.fields[0], value=number), SCAN.fields[1]), scanned="case_no")


OTHER_KINDS = FillForm(
    W("请填写联系方式", "How can we reach you?"),
    (
        Field("phone", FieldKind.PHONE, W("手机号", "Mobile number"), "138****5678"),
        Field("plate", FieldKind.TEXT, W("车牌号", "Number plate"), "", required=False),
        Field("amount", FieldKind.NUMBER, W("贷款金额（元）", "Amount (yuan)"), "350000"),
        Field(
            "day",
            FieldKind.DATE,
            W("预约日期", "Day"),
            "2026-11-24",
            earliest=date(2026, 11, 22),
            latest=date(2026, 12, 6),
        ),
        Field(
            "window",
            FieldKind.CHOICE,
            W("窗口", "Window"),
            "social",
            (
                Option("social", W("社保医保", "Social, medical")),
                Option("estate", W("不动产", "Real estate"), reason=W("今日已约满", "Full today")),
                Option("tax", W("税务", "Tax")),
                Option("general", W("综合", "General")),
            ),
        ),
    ),
    W("预约", "Book"),
)
CONFIRM = Confirm(
    W("请核对，然后提交并打印", "Please check, then submit and print"),
    (
        Row(W("事项", "Service"), SERVICE),
        Row(W("姓名", "Name"), same("林*安")),
        Row(W("身份证号", "ID number"), same("3301** **** **** 1234")),
        Row(W("险种", "Insurances"), W("养老保险、工伤保险", "Pension, work injury")),
        Row(W("起止年月", "Months"), W("2024 年 1 月 至 2026 年 10 月", "2024-01 to 2026-10")),
        Row(W("用途", "Purpose"), W("购房", "Buying a home")),
    ),
    W("提交并打印证明", "Submit and print"),
    W("提交后将立即打印，约需 20 秒。", "It is printed at once, in about 20 seconds."),
)
PAY = Pay(
    W("请用手机扫码付款", "Please scan with your phone and pay"),
    W("工本费", "Cost of the card"),
    123_450,
    "http://127.0.0.1:8070/pay/Q2hhbmdlLW1lLTAx",
    175,
    W(
        "付款后自动继续；没有办成，款项原路退回。",
        "It goes on by itself once paid. If nothing comes of it, the money is returned.",
    ),
)
SIGN = Sign(
    W("请本人签名", "Please sign"),
    (
        W(
            "本人申请办理“失业登记”，确认所填信息真实有效。",
            "I apply for: Register as unemployed. What I have filled in is true.",
        ),
    ),
    W("签好了", "I have signed"),
)
RESULT = ShowResult(
    True,
    W("证明已办好", "Your certificate is ready"),
    (
        Row(W("办件编号", "Case"), same("3301 0020 2611 2200 0042")),
        Row(W("文件", "Document"), W("个人参保证明，1 页", "Proof of insurance, 1 page")),
        Row(W("验证码", "Check code"), same("8F3K 2M7Q")),
    ),
    note=W("证明正在打印，请在出纸口等候。", "It is being printed. Please wait at the paper slot."),
    actions=(
        Option("print", W("打印凭条", "Print a receipt")),
        Option("finish", W("不用凭条", "No receipt")),
    ),
)
PROGRESS = ShowResult(
    True,
    W("您有 1 件正在办理", "One case is under way"),
    timeline=(
        Event("2026-11-18 09:12", W("已受理", "Accepted")),
        Event("2026-11-19 14:40", W("部门审核通过", "Checked by the department")),
        Event("预计 2026-11-25", W("制证", "Certificate made"), done=False),
        Event("预计 2026-11-27", W("可以领取", "Ready to collect"), done=False),
    ),
    actions=(Option("print", W("打印凭条", "Print a receipt")), Option("finish", W("完成", "Finish"))),
)
RATE = Rate(
    W("请为本次服务打分", "How was it?"),
    tuple(
        Star(row.stars, row.name, tuple(Option(each.code, each.name) for each in row.indicators))
        for row in star_rows()
    ),
)
TAKE_A4 = TakePaper(W("请取走您的证明", "Please take your certificate"), "a4_printer", W("共 1 页", "1 page"))
TROUBLE = Trouble(
    W("业务系统暂时无法连接", "The service system cannot be reached"),
    W("没有提交任何内容，您的信息没有丢失。", "Nothing was filed and nothing is lost."),
    W("请稍后再试，或到 3 号窗口办理。", "Please try again later, or go to window 3."),
    W("咨询电话 0571-0000 0000", "Call 0571-0000 0000"),
    (Option("again", W("再试一次", "Try again")), Option("home", W("返回首页", "Home page"))),
    "platform_down",
)
GOODBYE = Goodbye(
    W("办好了，谢谢您", "All done. Thank you"),
    (
        W("请取走您的身份证", "Please take your ID card"),
        W("请取走证明和凭条", "Please take your certificate and receipt"),
    ),
)
NOWHERE = Place(back=False, home=False)
