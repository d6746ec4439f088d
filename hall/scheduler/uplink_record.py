"""Ratings and cases as the city's platform wants them: its field names, codes and scale.

The names are those of the interface in use for 好差评; codes are of GB/T 39046-2020. Its A.8 counts
satisfaction from 1, very satisfied, to 5; some interfaces count the other way, as we do (`uplink.best`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from config.words import Words
from hall.settings import UplinkSettings
from hall.wording import local

Row = Mapping[str, Any]
CHANNEL = "5"  # 渠道 pf: self-service terminal
PERSON = "1"  # 服务对象: a natural person
FINISHED = "3"  # 办件状态: 已完结; what a terminal rates has been done
ACCEPTED = "2"  # 办理中
AT_ONCE = "2"  # 办件类型 as the interface codes it: 即办
BEST, WORST = 5, 1  # our own stars


@dataclass(frozen=True)
class City:
    """What a record says beside its row: whose it is, how services are called there, the hall's clock."""

    settings: UplinkSettings
    services: Mapping[str, Words]
    zone: ZoneInfo


def rating(row: Row, city: City) -> dict[str, str]:
    """The record of one rating. A visit without a case is rated under its session's number."""
    stars = int(row["stars"])
    return {
        **_about(row, city, row["case_no"] or row["session"], FINISHED),
        "satisfaction": str(stars if city.settings.best == BEST else BEST + WORST - stars),
        "evalDetail": ",".join(json.loads(row["codes"])),
        "writingEvaluation": "",  # nobody writes freely at a terminal
        "assessTime": _time(row["at"], city.zone),
        "assessNumber": str(row["number"]),
    }


def case(row: Row, city: City) -> dict[str, str]:
    """The record of one accepted case."""
    return {
        **_about(row, city, row["case_no"], ACCEPTED),
        "acceptTime": _time(row["at"], city.zone),
    }


def _about(row: Row, city: City, number: str, status: str) -> dict[str, str]:
    service: str = row["service"]
    task = city.settings.tasks.get(service, service)
    name = city.services.get(service)
    return {
        "areaCode": city.settings.area_code,
        "deptCode": city.settings.department_code,
        "taskCode": task,
        "taskHandleItem": task,
        "taskName": name["zh"] if name else service,
        "projectNo": number,
        "proStatus": status,
        "pf": CHANNEL,
        "userProp": PERSON,
        "promiseTime": AT_ONCE,
    }


def _time(at: int, zone: ZoneInfo) -> str:
    return local(at, zone).strftime("%Y-%m-%d %H:%M:%S")
