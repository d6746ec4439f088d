"""The layout language: what stands in the catalogue is whole, and a mistake is told with file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from config import paper
from config.catalogue_files import BUILT_IN, load_catalogue
from config.toml_file import ConfigError

RECEIPT = (BUILT_IN / "papers" / "receipt.toml").read_text(encoding="utf-8")
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "papers.md").read_text(encoding="utf-8")


def told(folder: Path, text: str, name: str = "receipt") -> list[str]:
    (folder / "papers").mkdir(exist_ok=True)
    (folder / "papers" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_catalogue([folder])
    assert caught.value.path.name == f"{name}.toml"
    return caught.value.problems


def line_of(text: str, spot: str) -> int:
    return text[: text.index(spot)].count("\n") + 1


def test_there_is_a_paper_for_each_document() -> None:
    papers = load_catalogue().papers
    assert set(papers) == {*get_args(paper.Document), "staff_en"}
    assert all(name.removesuffix("_en") == one.document for name, one in papers.items())


def test_every_paper_says_who_prints_it_and_whether_it_is_synchronised() -> None:
    for name, one in load_catalogue().papers.items():
        used = {place for line in one.line for _, text in line.texts() for place in paper.PLACE.findall(text)}
        assert {"terminal", "printed", "pending"} <= used or name in ("ticket",), name
        assert "pending" in used, name


def test_who_the_holder_is_can_only_be_shown_masked() -> None:
    for document in get_args(paper.Document):
        for name, value in paper.values_of(document).items():
            assert bool(value.mask) == (name in ("name", "number", "agent")), f"{document}.{name}"


WRONG = [  # a change to the receipt, what is said of it, and the text on whose line it is said
    ("{case_no}", "{case}", "line.11.value: no value {case}; a receipt has hall,", 'value = "{case}"'),
    ("{check_code}", "{queue_no}", "line.17.code: no value {queue_no}; a receipt has", "code = {"),
    ('each = "rows"', 'each = "timeline"', "line.12.each: no list 'timeline'; a receipt has rows", "each ="),
    ('when = "pending"', 'when = "offline"', "line.6.when: no value 'offline'; a receipt has", "when ="),
    ('text = "{hall}"', 'text = "{hall"', "line.0.text: a brace without its other half", "text ="),
    ('text = "{hall}"', 'text = "{hall.name}"', "line.0.text: no value {hall.name}; a", "text ="),
    ('size = "title"', 'size = "big"', "line.1.size: Input should be 'body', 'title' or 'huge'", "size ="),
    ('align = "centre"', 'aline = "centre"', "line.0.aline: there is no such key here", "aline ="),
    ('label = "姓名"\n', "", "line.8: label and value go together", '[[line]]\nvalue = "{name}"'),
    ("rule = true", 'rule = true\ntext = "x"', "line.2: a line is one of: text; label and", "[[line]]\nrule"),
    ("rule = true", "rule = true\nbold = true", "line.2: size, bold and align are for", "[[line]]\nrule"),
    ('document = "receipt"', 'document = "recipe"', "document: Input should be 'receipt', 'ticket'", "docu"),
    ('document = "receipt"', 'document = "ticket"', "line.8.value: no value {name}; a ticket has", "{name}"),
    ('words = "核验证明", ', "", "line.17.code.words: is missing", "code = {"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said", "spot"), WRONG)
def test_a_mistake_in_a_paper_is_told_with_its_line(
    tmp_path: Path, right: str, wrong: str, said: str, spot: str
) -> None:
    assert right in RECEIPT
    text = RECEIPT.replace(right, wrong, 1)
    problems = told(tmp_path, text)
    problem = next((one for one in problems if one.startswith(said)), None)
    assert problem is not None, problems
    assert problem.endswith(f", line {line_of(text, spot)}")


def test_every_mistake_of_a_paper_is_told_at_once(tmp_path: Path) -> None:
    text = RECEIPT.replace("{case_no}", "{case}").replace("{terminal}", "{machine}")
    assert len(told(tmp_path, text)) == 2


def test_a_halls_paper_replaces_ours_and_a_services_own_is_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "receipt.toml").write_text(RECEIPT.replace("办理凭条", "回执"), encoding="utf-8")
    (tmp_path / "papers" / "long.toml").write_text(RECEIPT, encoding="utf-8")
    service = (BUILT_IN / "sb01.toml").read_text(encoding="utf-8").replace("SB01", "SB90")
    own = service.replace('document = "receipt"', 'document = "receipt"\ntemplate = "long"')
    (tmp_path / "sb90.toml").write_text(own, encoding="utf-8")
    found = load_catalogue([tmp_path])
    assert any(line.text == "回执" for line in found.papers["receipt"].line)
    assert found.services["SB90"].outputs[-1].template == "long"


@pytest.mark.parametrize("template", ["short", "ticket"])
def test_a_service_that_names_a_paper_that_does_not_fit_is_told(tmp_path: Path, template: str) -> None:
    service = (BUILT_IN / "sb01.toml").read_text(encoding="utf-8")
    text = service.replace('document = "receipt"', f'document = "receipt"\ntemplate = "{template}"')
    (tmp_path / "sb01.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_catalogue([tmp_path])
    assert caught.value.problems == [
        f"outputs.1.template: no paper '{template}' for a receipt; there is receipt, "
        f"line {line_of(text, 'template =')}"
    ]


def test_a_file_with_a_documents_name_is_of_that_document(tmp_path: Path) -> None:
    text = (BUILT_IN / "papers" / "ticket.toml").read_text(encoding="utf-8")
    (problem,) = told(tmp_path, text)
    assert problem.startswith("document: a paper called receipt is of document 'receipt', line 2")


# ── the page for the hall's engineer ────────────────────────────────────────
def examples() -> Iterator[str]:
    yield from re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_pages_example_is_a_paper(tmp_path: Path) -> None:
    whole = [text for text in examples() if text.lstrip().startswith(("document", "#"))]
    assert whole
    (tmp_path / "papers").mkdir()
    for n, text in enumerate(whole):
        (tmp_path / "papers" / f"own{n}.toml").write_text(text, encoding="utf-8")
    assert {f"own{n}" for n in range(len(whole))} <= set(load_catalogue([tmp_path]).papers)


def test_the_page_names_every_key_and_every_value() -> None:
    for key in (*paper.LineSpec.model_fields, *paper.CodeSpec.model_fields):
        assert f"`{key}`" in PAGE, key
    for document in get_args(paper.Document):
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{document}` |"))
        for name in paper.OF_DOCUMENT[document]:
            assert f"`{name}`" in row, f"{document}: {name}"
        for name, own in paper.LISTS[document].items():
            assert f"`{name}` (" + ", ".join(f"`{one}`" for one in own) + ")" in row, f"{document}: {name}"
    for name in paper.EVERYWHERE:
        assert f"`{name}`" in PAGE, name


def test_the_pages_mistake_is_told_as_the_page_says(tmp_path: Path) -> None:
    said = re.search(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    assert said is not None
    text = next(text for text in examples() if "{queue_no}" in text)
    problems = told(tmp_path, text.replace("{queue_no}", "{queue}"), "own")
    assert said[1].startswith(f"papers/own.toml: {problems[0][:40]}")
    assert tomllib.loads(text)["document"] == "ticket"
