"""The catalogue: what stands in it is whole, and a wrong file is told where and in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.catalogue_files import BUILT_IN, Catalogue, load_catalogue
from config.service import Level
from config.toml_file import ConfigError
from config.words import LANGUAGES

SB01 = (BUILT_IN / "sb01.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_the_home_page_has_eight_themes_in_order(catalogue: Catalogue) -> None:
    assert [theme.number for theme in catalogue.themes] == list(range(1, 9))
    assert len({theme.icon for theme in catalogue.themes}) == 8


def test_a_theme_shows_its_services_in_the_order_of_their_ids(catalogue: Catalogue) -> None:
    ids = [service.id for service in catalogue.under(8)]
    assert ids == sorted(ids) and {"ZH02", "ZH03", "ZH05"} <= set(ids)
    shown = [service for theme in catalogue.themes for service in catalogue.under(theme.number)]
    assert {one.id for one in shown} == {one.id for one in catalogue.services.values() if one.listed}


def test_every_service_says_all_of_its_words_in_every_language(catalogue: Catalogue) -> None:
    for service in catalogue.services.values():
        guide = service.guide
        told = [service.name, service.action, service.department, guide.summary, guide.fee, guide.time]
        told += [guide.legal, *guide.needs, *guide.gives, *guide.excludes]
        told += [field.label for field in service.fields]
        told += [option.name for field in service.fields for option in field.options]
        for words in told:
            assert all(words[language].strip() for language in LANGUAGES), f"{service.id}: {words}"


def test_what_a_service_cannot_do_without_is_among_its_needs(catalogue: Catalogue) -> None:
    """Else a citizen would learn of the missing printer after his case is filed."""
    for service in catalogue.services.values():
        required = {output.device for output in service.outputs if output.required and not output.later}
        assert required <= set(service.needs), service.id
        assert ("id_card_reader" in service.needs) == (service.level > Level.NONE), service.id


def test_a_halls_own_file_adds_a_service_and_replaces_one_of_the_same_id(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SB01.replace('id = "SB01"', 'id = "SB90"'), encoding="utf-8")
    (tmp_path / "sb01.toml").write_text(SB01.replace("version = 1", "version = 7"), encoding="utf-8")
    (tmp_path / "themes.toml").write_text("not read", encoding="utf-8")
    found = load_catalogue([tmp_path]).services
    assert set(found) == {*load_catalogue().services, "SB90"}
    assert found["SB01"].version == 7


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such folder as .*elsewhere; check the path"):
        load_catalogue([tmp_path, tmp_path / "elsewhere"])


def test_a_word_alone_in_one_language_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sb01.toml"
    path.write_text(SB01.replace(', en = "Insurances" }', " }"), encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load_catalogue([tmp_path])
    line = SB01[: SB01.index(', en = "Insurances" }')].count("\n") + 1
    assert told.value.problems == [f"fields.2.label.en: is missing, line {line}"]


MEANS = 'means = ["face", "pin", "sms", "staff"]'
WRONG = [  # a change to SB01, what is said of it, and the text on whose line it is said
    ('flow = "print"', 'flow = "fax"', "flow: Input should be 'query', 'declare', 'print'", "flow ="),
    ('id = "SB01"', 'id = "sb1"', "id: String should match pattern", "id ="),
    ("theme = 1", "theme = 9", "theme: Input should be less than or equal to 8", "theme ="),
    ("level = 2", "level = 2\nhours = '8-17'", "hours: String should match pattern", "hours ="),
    ("level = 2", "level = 2\nhours = '09:00-25:00'", "hours: String should match pattern", "hours ="),
    (MEANS, 'means = ["face"]', "the file: level 2 and 3 need means besides face", ""),
    (f"level = 2\n{MEANS}", 'level = 3\nmeans = ["face", "sms"]', "the file: level 3 needs staff", ""),
    (MEANS, 'means = ["face", "face"]', "the file: level 2 and 3 need means besides", ""),
    ('"a4_printer"]', '"fax"]', "needs.1: Input should be 'id_card_reader', 'social_card", "needs ="),
    ("years = 16", 'years = "16"', "eligibility.0: years of rule min_age must be a whole number", "eligib"),
    ("years = 16", "age = 16", "eligibility.0: rule min_age takes ['years'], not ['age']", "eligib"),
    ('"min_age", years = 16', '"phone"', "the file: rule phone asks about a field", ""),
    ('"not_before", field = "from"', '"older"', "fields.4.rules.1: no rule older; the table has", "rules@4"),
    ('field = "from"', 'field = "form"', "the file: rule not_before of field to names no field: form", ""),
    ('key = "to"', 'key = "from"', "the file: two fields have the same key", ""),
    ('key = "to"', 'key = "To"', "fields.4.key: String should match pattern", 'key = "To"'),
    ('value = "school"', 'value = "home"', "fields.5: two options of field purpose have", "[[fields]]@5"),
    ('[{ rule = "not_in_future" }]', '[{ rule = "min_age", years = 1 }]', "fields.3: rule min_age cannot be "
     "asked of field from, which is month", "[[fields]]@3"),
    ('platform = true\noptions = [\n  { value = "pension"', 'rules = [{ rule = "phone" }]\noptions = [\n  '
     '{ value = "pension"', "fields.2: rule phone cannot be asked of field insurances, which is choices",
     "[[fields]]@2"),
    ('device = "a4_printer"', 'machine = "a4_printer"', "outputs.0.device: is missing", "[[outputs]]@0"),
    ("level = 2", 'level = 2\nfee = { fen = 0, words = { zh = "费", en = "Fee" } }',
     "fee: a fee is either so many fen", "fee ="),
    ("level = 2", 'level = 2\nfee = { fen = 5.5, words = { zh = "费", en = "Fee" } }',
     "fee.fen: Input should be a valid integer", "fee ="),
    ('flow = "print"', 'flow = "query"\nsign = true', "the file: a query files nothing, so it can be", ""),
    ("level = 2", "level = 0\nsign = true", "the file: nobody is known at level 0, so nobody can sign", ""),
    ('"a4_printer"]', ']\nfee = { fen = 500, words = { zh = "费", en = "Fee" } }',
     "the file: what is paid for needs its printers", ""),
    ('fee = { zh = "免费", en = "Free" }\n', "", "guide.fee: is missing", "[guide]"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said", "spot"), WRONG)
def test_a_mistake_in_a_service_is_told_in_words_with_its_line(
    tmp_path: Path, right: str, wrong: str, said: str, spot: str
) -> None:
    assert SB01.count(right) >= 1
    text = SB01.replace(right, wrong, 1)
    path = tmp_path / "sb01.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load_catalogue([tmp_path])
    problem = next((one for one in told.value.problems if one.startswith(said)), None)
    assert problem is not None, told.value.problems
    line = _line(text, spot)
    assert problem.endswith(f", line {line}") if line else ", line " not in problem


def _line(text: str, spot: str) -> int:
    """The line on which `spot` begins; `spot@n` counts from 0."""
    if not spot:
        return 0
    start, _, number = spot.partition("@")
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if line.startswith(start)]
    return lines[int(number or 0)] if start != "rules" else lines[1]


def test_a_choice_that_nobody_could_answer_is_refused(tmp_path: Path) -> None:
    text = SB01.replace('kind = "text"\nlabel = { zh = "姓名"', 'kind = "choice"\nlabel = { zh = "姓名"')
    (tmp_path / "sb01.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="field name is a choice without options"):
        load_catalogue([tmp_path])


def test_a_choice_whose_options_only_the_platform_knows_is_no_mistake(tmp_path: Path) -> None:
    text = SB01.replace(
        'kind = "month"', 'kind = "choice"', 1
    )  # the field `from`, which has `platform = true`
    (tmp_path / "sb01.toml").write_text(text, encoding="utf-8")
    assert load_catalogue([tmp_path]).services["SB01"].fields[3].kind == "choice"
