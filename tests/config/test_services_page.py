"""docs/services.md: the page that says what is offered, and what of it is not real."""

from __future__ import annotations

import re

from config.catalogue_files import load_catalogue
from config.services_page import counts, document


def test_each_item_stands_there_once_under_its_theme() -> None:
    page, catalogue = document(), load_catalogue()
    for theme in catalogue.themes:
        part = page.partition(f"## {theme.number} ")[2].partition("\n## ")[0]
        ids = re.findall(r"^\| ([A-Z]{2}\d+) \|", part, re.MULTILINE)
        assert ids == [service.id for service in catalogue.under(theme.number)]


def test_every_stand_in_is_named_with_its_items() -> None:
    told = document().partition("\n## Stand-ins")[2]
    for service in load_catalogue().services.values():
        for one in service.stand_ins:
            line = next(line for line in told.splitlines() if line.startswith(f"- {one}: "))
            assert service.id in line


def test_the_count_is_that_of_the_catalogue() -> None:
    assert counts(load_catalogue()).startswith(f"{len(load_catalogue().services)} services of ")
