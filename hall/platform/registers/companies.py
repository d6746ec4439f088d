"""市场监督管理: who does business here, under which name and code, and what may be printed of it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from config import toml_file
from config.part import Part

FILE = Path(__file__).with_suffix(".toml")

State = Literal["open", "cancelled", "reserved"]  # 存续, 注销, 名称预留


@dataclass(frozen=True)
class Change:
    """One entry of the company's file (变更登记)."""

    day: date
    item: str
    before: str
    after: str


@dataclass(frozen=True)
class Company:
    """A company or a sole trader (个体工商户). `legal_person` is a citizen's key; capital in fen."""

    code: str  # unified social credit code, GB 32100
    name: str
    kind: Literal["company", "sole"]
    legal_person: str
    capital: int
    established: date
    region: str
    address: str
    industry: str  # GB/T 4754
    scope: str
    last_report: int  # the last year with an annual report; 0 for none yet
    state: State = "open"
    cancelled: date | None = None
    licences: tuple[str, ...] = ()  # papers that wait to be printed: original, copy-1, copy-2 …
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Name:
    """A name in use or kept for somebody, whose holder is of no account here. `until`: of a reserved one."""

    name: str
    state: State
    since: date
    until: date | None = None


class _File(Part):
    company: tuple[Company, ...]
    name: tuple[Name, ...]


@cache
def _file() -> _File:
    return toml_file.load(FILE, _File)


@cache
def companies() -> Mapping[str, Company]:
    """Every company by its credit code. toml_file.ConfigError when the file does not fit."""
    return {company.code: company for company in _file().company}


def names() -> tuple[Name, ...]:
    """Names in use besides those of `companies`."""
    return _file().name


def of_legal_person(key: str) -> tuple[Company, ...]:
    """The companies that a citizen stands for."""
    return tuple(company for company in companies().values() if company.legal_person == key)
