"""One item of each flow, a bundle and an agent's case: upright in Chinese, and wide in English."""

from __future__ import annotations

import json
from typing import Any, Literal

from tests.smoke.finger import FIRST, Errand, finish
from tests.smoke.journey import ends_agree
from tests.smoke.report import Report
from tests.smoke.whole import Whole

Language = Literal["zh", "en"]
Values = dict[str, str | tuple[str, ...]]
LOAN: Values = {"amount": "800000", "years": "30", "home": "first", "method": "instalment"}
JOBLESS: Values = {
    "region": ("region:330000", "region:330100", "region:330101"),
    "address": ("mode:pinyin", "key:l", "key:u", "pick:路", "mode:signs", *("key:8",) * 3),
    "education": "college",
    "reason": "expired",
}
NOTARY: Values = {
    "action": "book",
    "matter": "birth",
    "office": "notary",
    "day_notary": FIRST,
    "slot_notary": FIRST,
    "papers": "bring",
}
BUNDLE: Values = {
    "matter": "retire",
    "retire_items": "reward",
    "bank_card": "6228480402564890018",
    "phone": "13800000018",
}
ELDER: Values = {
    "kind": "allowance",
    "region": ("region:330000", "region:330100", "region:330102"),
    "bank": "abc",
    "card_no": "6228480402564890018",
    "contact": ("mode:pinyin", *(f"key:{letter}" for letter in "qian"), "pick:钱", "mode:signs", "key:1"),
    "relation": "helper",
}


def errands() -> list[Errand]:
    """Fresh ones, since an errand remembers how far it is."""
    return [
        Errand("GJ03", 3, "zhang", LOAN, reads={"zh": "仅供参考", "en": "for your information"}, filed=False),
        Errand("SB03", 1, "zhang", reads={"zh": "云杉", "en": "云杉"}),
        Errand("SB05", 1, "tan", JOBLESS),
        Errand("SF01", 8, "jiang", NOTARY),
        Errand("SB09", 1, "li", {"action": "info"}),
        Errand("ZH07", 8, "han", BUNDLE),
        Errand("MZ03", 7, "tang", ELDER, answers={"Guide": "way:agent"}, principal="zhao"),
    ]


def zh(whole: Whole, report: Report) -> None:
    """Upright, in Chinese."""
    _play(whole, report, "zh")


def en(whole: Whole, report: Report) -> None:
    """Wide, in English: the whole was started so."""
    _play(whole, report, "en")


def _play(whole: Whole, report: Report, language: Language) -> None:
    report.chapter(f"flows-{language}")
    for errand in errands():
        if whole.window.page("Home").language != language:
            whole.window.tap("language")
            whole.window.until(lambda o: o.language == language, f"the language {language}")
        known = {case["key"] for case in _cases(whole)}
        walk = finish(whole, errand)
        told = (walk.pages[-1], "Trouble" in walk.pages)
        report.same(f"{errand.service} ends at home without trouble", told, ("Home", False))
        if errand.reads:
            said = errand.reads[language]
            report.true(f"{errand.service} says what it found", said in walk.text, walk.text)
        filed = [case for case in _cases(whole) if case["key"] not in known]
        _judge(report, errand, filed)
    ends_agree(whole, report)


def _judge(report: Report, errand: Errand, filed: list[dict[str, Any]]) -> None:
    states = [json.loads(case["result"])["state"] for case in filed]
    if not errand.filed:
        report.same(f"{errand.service} files nothing", states, [])
        return
    report.true(f"{errand.service} is accepted", bool(states) and set(states) == {"accepted"}, states)
    if errand.principal:
        agents = [json.loads(case["submission"])["agent"]["mode"] for case in filed]
        report.same(f"{errand.service} names the agent's authorisation", agents, ["assist"])


def _cases(whole: Whole) -> list[dict[str, Any]]:
    rows = whole.platform("SELECT key, service, result, submission FROM cases")
    return [dict(zip(("key", "service", "result", "submission"), row, strict=True)) for row in rows]
