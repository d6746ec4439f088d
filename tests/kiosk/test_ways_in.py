"""How somebody comes to a service, and what he need not say twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from config.catalogue_files import BUILT_IN, Catalogue, load_catalogue
from config.service import Service
from config.words import Words
from kiosk import ways_in
from kiosk.backstage import Backstage
from kiosk.frequent import Frequent
from kiosk.prompts import (
    Answer,
    ChooseOne,
    ChooseService,
    Chosen,
    Find,
    Guide,
    Home,
    Place,
    Prompt,
    ShowResult,
)
from kiosk.stage import GoBack, GoHome
from kiosk.steps.guide import guide
from kiosk.steps.questions import ask_questions
from tests.kiosk.small_visit import Script, backstage, service, visit


def with_parts(folder: Path, stage: Script, work: Callable[[Backstage], object]) -> object:
    """Runs `work`, which may be a coroutine, with the parts backstage."""

    async def run() -> object:
        async with backstage(folder, stage) as parts:
            done = work(parts)
            return await done if asyncio.iscoroutine(done) else done

    return asyncio.run(asyncio.wait_for(run(), 60))


def changed(catalogue: Catalogue, **services: Service) -> Catalogue:
    return replace(catalogue, services={**catalogue.services, **services})


# ── home ────────────────────────────────────────────────────────────────────
def test_home_offers_search_questions_my_cases_and_going_on(tmp_path: Path) -> None:
    page = with_parts(tmp_path, Script(), lambda parts: ways_in.home(parts, True))
    assert isinstance(page, Home)
    assert [way.value for way in page.ways] == ["search", "questions", "progress", "resume"]
    assert all(way.name.zh and way.name.en for way in page.ways)
    assert sum(tile.count for tile in page.tiles) == 54  # the table's 53, and the ticket's progress


def test_what_is_often_asked_for_is_offered_once_there_is_any_and_private_things_never_are(
    tmp_path: Path,
) -> None:
    def work(parts: Backstage) -> Home:
        for id, times in (("ZH03", 2), ("SB01", 3), ("ZH08", 9), ("MZ04", 9)):
            for _ in range(times):
                parts.frequent.add(parts.catalogue.services[id])
        return ways_in.home(parts, True)

    stage = Script([Chosen("SB01")])
    page = with_parts(tmp_path, stage, work)
    assert isinstance(page, Home) and "frequent" in [way.value for way in page.ways]

    async def choose(parts: Backstage) -> ways_in.Begun:
        work(parts)
        return await ways_in.choose(parts, "frequent")

    with_parts(tmp_path, stage, choose)
    (shown,) = stage.shown
    assert isinstance(shown, ChooseService)
    assert [option.value for option in shown.options] == ["SB01", "ZH03"]


def test_what_is_planned_is_not_shown_and_what_is_done_elsewhere_says_where(tmp_path: Path) -> None:
    where = Words("请在手机上办理", "On the phone")
    stage = Script([Chosen("SB03")])

    async def work(parts: Backstage) -> Home:
        sb01 = parts.catalogue.services["SB01"].model_copy(
            update={"status": "planned", "status_words": where}
        )
        sb02 = parts.catalogue.services["SB02"].model_copy(
            update={"status": "elsewhere", "status_words": where}
        )
        parts.catalogue = changed(parts.catalogue, SB01=sb01, SB02=sb02)
        await ways_in.choose(parts, "1")
        return ways_in.home(parts, True)

    page = with_parts(tmp_path, stage, work)
    assert isinstance(page, Home)
    (shown,) = stage.shown
    assert isinstance(shown, ChooseService)
    reasons = {option.value: option.reason for option in shown.options}
    assert "SB01" not in reasons and reasons["SB02"] == where
    assert page.tiles[0].count == len(shown.options)


def test_the_items_of_a_bundle_have_no_tile(tmp_path: Path) -> None:
    stage = Script([Chosen("ZH07")])
    with_parts(tmp_path, stage, lambda parts: ways_in.choose(parts, "8"))
    (shown,) = stage.shown
    assert isinstance(shown, ChooseService)
    assert [o.value for o in shown.options if o.value.startswith("ZH07")] == ["ZH07"]


# ── search ──────────────────────────────────────────────────────────────────
def test_search_has_every_item_with_the_initials_of_its_name(tmp_path: Path) -> None:
    stage = Script([Chosen("ZH03")])
    begun = with_parts(tmp_path, stage, lambda parts: ways_in.choose(parts, "search"))
    assert isinstance(begun, ways_in.Begun) and begun.service.id == "ZH03"
    (shown,) = stage.shown
    assert isinstance(shown, Find)
    letters = {entry.value: entry.letters for entry in shown.entries}
    assert letters["SF02"] == "flyzsq"  # 法律援助申请
    assert letters["ZH08"] == "12345sqtj"
    assert letters["SB01"].startswith("grcbzmd")
    assert "ZH0711" not in letters and len(letters) == 54
    assert shown.entries[0].note is not None


def test_my_cases_lead_straight_to_their_progress(tmp_path: Path) -> None:
    begun = with_parts(tmp_path, Script(), lambda parts: ways_in.choose(parts, "progress"))
    assert isinstance(begun, ways_in.Begun) and begun.service.id == "ZH02"


# ── questions ───────────────────────────────────────────────────────────────
def asked(*answers: Answer) -> tuple[tuple[str, dict[str, str]], list[Prompt]]:
    stage = Script(list(answers))
    found = asyncio.run(ask_questions(stage, load_catalogue(), {}))
    return found, stage.shown


def number(name: str, question: str, words: str) -> Answer:
    """The answer that says this."""
    answers = load_catalogue().questions[name].question[question].answers
    return Chosen(str([answer.words.zh for answer in answers].index(words)))


def test_whoever_has_lost_his_work_is_led_to_the_registration_and_its_reason_stands_in_the_form() -> None:
    found, pages = asked(
        Chosen("work"), number("work", "what", "失业了"), number("work", "jobless", "还没有，单位破产")
    )
    assert found == ("SB05", {"reason": "bankrupt"})
    assert [page.question.zh for page in pages if isinstance(page, ChooseOne)] == [
        "您遇到了什么事？",
        "您遇到了哪种情况？",
        "办过失业登记吗？",
    ]


class Wavering(Script):
    """Says *back* where its list has None."""

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        answer = self.answers.pop(0)
        if answer == Chosen("←"):
            raise GoBack
        return answer


def test_back_leads_to_the_question_before_and_from_the_first_to_the_list() -> None:
    stage = Wavering(
        [
            Chosen("work"),
            number("work", "what", "失业了"),
            Chosen("←"),
            Chosen("←"),
            Chosen("doctor"),
            number("doctor", "what", "就医记录册"),
            number("doctor", "book", "用完了"),
        ]
    )
    found = asyncio.run(ask_questions(stage, load_catalogue(), {}))
    assert found == ("YB06", {"reason": "full"})
    asked_for = [page.question.zh for page in stage.shown if isinstance(page, ChooseOne)]
    assert asked_for[2:5] == ["办过失业登记吗？", "您遇到了哪种情况？", "您遇到了什么事？"]


def test_what_no_machine_does_names_who_does_it_and_lets_him_choose_again() -> None:
    (service_id, _), pages = asked(
        Chosen("papers"),
        number("papers", "what", "换、补身份证"),
        number("papers", "card", "第一次办"),
        Chosen("again"),
        number("papers", "card", "丢了"),
    )
    assert service_id == "GA03"
    (told,) = [page for page in pages if isinstance(page, ShowResult)]
    assert told.note is not None and "户政窗口" in told.note.zh


def test_whoever_has_heard_enough_goes_home() -> None:
    with pytest.raises(GoHome):
        asked(
            Chosen("papers"),
            number("papers", "what", "换、补身份证"),
            number("papers", "card", "第一次办"),
            Chosen("home"),
        )


def test_with_more_trees_than_fit_on_a_page_the_theme_comes_first(tmp_path: Path) -> None:
    tree = (BUILT_IN / "questions" / "work.toml").read_text(encoding="utf-8")
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "more.toml").write_text(tree, encoding="utf-8")
    stage = Script([Chosen("1"), Chosen("more"), number("work", "what", "已经退休")])
    found = asyncio.run(ask_questions(stage, load_catalogue([tmp_path]), {}))
    assert found == ("SB04", {})
    first, second = stage.shown[:2]
    assert isinstance(first, ChooseOne) and len(first.options) == 8
    assert isinstance(second, ChooseOne) and [o.value for o in second.options] == ["more", "work"]


def test_an_answer_whose_service_cannot_be_had_now_is_greyed_with_the_reason() -> None:
    why: Mapping[str, Words | None] = {"SB04": Words("没有纸了", "No paper")}
    stage = Script(
        [Chosen("work"), number("work", "what", "快退休了"), number("work", "retire", "先看缴费记录")]
    )
    asyncio.run(ask_questions(stage, load_catalogue(), why))
    page = stage.shown[1]
    assert isinstance(page, ChooseOne)
    assert [option.reason for option in page.options if option.name.zh == "已经退休"] == [why["SB04"]]


@pytest.mark.parametrize(("sheets", "wanted"), [("1", 1), ("3", 3)])
def test_the_guide_lists_exactly_the_papers_that_the_answers_ask_for(
    tmp_path: Path, sheets: str, wanted: int
) -> None:
    stage = Script([Chosen("start")])

    async def work(parts: Backstage) -> None:
        at = visit(parts, service("ZH04"))
        at.session.typed["sheets"] = sheets
        await guide(at)

    with_parts(tmp_path, stage, work)
    (page,) = stage.shown
    assert isinstance(page, Guide)
    assert [words.zh for words in page.needs][2:] == [f"第 {n} 页" for n in range(1, wanted + 1)]


# ── what is often asked for ─────────────────────────────────────────────────
def test_the_counts_outlive_a_restart_and_name_services_only(tmp_path: Path) -> None:
    path = tmp_path / "frequent.json"
    counts = Frequent(path)
    for id in ("ZH03", "SB01", "ZH03", "MZ04"):
        counts.add(service(id))
    counts.save()
    assert path.read_text(encoding="ascii") == '{"ZH03": 2, "SB01": 1}'
    again = Frequent(path)
    offered = load_catalogue().services.values()
    assert [one.id for one in again.first(list(offered))] == ["ZH03", "SB01"]


@pytest.mark.parametrize("spoiled", ["", "[1]", '{"ZH03": "many"}', '{"ZH03": -1}', "{"])
def test_a_spoiled_file_is_as_good_as_none(tmp_path: Path, spoiled: str) -> None:
    path = tmp_path / "frequent.json"
    path.write_text(spoiled, encoding="ascii")
    assert Frequent(path).first(list(load_catalogue().services.values())) == ()


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    counts = Frequent(tmp_path / "there is no such folder" / "frequent.json")
    counts.add(service("ZH03"))
    counts.save()
    assert [one.id for one in counts.first([service("ZH03")])] == ["ZH03"]
