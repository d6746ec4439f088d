"""Questions, routes and bundles of the built-in catalogue: every way leads somewhere, and is checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.catalogue_files import BUILT_IN, Catalogue, load_catalogue
from config.questions import AnswerSpec, Questions
from config.toml_file import ConfigError

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def leaves(tree: Questions, name: str = "") -> Iterator[AnswerSpec]:
    for answer in tree.question[name or tree.first].answers:
        if answer.next:
            yield from leaves(tree, answer.next)
        else:
            yield answer


def test_each_theme_has_its_questions(catalogue: Catalogue) -> None:
    assert {tree.theme for tree in catalogue.questions.values()} == set(range(1, 9))


def test_nearly_every_item_can_be_found_by_questions(catalogue: Catalogue) -> None:
    led_to = {answer.service for tree in catalogue.questions.values() for answer in leaves(tree)}
    missed = {id for id, one in catalogue.services.items() if one.listed} - led_to
    assert missed <= {"SB90"}, f"no question leads to {sorted(missed)}"


def test_no_two_answers_of_a_question_say_the_same(catalogue: Catalogue) -> None:
    for tree in catalogue.questions.values():
        for question in tree.question.values():
            for language in ("zh", "en"):
                said = [answer.words[language] for answer in question.answers]
                assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('service = "GA03", values = { reason = "lost" }', "GA03 has no choice reason = tired"),
        ('service = "GA03", values = { reason = "damaged" }', "leads to no service: GA99"),
        ('service = "ZH07", values = { matter = "birth" }', "ZH0721 is only had within a bundle"),
    ],
)
def test_an_answer_that_leads_astray_is_told(tmp_path: Path, wrong: str, said: str) -> None:
    right = (BUILT_IN / "questions" / "papers.toml").read_text(encoding="utf-8")
    assert wrong in right
    new = {
        "GA03 has no choice reason = tired": 'service = "GA03", values = { reason = "tired" }',
        "leads to no service: GA99": 'service = "GA99"',
        "ZH0721 is only had within a bundle": 'service = "ZH0721"',
    }[said]
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "papers.toml").write_text(right.replace(wrong, new), encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load_catalogue([tmp_path])
    assert told.value.problems == [said]


# ── routes ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("region", "item", "there"),
    [
        ("330102", "GA02", True),  # within the city
        ("330201", "YB05", True),  # a county of the neighbour city
        ("320101", "SJ01", True),
        ("320100", "SJ01", False),  # only a district of it has agreed to that
        ("530101", "GJ02", False),
        ("460000", "SJ01", False),  # an agreement that has ended
        ("990000", "YB05", False),
    ],
)
def test_a_route_reaches_what_lies_in_its_region_while_it_is_in_force(
    catalogue: Catalogue, region: str, item: str, there: bool
) -> None:
    assert any(route.reaches(region, item, TODAY) for route in catalogue.routes) is there


def test_the_routes_carry_what_can_be_asked_for_and_no_more(catalogue: Catalogue) -> None:
    asked = {
        option.value
        for spec in catalogue.services["ZH06"].fields
        if spec.key == "item"
        for option in spec.options
    }
    carried = {service for route in catalogue.routes for service in route.services}
    assert asked == carried
    assert {route.scope for route in catalogue.routes} == {"city", "province", "nation"}
    assert len(catalogue.routes) >= 12


# ── bundles ─────────────────────────────────────────────────────────────────
ZH07 = (BUILT_IN / "zh07.toml").read_text(encoding="utf-8")
WRONG = [  # a change to ZH07, and what is said of it
    ('service = "ZH0713"', 'service = "ZH0799"', "bundle: there is no service ZH0799"),
    ('fields = { phone = "phone" }', 'fields = { phone = "telephone" }', "takes phone from telephone"),
    ('fields = { phone = "phone" }', "fields = {}", "bundle: ZH0712 asks for phone, which nothing gives"),
    ("level = 3", "level = 2", "bundle: ZH0731 is of level 3, the bundle only of 2"),
    ('service = "ZH0712"', 'service = "ZH04"', "bundle: ZH04 wants a fee, papers or letters"),
    (
        'after = "ZH0731"',
        'after = "ZH0734"',
        "bundle: ZH0732 comes after ZH0734, which does not stand before",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG)
def test_a_bundle_that_one_form_cannot_fill_is_told(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in ZH07
    (tmp_path / "zh07.toml").write_text(ZH07.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load_catalogue([tmp_path])
    assert any(said in problem for problem in told.value.problems), told.value.problems


def test_what_is_part_of_an_item_is_counted_with_it(catalogue: Catalogue) -> None:
    assert catalogue.items == 53
    assert {id for id, one in catalogue.services.items() if one.part_of == "ZH08"} == {"ZH0801"}
    hidden = {id for id, one in catalogue.services.items() if not one.listed}
    assert hidden == {member.service for member in catalogue.services["ZH07"].bundle}
