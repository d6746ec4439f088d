"""What a person would check of a finding's words, whoever found it: each language reads as itself."""

from __future__ import annotations

import re

from config.words import LANGUAGES, Words
from kiosk.readiness.finding import Finding

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NAMES = ("version",)  # of which only names and numbers are told


def readable(finding: Finding) -> Finding:
    """The same finding, once every piece of what was found is seen to be told in both languages."""
    assert_told(finding.found, finding.name)
    for told in (finding.title, finding.tried, finding.untried):
        assert told is None or all(told[language] for language in LANGUAGES), finding
    return finding


def assert_told(found: Words, name: str = "") -> None:
    """Each piece of the Chinese is Chinese, but for names; nothing of the English is."""
    assert not _CHINESE.search(found.en), found.en
    assert len(found.zh.split(" · ")) == len(found.en.split(" · ")), found
    for piece in found.zh.split(" · "):
        assert piece and (name in _NAMES or _CHINESE.search(piece)), f"{name}: {found.zh}"
